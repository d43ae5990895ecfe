//! From keys back to ids: what an index or a stream shows of an item is its key.

use domain::{
    ids::{
        ChannelId, ContactId, ConversationId, EventId, FestivalId, InvoiceId, JobId, MessageId,
        NotAnId, NotificationId, PaymentId, RequestId, SubscriptionId, TemplateId, TenantId,
    },
    notice::NoticeKey,
    ports::DueThing,
    webhook::JournalKey,
};

use super::{Key, TenantKeys, order::read_exact};

/// Tenant and id of a message's status item; none for any other key.
pub(crate) fn message_of(pk: &str, sk: &str) -> Option<(TenantId, MessageId)> {
    item_of(pk, sk, "#M#", "M", MessageId::parse)
}

/// Tenant and id of an inbound message.
pub(crate) fn inbound_of(pk: &str, sk: &str) -> Option<(TenantId, MessageId)> {
    item_of(pk, sk, "#M#", "I", MessageId::parse)
}

/// Tenant and id of a business event.
pub(crate) fn event_of(pk: &str, sk: &str) -> Option<(TenantId, EventId)> {
    item_of(pk, sk, "#E#", "E", EventId::parse)
}

/// Tenant and id of an invoice.
pub(crate) fn invoice_of(pk: &str, sk: &str) -> Option<(TenantId, InvoiceId)> {
    item_of(pk, sk, "#B#", "B", InvoiceId::parse)
}

/// Tenant and id of a job.
pub(crate) fn job_of(pk: &str, sk: &str) -> Option<(TenantId, JobId)> {
    item_of(pk, sk, "#J#", "J", JobId::parse)
}

/// Tenant and job of a run.
pub(crate) fn run_of(pk: &str, sk: &str) -> Option<(TenantId, JobId)> {
    item_of(pk, sk, "#J#", "R", JobId::parse)
}

/// Tenant and id of a conversation.
pub(crate) fn conversation_of(pk: &str, sk: &str) -> Option<(TenantId, ConversationId)> {
    item_of(pk, sk, "#V#", "V", ConversationId::parse)
}

/// Tenant and id of a contact, or of what leads to one.
pub(crate) fn contact_of(pk: &str, sk: &str) -> Option<(TenantId, ContactId)> {
    item_of(pk, sk, "#K#", "K", ContactId::parse)
}

/// Tenant and id of a channel.
pub(crate) fn channel_of(pk: &str, sk: &str) -> Option<(TenantId, ChannelId)> {
    item_of(pk, sk, "#C#", "C", ChannelId::parse)
}

/// Tenant and id of a template of a company's own, or of one of its versions.
pub(crate) fn template_of(pk: &str) -> Option<(TenantId, TemplateId)> {
    item_of(pk, "", "#O#", "", TemplateId::parse)
}

/// Tenant and id of a festival.
pub(crate) fn festival_of(pk: &str, sk: &str) -> Option<(TenantId, FestivalId)> {
    item_of(pk, sk, "#F#", "F", FestivalId::parse)
}

/// Tenant and id of a subscription.
pub(crate) fn subscription_of(pk: &str, sk: &str) -> Option<(TenantId, SubscriptionId)> {
    item_of(pk, sk, "#SB#", "SB", SubscriptionId::parse)
}

/// Tenant and id of an offline payment.
pub(crate) fn payment_of(pk: &str, sk: &str) -> Option<(TenantId, PaymentId)> {
    item_of(pk, sk, "#PY#", "PY", PaymentId::parse)
}

/// Tenant and id of a request for a quote or a demo.
pub(crate) fn request_of(pk: &str, sk: &str) -> Option<(TenantId, RequestId)> {
    item_of(pk, sk, "#RQ#", "RQ", RequestId::parse)
}

/// Tenant and id of what a tenant is told.
pub(crate) fn notification_of(pk: &str, sk: &str) -> Option<(TenantId, NotificationId)> {
    item_of(pk, sk, "#NT#", "NT", NotificationId::parse)
}

/// Tenant and id of the record of a channel that the platform pays for.
pub(crate) fn managed_of(pk: &str, sk: &str) -> Option<(TenantId, ChannelId)> {
    item_of(pk, sk, "#C#", "W", ChannelId::parse)
}

