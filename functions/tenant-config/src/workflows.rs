//! `/v1/workflows`: which message follows from which event, and with which template.

use axum::{body::Bytes, extract::State};
use domain::{
    business::{Choice, Workflow},
    failure::{AppFailure, FieldProblem},
    ids::{ChannelId, TemplateId},
    principal::Action,
    service::workflows::{WorkflowEdit, named},
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{app::App, festival_given::ProviderTemplateGiven, view::given};

/// How the company wants a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workflow)]
pub struct WorkflowShown {
    /// That of its messages' type.
    #[schema(example = "booking_confirmation")]
    name: &'static str,
    /// Whether it runs.
    enabled: bool,
    /// `null` is the default channel.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    /// `template`, `provider_template`, or `standard`: the company's active template of the type, else
    /// Waypost's text.
    #[schema(example = "standard")]
    words: &'static str,
    #[schema(format = Uuid)]
    template_id: Option<String>,
    provider_template: Option<ProviderTemplateGiven>,
    /// After how many days a follow-up is sent, unless its inquiry says otherwise.
    days: u16,
    /// Raised by every change; 0 while nobody changed it.
    version: u32,
}

/// All workflows.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowList {
    items: Vec<WorkflowShown>,
}

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = WorkflowChange)]
pub struct PutWorkflow {
    /// The version that was read: the change is refused if there is another one by now.
    version: Option<u32>,
    /// Whether it runs.
    enabled: Option<bool>,
    /// `null` for the default channel.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Uuid)]
    channel_id: Option<Option<String>>,
    /// `standard` goes back to the company's active template of the type, else Waypost's text. Of this and
    /// the two below at most one.
    #[schema(example = "standard")]
    words: Option<String>,
    /// A template of the company's own.
    #[schema(format = Uuid)]
    template_id: Option<String>,
    /// A template of the channel's provider, and which placeholders fill its slots.
    provider_template: Option<ProviderTemplateGiven>,
    /// After how many days a follow-up is sent.
    #[schema(minimum = 1, maximum = 365)]
    days: Option<u16>,
}

impl PutWorkflow {
    fn edit(self) -> Result<WorkflowEdit, AppFailure> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, code, message: &str| {
            problems.push(FieldProblem::new(field, code, message));
        };
        let channel = match self.channel_id {
            None => None,
            Some(None) => Some(None),
            Some(Some(text)) => match ChannelId::parse(&text) {
                Ok(id) => Some(Some(id)),
                Err(_) => {
                    wrong("channel_id", "FORMAT", "GET /v1/channels lists yours");
                    None
                }
            },
        };
        let mut choices = Vec::new();
        if let Some(words) = self.words {
            if words != "standard" {
                wrong(
                    "words",
                    "UNKNOWN_VALUE",
                    "write standard, or name a template",
                );
            }
            choices.push(Choice::Standard);
        }
        if let Some(text) = self.template_id {
            match TemplateId::parse(&text) {
                Ok(id) => choices.push(Choice::Own(id)),
                Err(_) => wrong("template_id", "FORMAT", "GET /v1/templates lists yours"),
            }
        }
        if let Some(template) = self.provider_template {
            choices.push(Choice::Provider {
                name: template.name,
                language: template.language,
                header: template.header,
                body: template.body,
                defaults: template.defaults,
            });
        }
        if choices.len() > 1 {
            let remedy = "give one of words, template_id and provider_template";
            wrong("words", "ONE_OF", remedy);
        }
        if !problems.is_empty() {
            return Err(AppFailure::validation(
                "The workflow cannot be so; see the fields.",
                problems,
            ));
        }
        Ok(WorkflowEdit {
            version: self.version,
            enabled: self.enabled,
            channel,
            template: choices.pop(),
            days: self.days,
        })
    }
}

