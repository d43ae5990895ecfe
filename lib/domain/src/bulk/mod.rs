//! Bulk jobs: rows frozen when the job is accepted, made into messages one stretch after the other, at
//! the pace of their channel.
//!
//! A [`Run`] says how far a job is. Rows before `next` are claimed: each has its message, or gets it by
//! the next pass over the job. Rows before `settled` need the job no more: their messages are over, or
//! are found by a due time of their own. So whatever crashes, one number tells where to look again.

mod filling;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::filling::{fill, placeholders};
use crate::{
    channel::Pace,
    ids::{ChannelId, JobId, TenantId},
    job::Totals,
    message::{Content, Context, Kind, MessageType, RetryPolicy, Trigger},
};

/// Rows kept in one item. Together they stay below the 400 KB an item may have.
pub const CHUNK_ROWS: u32 = 100;

/// The most bytes of one row: its number, its name, its parameters with their names.
pub const LONGEST_ROW: usize = 3_000;

/// The most rows of a job.
pub const MOST_ROWS: u32 = 100_000;

/// The most recipients that a request may list itself.
pub const MOST_INLINE: usize = 1_000;

/// The highest priority.
pub const MOST_PRIORITY: u8 = 10;

/// How long rows are kept that no job took up.
pub const ORPHANED: SignedDuration = SignedDuration::from_hours(72);

/// Between two passes over a job that is being sent.
pub const PASS: SignedDuration = SignedDuration::from_secs(60);

/// The most rows that one pass claims, however fast the channel is.
const MOST_AT_ONCE: u32 = 4_800;

/// Where a bulk job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its rows are sent, or wait for its time.
    Running,
    /// Nothing of it is sent until somebody resumes it.
    Paused,
    /// What was not attempted is not sent any more.
    Cancelled,
    /// Every row was attempted.
    Done,
}

/// How far a bulk job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The job.
    pub job: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The number its messages go out from.
    pub channel: ChannelId,
    /// Where it stands.
    pub state: RunState,
    /// How many rows it has.
    pub size: u32,
    /// Of several jobs of a channel the one with the highest goes first (S2.41).
    pub priority: u8,
    /// When it was accepted; the earlier of two with the same priority goes first.
    pub created_at: Timestamp,
    /// Not before this time, if the caller asked so.
    pub scheduled_for: Option<Timestamp>,
    /// Whether its rows are kept for good: until the first pass they would expire.
    pub adopted: bool,
    /// Rows before this one are claimed for messages.
    pub next: u32,
    /// Rows before this one need the job no more.
    pub settled: u32,
    /// The tenant's day whose limit the whole job counts against.
    pub usage_day: Date,
    /// The first day of the cycle whose bulk limit it counts against.
    pub cycle: Date,
    /// What its messages are, and what for.
    pub kind: Kind,
    /// What they are for.
    pub message_type: MessageType,
    /// What caused them.
    pub trigger: Trigger,
    /// How failed attempts are repeated.
    pub policy: RetryPolicy,
    /// Whether the provider has to be asked for statuses.
    pub polled: bool,
    /// What they are about in the tenant's own system.
    pub context: Option<Context>,
    /// Rows the caller gave that were left out, for they are wrong.
    pub left_out: u32,
    /// The file that tells why, if there is one.
    pub report: Option<String>,
    /// When the sweep must look at it; none when nothing is open, or it is paused.
    pub due: Option<Timestamp>,
    /// Raised by the store at every write; a write with an old version is refused.
    pub version: u32,
}

/// One row as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRow {
    /// The number, with its plus.
    #[serde(rename = "t")]
    pub to: String,
    /// How they are called.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The values its message needs.
    #[serde(rename = "p", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

/// What a message of a bulk job is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// How far its job is.
    pub run: Run,
    /// What the job says, with its placeholders.
    pub content: Content,
    /// The row.
    pub row: FrozenRow,
}

/// What changes a run's shown state cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unchangeable {
    /// Every row was attempted.
    #[error("every message of the job was attempted already")]
    Done,
    /// It was cancelled.
    #[error("the job was cancelled")]
    Cancelled,
}

