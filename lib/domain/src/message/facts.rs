//! The facts a message keeps. Merging is commutative, associative and idempotent: any order,
//! duplication or batching of the same webhooks ends in the same facts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The number of a provider call for a message; the first is 1.
pub type AttemptNumber = u16;

/// One thing that became known about an outbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The provider took the request of this attempt.
    Accepted {
        /// Which attempt.
        attempt: AttemptNumber,
        /// When its answer came.
        at: Timestamp,
        /// What the provider calls the message; missing when it did not say.
        provider_id: Option<String>,
    },
    /// The provider sent it on.
    Sent {
        /// Which attempt.
        attempt: AttemptNumber,
        /// The provider's time.
        at: Timestamp,
    },
    /// It reached the recipient's device.
    Delivered {
        /// The provider's time.
        at: Timestamp,
    },
    /// The recipient read it.
    Read {
        /// The provider's time.
        at: Timestamp,
    },
    /// An attempt failed.
    Failed {
        /// Which attempt.
        attempt: AttemptNumber,
        /// Why.
        failure: FailedFact,
    },
    /// The recipient answered.
    Replied(Reply),
    /// It was withdrawn before any attempt.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// An accepted attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acceptance {
    /// When.
    pub at: Timestamp,
    /// What the provider calls the message.
    #[serde(rename = "id", skip_serializing_if = "Option::is_none", default)]
    pub provider_id: Option<String>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FailedFact {
    /// When.
    pub at: Timestamp,
    /// Who says so.
    #[serde(rename = "by")]
    pub origin: FailureOrigin,
    /// Machine code: `CHANNEL_UNAUTHORIZED`.
    pub code: String,
    /// One sentence for people.
    #[serde(rename = "why")]
    pub reason: String,
}

/// Who says that an attempt failed. Our own conclusion gives way to the provider's evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureOrigin {
    /// The provider refused it or reported it failed.
    Provider,
    /// We concluded it: never left, or no proof within the hold time.
    Ourselves,
}

/// The recipient's answer to a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reply {
    /// The provider's time; the latest answer is shown.
    pub at: Timestamp,
    /// The provider's id of the answering message; decides between answers of the same second.
    #[serde(rename = "in")]
    pub inbound: String,
    /// How they answered.
    pub kind: ReplyKind,
    /// The pressed button's id without the provider's prefix.
    #[serde(rename = "btn", skip_serializing_if = "Option::is_none", default)]
    pub button_id: Option<String>,
    /// The pressed button's title, or the first characters of the text: shown as a pill.
    pub title: String,
}

/// How a recipient answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// Pressed a quick-reply button.
    Button,
    /// Chose a row of a list.
    ListRow,
    /// Quoted the message with a text of their own.
    Text,
}

/// All facts of one message. Field names are short because this is stored in the item that every
/// status rewrites, and its size is what a status costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Accepted attempts.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accepted: BTreeMap<AttemptNumber, Acceptance>,
    /// Attempts the provider says it sent on; the earliest time of each.
    #[serde(rename = "s", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<AttemptNumber, Timestamp>,
    /// Earliest delivery.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// Earliest reading.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Timestamp>,
    /// Failed attempts.
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed: BTreeMap<AttemptNumber, FailedFact>,
    /// Latest answer.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Withdrawn.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Timestamp>,
}

fn earliest(slot: &mut Option<Timestamp>, at: Timestamp) {
    *slot = Some(slot.map_or(at, |known| known.min(at)));
}

fn least<V: Ord>(map: &mut BTreeMap<AttemptNumber, V>, attempt: AttemptNumber, value: V) {
    match map.get_mut(&attempt) {
        Some(known) if *known <= value => {}
        Some(known) => *known = value,
        None => {
            map.insert(attempt, value);
        }
    }
}

impl Facts {
    /// Adds a fact; answers whether anything new is known.
    pub fn merge(&mut self, fact: Fact) -> bool {
        let before = self.clone();
        match fact {
            Fact::Accepted {
                attempt,
                at,
                provider_id,
            } => {
                // The provider's own id beats "accepted without an id", whichever came first.
                let known = self.accepted.remove(&attempt);
                let (mut at, mut id) = (at, provider_id);
                if let Some(known) = known {
                    at = at.min(known.at);
                    id = match (known.provider_id, id) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                self.accepted.insert(
                    attempt,
                    Acceptance {
                        at,
                        provider_id: id,
                    },
                );
            }
            Fact::Sent { attempt, at } => least(&mut self.sent, attempt, at),
            Fact::Delivered { at } => earliest(&mut self.delivered, at),
            Fact::Read { at } => earliest(&mut self.read, at),
            Fact::Failed { attempt, failure } => {
                // The provider's word beats our own conclusion whichever came first (Ord of origin
                // alone; then the earliest).
                match self.failed.get_mut(&attempt) {
                    Some(known)
                        if (known.origin, known.at, &known.code, &known.reason)
                            <= (failure.origin, failure.at, &failure.code, &failure.reason) => {}
                    Some(known) => *known = failure,
                    None => {
                        self.failed.insert(attempt, failure);
                    }
                }
            }
            Fact::Replied(reply) => {
                if self.reply.as_ref().is_none_or(|known| *known < reply) {
                    self.reply = Some(reply);
                }
            }
            Fact::Cancelled { at } => earliest(&mut self.cancelled, at),
        }
        *self != before
    }

    /// Whether the provider says that this attempt failed.
    #[must_use]
    pub fn refused(&self, attempt: AttemptNumber) -> bool {
        self.failed
            .get(&attempt)
            .is_some_and(|f| f.origin == FailureOrigin::Provider)
    }

    /// Whether the provider took this attempt's request, and does not say that it failed.
    #[must_use]
    pub fn taken(&self, attempt: AttemptNumber) -> bool {
        let known = self.accepted.contains_key(&attempt) || self.sent.contains_key(&attempt);
        known && !self.refused(attempt)
    }

    /// Whether any attempt is known to have gone out, and not known to have failed: nothing may be
    /// sent again by itself.
    #[must_use]
    pub fn gone_out(&self) -> bool {
        let mut known = self.accepted.keys().chain(self.sent.keys());
        self.reached() || known.any(|attempt| self.taken(*attempt))
    }

    /// Whether the recipient has it.
    #[must_use]
    pub const fn reached(&self) -> bool {
        self.delivered.is_some() || self.read.is_some() || self.reply.is_some()
    }

    /// When it was delivered; reading implies delivery.
    #[must_use]
    pub fn delivered_at(&self) -> Option<Timestamp> {
        self.delivered.or(self.read)
    }
}
