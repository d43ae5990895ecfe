//! `POST /api/whatsapp/send-template`: the old spelling of a template, kept for callers that have it.

use axum::{body::Bytes, extract::State};
use domain::{
    failure::{AppFailure, FieldProblem},
    message::{
        ButtonAction, ButtonValue, HeaderValue, MessageType, Parameters, TemplateUse, Trigger,
    },
    principal::Action,
    service::{
        accept::{Draft, DraftContent},
        send::{FirstAttempt, send},
    },
};
use http::HeaderMap;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    handler::REPLAYED,
    talk::{ContractSent, DEPRECATION, LINK, SUCCESSOR, renamed},
};

/// A template in the old spelling (S2.54).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OldTemplate {
    /// The recipient's number with its country code.
    to: String,
    template_name: String,
    /// `en` when left out.
    language_code: Option<String>,
    #[serde(default)]
    body_params: Vec<String>,
    #[serde(default)]
    header_params: Vec<String>,
    #[serde(default)]
    button_params: Vec<OldButton>,
    context: Option<OldContext>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldContext {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldButton {
    #[serde(rename = "type")]
    kind: OldButtonKind,
    index: u8,
    /// Exactly one.
    parameters: Vec<OldParameter>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OldButtonKind {
    QuickReply,
    Url,
}

/// What comes back of a reply, or completes a link: `text`, also under the name `payload`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldParameter {
    /// It follows from the button's own type, so either is as good.
    #[serde(rename = "type")]
    _kind: OldParameterKind,
    #[serde(alias = "payload")]
    text: String,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OldParameterKind {
    Text,
    Payload,
}

impl OldButton {
    /// The button's value; `place` is where it stands.
    fn value(self, place: usize) -> Result<ButtonValue, FieldProblem> {
        let mut parameters = self.parameters.into_iter().map(|parameter| parameter.text);
        let (Some(text), None) = (parameters.next(), parameters.next()) else {
            return Err(FieldProblem::new(
                format!("buttonParams[{place}].parameters"),
                "COUNT",
                "give exactly one parameter",
            ));
        };
        Ok(ButtonValue {
            index: self.index,
            value: match self.kind {
                OldButtonKind::QuickReply => ButtonAction::QuickReply { payload: text },
                OldButtonKind::Url => ButtonAction::Url { text },
            },
        })
    }
}

impl OldTemplate {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION unless each button has exactly one parameter.
    fn draft(self) -> Result<Draft, AppFailure> {
        let (mut buttons, mut problems) = (Vec::new(), Vec::new());
        for (place, button) in self.button_params.into_iter().enumerate() {
            match button.value(place) {
                Ok(value) => buttons.push(value),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            let message = "A button of a template takes exactly one parameter.";
            return Err(AppFailure::validation(message, problems));
        }
        let header = (!self.header_params.is_empty()).then_some(HeaderValue::Text {
            values: Parameters::Positional(self.header_params),
        });
        Ok(Draft {
            to: self.to,
            name: None,
            channel: None,
            content: DraftContent::Template(TemplateUse {
                name: self.template_name,
                language: self.language_code.unwrap_or_else(|| "en".into()),
                header,
                body: Parameters::Positional(self.body_params),
                buttons,
            }),
            scheduled_for: None,
            message_type: MessageType::Other,
            trigger: Trigger::Manual,
            retry: true,
            context: self.context.map(|context| (context.kind, context.id)),
            template: None,
        })
    }
}

/// The name that this spelling gives a field.
fn old_name(field: &str) -> String {
    for (new, old) in [
        ("template.name", "templateName"),
        ("template.language", "languageCode"),
        ("template.header.values", "headerParams"),
        ("template.body", "bodyParams"),
        ("template.buttons", "buttonParams"),
    ] {
        if let Some(rest) = field.strip_prefix(new) {
            return format!("{old}{rest}");
        }
    }
    field.to_owned()
}

/// Sends a template, in the old spelling of older callers. New ones use `POST /v1/messages`.
#[utoipa::path(
    post,
    path = "/api/whatsapp/send-template",
    operation_id = "contractSendTemplate",
    tag = "Messages",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Visible ASCII characters, for example a UUID; remembered for 48 hours")),
    request_body(content = OldTemplate, example = json!({
        "to": "+97300000001", "templateName": "order_ready", "languageCode": "en", "bodyParams": ["Ada", "A-1001"]
    })),
    responses(
        (status = 200, body = Enveloped<ContractSent>, description = "Accepted, and attempted once: `status` says what came of it",
            headers(("Deprecation" = String, description = "`true`"), ("Link" = String, description = "The route that takes its place"))),
        Refuses<400>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn template(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<ContractSent> {
    let principal = caller.may(Action::Send)?;
    let draft = parse::<OldTemplate>(&body)?.draft()?;
    let key = idempotency_key("POST /api/whatsapp/send-template", &headers, &body)?;
    let (accept, attempt) = (app.accept(), app.attempt());
    let first = FirstAttempt::Here;
    let accepted = send(&accept, &attempt, &principal, draft, key.as_ref(), first)
        .await
        .map_err(|failure| renamed(failure, old_name))?;
    let answer = Success::ok(ContractSent::from(&accepted.message))
        .header(DEPRECATION, "true")
        .header(LINK, SUCCESSOR);
    Ok(if accepted.repeated {
        answer.header(REPLAYED, "true")
    } else {
        answer
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.54, S2.91, S2.98: the old words make the template they always made.
    #[test]
    fn the_old_words_make_a_template() {
        let body = br#"{"to":"+97300000001","templateName":"order_ready","bodyParams":["Ada"],
            "headerParams":["A-1001"],"buttonParams":[{"type":"url","index":1,
            "parameters":[{"type":"text","text":"A-1001"}]},{"type":"quick_reply","index":0,
            "parameters":[{"type":"payload","payload":"yes"}]}],"context":{"type":"order","id":"A-1001"}}"#;
        let draft = parse::<OldTemplate>(body).unwrap().draft().unwrap();
        assert_eq!(draft.context, Some(("order".into(), "A-1001".into())));
        let DraftContent::Template(used) = draft.content else {
            panic!("no template");
        };
        assert_eq!(
            (used.name.as_str(), used.language.as_str()),
            ("order_ready", "en")
        );
        assert_eq!(used.body, Parameters::Positional(vec!["Ada".into()]));
        let values: Vec<_> = used.buttons.iter().map(|button| &button.value).collect();
        assert_eq!(
            values,
            [
                &ButtonAction::Url {
                    text: "A-1001".into()
                },
                &ButtonAction::QuickReply {
                    payload: "yes".into()
                },
            ]
        );
        let Some(HeaderValue::Text { values }) = used.header else {
            panic!("no header");
        };
        assert_eq!(values, Parameters::Positional(vec!["A-1001".into()]));
    }

    /// S2.54: what is wrong is named as the caller wrote it, and nothing is dropped in silence.
    #[test]
    fn what_is_wrong_is_named_in_the_old_words() {
        let with = |buttons: &str| {
            let head = r#"{"to":"+97300000001","templateName":"order_ready","buttonParams":["#;
            let body = format!("{head}{buttons}]}}");
            parse::<OldTemplate>(body.as_bytes()).and_then(OldTemplate::draft)
        };
        let one = r#"{"type":"text","text":"A"}"#;
        for (parameters, fits) in [("", false), (one, true), (&format!("{one},{one}"), false)] {
            let buttons = format!(r#"{{"type":"url","index":0,"parameters":[{parameters}]}}"#);
            let fields = with(&buttons).map_err(|failure| failure.fields().to_vec());
            match fields {
                Ok(_) => assert!(fits, "{parameters}"),
                Err(fields) => assert_eq!(fields[0].field, "buttonParams[0].parameters"),
            }
        }
        let unknown = r#"{"type":"url","index":0,"parameters":[{"type":"coupon","text":"A"}]}"#;
        for wrong in [with(unknown).unwrap_err(), {
            let spelled_anew = br#"{"to":"+97300000001","template_name":"order_ready"}"#;
            parse::<OldTemplate>(spelled_anew).unwrap_err()
        }] {
            assert!(!wrong.fields().is_empty(), "{}", wrong.message());
        }
        for (new, old) in [
            ("to", "to"),
            ("context.id", "context.id"),
            ("template.body[1]", "bodyParams[1]"),
            ("template.header.values[0]", "headerParams[0]"),
        ] {
            assert_eq!(old_name(new), old);
        }
    }
}
