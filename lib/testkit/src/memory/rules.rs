//! What the store's transactions and conditions would do.

use domain::{
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    job::RowChange,
    message::Message,
    notice::Notice,
    ports::{Acceptance, Committed, Saved},
    service::projections::MessageChange,
};
use jiff::Timestamp;

use super::State;

/// A message that stands in a conversation.
pub(super) struct Moved {
    pub(super) tenant: TenantId,
    pub(super) id: ConversationId,
    pub(super) channel: ChannelId,
    pub(super) contact: ContactId,
    pub(super) at: Timestamp,
    pub(super) preview: String,
}

impl State {
    pub(super) fn tell(&mut self, message: &Message) {
        self.stream.push(MessageChange {
            tenant: message.tenant,
            job: message.job,
            row: RowChange {
                row: message.row,
                version: message.version,
                status: message.status(),
            },
        });
    }

    pub(super) fn save(&mut self, message: &mut Message, notice: Option<&Notice>) -> Saved {
        let key = (message.tenant, message.id);
        let current = self.messages.get(&key).map(|m| m.version);
        if current != Some(message.version) {
            return Saved::Stale;
        }
        message.version += 1;
        self.messages.insert(key, message.clone());
        self.tell(message);
        if let Some(notice) = notice {
            self.notices.insert(notice.key.clone(), notice.clone());
        }
        Saved::Done
    }

    pub(super) fn commit(&mut self, a: &Acceptance) -> Result<Committed, StoreFailure> {
        let tenant = a.message.tenant;
        if let Some(record) = &a.idempotency {
            let known = self.keys.get(&(tenant, record.key.clone()));
            if let Some(known) = known.filter(|k| k.expires_at > a.message.created_at) {
                return Ok(Committed::Repeated(known.clone()));
            }
        }
        if let Some(contact) = &a.new_contact {
            self.may_meet("acceptances.commit", contact, &[])?;
        }
        let used = self.usage.entry((tenant, a.message.usage_day)).or_default();
        if *used >= a.daily_limit {
            return Ok(Committed::LimitReached);
        }
        *used += 1;
        if let Some(record) = &a.idempotency {
            self.keys
                .insert((tenant, record.key.clone()), record.clone());
        }
        if let Some(contact) = &a.new_contact {
            self.meet(contact, &[]);
        }
        let conversation = self.moved(&Moved {
            tenant,
            id: a.touch.id,
            channel: a.message.channel,
            contact: a.message.contact,
            at: a.touch.at,
            preview: a.touch.preview.clone(),
        });
        if a.touch.prompt.is_some() {
            conversation.prompt.clone_from(&a.touch.prompt);
        }
        let mut message = a.message.clone();
        message.version = 1;
        self.jobs.insert((tenant, a.job.id), a.job.clone());
        self.payloads
            .insert((tenant, message.id), a.payload.clone());
        self.audit.push((tenant, a.audit.clone()));
        self.tell(&message);
        self.messages.insert((tenant, message.id), message);
        Ok(Committed::Done)
    }

    /// The conversation of a message, new if need be. A provider's times come in any order: only the
    /// newest message moves it.
    pub(super) fn moved(&mut self, by: &Moved) -> &mut Conversation {
        let conversation = self
            .conversations
            .entry((by.tenant, by.id))
            .or_insert_with(|| Conversation {
                id: by.id,
                tenant: by.tenant,
                channel: by.channel,
                contact: by.contact,
                last_message_at: by.at,
                preview: String::new(),
                unread: 0,
                last_inbound_at: None,
                prompt: None,
                archived: false,
                assigned_to: None,
                also: Vec::new(),
                joined: None,
            });
        if conversation.last_message_at <= by.at {
            conversation.last_message_at = by.at;
            conversation.preview.clone_from(&by.preview);
        }
        conversation
    }
}
