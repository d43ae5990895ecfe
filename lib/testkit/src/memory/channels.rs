//! Tenants and channels: read, told of by providers, made and changed by people.

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, HealthNote, PlatformApp},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::{AuditEntry, ChannelBook, ChannelKeys, Directory, Made, Saved},
    provider::ProviderKind,
    tenant::Tenant,
};
use jiff::Timestamp;

use super::{MemoryStore, State};

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

    async fn channels(&self, tenant: TenantId) -> Result<Vec<Channel>, StoreFailure> {
        self.run("directory.channels", |s| {
            s.channels_where(|channel| channel.tenant == tenant)
        })
    }

    async fn note_health(
        &self,
        tenant: TenantId,
        id: ChannelId,
        note: &HealthNote,
    ) -> Result<(), StoreFailure> {
        self.run("directory.note_health", |s| {
            let channel = s.channels.get_mut(&(tenant, id));
            let heard = |channel: &Channel| channel.health.as_ref().map(|known| known.at);
            if let Some(channel) = channel.filter(|channel| heard(channel) <= Some(note.at)) {
                channel.health = Some(note.clone());
            }
        })
    }

    async fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.run("directory.channel_auth", |s| {
            let key = (tenant, id);
            let heard = s.logins.get(&key).copied();
            let channel = s.channels.get_mut(&key);
            if let Some(channel) = channel.filter(|_| heard <= Some(at)) {
                channel.auth = auth;
                s.logins.insert(key, at);
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

    async fn channel_by_ref(
        &self,
        provider: ProviderKind,
        provider_ref: &str,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.run("channels.by_ref", |s| {
            s.channels
                .values()
                .find(|c| c.provider == provider && c.provider_ref == provider_ref)
                .cloned()
        })
    }

    async fn channels_of_account(
        &self,
        provider: ProviderKind,
        account: &str,
    ) -> Result<Vec<Channel>, StoreFailure> {
        self.run("channels.of_account", |s| {
            s.channels_where(|c| c.provider == provider && c.account.as_deref() == Some(account))
        })
    }

    async fn platform_app(&self) -> Result<PlatformApp, StoreFailure> {
        self.run("channels.platform_app", |s| s.platform_app.clone())
    }
}

impl ChannelBook for MemoryStore {
    async fn make_channel(
        &self,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        self.run("channels.make", |s| s.make(channel, audit))?
    }

    async fn make_channel_within(
        &self,
        limit: u32,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        self.run("channels.make", |s| {
            let key = (channel.tenant, channel.id);
            let known = s.channels.contains_key(&key) || s.buried.contains_key(&key);
            let mut account = s.account_of(channel.tenant);
            if !known && account.channels >= limit {
                return Ok(Made::NoSlot);
            }
            let made = s.make(channel, audit)?;
            if made == Made::Done && !known {
                account.channels += 1;
                account.updated_at = Some(audit.at);
                s.accounts.insert(channel.tenant, account);
                s.slotted.insert(key);
            }
            Ok(made)
        })?
    }

    async fn save_channel(
        &self,
        channel: &mut Channel,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("channels.save", |s| s.save_channel(channel, audit))
    }

    async fn save_default_channel(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "channels.save_default";
        self.run(OPERATION, |s| {
            let stored = s
                .tenants
                .get_mut(&tenant)
                .ok_or_else(|| StoreFailure::new(OPERATION, StoreFailureKind::Conflict))?;
            stored.settings.default_channel = Some(channel);
            s.audit.push((tenant, audit.clone()));
            Ok(())
        })?
    }

    async fn save_platform_app(
        &self,
        app: &PlatformApp,
        tenant: TenantId,
        audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        self.run("channels.save_platform_app", |s| {
            s.platform_app = app.clone();
            s.audit.push((tenant, audit.clone()));
        })
    }
}

impl State {
    /// Channels in the order they were made.
    fn channels_where(&self, wanted: impl Fn(&Channel) -> bool) -> Vec<Channel> {
        let mut channels: Vec<Channel> = self
            .channels
            .values()
            .filter(|channel| wanted(channel))
            .cloned()
            .collect();
        channels.sort_by_key(|channel| (channel.created_at, channel.id));
        channels
    }

    fn make(&mut self, channel: &Channel, audit: &AuditEntry) -> Result<Made, StoreFailure> {
        let key = (channel.tenant, channel.id);
        if self.channels.contains_key(&key) || self.buried.contains_key(&key) {
            // Our own earlier try, whose answer was lost: an id is made for one channel.
            return Ok(Made::Done);
        }
        for known in self.channels.values() {
            if known.key == channel.key {
                return Err(
                    StoreFailure::new("channels.make", StoreFailureKind::Conflict)
                        .because("another channel has this webhook key"),
                );
            }
            if known.provider != channel.provider {
                continue;
            }
            if known.provider_ref == channel.provider_ref {
                return Ok(Made::RefTaken);
            }
        }
        let taken = |known: &Channel| {
            let same = channel.account.is_some() && known.account == channel.account;
            same && known.provider == channel.provider && known.tenant != channel.tenant
        };
        if self.channels.values().any(taken) {
            return Ok(Made::AccountTaken);
        }
        self.channels.insert(key, channel.clone());
        self.audit.push((channel.tenant, audit.clone()));
        Ok(Made::Done)
    }

    fn save_channel(&mut self, channel: &mut Channel, audit: &AuditEntry) -> Saved {
        let key = (channel.tenant, channel.id);
        let stored = self.channels.get_mut(&key);
        let Some(stored) = stored.filter(|stored| stored.version == channel.version) else {
            return Saved::Stale;
        };
        channel.version += 1;
        if stored.auth != channel.auth {
            self.logins.insert(key, audit.at);
        }
        // What a provider tells, and what never changes, stays as it is stored.
        *stored = Channel {
            provider: stored.provider,
            provider_ref: stored.provider_ref.clone(),
            account: stored.account.clone(),
            key: stored.key.clone(),
            health: stored.health.clone(),
            paid_until: stored.paid_until,
            created_at: stored.created_at,
            ..channel.clone()
        };
        self.audit.push((channel.tenant, audit.clone()));
        Saved::Done
    }
}
