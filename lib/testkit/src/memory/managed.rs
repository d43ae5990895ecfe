//! Records of channels that the platform pays for, and channels that are buried.

use domain::{
    channel::{Channel, SealedSecret, SecretHash},
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    managed::ManagedChannel,
    ports::{ManagedChannels, Saved},
};
use jiff::Timestamp;

use super::MemoryStore;

impl ManagedChannels for MemoryStore {
    async fn managed(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<ManagedChannel>, StoreFailure> {
        self.run("managed.managed", |s| s.managed.get(&(tenant, id)).cloned())
    }

    async fn managed_channels(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<ManagedChannel>, StoreFailure> {
        self.run("managed.list", |s| {
            let own = s.managed.values().filter(|one| one.tenant == tenant);
            let mut own: Vec<ManagedChannel> = own.cloned().collect();
            own.sort_by_key(|one| (one.created_at, one.id));
            own
        })
    }

    async fn save_managed(&self, managed: &mut ManagedChannel) -> Result<Saved, StoreFailure> {
        self.run("managed.save", |s| {
            let stored = s.managed.get_mut(&(managed.tenant, managed.id));
            let Some(stored) = stored.filter(|stored| stored.version == managed.version) else {
                return Saved::Stale;
            };
            managed.version += 1;
            *stored = managed.clone();
            Saved::Done
        })
    }

    async fn bury_channel(&self, channel: &Channel) -> Result<(), StoreFailure> {
        self.run("managed.bury", |s| {
            let key = (channel.tenant, channel.id);
            if s.slotted.remove(&key)
                && let Some(account) = s.accounts.get_mut(&channel.tenant)
            {
                account.channels = account.channels.saturating_sub(1);
            }
            if let Some(mut gone) = s.channels.remove(&key) {
                gone.sealed_token = SealedSecret(Vec::new());
                gone.sealed_app_secret = None;
                gone.webhook_secret = SecretHash([0; 32]);
                gone.version += 1;
                s.buried.insert(key, gone);
            }
        })
    }

    async fn paid_until(
        &self,
        tenant: TenantId,
        id: ChannelId,
        until: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.run("managed.paid_until", |s| {
            if let Some(channel) = s.channels.get_mut(&(tenant, id)) {
                channel.paid_until = Some(until);
            }
        })
    }

    async fn due_managed(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(TenantId, ChannelId)>, StoreFailure> {
        self.run("managed.due", |s| {
            let due = s.managed.values();
            let due = due.filter_map(|one| Some((one.due.filter(|at| *at <= now)?, one)));
            let mut due: Vec<_> = due.map(|(at, one)| (at, one.tenant, one.id)).collect();
            due.sort_unstable_by_key(|(at, _, id)| (*at, *id));
            let due = due.into_iter().map(|(_, tenant, id)| (tenant, id));
            due.take(usize::from(limit)).collect()
        })
    }
}
