//! Settings, acceptances and messages.

use super::*;

impl Directory for MemoryStore {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreFailure> {
        self.run("directory.tenant", |s| s.tenants.get(&id).cloned())
    }

    async fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.run("directory.channel", |s| {
            s.channels.get(&(tenant, id)).cloned()
        })
    }

    async fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.run("directory.channel_auth", |s| {
            if let Some(channel) = s.channels.get_mut(&(tenant, id)) {
                channel.auth = auth;
            }
        })
    }
}

impl ChannelKeys for MemoryStore {
    async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        self.run("channels.by_key", |s| {
            s.channels.values().find(|c| &c.key == key).cloned()
        })
    }
}

impl Contacts for MemoryStore {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        let id = ContactId::of_alias(tenant, alias.as_str());
        self.run("contacts.contact", |s| {
            s.contacts.get(&(tenant, id)).cloned()
        })
    }
}

impl Acceptances for MemoryStore {
    async fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        self.run("acceptances.repeated", |s| {
            s.keys
                .get(&(tenant, key.to_owned()))
                .filter(|record| record.expires_at > now)
                .cloned()
        })
    }

    async fn commit(&self, acceptance: &Acceptance) -> Result<Committed, StoreFailure> {
        self.run("acceptances.commit", |s| s.commit(acceptance))
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.run("acceptances.used", |s| {
            s.usage.get(&(tenant, day)).copied().unwrap_or(0)
        })
    }
}

impl Messages for MemoryStore {
    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreFailure> {
        self.run("messages.message", |s| {
            s.messages.get(&(tenant, id)).cloned()
        })
    }

    async fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Payload>, StoreFailure> {
        self.run("messages.payload", |s| {
            s.payloads.get(&(tenant, id)).cloned()
        })
    }

    async fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save", |s| s.save(message, notice))
    }

    async fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.withdraw", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                let used = s
                    .usage
                    .entry((message.tenant, message.usage_day))
                    .or_default();
                *used = used.saturating_sub(1);
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }

    async fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save_audited", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }
}
