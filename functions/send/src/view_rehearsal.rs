//! What a caller reads of a message before it is sent.

use domain::{
    message::Content,
    provider::WireRequest,
    service::{
        preflight::Reason,
        rehearse::{Preflight, Rehearsed},
    },
    template::Warning,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether something may be sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preflight)]
pub struct PreflightShown {
    /// Whether nothing stands in the way.
    ready: bool,
    /// The recipient as it would be written to.
    to: Option<String>,
    #[schema(format = Uuid)]
    channel_id: String,
    #[schema(example = "whapi")]
    provider: &'static str,
    #[schema(example = "invoice")]
    message_type: &'static str,
    #[schema(example = "manual")]
    trigger: &'static str,
    /// Everything that stands in the way, at once.
    reasons: Vec<ReasonShown>,
    /// What is odd, and keeps nothing from being sent.
    warnings: Vec<WarningShown>,
    /// When it would go out, if not at once.
    goes_at: Option<Timestamp>,
    /// `quiet_hours` of the recipient, where they are what it waits for.
    waits_for: Option<&'static str>,
}

/// One thing that stands in the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreflightReason)]
struct ReasonShown {
    /// Machine code.
    #[schema(example = "CONSENT_STOPPED")]
    code: &'static str,
    /// Why, and what to do.
    message: String,
    /// The field of the request, where that is what is wrong.
    field: Option<String>,
    /// Whether it is a limit of the plan.
    plan_limit: bool,
}

/// Something odd about a message that was taken anyway.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageWarning)]
pub struct WarningShown {
    /// Machine code.
    #[schema(example = "UNUSED_VARIABLE")]
    code: &'static str,
    /// Which variable or placeholder.
    name: String,
    /// What was done about it.
    message: String,
}

impl From<&Warning> for WarningShown {
    fn from(warning: &Warning) -> Self {
        Self {
            code: warning.code,
            name: warning.name.clone(),
            message: warning.message.clone(),
        }
    }
}

impl From<&Reason> for ReasonShown {
    fn from(reason: &Reason) -> Self {
        let (field, plan_limit) = match reason {
            Reason::Field(problem) => (Some(problem.field.clone()), false),
            Reason::State { plan, .. } => (None, *plan),
        };
        Self {
            code: reason.code(),
            message: reason.message().to_owned(),
            field,
            plan_limit,
        }
    }
}

impl From<&Preflight> for PreflightShown {
    fn from(preflight: &Preflight) -> Self {
        Self {
            ready: preflight.reasons.is_empty(),
            to: preflight.to.as_ref().map(|to| to.as_str().to_owned()),
            channel_id: preflight.channel.id.to_string(),
            provider: preflight.channel.provider.as_str(),
            message_type: preflight.message_type.as_str(),
            trigger: preflight.trigger.as_str(),
            reasons: preflight.reasons.iter().map(Into::into).collect(),
            warnings: preflight.warnings.iter().map(Into::into).collect(),
            goes_at: preflight.goes_at,
            waits_for: preflight.quiet.then_some("quiet_hours"),
        }
    }
}

/// A message as it would be sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedMessage {
    #[serde(flatten)]
    preflight: PreflightShown,
    /// What it says; `type` names the kind.
    #[schema(value_type = Object)]
    content: Content,
    /// The exact request the provider would be given, without its secret: `method`, `path` and `body`.
    #[schema(value_type = Object)]
    payload: WireRequest,
}

impl From<Rehearsed> for PreviewedMessage {
    fn from(rehearsed: Rehearsed) -> Self {
        Self {
            preflight: PreflightShown::from(&rehearsed.preflight),
            content: rehearsed.content,
            payload: rehearsed.request,
        }
    }
}
