//! What a webhook tells about an outbound message before anyone knows which of its attempts is
//! meant, and what the journal keeps of a webhook.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{
    channel::Channel,
    ids::{ChannelId, MessageId, TenantId},
    message::{AttemptNumber, Fact, FailedFact, FailureOrigin, Reply},
};

/// Something a webhook says of the message the provider calls so and so. It waits under that name
/// when it comes before the answer to the send (hazards.md, failure point 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "o", rename_all = "snake_case")]
pub enum Observed {
    /// Sent on.
    Sent {
        /// The provider's time.
        at: Timestamp,
    },
    /// Delivered.
    Delivered {
        /// The provider's time.
        at: Timestamp,
    },
    /// Read.
    Read {
        /// The provider's time.
        at: Timestamp,
    },
    /// Failed.
    Failed {
        /// The provider's time.
        at: Timestamp,
        /// Machine code.
        code: String,
        /// For people.
        reason: String,
    },
    /// Answered.
    Replied(Reply),
}

impl Observed {
    /// The fact, once the attempt is known.
    #[must_use]
    pub fn of_attempt(self, attempt: AttemptNumber) -> Fact {
        match self {
            Self::Sent { at } => Fact::Sent { attempt, at },
            Self::Delivered { at } => Fact::Delivered { at },
            Self::Read { at } => Fact::Read { at },
            Self::Failed { at, code, reason } => Fact::Failed {
                attempt,
                failure: FailedFact {
                    at,
                    origin: FailureOrigin::Provider,
                    code,
                    reason,
                },
            },
            Self::Replied(reply) => Fact::Replied(reply),
        }
    }

    /// Names it among the things parked under one provider id: parking the same thing again
    /// overwrites itself.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Sent { .. } => "sent".into(),
            Self::Delivered { .. } => "delivered".into(),
            Self::Read { .. } => "read".into(),
            Self::Failed { code, .. } => {
                format!("failed-{}", code.chars().take(64).collect::<String>())
            }
            Self::Replied(reply) => {
                format!("replied-{}", MessageId::parked(&reply.inbound).key())
            }
        }
    }
}

/// Which message, and which of its attempts, the provider means by an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// The outbound message.
    pub message: MessageId,
    /// The attempt that was answered with this id.
    pub attempt: AttemptNumber,
}

/// What a request carries so that its statuses find their attempt even when its answer was lost:
/// message and attempt, authenticated for one channel. Whoever does not hold the channel's key cannot
/// make one, and one of another channel opens nothing here.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackToken(String);

impl CallbackToken {
    /// The token of an attempt: 64 hexadecimal digits and two of a version.
    #[must_use]
    pub fn seal(channel: &Channel, to: Pointer) -> Self {
        let mut bytes = [0_u8; 32];
        let (plain, seal) = bytes.split_at_mut(PLAIN);
        let (message, attempt) = plain.split_at_mut(16);
        message.copy_from_slice(to.message.uuid().as_bytes());
        attempt.copy_from_slice(&to.attempt.to_be_bytes());
        // Without a seal the token would open nowhere.
        seal.copy_from_slice(&Self::mac(channel, plain).unwrap_or_default());
        Self(format!("w1{}", hex::encode(bytes)))
    }

    /// The attempt it names; none for anything this channel did not seal.
    #[must_use]
    pub fn open(channel: &Channel, text: &str) -> Option<Pointer> {
        let digits = text.strip_prefix("w1")?;
        // One attempt has one spelling.
        if digits.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        let (plain, seal) = bytes.split_at(PLAIN);
        if !bool::from(seal.ct_eq(&Self::mac(channel, plain)?)) {
            return None;
        }
        let (message, attempt) = plain.split_at(16);
        Some(Pointer {
            message: MessageId::from_uuid(uuid::Uuid::from_slice(message).ok()?),
            attempt: u16::from_be_bytes(attempt.try_into().ok()?),
        })
    }

    /// The token as it stands in the request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn mac(channel: &Channel, plain: &[u8]) -> Option<[u8; 32 - PLAIN]> {
        // HMAC takes keys of any length: there is no such failure.
        let mut mac = Hmac::<Sha256>::new_from_slice(channel.key.as_str().as_bytes()).ok()?;
        mac.update(b"waypost callback 1");
        mac.update(channel.tenant.uuid().as_bytes());
        mac.update(channel.id.uuid().as_bytes());
        mac.update(plain);
        mac.finalize().into_bytes().first_chunk().copied()
    }
}

/// Bytes of a token before its seal: 16 of the message, 2 of the attempt.
const PLAIN: usize = 18;

impl std::fmt::Debug for CallbackToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackToken(…)")
    }
}

/// A webhook as the journal keeps it: enough to apply it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Which entry.
    pub key: JournalKey,
    /// The channel whose URL it came to.
    pub channel: ChannelId,
    /// The raw body.
    pub body: JournalBody,
    /// What became of each item, in order: `applied`, `duplicate`, `ignored:…`, `unreadable:…`, `failed`.
    pub verdicts: Vec<String>,
    /// Set while an item could not be applied: when the sweep tries again.
    pub retry_at: Option<Timestamp>,
    /// How often applying was tried.
    pub tries: u16,
}

/// The place of a journal entry: by tenant and arrival.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JournalKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// When it came.
    pub arrived_at: Timestamp,
    /// Tells entries of one millisecond apart.
    pub id: MessageId,
}

/// Where the raw body of a journal entry is.
#[derive(Clone, PartialEq, Eq)]
pub enum JournalBody {
    /// In the entry (stored compressed).
    Here(Vec<u8>),
    /// In the file store, under this key: bodies too large for an item.
    File(String),
}

impl std::fmt::Debug for JournalBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here(bytes) => write!(f, "Here({} bytes)", bytes.len()),
            Self::File(key) => write!(f, "File({key})"),
        }
    }
}

#[cfg(test)]
mod tests;
