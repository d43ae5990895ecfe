//! Every key of the table. This is the only place where key strings are spelled: constructors take
//! typed ids, and every partition key begins with the tenant. The two that cannot (a webhook knows
//! only its channel's key; the sweep looks at all tenants) are free functions at the end.

mod order;
mod parse;
#[cfg(test)]
mod tests;

use domain::{
    channel::ChannelKey,
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId},
    message::{AttemptNumber, Class},
    notice::NoticeKey,
    ports::DUE_SHARDS,
    webhook::{JournalKey, Observed},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) use self::{
    order::{Position, newest_first},
    parse::{due_thing, message_of, tenant_and_conversation},
};

/// Shards of a tenant's job list.
pub(crate) const JOB_SHARDS: u8 = 4;
/// Shards of each class of a tenant's message log.
pub(crate) const LOG_SHARDS: u8 = 4;

/// The key of one item, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Partition key.
    pub(crate) pk: String,
    /// Sort key.
    pub(crate) sk: String,
    /// The tenant whose table handle may use it.
    pub(crate) owner: TenantId,
}

/// A place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The index's partition key.
    pub(crate) partition: String,
    /// The index's sort key.
    pub(crate) sort: String,
}

/// Keys of one tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TenantKeys(TenantId);

impl TenantKeys {
    /// Keys of this tenant.
    pub(crate) const fn new(tenant: TenantId) -> Self {
        Self(tenant)
    }

    fn prefix(self) -> String {
        format!("T#{}", self.0.key())
    }

    /// Whether a partition, of the table or of an index, is this tenant's.
    pub(crate) fn holds(self, partition: &str) -> bool {
        partition
            .strip_prefix(&self.prefix())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    }

    fn key(self, below: &str, sk: impl Into<String>) -> Key {
        Key {
            pk: format!("{}{below}", self.prefix()),
            sk: sk.into(),
            owner: self.0,
        }
    }

    /// The tenant's settings and plan.
    pub(crate) fn tenant(self) -> Key {
        self.key("", "T")
    }

    /// A channel.
    pub(crate) fn channel(self, id: ChannelId) -> Key {
        self.key(&format!("#C#{}", id.key()), "C")
    }

    /// A contact.
    pub(crate) fn contact(self, id: ContactId) -> Key {
        self.key(&format!("#K#{}", id.key()), "K")
    }

    /// A conversation.
    pub(crate) fn conversation(self, id: ConversationId) -> Key {
        self.key(&format!("#V#{}", id.key()), "V")
    }

    /// A job with its board 0.
    pub(crate) fn job(self, id: JobId) -> Key {
        self.key(&format!("#J#{}", id.key()), "J")
    }

    /// A further board of a job.
    pub(crate) fn board(self, job: JobId, number: u32) -> Key {
        self.key(&format!("#J#{}", job.key()), format!("B#{number:06}"))
    }

    /// The item of a message that statuses rewrite.
    pub(crate) fn message(self, id: MessageId) -> Key {
        self.key(&format!("#M#{}", id.key()), "M")
    }

    /// What a message says, beside it.
    pub(crate) fn payload(self, id: MessageId) -> Key {
        self.key(&format!("#M#{}", id.key()), "P")
    }

    /// An inbound message.
    pub(crate) fn inbound(self, id: MessageId) -> Key {
        self.key(&format!("#M#{}", id.key()), "I")
    }

    /// From a provider's id to our message.
    pub(crate) fn pointer(self, channel: ChannelId, provider_id: &str) -> Key {
        self.key(&provider_name(channel, provider_id), "P")
    }

    /// An observation that waits for its pointer.
    pub(crate) fn parked(self, channel: ChannelId, provider_id: &str, observed: &Observed) -> Key {
        self.key(
            &provider_name(channel, provider_id),
            format!("O#{}", observed.name()),
        )
    }

    /// The part of the sort key that all parked observations share.
    pub(crate) fn parked_prefix(self, channel: ChannelId, provider_id: &str) -> Key {
        self.key(&provider_name(channel, provider_id), "O#")
    }

    /// How many messages count against a day's limit.
    pub(crate) fn usage(self, day: Date) -> Key {
        self.key(&format!("#U#{day}"), "U")
    }

    /// An idempotency key. Whatever the text is, its hash stands here.
    pub(crate) fn idempotency(self, key: &str) -> Key {
        let hash = hex::encode(Sha256::digest(key.as_bytes()));
        self.key(&format!("#I#{hash}"), "I")
    }

