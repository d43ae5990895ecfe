//! Channels: WhatsApp numbers of a tenant at a provider.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    ids::{ChannelId, ContactId, TenantId},
    phone::PhoneNumber,
    provider::ProviderKind,
};

/// A number of a tenant at a provider. Its secrets are sealed: only the vault opens them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Whose API it speaks.
    pub provider: ProviderKind,
    /// The tenant's name for it.
    pub name: String,
    /// What the provider calls it: WHAPI's channel id, Meta's phone number id, 360Messenger's number.
    /// Webhooks name it.
    pub provider_ref: String,
    /// The provider's account it belongs to: Meta's WABA id.
    pub account: Option<String>,
    /// The number it sends from, once known.
    pub phone: Option<PhoneNumber>,
    /// Which version of the provider's API it speaks, where there are several: `v22.0`, `v1`.
    pub api: Option<String>,
    /// Whether the tenant uses it; one switched off neither sends nor is listed.
    pub active: bool,
    /// Whether it can send.
    pub auth: AuthStatus,
    /// What the provider last said of it, if anything needs saying.
    pub health: Option<HealthNote>,
    /// Days are paid until then; none means no limit is known.
    pub paid_until: Option<Timestamp>,
    /// The provider token, encrypted for this tenant and channel.
    pub sealed_token: SealedSecret,
    /// Last four characters of the token, for people to tell tokens apart.
    pub token_hint: String,
    /// The secret the provider signs webhooks with, encrypted likewise; none where it does not sign,
    /// or signs with the secret of the platform's own app.
    pub sealed_app_secret: Option<SealedSecret>,
    /// Part of the webhook URL.
    pub key: ChannelKey,
    /// Hash of the secret that the provider sends back with every webhook (WHAPI), or once to prove
    /// that the URL is ours (Meta's verify token).
    pub webhook_secret: SecretHash,
    /// Sub-lanes and pace.
    pub pace: Pace,
    /// When it was made.
    pub created_at: Timestamp,
    /// Raised by the store at every change by people; one with an old version is refused.
    pub version: u32,
}

/// What a provider said of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthNote {
    /// Its word for the state.
    pub word: String,
    /// A sentence for people.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// The platform's own app at Meta, which many tenants' numbers may belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlatformApp {
    /// The app secrets that count, sealed; two while one is being rotated.
    pub sealed_secrets: Vec<SealedSecret>,
    /// Hashes of the verify tokens that count.
    pub verify_tokens: Vec<SecretHash>,
    /// Last four characters of the newest secret.
    pub hint: String,
    /// When it was last changed.
    pub changed_at: Option<Timestamp>,
}

/// Whether a channel's number is logged in at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthStatus {
    /// Not yet linked.
    Pending,
    /// A QR code was shown.
    QrGenerated,
    /// Linked: it can send.
    Authorized,
    /// It was linked and is no longer.
    Disconnected,
}

impl AuthStatus {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::QrGenerated => "qr_generated",
            Self::Authorized => "authorized",
            Self::Disconnected => "disconnected",
        }
    }
}

/// How fast a channel may send: one SQS message group per sub-lane, each paced at its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Messages per second of the whole channel.
    pub per_second: u16,
    /// Sub-lanes it is divided into.
    pub sub_lanes: u8,
}

impl Pace {
    /// WHAPI documents no limit for paid channels; two a second in one lane keeps a number's
    /// behaviour that of a person who types quickly (providers.md 1.7).
    pub const WHAPI: Self = Self {
        per_second: 2,
        sub_lanes: 1,
    };

    /// Meta's default: 80 a second; one group alone would reach 33 (design.md §5).
    pub const META: Self = Self {
        per_second: 80,
        sub_lanes: 4,
    };

    /// A number that is also used in the Business app: Meta fixes it at 20 a second.
    pub const META_COEXISTENCE: Self = Self {
        per_second: 20,
        sub_lanes: 1,
    };

    /// 360Messenger documents no limit; it is a phone behind a browser like WHAPI's.
    pub const MESSENGER360: Self = Self {
        per_second: 2,
        sub_lanes: 1,
    };

    /// Milliseconds between two calls of one sub-lane.
    #[must_use]
    pub fn gap_millis(&self) -> u64 {
        let lanes = u64::from(self.sub_lanes.max(1));
        1_000 * lanes / u64::from(self.per_second.max(1))
    }

    /// The sub-lane of a contact: always the same, so a contact's messages stay in order.
    #[must_use]
    pub fn sub_lane(&self, contact: ContactId) -> u8 {
        let (_, low) = contact.uuid().as_u64_pair();
        u8::try_from(low % u64::from(self.sub_lanes.max(1))).unwrap_or(0)
    }
}

impl Channel {
    /// The name of the lane (SQS message group) for a contact.
    #[must_use]
    pub fn lane(&self, contact: ContactId) -> String {
        format!("{}-{}", self.id.key(), self.pace.sub_lane(contact))
    }
}

/// A secret as the vault sealed it: useless without the key service and the same tenant and channel.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(pub Vec<u8>);

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSecret(…)")
    }
}

/// An opened secret; it does not print.
pub type Secret = SecretString;

/// The random part of a channel's webhook URL: 32 to 64 characters of a–z, 0–9.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChannelKey(String);

impl ChannelKey {
    /// Reads a key from a URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (32..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The key as it stands in the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChannelKey(…)")
    }
}

/// SHA-256 of a webhook secret. The secret itself is long and random, and only ever compared, so
/// its hash is all that needs keeping.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Hashes a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Whether this is the secret; takes as long whatever is wrong with it.
    #[must_use]
    pub fn is_of(&self, secret: &[u8]) -> bool {
        self.0.ct_eq(&Self::of(secret).0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_always_has_the_same_sub_lane() {
        let pace = Pace {
            per_second: 80,
            sub_lanes: 4,
        };
        assert_eq!(pace.gap_millis(), 50, "a quarter of 80 a second");
        assert_eq!(Pace::WHAPI.gap_millis(), 500);
        for _ in 0..64 {
            let contact = ContactId::fresh();
            assert!(pace.sub_lane(contact) < 4);
            assert_eq!(pace.sub_lane(contact), pace.sub_lane(contact));
        }
    }

    #[test]
    fn keys_of_another_form_are_no_keys() {
        assert!(ChannelKey::parse(&"a1".repeat(16)).is_some());
        for odd in [
            "",
            "short",
            &"A".repeat(32),
            &"a".repeat(65),
            "../../../../../../../../../../etc",
        ] {
            assert!(ChannelKey::parse(odd).is_none(), "{odd}");
        }
    }
}
