//! The lookups that cannot start from a tenant: a webhook that knows only its channel's key, and the
//! sweep over everything that is due. A function that uses them says so in its review.

use domain::{
    channel::{Channel, ChannelKey},
    failure::{StoreFailure, StoreFailureKind},
    ports::{ChannelKeys, DUE_SHARDS, Due, DueThing},
};
use jiff::Timestamp;

use crate::{
    Store,
    channel::owner,
    keys::{channel_key, due_shard, due_thing, due_until},
    schema::{DUE, PK, SK},
    shape::{corrupt, text},
    table::{Range, Read, failure, key_of},
};

/// What may be looked up without a tenant.
#[derive(Debug, Clone, Copy)]
pub struct CrossTenant<'s> {
    store: &'s Store,
}

impl Store {
    /// The lookups that cross tenants.
    #[must_use]
    pub const fn cross_tenant(&self) -> CrossTenant<'_> {
        CrossTenant { store: self }
    }
}

impl CrossTenant<'_> {
    /// The channel whose webhook URL has this key. Two reads, so that the channel is kept once; a
    /// key that the channel no longer has leads nowhere.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        const OPERATION: &str = "channel.by_key";
        let (pk, sk) = channel_key(key);
        let answer = self
            .store
            .client
            .get_item()
            .table_name(&self.store.table)
            .key(PK, text(&pk))
            .key(SK, text(&sk))
            .send()
            .await
            .map_err(|cause| failure(OPERATION, &cause))?;
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let (tenant, id) = owner(OPERATION, item)?;
        let channel = self
            .store
            .tenant(tenant)
            .channel(id, Read::Eventual)
            .await?;
        Ok(channel.filter(|channel| channel.key == *key))
    }

    /// Up to `limit` things of one shard that are due, earliest first.
    ///
    /// # Errors
    /// Refused for a shard that does not exist.
    pub async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueThing>, StoreFailure> {
        const OPERATION: &str = "due.read";
        if shard >= DUE_SHARDS {
            return Err(
                StoreFailure::new(OPERATION, StoreFailureKind::Refused).because("no such shard")
            );
        }
        let range = Range {
            index: Some(DUE),
            partition: &due_shard(shard),
            sort: Some("#s <= :now"),
            filter: None,
            values: vec![(":now", text(&due_until(now)))],
            read: Read::Eventual,
            limit: usize::from(limit),
        };
        let mut things = Vec::new();
        for item in self.store.query(OPERATION, &range).await? {
            let (pk, sk) = key_of(OPERATION, &item)?;
            things.push(due_thing(&pk, &sk).ok_or_else(|| corrupt(OPERATION))?);
        }
        Ok(things)
    }
}

impl ChannelKeys for Store {
    async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        self.cross_tenant().channel_by_key(key).await
    }
}

impl Due for Store {
    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueThing>, StoreFailure> {
        self.cross_tenant().due(shard, now, limit).await
    }
}
