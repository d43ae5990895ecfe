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
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::message::ReplyKind;

    fn channel(n: u128) -> Channel {
        use crate::{channel as c, provider::ProviderKind};
        let id = ChannelId::from_uuid(Uuid::from_u128(n));
        Channel {
            id,
            tenant: TenantId::from_uuid(Uuid::from_u128(n + 1_000)),
            provider: ProviderKind::Meta,
            name: "Cloud".into(),
            provider_ref: "301700000000001".into(),
            account: None,
            phone: None,
            api: None,
            active: true,
            auth: c::AuthStatus::Authorized,
            health: None,
            paid_until: None,
            sealed_token: c::SealedSecret(Vec::new()),
            token_hint: String::new(),
            sealed_app_secret: None,
            key: c::ChannelKey::parse(&format!("{n:032}")).unwrap(),
            webhook_secret: c::SecretHash::of(b""),
            pace: c::Pace::META,
            created_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    fn pointer(message: u128, attempt: AttemptNumber) -> Pointer {
        Pointer {
            message: MessageId::from_uuid(Uuid::from_u128(message)),
            attempt,
        }
    }

    /// Another tenant, another channel or another key alone is enough.
    #[test]
    fn a_token_opens_on_its_own_channel_alone() {
        let (own, other) = (channel(1), channel(2));
        let token = CallbackToken::seal(&own, pointer(7, 3));
        assert_eq!(
            CallbackToken::open(&own, token.as_str()),
            Some(pointer(7, 3))
        );
        assert_eq!(format!("{token:?}"), "CallbackToken(…)");
        for elsewhere in [
            other.clone(),
            Channel {
                tenant: other.tenant,
                ..own.clone()
            },
            Channel {
                id: other.id,
                ..own.clone()
            },
            Channel {
                key: other.key,
                ..own.clone()
            },
        ] {
            assert_eq!(CallbackToken::open(&elsewhere, token.as_str()), None);
        }
        // A new name or a new secret changes nothing.
        let renamed = Channel {
            name: "Shop".into(),
            version: 9,
            ..own
        };
        assert!(CallbackToken::open(&renamed, token.as_str()).is_some());
    }

    #[test]
    fn odd_texts_open_nothing() {
        let own = channel(1);
        let token = CallbackToken::seal(&own, pointer(7, 3));
        let text = token.as_str();
        for odd in [
            String::new(),
            "w1".into(),
            text[2..].into(),
            text[..text.len() - 1].into(),
            format!("{text}0"),
            format!(" {text}"),
            format!("{text}\n"),
            text.to_uppercase(),
            text.replacen("w1", "w2", 1),
            format!("w1{}", "0".repeat(64)),
            format!("w1{}", "é".repeat(32)),
            text.repeat(156),
        ] {
            assert_eq!(CallbackToken::open(&own, &odd), None, "{odd}");
        }
    }

    fn observed(at: i64) -> [Observed; 6] {
        let at = Timestamp::from_second(at).unwrap();
        let failed = |code: &str| Observed::Failed {
            at,
            code: code.into(),
            reason: "It was not delivered.".into(),
        };
        [
            Observed::Sent { at },
            Observed::Delivered { at },
            Observed::Read { at },
            failed("131026"),
            failed("131049"),
            Observed::Replied(Reply {
                at,
                inbound: "wamid.IN1".into(),
                kind: ReplyKind::Text,
                button_id: None,
                title: "Yes".into(),
            }),
        ]
    }

    /// S4.80, X41: what waits has one place for each thing that is said, however often it is said.
    #[test]
    fn observations_of_one_kind_have_one_name() {
        let names: Vec<_> = observed(1).iter().map(Observed::name).collect();
        let mut distinct = names.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), names.len());
        let later: Vec<_> = observed(2).iter().map(Observed::name).collect();
        assert_eq!(later, names);
        let endless = Observed::Failed {
            at: Timestamp::UNIX_EPOCH,
            code: "é".repeat(9_999),
            reason: String::new(),
        };
        assert!(endless.name().chars().count() < 80);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_was_sealed_is_opened_and_any_change_is_not(
            message in any::<u128>(),
            attempt in any::<u16>(),
            place in any::<prop::sample::Index>(),
            other in any::<char>(),
        ) {
            let own = channel(1);
            let to = pointer(message, attempt);
            let token = CallbackToken::seal(&own, to);
            prop_assert_eq!(CallbackToken::open(&own, token.as_str()), Some(to));
            let mut letters: Vec<char> = token.as_str().chars().collect();
            prop_assert_eq!(letters.len(), 66);
            for other in [other, letters[place.index(66)].to_ascii_uppercase(), '0', 'f'] {
                let place = place.index(66);
                let was = std::mem::replace(&mut letters[place], other);
                if was != other {
                    let changed: String = letters.iter().collect();
                    prop_assert_eq!(CallbackToken::open(&own, &changed), None);
                }
                letters[place] = was;
            }
        }

        #[test]
        fn foreign_texts_open_nothing(text in ".{0,100}", digits in "w1[0-9a-f]{64}") {
            prop_assert_eq!(CallbackToken::open(&channel(1), &text), None);
            prop_assert_eq!(CallbackToken::open(&channel(1), &digits), None);
        }
    }
}
