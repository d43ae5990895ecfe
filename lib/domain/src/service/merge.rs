//! Two contacts that turned out to be one person: by a person's word, or by a provider's.

use tracing::info;

use crate::{
    contact::Contact,
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    ports::{AuditEntry, ContactBook, Contacts, Conversations, Directory, Inbox, Merger, Saved},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// Joins two known contacts with their threads on every channel. The one that shows a number stays,
/// unless a person chose. Answers with the survivor; none when either is gone.
///
/// # Errors
/// Storage failures, and Conflict when others were first too often.
pub(super) async fn merge_known<S>(
    store: &S,
    tenant: TenantId,
    one: ContactId,
    other: ContactId,
    audit: Option<&AuditEntry>,
) -> Result<Option<Contact>, StoreFailure>
where
    S: Directory + Contacts + ContactBook + Conversations,
{
    for _ in 0..TRIES {
        let (Some(mut survivor), Some(mut swallowed)) = (
            store.contact_by_id(tenant, one).await?,
            store.contact_by_id(tenant, other).await?,
        ) else {
            return Ok(None);
        };
        if survivor.id == swallowed.id {
            return Ok(Some(survivor));
        }
        if audit.is_none() && survivor.phone.is_none() && swallowed.phone.is_some() {
            std::mem::swap(&mut survivor, &mut swallowed);
        }
        let channels = store.channels(tenant).await?;
        let mut threads = Vec::new();
        for channel in &channels {
            let ids = [
                ConversationId::of(channel.id, survivor.id),
                ConversationId::of(channel.id, swallowed.id),
            ];
            let found = store.conversations_by_id(tenant, &ids).await?;
            let by_id = |id| found.iter().find(|c| c.id == id).cloned();
            if let [own, theirs] = ids
                && let Some(moved) = by_id(theirs)
            {
                threads.push((
                    joined(by_id(own), &moved, own, survivor.id, channel.id),
                    moved,
                ));
            }
        }
        for alias in &swallowed.aliases {
            if !survivor.aliases.contains(alias) {
                survivor.aliases.push(alias.clone());
            }
        }
        survivor.phone = survivor.phone.or_else(|| swallowed.phone.clone());
        survivor.name = survivor.name.or_else(|| swallowed.name.clone());
        survivor.zone = survivor.zone.or_else(|| swallowed.zone.clone());
        survivor.tags.extend(swallowed.tags.iter().cloned());
        // Only what they say after both counts from now on.
        survivor.consent = survivor.consent.stricter(swallowed.consent);
        survivor.consent_at = survivor.consent_at.max(swallowed.consent_at);
        let id = survivor.id;
        let merger = Merger {
            survivor,
            other: swallowed,
            threads,
            audit: audit.cloned(),
        };
        if store.merge_contacts(&merger).await? == Saved::Done {
            info!(tenant.id = %tenant, contact.id = %id, "two contacts are one person: `{id}` stays");
            return store.contact_by_id(tenant, id).await;
        }
    }
    Err(StoreFailure::new(
        "contacts.merge",
        StoreFailureKind::Conflict,
    ))
}

/// The survivor's thread after it took in another: as if everything had been one thread.
fn joined(
    own: Option<Conversation>,
    moved: &Conversation,
    id: ConversationId,
    contact: ContactId,
    channel: ChannelId,
) -> Conversation {
    let mut also = vec![moved.id];
    also.extend(moved.also.iter().copied());
    let Some(mut own) = own else {
        return Conversation {
            id,
            contact,
            channel,
            also,
            joined: None,
            ..moved.clone()
        };
    };
    for thread in also {
        if thread != own.id && !own.also.contains(&thread) {
            own.also.push(thread);
        }
    }
    own.unread = own.unread.saturating_add(moved.unread);
    own.last_inbound_at = own.last_inbound_at.max(moved.last_inbound_at);
    own.archived &= moved.archived;
    own.assigned_to = own.assigned_to.or_else(|| moved.assigned_to.clone());
    if moved.last_message_at > own.last_message_at {
        own.last_message_at = moved.last_message_at;
        own.preview.clone_from(&moved.preview);
        own.prompt = moved.prompt.clone().or(own.prompt);
    }
    own
}

/// A conversation, or the one it was joined to.
///
/// # Errors
/// Storage failures.
pub(super) async fn standing<S: Inbox>(
    store: &S,
    tenant: TenantId,
    id: ConversationId,
) -> Result<Option<Conversation>, StoreFailure> {
    let mut next = Some(id);
    // Joined ones may be joined again; the chain is as short as people's patience.
    for _ in 0..8 {
        let Some(id) = next else { break };
        match store.conversation(tenant, id).await? {
            Some(conversation) if conversation.joined.is_some() => next = conversation.joined,
            found => return Ok(found),
        }
    }
    Ok(None)
}
