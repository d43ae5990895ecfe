//! Every key of the table. This is the only place where key strings are spelled: constructors take
//! typed ids, and every partition key begins with the tenant. Those that cannot (a webhook knows only
//! what its provider calls a channel; the sweep looks at all tenants) are in `shared`.

mod billing;
mod calendar;
mod lists;
mod order;
mod parse;
mod shared;
mod templates;
#[cfg(test)]
mod tests;
mod users;

use domain::{
    contact::Alias,
    ids::{ChannelId, ContactId, ConversationId, EventId, InvoiceId, JobId, MessageId, TenantId},
    message::{AttemptNumber, Context, MessageType},
    notice::NoticeKey,
    webhook::{JournalKey, Observed},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) use self::{
    lists::{CONTACT_SHARDS, EVENT_SHARDS, JOB_SHARDS, conversation_sort},
    order::{Form, Position, audit_time, newest_first},
    parse::{
        channel_of, contact_of, contact_of_word, conversation_of, due_thing, event_of, festival_of,
        inbound_of, invoice_of, job_of, journal_of, managed_of, message_of, notification_of,
        payment_of, request_of, run_of, subscription_of, template_of, tenant_and_conversation,
    },
    shared::{
        account_pointer, accounts, all_payments_in, channel_key, due, due_channel, due_channels,
        due_of, due_shard, due_until, every_request, every_requests, partner, partner_notice,
        partner_notice_name, partner_notice_position, partner_notices, payment_pointer,
        payments_in, paypal_pointer, paypal_settings, plan, plans, platform, receipt, ref_pointer,
        request_pointer,
    },
    users::{all_tenants, email_pointer, tenant_of, user_of},
};

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

    /// The contact first known by this alias, or what leads from the alias to its contact.
    pub(crate) fn alias(self, alias: &Alias) -> Key {
        self.contact(ContactId::of_alias(self.0, alias.as_str()))
    }

    /// A conversation.
    pub(crate) fn conversation(self, id: ConversationId) -> Key {
        self.key(&format!("#V#{}", id.key()), "V")
    }

    /// A business event.
    pub(crate) fn event(self, id: EventId) -> Key {
        self.key(&format!("#E#{}", id.key()), "E")
    }

    /// An invoice.
    pub(crate) fn invoice(self, id: InvoiceId) -> Key {
        self.key(&format!("#B#{}", id.key()), "B")
    }

    /// How the tenant wants a workflow.
    pub(crate) fn workflow(self, name: MessageType) -> Key {
        self.key("", format!("W#{}", name.as_str()))
    }

    /// A job with its board 0.
    pub(crate) fn job(self, id: JobId) -> Key {
        self.key(&format!("#J#{}", id.key()), "J")
    }

    /// How far a bulk job is, beside it.
    pub(crate) fn run(self, id: JobId) -> Key {
        self.key(&format!("#J#{}", id.key()), "R")
    }

    /// What a bulk job says, beside it.
    pub(crate) fn job_content(self, id: JobId) -> Key {
        self.key(&format!("#J#{}", id.key()), "C")
    }

    /// A chunk of a bulk job's rows, in a partition of its own.
    pub(crate) fn rows(self, job: JobId, chunk: u32) -> Key {
        self.key(&format!("#J#{}#{chunk:04}", job.key()), "P")
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

    /// How many messages of bulk jobs count against a cycle's limit, by its first day.
    pub(crate) fn bulk_usage(self, cycle: Date) -> Key {
        self.key(&format!("#U#{cycle}"), "B")
    }

    /// What became of a day's messages: in a partition of its own, so that whoever may write it cannot
    /// write what counts against a limit.
    pub(crate) fn sheet(self, day: Date) -> Key {
        self.key(&format!("#Y#{day}"), "Y")
    }

    /// An idempotency key. Whatever the text is, its hash stands here.
    pub(crate) fn idempotency(self, key: &str) -> Key {
        let hash = hex::encode(Sha256::digest(key.as_bytes()));
        self.key(&format!("#I#{hash}"), "I")
    }

    /// What lists the messages about a thing of the tenant's own system. Whatever its type and id are,
    /// their hash stands here.
    pub(crate) fn context(self, context: &Context, at: Timestamp, id: MessageId) -> Key {
        Key {
            pk: self.about(context),
            sk: format!("{}#{}", newest_first(at), id.key()),
            owner: self.0,
        }
    }

    /// The partition of a thing's messages.
    pub(crate) fn about(self, context: &Context) -> String {
        let mut hash = Sha256::new();
        hash.update(context.kind.as_bytes());
        hash.update([0]);
        hash.update(context.id.as_bytes());
        format!("{}#Q#{}", self.prefix(), hex::encode(hash.finalize()))
    }

    /// An audit line: a month's lines in one partition, newest first.
    pub(crate) fn audit(self, at: Timestamp, id: Uuid) -> Key {
        self.key(
            &format!("#A#{}", month(at)),
            format!("{}#{}", newest_first(at), id.simple()),
        )
    }

    /// The first key of a month's audit lines that is not later than this moment.
    pub(crate) fn audits_from(self, until: Timestamp) -> Key {
        self.key(&format!("#A#{}", month(until)), newest_first(until))
    }

    /// A journal entry: a day's entries in one partition, in the order they came.
    pub(crate) fn journal(self, at: Timestamp, id: MessageId) -> Key {
        let day = at.to_zoned(TimeZone::UTC).date();
        Key {
            pk: self.journal_day(day),
            sk: format!("{}#{}", order::exact(at), id.key()),
            owner: self.0,
        }
    }

    /// The partition of a day's journal entries.
    pub(crate) fn journal_day(self, day: Date) -> String {
        format!("{}#W#{day}", self.prefix())
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

    /// A word that leads to a contact. Words are people's: as hexadecimal digits they cannot reach
    /// into another key, and the beginning of a word is still the beginning of its key.
    pub(crate) fn word(self, word: &str, contact: ContactId) -> Key {
        let mut key = self.words(word);
        key.sk = format!("{}#{}", key.sk, contact.key());
        key
    }

    /// The part of the sort key that all words with this beginning share, in the partition of their
    /// first character.
    pub(crate) fn words(self, beginning: &str) -> Key {
        let first: String = beginning.chars().take(1).collect();
        self.key(
            &format!("#S#{}", hex::encode(first)),
            hex::encode(beginning),
        )
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

fn provider_name(channel: ChannelId, provider_id: &str) -> String {
    format!(
        "#X#{}#{}",
        channel.key(),
        MessageId::parked(provider_id).key()
    )
}

fn month(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

/// One name for several texts, whatever they are: their lengths tell where one ends.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The low bits of an id are random (or a hash), so they spread evenly.
fn shard(id: Uuid, shards: u8) -> u8 {
    let (_, low) = id.as_u64_pair();
    u8::try_from(low % u64::from(shards.max(1))).unwrap_or(0)
}
