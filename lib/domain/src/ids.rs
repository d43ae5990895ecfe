//! Identifiers: one type per thing, UUIDs inside, so that a job's id can never stand where a
//! message's is wanted. Fresh ids are `UUIDv7` (they sort by time); derived ids are stable hashes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: a UUID is expected")]
pub struct NotAnId {
    /// What was wanted, in words: `message id`.
    pub kind: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id; ids made later sort later.
            #[must_use]
            pub fn fresh() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id with these bits, as a store or a test kept them.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bits of the id.
            #[must_use]
            pub const fn uuid(&self) -> Uuid {
                self.0
            }

            /// 32 lower-case hexadecimal digits: the form used inside keys, where each byte is paid for.
            #[must_use]
            pub fn key(&self) -> String {
                self.0.simple().to_string()
            }

            /// Reads either form of the id.
            ///
            /// # Errors
            /// [`NotAnId`] when the text is no UUID.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                // Only the two forms we print: UUID parsing also takes braces and URNs, which
                // would give one thing several spellings.
                if text.len() != 36 && text.len() != 32 {
                    return Err(NotAnId { kind: $kind });
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId { kind: $kind })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}

id!(
    /// A company that uses Waypost. Comes from the verified token or a verified channel, never from a body.
    TenantId, "tenant id"
);
id!(
    /// A WhatsApp number of a tenant at one provider.
    ChannelId, "channel id"
);
id!(
    /// A person, as one tenant knows them.
    ContactId, "contact id"
);
id!(
    /// Tenant × channel × contact.
    ConversationId, "conversation id"
);
id!(
    /// One outbound or inbound item of a conversation.
    MessageId, "message id"
);
id!(
    /// A set of outbound messages accepted together.
    JobId, "job id"
);
id!(
    /// A business event; follows from the id that the company gave it.
    EventId, "event id"
);
id!(
    /// An invoice; follows from the id that the company gave it.
    InvoiceId, "invoice id"
);
id!(
    /// An invitation of a user, before anybody knows what the identity service calls them.
    InvitationId, "invitation id"
);
id!(
    /// A template of a company's own.
    TemplateId, "template id"
);
id!(
    /// A festival.
    FestivalId, "festival id"
);
id!(
    /// A plan that companies may subscribe to.
    PlanId, "plan id"
);
id!(
    /// A company's subscription to a plan.
    SubscriptionId, "subscription id"
);
id!(
    /// An offline payment with its proof.
    PaymentId, "payment id"
);
id!(
    /// A request for a quote or a demo.
    RequestId, "request id"
);
id!(
    /// Something a company is told in the console.
    NotificationId, "notification id"
);
id!(
    /// A notice of WHAPI's about the partner's days.
    BalanceNoticeId, "balance notice id"
);

impl EventId {
    /// The id of the event that a company calls so: ids of theirs have any length and any characters.
    #[must_use]
    pub fn of(tenant: TenantId, id: &str) -> Self {
        Self(derived(0, &[b"event", tenant.0.as_bytes(), id.as_bytes()]))
    }
}

macro_rules! of_key {
    ($($name:ident, $kind:literal;)*) => {
        $(impl $name {
            /// The id of the thing that a request with this idempotency key begins: asked for again, it
            /// is the same one.
            #[must_use]
            pub fn of_key(tenant: TenantId, key: &str) -> Self {
                Self(derived(0, &[$kind, tenant.0.as_bytes(), key.as_bytes()]))
            }
        })*
    };
}

of_key! {
    ChannelId, b"channel";
    FestivalId, b"festival";
    PlanId, b"plan";
    SubscriptionId, b"subscription";
    PaymentId, b"payment";
    RequestId, b"request";
}

impl NotificationId {
    /// The id of what is told about one fact: the same fact told again is the same notification.
    #[must_use]
    pub fn of_fact(tenant: TenantId, at_millis: u64, fact: &str) -> Self {
        Self(derived(
            at_millis,
            &[b"notification", tenant.0.as_bytes(), fact.as_bytes()],
        ))
    }
}

impl InvoiceId {
    /// The id of the invoice that a company calls so.
    #[must_use]
    pub fn of(tenant: TenantId, id: &str) -> Self {
        Self(derived(
            0,
            &[b"invoice", tenant.0.as_bytes(), id.as_bytes()],
        ))
    }
}

