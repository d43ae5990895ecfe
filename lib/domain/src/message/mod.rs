//! One outbound message: its facts, where its sending stands, and what it says.

pub mod advice;
mod choices;
pub mod content;
pub mod context;
pub mod facts;
pub mod inbound;
pub mod phase;
pub mod purpose;
pub mod status;
mod texts;
mod transitions;
mod waiting;

#[cfg(test)]
mod machine_tests;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    content::{
        Button, ButtonAction, ButtonValue, Content, ContentLimits, HeaderValue, Interactive, Kind,
        List, Media, MediaSource, Parameters, Row, Section, TemplateUse,
    },
    context::Context,
    facts::{Acceptance, AttemptNumber, Fact, Facts, FailedFact, FailureOrigin, Reply, ReplyKind},
    inbound::{InboundContent, InboundMessage, MediaCopy},
    phase::{Finding, Outcome, Phase, Refused, RetryPolicy, Sending, SweepAction},
    purpose::MessageType,
    status::{Class, Status},
};
use crate::{
    contact::Recipient,
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId},
};

/// What caused a message (S1.44).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An event of the tenant's own system.
    Auto,
    /// A time.
    Scheduled,
    /// A person.
    Manual,
}

impl Trigger {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
        }
    }

    /// The word of the failure mail (S1.150).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Scheduled => "Scheduled",
            Self::Manual => "Manual",
        }
    }
}

/// One outbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id; derived from job and row.
    pub id: MessageId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The job it belongs to.
    pub job: JobId,
    /// Its place in the job, from 0.
    pub row: u32,
    /// The number it goes out from.
    pub channel: ChannelId,
    /// The thread it stands in.
    pub conversation: ConversationId,
    /// The person.
    pub contact: ContactId,
    /// The person's number, or the provider's name for one who shows none.
    pub to: Recipient,
    /// What kind of content it has.
    pub kind: Kind,
    /// What it is for.
    pub message_type: MessageType,
    /// What caused it.
    pub trigger: Trigger,
    /// What it is about in the tenant's own system.
    pub context: Option<Context>,
    /// When it was accepted by us.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// Not before this time, if the caller asked so.
    pub scheduled_for: Option<Timestamp>,
    /// The tenant's day whose limit it counted against.
    pub usage_day: Date,
    /// Where its sending stands.
    pub sending: Sending,
    /// What is known about it.
    pub facts: Facts,
    /// Raised by the store at every write; a write with an old version is refused.
    pub version: u32,
}

/// What a message says and the exact request that carries it, written once beside the message so
/// that statuses never pay for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// What it says.
    pub content: Content,
    /// The exact provider request, without any secret (S0.34).
    pub request: crate::provider::WireRequest,
}
