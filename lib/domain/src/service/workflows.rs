//! How a company wants its workflows, and running one by hand.

use jiff::SignedDuration;
use tracing::info;

use super::{
    accept::Draft,
    wording::{self, Worded},
};
use crate::{
    business::{Choice, LONGEST_DELAY, Workflow, WorkflowName},
    failure::{AppFailure, FieldProblem},
    ids::ChannelId,
    message::{MessageType, Trigger},
    ports::{AuditEntry, Clock, Directory, OwnTemplates, ProviderTemplates, Saved, Workflows},
    principal::Principal,
    template::Variables,
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What is to change about a workflow; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkflowEdit {
    /// The version the caller saw; the change is refused when there is another one by now.
    pub version: Option<u32>,
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Through which channel; none for the default one.
    pub channel: Option<Option<ChannelId>>,
    /// With which template.
    pub template: Option<Choice>,
    /// After how many days a follow-up is sent.
    pub days: Option<u16>,
}

impl WorkflowEdit {
    fn applied(&self, before: &Workflow) -> Workflow {
        let mut after = before.clone();
        if let Some(enabled) = self.enabled {
            after.enabled = enabled;
        }
        if let Some(channel) = self.channel {
            after.channel = channel;
        }
        if let Some(template) = &self.template {
            after.template.clone_from(template);
        }
        if let Some(days) = self.days {
            after.days = days;
        }
        after
    }
}

/// Workflows as people read and change them.
#[derive(Debug)]
pub struct WorkflowDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

/// The workflow of this name.
///
/// # Errors
/// `NOT_FOUND`, naming those there are.
pub fn named(name: &str) -> Result<WorkflowName, AppFailure> {
    let known = MessageType::parse(name).filter(|name| Workflow::ALL.contains(name));
    known.ok_or_else(|| {
        let names = Workflow::ALL.map(MessageType::as_str).join(", ");
        AppFailure::not_found(format!("There is no such workflow. There are: {names}."))
    })
}

impl<S: Directory + Workflows + OwnTemplates, C: Clock> WorkflowDesk<'_, S, C> {
    /// A workflow as the company wants it.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn read(
        &self,
        principal: &Principal,
        name: WorkflowName,
    ) -> Result<Workflow, AppFailure> {
        let tenant = principal.tenant();
        let known = self.store.workflow(tenant, name).await?;
        Ok(known.unwrap_or_else(|| Workflow::standard(tenant, name)))
    }

    /// All workflows there are.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn all(&self, principal: &Principal) -> Result<Vec<Workflow>, AppFailure> {
        let mut all = Vec::with_capacity(Workflow::ALL.len());
        for name in Workflow::ALL {
            all.push(self.read(principal, name).await?);
        }
        Ok(all)
    }

    /// Changes a workflow; who changed what is noted with the change (S2.88).
    ///
    /// # Errors
    /// VALIDATION with every wrong field; `NOT_FOUND` for a channel or template of somebody else;
    /// CONFLICT when the caller saw another version, or when it keeps changing.
    pub async fn change(
        &self,
        principal: &Principal,
        name: WorkflowName,
        edit: &WorkflowEdit,
    ) -> Result<Workflow, AppFailure> {
        let tenant = principal.tenant();
        for _ in 0..TRIES {
            let before = self.read(principal, name).await?;
            let mut after = edit.applied(&before);
            self.check(&after).await?;
            // Also when it is our own change, whose answer was lost on the way.
            if after == before {
                return Ok(before);
            }
            if edit.version.is_some_and(|seen| seen != before.version) {
                return Err(AppFailure::conflict(
                    "Somebody changed the workflow meanwhile. Read it again, then repeat your change.",
                )
                .with_detail("reason", "WORKFLOW_CHANGED"));
            }
            let entry = AuditEntry::new(
                principal.user(),
                "workflow",
                "change",
                name.as_str(),
                self.clock.now(),
            );
            let entry = entry
                .changed("enabled", before.enabled, after.enabled)
                .changed("template", told(&before.template), told(&after.template))
                .changed("channel", of(before.channel), of(after.channel))
                .changed("days", before.days, after.days);
            if self.store.save_workflow(&mut after, &entry).await? == Saved::Done {
                info!(tenant.id = %tenant, workflow = name.as_str(), "changed workflow `{}`", name.as_str());
                return Ok(after);
            }
        }
        Err(AppFailure::conflict(
            "The workflow is changing right now. Please try again in a moment.",
        )
        .with_detail("reason", "BUSY"))
    }

    async fn check(&self, workflow: &Workflow) -> Result<(), AppFailure> {
        let mut problems = Vec::new();
        if !(1..=LONGEST_DELAY).contains(&workflow.days) {
            let remedy = format!("give 1 to {LONGEST_DELAY} days");
            problems.push(FieldProblem::new("days", "RANGE", remedy));
        }
        if let Some(channel) = workflow.channel
            && self
                .store
                .channel(workflow.tenant, channel)
                .await?
                .is_none()
        {
            return Err(AppFailure::not_found("There is no such channel."));
        }
        match &workflow.template {
            Choice::Standard => {}
            Choice::Own(id) => {
                let found = self.store.own_template(workflow.tenant, *id).await?;
                let template =
                    found.ok_or_else(|| AppFailure::not_found("There is no such template."))?;
                if template.message_type != workflow.name {
                    problems.push(FieldProblem::new(
                        "template_id",
                        "OTHER_TYPE",
                        format!("choose a template of the type {}", workflow.name.as_str()),
                    ));
                }
            }
            Choice::Provider { name, language, .. } => {
                for (field, text) in [("name", name), ("language", language)] {
                    if !(1..=512).contains(&text.len()) {
                        problems.push(FieldProblem::new(
                            format!("provider_template.{field}"),
                            "REQUIRED",
                            "write it as GET /v1/provider-templates shows it",
                        ));
                    }
                }
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(AppFailure::validation(
            "The workflow cannot be so; see the fields.",
            problems,
        ))
    }
}

fn told(choice: &Choice) -> String {
    match choice {
        Choice::Standard => "standard".to_owned(),
        Choice::Own(id) => id.to_string(),
        Choice::Provider { name, language, .. } => format!("{name} ({language})"),
    }
}

fn of(channel: Option<ChannelId>) -> String {
    channel.map_or_else(|| "default".to_owned(), |id| id.to_string())
}

/// A workflow run by hand for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The recipient's number.
    pub to: String,
    /// How they are called; the value of `customerName` unless that is given.
    pub name: Option<String>,
    /// The values of its placeholders.
    pub variables: Variables,
    /// Not before this time.
    pub scheduled_for: Option<String>,
    /// What it is about: type and id.
    pub context: Option<(String, String)>,
}

