//! What is kept of an event: what came, and how far what follows from it has gone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::BusinessEvent;
use crate::{
    ids::{EventId, MessageId, TenantId, UserId},
    message::MessageType,
};

/// An event, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Whose it is.
    pub tenant: TenantId,
    /// Who told it.
    pub told_by: UserId,
    /// What came.
    pub event: BusinessEvent,
    /// When it came.
    pub arrived_at: Timestamp,
    /// What became of it.
    pub state: Happened,
    /// What followed, one step for each message.
    pub steps: Vec<Step>,
    /// How often it was tried.
    pub tries: u16,
    /// When the sweep looks at it again; none when nothing is open.
    pub due: Option<Timestamp>,
    /// Raised by the store at every change.
    pub version: u32,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It is kept; what follows is still to come.
    Accepted,
    /// Everything that follows from it was done or refused for good.
    Done,
    /// It could not be worked through however often it was tried.
    GivenUp,
}

impl Happened {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::GivenUp => "given_up",
        }
    }
}

/// A message that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is for.
    pub message_type: MessageType,
    /// What became of it.
    pub state: StepState,
}

/// What became of a message that follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// It was accepted.
    Accepted(MessageId),
    /// The company does not want it.
    Off,
    /// It could not be accepted.
    Refused {
        /// Machine code.
        code: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl EventRecord {
    /// Its id here.
    #[must_use]
    pub fn id(&self) -> EventId {
        EventId::of(self.tenant, &self.event.id)
    }

    /// The step for this type, if it was made.
    #[must_use]
    pub fn step(&self, message_type: MessageType) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| step.message_type == message_type)
    }
}