impl From<Workflow> for WorkflowShown {
    fn from(workflow: Workflow) -> Self {
        let (words, template_id, provider_template) = match workflow.template {
            Choice::Standard => ("standard", None, None),
            Choice::Own(id) => ("template", Some(id.to_string()), None),
            Choice::Provider {
                name,
                language,
                header,
                body,
                defaults,
            } => {
                let template = ProviderTemplateGiven {
                    name,
                    language,
                    header,
                    body,
                    defaults,
                };
                ("provider_template", None, Some(template))
            }
        };
        Self {
            name: workflow.name.as_str(),
            enabled: workflow.enabled,
            channel_id: workflow.channel.map(|id| id.to_string()),
            words,
            template_id,
            provider_template,
            days: workflow.days,
            version: workflow.version,
        }
    }
}

/// Lists all workflows as the company wants them.
#[utoipa::path(
    get,
    path = "/v1/workflows",
    operation_id = "listWorkflows",
    tag = "Workflows",
    responses(
        (status = 200, body = Enveloped<WorkflowList>, description = "The workflows"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn list_workflows(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Outcome<WorkflowList> {
    let principal = caller.may(Action::ReadSettings)?;
    let all = app.workflows().all(&principal).await?;
    let items = all.into_iter().map(WorkflowShown::from).collect();
    Ok(Success::ok(WorkflowList { items }).tagged_by_content())
}

/// Reads a workflow.
#[utoipa::path(
    get,
    path = "/v1/workflows/{name}",
    operation_id = "readWorkflow",
    tag = "Workflows",
    params(("name" = String, Path, description = "The workflow", example = "booking_confirmation")),
    responses(
        (status = 200, body = Enveloped<WorkflowShown>, description = "The workflow"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadSettings)))),
)]
pub async fn read_workflow(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(name): Path<String>,
) -> Outcome<WorkflowShown> {
    let principal = caller.may(Action::ReadSettings)?;
    let workflow = app.workflows().read(&principal, named(&name)?).await?;
    Ok(Success::ok(WorkflowShown::from(workflow)).tagged_by_content())
}

/// Changes a workflow; what is left out stays as it is.
///
/// The audit log keeps who changed what, before and after.
#[utoipa::path(
    put,
    path = "/v1/workflows/{name}",
    operation_id = "changeWorkflow",
    tag = "Workflows",
    params(("name" = String, Path, description = "The workflow", example = "booking_confirmation")),
    request_body(content = PutWorkflow, examples(
        ("off" = (summary = "No welcome", value = json!({"enabled": false}))),
        ("mapped" = (summary = "A provider's template and its slots", value = json!({
            "provider_template": {"name": "booking_confirmation", "language": "en",
                "body": ["customerName", "packageName", "startDate", "bookingId"],
                "defaults": {"packageName": "your tour"}}
        }))),
    )),
    responses(
        (status = 200, body = Enveloped<WorkflowShown>, description = "The workflow as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageSettings)))),
)]
pub async fn change_workflow(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Outcome<WorkflowShown> {
    let principal = caller.may(Action::ManageSettings)?;
    let name = named(&name)?;
    let edit = parse::<PutWorkflow>(&body)?.edit()?;
    let workflow = app.workflows().change(&principal, name, &edit).await?;
    Ok(Success::ok(WorkflowShown::from(workflow)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<WorkflowEdit, AppFailure> {
        parse::<PutWorkflow>(body.as_bytes())?.edit()
    }

    #[test]
    fn what_is_left_out_stays_and_null_is_the_default_channel() {
        assert_eq!(check("{}").unwrap(), WorkflowEdit::default());
        let edit = check(r#"{"channel_id": null, "words": "standard"}"#).unwrap();
        assert_eq!(
            (edit.channel, edit.template),
            (Some(None), Some(Choice::Standard))
        );
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = r#"{"channel_id": "7", "words": "loud", "template_id": "x"}"#;
        let failure = check(wrong).unwrap_err();
        let fields: Vec<_> = failure
            .fields()
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        assert_eq!(fields, ["channel_id", "words", "template_id"]);
        let two = r#"{"words": "standard", "provider_template": {"name": "a", "language": "en"}}"#;
        assert_eq!(check(two).unwrap_err().fields()[0].code, "ONE_OF");
    }
}