/// The message of a workflow that is run by hand (S2.87, S2.97). A follow-up waits for its days unless
/// a time is named.
///
/// # Errors
/// CONFLICT when it is off, or when it cannot do without its event's file; VALIDATION for values that
/// are missing; storage failures.
pub async fn draft<S>(
    store: &S,
    clock: &impl Clock,
    principal: &Principal,
    name: WorkflowName,
    run: ByHand,
) -> Result<Draft, AppFailure>
where
    S: Directory + Workflows + OwnTemplates + ProviderTemplates,
{
    let tenant = store.tenant(principal.tenant()).await?;
    let tenant = tenant.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
    let known = store.workflow(tenant.id, name).await?;
    let workflow = known.unwrap_or_else(|| Workflow::standard(tenant.id, name));
    if !workflow.enabled {
        return Err(AppFailure::conflict(
            "This workflow is switched off. Switch it on with PUT /v1/workflows.",
        )
        .with_detail("reason", "WORKFLOW_OFF"));
    }
    if name == MessageType::Invoice {
        return Err(AppFailure::conflict(
            "An invoice goes out with its file. Tell POST /v1/events of `invoice.issued` with its `document_url`.",
        )
        .with_detail("reason", "NEEDS_EVENT"));
    }
    let mut variables = run.variables;
    if let (false, Some(name)) = (variables.contains_key("customerName"), &run.name) {
        variables.insert("customerName".into(), name.as_str().into());
    }
    let Worded { content, template } =
        wording::content(store, &tenant, &workflow, &variables, None).await?;
    let later = || {
        let wait = SignedDuration::from_hours(24 * i64::from(workflow.days));
        (name == MessageType::FollowUp).then(|| (clock.now() + wait).to_string())
    };
    Ok(Draft {
        template,
        to: run.to,
        name: run.name,
        channel: workflow.channel.map(|id| id.to_string()),
        content,
        scheduled_for: run.scheduled_for.or_else(later),
        message_type: name,
        trigger: Trigger::Manual,
        retry: true,
        context: run.context,
    })
}
