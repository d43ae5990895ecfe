//! Conversations and what people write in them, as webhooks store it.

use domain::{
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ConversationId, MessageId, TenantId},
    message::{InboundMessage, MediaCopy, phase::HAND_OVER_GRACE},
    ports::{Inbox, Received, Reception, Saved},
};
use jiff::Timestamp;

use super::{MemoryStore, State, rules::Moved};

const RECEIVE: &str = "inbox.receive";

impl Inbox for MemoryStore {
    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        self.run("inbox.conversation", |s| {
            s.conversations.get(&(tenant, id)).cloned()
        })
    }

    async fn receive(&self, reception: &Reception) -> Result<Received, StoreFailure> {
        self.run(RECEIVE, |s| s.receive(reception))?
    }

    async fn inbound(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<InboundMessage>, StoreFailure> {
        self.run("inbox.inbound", |s| s.inbound.get(&(tenant, id)).cloned())
    }

    async fn move_copy(
        &self,
        message: &InboundMessage,
        to: &MediaCopy,
        due: Option<Timestamp>,
    ) -> Result<Saved, StoreFailure> {
        self.run("inbox.move_copy", |s| {
            let key = (message.tenant, message.id);
            let stored = s.inbound.get_mut(&key);
            let Some(stored) = stored.filter(|stored| stored.copy == message.copy) else {
                return Saved::Stale;
            };
            stored.copy = Some(to.clone());
            s.copies_due.remove(&key);
            s.copies_due.extend(due.map(|due| (key, due)));
            Saved::Done
        })
    }
}

impl State {
    fn receive(&mut self, reception: &Reception) -> Result<Received, StoreFailure> {
        let message = &reception.message;
        let key = (message.tenant, message.id);
        if let Some(known) = self.inbound.get(&key) {
            return Ok(Received::Duplicate(Box::new(known.clone())));
        }
        self.may_meet(RECEIVE, &reception.contact, &reception.claimed)?;
        self.meet(&reception.contact, &reception.claimed);
        let conversation = self.moved(&Moved {
            tenant: message.tenant,
            id: message.conversation,
            channel: message.channel,
            contact: message.contact,
            at: message.at,
            preview: message.content.preview(),
        });
        if reception.unread {
            conversation.unread += 1;
            // What somebody should read is never put away.
            conversation.archived = false;
        }
        if !message.from_us && message.content.opens_window() {
            conversation.last_inbound_at = conversation.last_inbound_at.max(Some(message.at));
        }
        if let Some(MediaCopy::Wanted { .. }) = message.copy {
            self.copies_due
                .insert(key, message.arrived_at + HAND_OVER_GRACE);
        }
        self.inbound.insert(key, message.clone());
        Ok(Received::New)
    }
}
