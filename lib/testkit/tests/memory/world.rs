//! One tenant, its people, and messages from them.

use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    ids::{ChannelId, ConversationId, MessageId, TenantId, UserId},
    message::{InboundContent, InboundMessage},
    phone::PhoneNumber,
    ports::{AuditEntry, Inbox, Received, Reception},
};
use jiff::{SignedDuration, Timestamp};
use testkit::memory::MemoryStore;

pub struct World {
    pub store: MemoryStore,
    pub tenant: TenantId,
    pub channel: ChannelId,
}

pub fn start() -> Timestamp {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

pub fn later(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

pub fn phone(n: u16) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9733300{n:04}")).unwrap()
}

pub fn user(name: &str) -> Alias {
    Alias::provider_user(name)
}

pub fn audit(action: &'static str, seconds: i64) -> AuditEntry {
    let user = UserId::new("agent-7");
    AuditEntry::new(&user, "conversations", action, "thing", later(seconds))
}

impl World {
    pub fn new() -> Self {
        Self {
            store: MemoryStore::new(),
            tenant: TenantId::fresh(),
            channel: ChannelId::fresh(),
        }
    }

    pub fn met(&self, n: u16, name: &str) -> Contact {
        Contact::met(self.tenant, &phone(n), Some(name.into()))
    }

    pub fn thread_of(&self, contact: &Contact) -> ConversationId {
        ConversationId::of(self.channel, contact.id)
    }

    /// A text of this contact, some seconds after the start.
    pub fn text(&self, contact: &Contact, body: &str, seconds: i64) -> Reception {
        Reception {
            contact: contact.clone(),
            claimed: Vec::new(),
            message: InboundMessage {
                id: MessageId::of_inbound(self.tenant, self.channel, body),
                tenant: self.tenant,
                channel: self.channel,
                conversation: self.thread_of(contact),
                contact: contact.id,
                provider_id: body.into(),
                from_us: false,
                at: later(seconds),
                arrived_at: later(seconds + 1),
                content: InboundContent::Text { body: body.into() },
                answers: None,
                copy: None,
            },
            unread: true,
        }
    }

    pub async fn wrote(&self, contact: &Contact, body: &str, seconds: i64) {
        let reception = self.text(contact, body, seconds);
        let received = self.store.receive(&reception).await.unwrap();
        assert_eq!(received, Received::New);
    }

    pub async fn conversation(&self, contact: &Contact) -> Conversation {
        let id = self.thread_of(contact);
        let found = self.store.conversation(self.tenant, id).await.unwrap();
        found.unwrap()
    }

    pub fn audits(&self) -> Vec<&'static str> {
        let state = self.store.state();
        state.audit.iter().map(|(_, entry)| entry.action).collect()
    }
}
