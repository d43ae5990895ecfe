//! Where the sending of a message stands: the words and times of the state machine in `transitions`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::facts::AttemptNumber;

/// How long an attempt may take before it is taken for crashed. The provider call's own total
/// timeout (20 s) lies well inside, so a live attempt never loses its lease.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How long after a hand-over the sweep looks whether it arrived.
pub const HAND_OVER_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// How long after a call with an unknown outcome the provider is given to know the message itself
/// before its absence counts as proof.
pub const SETTLE: SignedDuration = SignedDuration::from_secs(60);

/// How long an unknown outcome is held open before it becomes a failure that says so.
pub const HOLD: SignedDuration = SignedDuration::from_mins(15);

/// How long after its time a message may still be deferred by rate limits.
pub const LONGEST_DEFERRAL: SignedDuration = SignedDuration::from_hours(24);

/// Between two look-ups of an unknown outcome.
pub const RECHECK: SignedDuration = SignedDuration::from_mins(2);

/// Minutes between asking for the status of an accepted message, where it has to be asked for: dense
/// while somebody may be looking, then sparse. After the last it is left as it is.
pub const POLLS: [i64; 10] = [1, 2, 5, 15, 60, 180, 360, 720, 1_440, 1_440];

/// Where the sending stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "p", rename_all = "snake_case")]
pub enum Phase {
    /// Wants an attempt, not before this time.
    Ready {
        /// Not before.
        at: Timestamp,
        /// Whether the coming attempt is a retry of the policy, and counts as one.
        #[serde(rename = "c", default, skip_serializing_if = "is_false")]
        counts: bool,
    },
    /// An attempt is in flight until its lease ends.
    Calling {
        /// End of the lease.
        lease: Timestamp,
    },
    /// The attempt's outcome is not known.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// The provider took it; facts tell the rest.
    Accepted,
    /// No further attempt by itself.
    Failed,
    /// Withdrawn before any attempt.
    Cancelled,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// How often, and after how long, failed attempts are repeated; frozen when the message is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Retries after the first attempt; 0 for messages a person typed (X6, X7).
    #[serde(rename = "n")]
    pub max: u8,
    /// Minutes between two attempts.
    #[serde(rename = "m")]
    pub interval_minutes: u16,
    /// Whether a terminal failure is mailed to the tenant's failure address.
    #[serde(rename = "e")]
    pub notify: bool,
}

impl RetryPolicy {
    /// Never by itself, and the person who typed it sees the failure: no mail.
    pub const MANUAL: Self = Self {
        max: 0,
        interval_minutes: 0,
        notify: false,
    };
}

/// The sending side of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Where it stands.
    pub phase: Phase,
    /// Number of provider calls so far; the number of the current or last one.
    pub attempt: AttemptNumber,
    /// Retries of the policy that were begun.
    pub retries: u8,
    /// The policy.
    pub policy: RetryPolicy,
    /// When the sweep must look at this message; none when nothing is open. Never later than the
    /// moment something must happen by itself, often a little earlier: a claim leaves it alone,
    /// because moving it would cost two index units per attempt.
    pub due: Option<Timestamp>,
    /// Whether the coming attempt waits for the end of the recipient's quiet hours.
    pub quiet: bool,
    /// How often the provider was asked for the status of the accepted message; none where statuses
    /// come by themselves.
    pub polls: Option<u8>,
}

/// What a provider call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Accepted {
        /// What the provider calls it.
        provider_id: Option<String>,
    },
    /// Refused with a definite code: terminal at once.
    Rejected {
        /// Machine code.
        code: String,
        /// For people.
        reason: String,
    },
    /// We ourselves must not send it any more: consent, channel, switched off. Terminal, no call made.
    Refused {
        /// Machine code.
        code: String,
        /// For people.
        reason: String,
    },
    /// Rate limit or a similar "later": known not sent, does not count as a retry.
    Deferred {
        /// Not before.
        until: Timestamp,
    },
    /// Known not sent.
    NotSent {
        /// Machine code.
        code: String,
        /// For people.
        reason: String,
    },
    /// Nobody knows.
    Ambiguous,
}

/// What a look-up at the provider came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The provider has it.
    Found {
        /// What it calls it.
        provider_id: String,
    },
    /// The provider answered, and does not have it.
    Absent,
    /// No proof either way.
    NoProof,
}

/// Why a message cannot be claimed or changed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its time has not come.
    #[error("its time has not come")]
    TooEarly,
    /// An attempt is in flight.
    #[error("an attempt is in flight")]
    InFlight,
    /// Its outcome is not known yet.
    #[error("the outcome of the last attempt is not known yet; it is being checked")]
    OutcomeUnknown,
    /// It was sent already.
    #[error("it was already sent")]
    AlreadySent,
    /// It failed for good.
    #[error("it has failed; retry it on purpose")]
    Failed,
    /// It was cancelled.
    #[error("it was cancelled")]
    Cancelled,
    /// It was attempted already.
    #[error("it was already attempted")]
    Attempted,
}

/// What the sweep should do with a due message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepAction {
    /// Hand it to its lane: an attempt or a look-up is wanted.
    HandOver,
    /// Only its due time was corrected.
    Rescheduled,
    /// Nothing was open.
    Settled,
}
