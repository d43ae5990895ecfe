//! What the store's transactions and conditions would do.

use super::*;

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

    pub(super) fn commit(&mut self, a: &Acceptance) -> Committed {
        let tenant = a.message.tenant;
        if let Some(record) = &a.idempotency {
            let known = self.keys.get(&(tenant, record.key.clone()));
            if let Some(known) = known.filter(|k| k.expires_at > a.message.created_at) {
                return Committed::Repeated(known.clone());
            }
        }
        let used = self.usage.entry((tenant, a.message.usage_day)).or_default();
        if *used >= a.daily_limit {
            return Committed::LimitReached;
        }
        *used += 1;
        if let Some(record) = &a.idempotency {
            self.keys
                .insert((tenant, record.key.clone()), record.clone());
        }
        if let Some(contact) = &a.new_contact {
            self.contacts
                .entry((tenant, contact.id))
                .or_insert_with(|| contact.clone());
        }
        let conversation = self
            .conversations
            .entry((tenant, a.touch.id))
            .or_insert_with(|| Conversation {
                id: a.touch.id,
                tenant,
                channel: a.message.channel,
                contact: a.message.contact,
                last_message_at: a.touch.at,
                preview: String::new(),
                unread: 0,
                last_inbound_at: None,
                prompt: None,
            });
        conversation.last_message_at = a.touch.at;
        conversation.preview.clone_from(&a.touch.preview);
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
        Committed::Done
    }

    pub(super) fn receive(&mut self, r: &Reception) -> Received {
        let key = (r.message.tenant, r.message.id);
        if let Some(known) = self.inbound.get(&key) {
            return Received::Duplicate(Box::new(known.clone()));
        }
        let tenant = r.message.tenant;
        let contact = self
            .contacts
            .entry((tenant, r.contact.id))
            .or_insert_with(|| r.contact.clone());
        if contact.name.is_none() {
            contact.name.clone_from(&r.contact.name);
        }
        let conversation = self
            .conversations
            .entry((tenant, r.message.conversation))
            .or_insert_with(|| Conversation {
                id: r.message.conversation,
                tenant,
                channel: r.message.channel,
                contact: r.message.contact,
                last_message_at: r.message.arrived_at,
                preview: String::new(),
                unread: 0,
                last_inbound_at: None,
                prompt: None,
            });
        conversation.last_message_at = r.message.arrived_at;
        conversation.preview = r.message.content.preview();
        if r.unread {
            conversation.unread += 1;
            conversation.last_inbound_at = Some(r.message.at);
        }
        self.inbound.insert(key, r.message.clone());
        Received::New
    }
}