impl Run {
    /// When it may begin.
    #[must_use]
    pub fn starts_at(&self) -> Timestamp {
        self.scheduled_for.unwrap_or(self.created_at)
    }

    /// The state in answers: `scheduled` until its first rows are claimed.
    #[must_use]
    pub fn shown(&self) -> &'static str {
        match self.state {
            RunState::Running if self.next == 0 && self.scheduled_for.is_some() => "scheduled",
            RunState::Running => "running",
            RunState::Paused => "paused",
            RunState::Cancelled => "cancelled",
            RunState::Done => "done",
        }
    }

    /// Whether it stands in its channel's queue.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.state {
            RunState::Running | RunState::Paused => self.next < self.size,
            RunState::Cancelled | RunState::Done => false,
        }
    }

    /// Whether rows of it may be claimed now.
    #[must_use]
    pub fn may_claim(&self, now: Timestamp) -> bool {
        self.state == RunState::Running && self.next < self.size && self.starts_at() <= now
    }

    /// Claims the rows that the channel sends until the next pass, while `open` earlier ones wait.
    pub fn claim(&mut self, pace: Pace, open: u32) -> std::ops::Range<u32> {
        let seconds = u32::try_from(PASS.as_secs()).unwrap_or(60);
        let minute = u32::from(pace.per_second)
            .saturating_mul(seconds)
            .clamp(1, MOST_AT_ONCE);
        let room = minute.saturating_sub(open);
        let first = self.next;
        self.next = first.saturating_add(room).min(self.size);
        first..self.next
    }

    /// Rows without a message, which a cancelled job never makes.
    #[must_use]
    pub const fn unclaimed(&self) -> u32 {
        self.size - self.next
    }

    /// Holds it back.
    ///
    /// # Errors
    /// [`Unchangeable`] when nothing is left to hold back.
    pub fn pause(&mut self, now: Timestamp) -> Result<(), Unchangeable> {
        self.may_change()?;
        self.state = RunState::Paused;
        // By then whoever still saw it running has begun an attempt that a pass can see.
        self.due = Some(now + PASS);
        Ok(())
    }

    /// Lets it go on, now or at its time.
    ///
    /// # Errors
    /// [`Unchangeable`] when it cannot.
    pub fn resume(&mut self, now: Timestamp) -> Result<(), Unchangeable> {
        self.may_change()?;
        self.state = RunState::Running;
        // The next pass says itself when its time has not come.
        self.due = Some(now);
        Ok(())
    }

    /// Gives up what was not attempted. Rows with a message are looked through by the next passes.
    ///
    /// # Errors
    /// [`Unchangeable`] when everything was attempted.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Unchangeable> {
        self.may_change()?;
        self.state = RunState::Cancelled;
        self.due = Some(now);
        Ok(())
    }

    fn may_change(&self) -> Result<(), Unchangeable> {
        match self.state {
            RunState::Running | RunState::Paused => Ok(()),
            RunState::Cancelled => Err(Unchangeable::Cancelled),
            RunState::Done => Err(Unchangeable::Done),
        }
    }

    /// Rows before this one are settled, and `calling` others are being attempted. Answers whether
    /// nothing is left to do until somebody changes the job.
    pub fn settle(&mut self, settled: u32, calling: u32, now: Timestamp) -> bool {
        self.settled = settled.max(self.settled);
        match self.state {
            RunState::Running if self.settled == self.size => {
                self.state = RunState::Done;
                self.due = None;
            }
            RunState::Cancelled if self.settled == self.next => self.due = None,
            RunState::Paused if calling == 0 => self.due = None,
            RunState::Done => self.due = None,
            RunState::Running | RunState::Paused | RunState::Cancelled => {
                self.due = Some(now + PASS);
            }
        }
        self.due.is_none()
    }

    /// The job's totals, given what its boards count: rows that a cancelled job never made are cancelled.
    #[must_use]
    pub fn totals(&self, counted: Totals) -> Totals {
        let mut totals = counted;
        if self.state == RunState::Cancelled {
            let never = self.unclaimed().min(totals.queued);
            totals.queued -= never;
            totals.cancelled += never;
        }
        totals
    }
}

#[cfg(test)]
mod tests;
