//! What people change of a conversation, and what becomes of two when their contacts are merged.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ConversationId, UserId},
    ports::{AuditEntry, Saved},
};

use super::moving::prompt_value;
use crate::{
    audit,
    keys::TenantKeys,
    shape::{id, number, text, time},
    table::TenantTable,
    update::Update,
    write::{Transacted, Write},
};

/// An update of a conversation that stands as it was read: not joined to another, and with this many
/// messages unread. A conversation without a count has none.
fn standing(keys: TenantKeys, conversation: ConversationId, unread: u32) -> Update {
    let mut update = Update::of(keys.conversation(conversation));
    update.when("attribute_not_exists(j)");
    update.when(match unread {
        0 => "attribute_not_exists(u) OR u = :unread",
        _ => "u = :unread",
    });
    update.value("unread", number(unread));
    update
}

/// Who takes care of it, whether it is put away and how much is unread. That the contact wrote nothing
/// meanwhile is part of it: otherwise a message that somebody else read would hide one nobody read.
fn saved(before: &Conversation, after: &Conversation) -> Write {
    let keys = TenantKeys::new(before.tenant);
    let mut update = standing(keys, before.id, before.unread);
    let listed = |archived| text(&keys.conversations_of(archived, before.channel));
    let user = |user: &UserId| text(user.as_str());
    update.when("lp = :stood");
    update.value("stood", listed(before.archived));
    update.when(match before.assigned_to {
        Some(_) => "o = :owner",
        None => "attribute_not_exists(o)",
    });
    if let Some(owner) = &before.assigned_to {
        update.value("owner", user(owner));
    }
    update.when(match before.last_inbound_at {
        Some(_) => "i = :wrote",
        None => "attribute_not_exists(i)",
    });
    if let Some(at) = before.last_inbound_at {
        update.value("wrote", time(at));
    }
    update.set("u", number(after.unread));
    update.set("lp", listed(after.archived));
    update.give("o", after.assigned_to.as_ref().map(user));
    update.write()
}

/// The survivor's thread takes in another, if neither moved since. Given is how it then is; how it was
/// read follows from what the other one brings along.
pub(crate) fn take_in(
    operation: &'static str,
    stays: &Conversation,
    joins: &Conversation,
) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(stays.tenant);
    let unread = stays.unread.checked_sub(joins.unread).ok_or_else(|| {
        StoreFailure::new(operation, StoreFailureKind::Refused)
            .because("the unread messages of two threads add up")
    })?;
    let mut update = standing(keys, stays.id, unread);
    update.when(if stays.last_message_at == joins.last_message_at {
        "attribute_not_exists(m) OR m <= :m"
    } else {
        "m = :m"
    });
    let at = stays.last_message_at;
    let listed = keys.conversations(stays.archived, stays.channel, at, stays.id);
    update.set_once("c", id(stays.channel.uuid()));
    update.set_once("k", id(stays.contact.uuid()));
    update.set("m", time(at));
    update.set("w", text(&stays.preview));
    update.set("u", number(stays.unread));
    update.set("lp", text(&listed.partition));
    update.set("ls", text(&listed.sort));
    let also = stays.also.iter().map(|thread| id(thread.uuid())).collect();
    update.set("al", AttributeValue::L(also));
    if let Some(at) = stays.last_inbound_at {
        update.set("i", time(at));
    }
    if let Some(prompt) = &stays.prompt {
        update.set("b", prompt_value(prompt));
    }
    if let Some(user) = &stays.assigned_to {
        update.set("o", text(user.as_str()));
    }
    Ok(update.write())
}

/// A thread is joined to the survivor's, if it did not move since it was read. It is listed nowhere any
/// more, and what was unread in it counts there.
pub(crate) fn join(joins: &Conversation, to: ConversationId) -> Write {
    let mut update = standing(TenantKeys::new(joins.tenant), joins.id, joins.unread);
    update.when("m = :moved");
    update.value("moved", time(joins.last_message_at));
    update.set("j", id(to.uuid()));
    for name in ["lp", "ls", "u"] {
        update.remove(name);
    }
    update.write()
}

impl TenantTable<'_> {
    pub(super) async fn save_conversation(
        &self,
        before: &Conversation,
        after: &Conversation,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "conversation.save";
        if before.id != after.id || before.tenant != after.tenant {
            return Err(StoreFailure::new(OPERATION, StoreFailureKind::Refused)
                .because("two conversations"));
        }
        let note = audit::note(OPERATION, before.tenant, audit)?;
        let writes = [saved(before, after), note];
        Ok(match self.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
