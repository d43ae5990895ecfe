//! Pointers, inbox, journal and files.

use super::*;

impl Pointers for MemoryStore {
    async fn pointer(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Option<Pointer>, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.pointer", |s| s.pointers.get(&key).copied())
    }

    async fn point(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        to: Pointer,
    ) -> Result<Pointed, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.point", |s| {
            let known = *s.pointers.entry(key).or_insert(to);
            if known == to {
                Pointed::Here
            } else {
                Pointed::Elsewhere(known)
            }
        })
    }

    async fn park(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        observed: &Observed,
        _now: Timestamp,
    ) -> Result<(), StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.park", |s| {
            if let Some((name, pointer)) = s.pointer_before_park.take() {
                s.pointers.insert(name, pointer);
            }
            s.parked
                .entry(key)
                .or_default()
                .insert(observed.name(), observed.clone());
        })
    }

    async fn parked(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Vec<Observed>, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.parked", |s| {
            s.parked
                .get(&key)
                .map(|m| m.values().cloned().collect())
                .unwrap_or_default()
        })
    }
}

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
        self.run("inbox.receive", |s| s.receive(reception))
    }
}

impl Journal for MemoryStore {
    async fn write(&self, entry: &JournalEntry) -> Result<(), StoreFailure> {
        self.run("journal.write", |s| {
            s.journal.insert(entry.key.clone(), entry.clone());
        })
    }

    async fn entry(&self, key: &JournalKey) -> Result<Option<JournalEntry>, StoreFailure> {
        self.run("journal.entry", |s| s.journal.get(key).cloned())
    }
}

impl Files for MemoryStore {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.run("files.put", |s| {
            s.files.insert(key.to_owned(), bytes);
        })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.run("files.get", |s| s.files.get(key).cloned())
    }
}
