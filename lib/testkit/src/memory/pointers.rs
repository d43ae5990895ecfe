//! Pointers, and what waits for them.

use domain::{
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    ports::{Pointed, Pointers},
    webhook::{Observed, Pointer},
};
use jiff::Timestamp;

use super::MemoryStore;

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