/// The version-7 UUID with this time and the first bits of this hash: stable, and in its place among
/// fresh ids.
fn derived(millis: u64, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut random = [0_u8; 10];
    for (to, from) in random.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The milliseconds inside a version-7 UUID; 0 for other versions.
fn millis_of(uuid: &Uuid) -> u64 {
    uuid.get_timestamp().map_or(0, |stamp| {
        let (seconds, nanos) = stamp.to_unix();
        seconds * 1_000 + u64::from(nanos / 1_000_000)
    })
}

impl TenantId {
    /// Not a company: where the platform keeps what it cannot tell whose it is. No token and no channel
    /// ever names it.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

impl MessageId {
    /// The id of a job's message by its row: expanding a job again makes the same messages, and a
    /// job's messages are found without an index.
    #[must_use]
    pub fn of_row(job: JobId, row: u32) -> Self {
        Self(derived(
            millis_of(&job.0),
            &[b"row", job.0.as_bytes(), &row.to_be_bytes()],
        ))
    }

    /// A short stable name for what a provider calls a message, for keys: provider ids have any
    /// length and any characters.
    #[must_use]
    pub fn parked(provider_id: &str) -> Self {
        Self(derived(0, &[b"provider", provider_id.as_bytes()]))
    }

    /// The id of an inbound message by what the provider calls it: delivering a webhook again names
    /// the same message, so (tenant, channel, provider id) is unique by key (X40).
    #[must_use]
    pub fn of_inbound(tenant: TenantId, channel: ChannelId, provider_id: &str) -> Self {
        Self(derived(
            0,
            &[
                b"inbound",
                tenant.0.as_bytes(),
                channel.0.as_bytes(),
                provider_id.as_bytes(),
            ],
        ))
    }
}

impl ContactId {
    /// The id of the contact first known by this alias. (tenant, alias) is unique because it is the key.
    #[must_use]
    pub fn of_alias(tenant: TenantId, alias: &str) -> Self {
        Self(derived(
            0,
            &[b"contact", tenant.0.as_bytes(), alias.as_bytes()],
        ))
    }
}

impl ConversationId {
    /// The one conversation of a contact on a channel.
    #[must_use]
    pub fn of(channel: ChannelId, contact: ContactId) -> Self {
        Self(derived(
            0,
            &[b"conversation", channel.0.as_bytes(), contact.0.as_bytes()],
        ))
    }
}

/// The user of a tenant as the identity provider names them (Cognito's `sub`); printed in audit lines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Takes the subject of a verified token; anything odd in it is replaced, for it ends up in audit lines.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self(
            subject
                .chars()
                .take(64)
                .map(|c| {
                    if c.is_ascii_alphanumeric() || "-_.:".contains(c) {
                        c
                    } else {
                        '_'
                    }
                })
                .collect(),
        )
    }

    /// The subject.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0.15, S0.19: ids are UUIDs; S0.20's job id is part of the message's own.
    #[test]
    fn a_row_of_a_job_has_one_id_and_rows_differ() {
        let job = JobId::fresh();
        assert_eq!(MessageId::of_row(job, 3), MessageId::of_row(job, 3));
        assert_ne!(MessageId::of_row(job, 3), MessageId::of_row(job, 4));
        assert_ne!(
            MessageId::of_row(job, 3),
            MessageId::of_row(JobId::fresh(), 3)
        );
        assert_eq!(
            MessageId::of_row(job, 3).uuid().get_version_num(),
            7,
            "derived ids sort among the fresh ones"
        );
    }

    #[test]
    fn both_forms_are_read_and_no_other() {
        let id = MessageId::fresh();
        assert_eq!(MessageId::parse(&id.to_string()), Ok(id));
        assert_eq!(MessageId::parse(&id.key()), Ok(id));
        for odd in [
            "",
            "T#",
            "*",
            "../..",
            "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
            "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
            "67e5504410b1426f9247bb680e5fe0cg",
        ] {
            assert!(MessageId::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_contact_of_another_tenant_with_the_same_number_is_another_contact() {
        let (one, other) = (TenantId::fresh(), TenantId::fresh());
        assert_ne!(
            ContactId::of_alias(one, "+97300000001"),
            ContactId::of_alias(other, "+97300000001")
        );
    }
}
