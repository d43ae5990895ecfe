//! The shown status: derived from facts and from where the sending stands, never stored as truth.

use serde::{Deserialize, Serialize};

use super::{Message, phase::Phase};

/// What the outbox shows for a message (S0.26 with `queued` of S0.32, X4, X5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Accepted by us, no attempt in flight.
    Queued,
    /// An attempt is in flight, or its outcome is not known yet.
    Pending,
    /// The provider took it.
    Sent,
    /// It reached the device.
    Delivered,
    /// It was read.
    Read,
    /// The current attempt failed; `next_attempt_at` says whether another follows.
    Failed,
    /// The recipient answered.
    Replied,
    /// Withdrawn before any attempt.
    Cancelled,
}

impl Status {
    /// Every status, in the order totals list them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Pending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::Replied,
        Self::Cancelled,
    ];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Replied => "replied",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Its number on a job's board, stable for ever (0 to 15).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Pending => 1,
            Self::Sent => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Failed => 5,
            Self::Replied => 6,
            Self::Cancelled => 7,
        }
    }

    /// The status with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The coarse class a list index is keyed by: moving between classes costs two index units, so
    /// the frequent steps sent → delivered → read stay inside one.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Queued | Self::Pending => Class::Open,
            Self::Sent | Self::Delivered | Self::Read => Class::Sent,
            Self::Failed => Class::Failed,
            Self::Replied => Class::Replied,
            Self::Cancelled => Class::Cancelled,
        }
    }
}

/// Coarse classes of the outbox index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Queued or pending.
    Open,
    /// Sent, delivered or read.
    Sent,
    /// Failed.
    Failed,
    /// Replied.
    Replied,
    /// Cancelled.
    Cancelled,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Sent,
        Self::Failed,
        Self::Replied,
        Self::Cancelled,
    ];

    /// One letter for keys.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Open => 'o',
            Self::Sent => 's',
            Self::Failed => 'f',
            Self::Replied => 'r',
            Self::Cancelled => 'c',
        }
    }
}

impl Message {
    /// `replied` > `read` > `delivered` > `failed` (of the current attempt) > `sent` > `pending` >
    /// `queued`; `cancelled` only from queued (design.md §3).
    #[must_use]
    pub fn status(&self) -> Status {
        let facts = &self.facts;
        if facts.reply.is_some() {
            return Status::Replied;
        }
        if facts.read.is_some() {
            return Status::Read;
        }
        if facts.delivered.is_some() {
            return Status::Delivered;
        }
        let attempt = self.sending.attempt;
        match self.sending.phase {
            Phase::Cancelled => Status::Cancelled,
            Phase::Ready { .. }
            | Phase::Calling { .. }
            | Phase::Unknown { .. }
            | Phase::Accepted
            | Phase::Failed
                if facts.refused(attempt) =>
            {
                Status::Failed
            }
            Phase::Accepted => Status::Sent,
            Phase::Calling { .. } | Phase::Unknown { .. } if facts.taken(attempt) => Status::Sent,
            Phase::Calling { .. } | Phase::Unknown { .. } => Status::Pending,
            // Our own conclusion gives way to what the provider says of any attempt.
            Phase::Ready { .. } | Phase::Failed if facts.gone_out() => Status::Sent,
            Phase::Failed => Status::Failed,
            Phase::Ready { .. } if facts.failed.contains_key(&attempt) => Status::Failed,
            Phase::Ready { .. } => Status::Queued,
        }
    }
}