/// The tenant whose day's work this is.
fn day_of(pk: &str, sk: &str) -> Option<TenantId> {
    let (tenant, rest) = tenant(pk)?;
    (rest == "#D" && sk == "D").then_some(tenant)
}

/// The contact that a word leads to.
pub(crate) fn contact_of_word(sk: &str) -> Option<ContactId> {
    let (_, id) = sk.rsplit_once('#')?;
    exactly(id, ContactId::parse)
}

/// Which journal entry has this key.
pub(crate) fn journal_of(pk: &str, sk: &str) -> Option<JournalKey> {
    let (tenant, rest) = tenant(pk)?;
    rest.strip_prefix("#W#")?;
    let (time, id) = sk.split_once('#')?;
    let entry = JournalKey {
        tenant,
        arrived_at: read_exact(time)?,
        id: exactly(id, MessageId::parse)?,
    };
    let key = Key::from(&entry);
    (key.pk == pk && key.sk == sk).then_some(entry)
}

/// Tenant and conversation of a thread's index partition.
pub(crate) fn tenant_and_conversation(partition: &str) -> Option<(TenantId, ConversationId)> {
    let (tenant, rest) = tenant(partition)?;
    let id = rest.strip_prefix("#V#")?.strip_suffix("#M")?;
    Some((tenant, exactly(id, ConversationId::parse)?))
}

/// What an entry of the due index stands for: a key is read only if it is exactly the key of what
/// was read.
pub(crate) fn due_thing(pk: &str, sk: &str) -> Option<DueThing> {
    if let Some((tenant, id)) = message_of(pk, sk) {
        return Some(DueThing::Message(tenant, id));
    }
    if let Some((tenant, id)) = inbound_of(pk, sk) {
        return Some(DueThing::Media(tenant, id));
    }
    if let Some((tenant, id)) = run_of(pk, sk) {
        return Some(DueThing::Job(tenant, id));
    }
    if let Some((tenant, id)) = festival_of(pk, sk) {
        return Some(DueThing::Festival(tenant, id));
    }
    if let Some(tenant) = day_of(pk, sk) {
        return Some(DueThing::Day(tenant));
    }
    if let Some((tenant, id)) = event_of(pk, sk) {
        return Some(DueThing::Event(tenant, id));
    }
    if let Some((tenant, id)) = subscription_of(pk, sk) {
        return Some(DueThing::Subscription(tenant, id));
    }
    if let Some((tenant, id)) = notification_of(pk, sk) {
        return Some(DueThing::Notification(tenant, id));
    }
    if let Some(entry) = journal_of(pk, sk) {
        return Some(DueThing::Journal(entry));
    }
    let (tenant, rest) = tenant(pk)?;
    let (message, attempt) = sk.strip_prefix("N#")?.split_once('#')?;
    let notice = NoticeKey {
        tenant,
        window: read_exact(rest.strip_prefix("#N#")?)?,
        message: exactly(message, MessageId::parse)?,
        attempt: attempt.parse().ok()?,
    };
    let key = Key::from(&notice);
    (key.pk == pk && key.sk == sk).then_some(DueThing::Notice(notice))
}

impl TenantKeys {
    /// The key of an item as an index shows it, if it is this tenant's.
    pub(crate) fn stored(self, pk: String, sk: String) -> Option<Key> {
        self.holds(&pk).then_some(Key {
            pk,
            sk,
            owner: self.0,
        })
    }
}

fn item_of<T>(
    pk: &str,
    sk: &str,
    letter: &str,
    sort: &str,
    parse: impl Fn(&str) -> Result<T, NotAnId>,
) -> Option<(TenantId, T)> {
    let (tenant, rest) = tenant(pk)?;
    let id = rest.strip_prefix(letter).filter(|_| sk == sort)?;
    Some((tenant, exactly(id, parse)?))
}

pub(super) fn tenant(key: &str) -> Option<(TenantId, &str)> {
    let rest = key.strip_prefix("T#")?;
    let (id, below) = rest.split_at_checked(32)?;
    Some((exactly(id, TenantId::parse)?, below))
}

/// Keys hold the short form alone. Digits in capitals would be another key of the same id.
fn exactly<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
    let short = text.len() == 32 && !text.bytes().any(|b| b.is_ascii_uppercase());
    short.then(|| parse(text).ok()).flatten()
}
