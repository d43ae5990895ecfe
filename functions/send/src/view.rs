//! What a caller reads of a message they sent.

use domain::{message::Message, service::accept::Accepted};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view_rehearsal::WarningShown;

/// A message as sending answers it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sent {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    job_id: String,
    #[schema(format = Uuid)]
    channel_id: String,
    /// As the outbox shows it: `queued`, `pending`, `sent`, `failed`, …
    #[schema(example = "sent")]
    status: &'static str,
    /// What it is about in the company's own system.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<ContextShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_message_id: Option<String>,
    /// What the last attempt failed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<SendError>,
    retry_count: u8,
    /// When it is tried again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<Timestamp>,
    created_at: Timestamp,
    /// What is odd about it and kept nothing from being sent; told once, when it is accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningShown>,
}

/// A thing of the company's own system.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Context)]
struct ContextShown {
    #[schema(example = "order")]
    r#type: String,
    #[schema(example = "A-1001")]
    id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageError)]
struct SendError {
    code: String,
    message: String,
}

impl From<&Message> for Sent {
    fn from(message: &Message) -> Self {
        let attempt = message.sending.attempt;
        Self {
            id: message.id.to_string(),
            job_id: message.job.to_string(),
            channel_id: message.channel.to_string(),
            status: message.status().as_str(),
            context: message.context.as_ref().map(|context| ContextShown {
                r#type: context.kind.clone(),
                id: context.id.clone(),
            }),
            provider_message_id: message
                .facts
                .accepted
                .get(&attempt)
                .and_then(|accepted| accepted.provider_id.clone()),
            error: message.facts.failed.get(&attempt).map(|failed| SendError {
                code: failed.code.clone(),
                message: failed.reason.clone(),
            }),
            retry_count: message.sending.retries,
            next_attempt_at: message.next_attempt_at(),
            scheduled_for: message.scheduled_for,
            created_at: message.created_at,
            warnings: Vec::new(),
        }
    }
}

impl From<&Accepted> for Sent {
    fn from(accepted: &Accepted) -> Self {
        Self {
            warnings: accepted.warnings.iter().map(Into::into).collect(),
            ..Self::from(&accepted.message)
        }
    }
}
