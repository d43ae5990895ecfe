//! Channels in a shadow: read as they are stored, and never written.

use jiff::Timestamp;

use super::shadow::Shadow;
use crate::{
    channel::{Channel, PlatformApp},
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    managed::ManagedChannel,
    ports::{AuditEntry, ChannelBook, Made, ManagedChannels, Saved},
};

impl<S: ChannelBook> ChannelBook for Shadow<'_, S> {
    async fn make_channel(
        &self,
        _channel: &Channel,
        _audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        Ok(Made::Done)
    }

    async fn make_channel_within(
        &self,
        _limit: u32,
        _channel: &Channel,
        _audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        Ok(Made::Done)
    }

    async fn save_channel(
        &self,
        _channel: &mut Channel,
        _audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }

    async fn save_default_channel(
        &self,
        _tenant: TenantId,
        _channel: ChannelId,
        _audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn save_platform_app(
        &self,
        _app: &PlatformApp,
        _tenant: TenantId,
        _audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }
}

impl<S: ManagedChannels> ManagedChannels for Shadow<'_, S> {
    async fn managed(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<ManagedChannel>, StoreFailure> {
        self.store.managed(tenant, id).await
    }

    async fn managed_channels(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<ManagedChannel>, StoreFailure> {
        self.store.managed_channels(tenant).await
    }

    async fn save_managed(&self, _managed: &mut ManagedChannel) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }

    async fn bury_channel(&self, _channel: &Channel) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn paid_until(
        &self,
        _tenant: TenantId,
        _id: ChannelId,
        _until: Timestamp,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn due_managed(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(TenantId, ChannelId)>, StoreFailure> {
        self.store.due_managed(now, limit).await
    }
}
