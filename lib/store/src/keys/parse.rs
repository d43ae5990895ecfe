//! From keys back to ids: what an index or a stream shows of an item is its key.

use domain::{
    ids::{ConversationId, MessageId, TenantId},
    notice::NoticeKey,
    ports::DueThing,
    webhook::JournalKey,
};

use super::{Key, TenantKeys, order::read_exact};

/// Tenant and id of a message's status item; none for any other key.
pub(crate) fn message_of(pk: &str, sk: &str) -> Option<(TenantId, MessageId)> {
    let (tenant, rest) = tenant(pk)?;
    let id = rest.strip_prefix("#M#")?;
    (sk == "M").then_some(())?;
    Some((tenant, exactly(id, MessageId::parse)?))
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
    let (tenant, rest) = tenant(pk)?;
    let (thing, key) = if rest.starts_with("#M#") {
        let (tenant, id) = message_of(pk, sk)?;
        let key = TenantKeys::new(tenant).message(id);
        (DueThing::Message(tenant, id), key)
    } else if rest.starts_with("#W#") {
        let (time, id) = sk.split_once('#')?;
        let entry = JournalKey {
            tenant,
            arrived_at: read_exact(time)?,
            id: exactly(id, MessageId::parse)?,
        };
        let key = Key::from(&entry);
        (DueThing::Journal(entry), key)
    } else {
        let (message, attempt) = sk.strip_prefix("N#")?.split_once('#')?;
        let notice = NoticeKey {
            tenant,
            window: read_exact(rest.strip_prefix("#N#")?)?,
            message: exactly(message, MessageId::parse)?,
            attempt: attempt.parse().ok()?,
        };
        let key = Key::from(&notice);
        (DueThing::Notice(notice), key)
    };
    (key.pk == pk && key.sk == sk).then_some(thing)
}

fn tenant(key: &str) -> Option<(TenantId, &str)> {
    let rest = key.strip_prefix("T#")?;
    let (id, below) = rest.split_at_checked(32)?;
    Some((exactly(id, TenantId::parse)?, below))
}

/// Keys hold the short form alone.
fn exactly<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
    (text.len() == 32).then(|| parse(text).ok()).flatten()
}
