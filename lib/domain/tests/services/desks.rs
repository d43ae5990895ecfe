//! The inbox of the small world: its desks, and people who write to it.

use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    ids::{ContactId, ConversationId},
    phone::PhoneNumber,
    ports::{AuditEntry, Page},
    service::{contacts::ContactDesk, inbox::InboxDesk},
};
use serde_json::json;
use testkit::{fakes::FakeClock, memory::MemoryStore};

use crate::world::{World, inbound, messages};

/// Two people who write to Acme.
pub const AMAL: &str = "+97333000017";
pub const BASIL: &str = "+97333000018";

/// 07:33:20 UTC of the day the world begins on.
const MORNING: i64 = 1_795_160_000;

impl World {
    pub fn inbox(&self) -> InboxDesk<'_, MemoryStore, FakeClock> {
        InboxDesk {
            store: &self.store,
            clock: &self.clock,
        }
    }

    pub fn contacts(&self) -> ContactDesk<'_, MemoryStore, FakeClock> {
        ContactDesk {
            store: &self.store,
            clock: &self.clock,
        }
    }

    /// Somebody writes to Acme, so many seconds into the morning. The message's id is the provider's.
    pub async fn hears(&self, from: &str, name: &str, second: i64, body: &str) -> ConversationId {
        let digits = from.trim_start_matches('+');
        let id = format!("in-{digits}-{second}-{}", body.len());
        self.hears_as(&id, from, name, second, body).await
    }

    pub async fn hears_as(
        &self,
        id: &str,
        from: &str,
        name: &str,
        second: i64,
        body: &str,
    ) -> ConversationId {
        let digits = from.trim_start_matches('+');
        let message = inbound(
            id,
            json!({"type": "text", "text": {"body": body}, "from": digits, "from_name": name,
                "chat_id": format!("{digits}@s.whatsapp.net"), "timestamp": MORNING + second}),
        );
        let verdicts = self.webhook(&messages(&[message])).await.verdicts;
        assert!(
            verdicts == ["applied"] || verdicts == ["duplicate"],
            "{verdicts:?}"
        );
        self.thread_with(from)
    }

    /// The thread of a person on Acme's channel, whoever they turned out to be.
    pub fn thread_with(&self, number: &str) -> ConversationId {
        ConversationId::of(self.acme.channel.id, self.person(number).id)
    }

    pub fn person(&self, number: &str) -> Contact {
        let id = self.contact_id(number);
        let state = self.store.state();
        let key = (self.acme.tenant.id, id);
        let id = state.slots.get(&key).copied().unwrap_or(id);
        state.contacts[&(self.acme.tenant.id, id)].clone()
    }

    /// The id that a number alone would give.
    pub fn contact_id(&self, number: &str) -> ContactId {
        let phone = PhoneNumber::parse(number).unwrap();
        ContactId::of_alias(self.acme.tenant.id, Alias::phone(&phone).as_str())
    }

    pub fn conversation(&self, id: ConversationId) -> Conversation {
        self.store.state().conversations[&(self.acme.tenant.id, id)].clone()
    }

    /// What the audit log tells of Acme's things of this kind, in order.
    pub fn audited(&self, entity_type: &str) -> Vec<AuditEntry> {
        let state = self.store.state();
        let of_acme = |(tenant, entry): &&(_, AuditEntry)| {
            *tenant == self.acme.tenant.id && entry.entity_type == entity_type
        };
        let lines = state.audit.iter().filter(of_acme);
        lines.map(|(_, entry)| entry.clone()).collect()
    }

    /// The actions among them.
    pub fn actions(&self, entity_type: &str) -> Vec<&'static str> {
        let entries = self.audited(entity_type);
        entries.iter().map(|entry| entry.action).collect()
    }
}

/// A value before and after, as an audit line has it.
pub fn change<'a>(entry: &'a AuditEntry, name: &str) -> (&'a str, &'a str) {
    (&entry.before[name], &entry.after[name])
}

/// All pages of a list, one after the other.
pub async fn all_pages<T>(mut page: impl AsyncFnMut(Option<String>) -> Page<T>) -> Vec<Vec<T>> {
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let Page { items, next } = page(after).await;
        pages.push(items);
        assert!(pages.len() < 100, "the pages do not end");
        match next {
            Some(next) => after = Some(next),
            None => return pages,
        }
    }
}