    /// An audit line: a month's lines in one partition, newest first.
    pub(crate) fn audit(self, at: Timestamp, id: Uuid) -> Key {
        let month = at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
        self.key(
            &format!("#A#{month}"),
            format!("{}#{}", newest_first(at), id.simple()),
        )
    }

    /// A journal entry: a day's entries in one partition, in the order they came.
    pub(crate) fn journal(self, at: Timestamp, id: MessageId) -> Key {
        let day = at.to_zoned(TimeZone::UTC).date();
        self.key(
            &format!("#W#{day}"),
            format!("{}#{}", order::exact(at), id.key()),
        )
    }

    /// A failure notice.
    pub(crate) fn notice(
        self,
        window: Timestamp,
        message: MessageId,
        attempt: AttemptNumber,
    ) -> Key {
        self.key(
            &format!("#N#{}", order::exact(window)),
            format!("N#{}#{attempt:05}", message.key()),
        )
    }

    /// The part of the sort key that all notices of a window share.
    pub(crate) fn notices_prefix(self, window: Timestamp) -> Key {
        self.key(&format!("#N#{}", order::exact(window)), "N#")
    }

    /// The counter of a window's failures.
    pub(crate) fn failures(self, window: Timestamp) -> Key {
        self.key(&format!("#N#{}", order::exact(window)), "#")
    }

    /// A message's place in its thread, newest first.
    pub(crate) fn thread(
        self,
        conversation: ConversationId,
        at: Timestamp,
        id: MessageId,
    ) -> Place {
        Place {
            partition: format!("{}#V#{}#M", self.prefix(), conversation.key()),
            sort: order::newest_first_with(at, id.uuid()),
        }
    }

    /// A conversation's place among the tenant's, newest first.
    pub(crate) fn conversations(self, moved: Timestamp, id: ConversationId) -> Place {
        Place {
            partition: format!("{}#V#active", self.prefix()),
            sort: order::newest_first_with(moved, id.uuid()),
        }
    }

    /// A job's place among the tenant's, newest first.
    pub(crate) fn jobs(self, created: Timestamp, id: JobId) -> Place {
        Place {
            partition: self.jobs_shard(shard(id.uuid(), JOB_SHARDS)),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// One shard of the tenant's job list.
    pub(crate) fn jobs_shard(self, shard: u8) -> String {
        format!("{}#J#{shard}", self.prefix())
    }

    /// A message's place in the log of its status class, newest first.
    pub(crate) fn log(self, class: Class, created: Timestamp, id: MessageId) -> Place {
        let shard = shard(id.uuid(), LOG_SHARDS);
        Place {
            partition: format!("{}#L#{}#{shard}", self.prefix(), class.letter()),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }
}

impl From<&JournalKey> for Key {
    fn from(key: &JournalKey) -> Self {
        TenantKeys::new(key.tenant).journal(key.arrived_at, key.id)
    }
}

impl From<&NoticeKey> for Key {
    fn from(key: &NoticeKey) -> Self {
        TenantKeys::new(key.tenant).notice(key.window, key.message, key.attempt)
    }
}

/// The item that leads from a webhook URL to its channel: partition and sort key. With the due
/// index, the only key that does not begin with a tenant.
pub(crate) fn channel_key(key: &ChannelKey) -> (String, String) {
    (format!("CK#{}", key.as_str()), "CK".to_owned())
}

/// A place in the due index. Only the time is in its sort key: the index's projection holds the
/// item's own key, which names the thing.
pub(crate) fn due(at: Timestamp, id: MessageId) -> Place {
    Place {
        partition: due_shard(shard(id.uuid(), DUE_SHARDS)),
        sort: order::oldest_first(at),
    }
}

/// One shard of the due index.
pub(crate) fn due_shard(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The last sort key of the due index that is due at this moment.
pub(crate) fn due_until(now: Timestamp) -> String {
    order::oldest_first(now)
}

fn provider_name(channel: ChannelId, provider_id: &str) -> String {
    format!(
        "#X#{}#{}",
        channel.key(),
        MessageId::parked(provider_id).key()
    )
}

/// The low bits of an id are random (or a hash), so they spread evenly.
fn shard(id: Uuid, shards: u8) -> u8 {
    let (_, low) = id.as_u64_pair();
    u8::try_from(low % u64::from(shards.max(1))).unwrap_or(0)
}
