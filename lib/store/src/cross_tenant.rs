//! The lookups that cannot start from a tenant: a webhook that knows only its channel's key or what
//! its provider calls a channel or account, the platform's own app, what its people look at, the list of
//! all tenants, and the sweep over everything due. A function that uses them says so in its review.

use domain::{
    channel::{Channel, ChannelKey, PlatformApp},
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{ChannelKeys, DUE_SHARDS, Directory, Due, DueThing, Page},
    provider::ProviderKind,
    tenant::Tenant,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Store,
    channel::{account_owner, owner},
    keys::{
        self, account_pointer, accounts, all_tenants, channel_key, due_shard, due_thing, due_until,
        ref_pointer, tenant_of,
    },
    list::page,
    platform::app,
    schema::{DUE, Index, LIST},
    shape::{Item, corrupt, text},
    table::{Range, Read, key_of},
    write::{Write, Written},
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

impl<'s> CrossTenant<'s> {
    /// The table.
    pub(crate) const fn store(&self) -> &'s Store {
        self.store
    }

    /// The channel whose webhook URL has this key. Two reads, so that the channel is kept once; a
    /// key that the channel no longer has leads nowhere.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        let channel = self.led_to("channel.by_key", channel_key(key)).await?;
        Ok(channel.filter(|channel| channel.key == *key))
    }

    /// The channel that a provider calls so; likewise two reads.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn channel_by_ref(
        &self,
        provider: ProviderKind,
        provider_ref: &str,
    ) -> Result<Option<Channel>, StoreFailure> {
        let pointer = ref_pointer(provider, provider_ref);
        let channel = self.led_to("channel.by_ref", pointer).await?;
        Ok(channel.filter(|one| one.provider == provider && one.provider_ref == provider_ref))
    }

    /// The channels of a provider's account, all of the one tenant that it belongs to.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn channels_of_account(
        &self,
        provider: ProviderKind,
        account: &str,
    ) -> Result<Vec<Channel>, StoreFailure> {
        const OPERATION: &str = "channels.of_account";
        let (pk, sk) = account_pointer(provider, account);
        let Some(item) = self.store.item(OPERATION, &pk, &sk, Read::Eventual).await? else {
            return Ok(Vec::new());
        };
        let (tenant, _) = account_owner(OPERATION, item)?;
        let mut channels = self.store.tenant(tenant).channels().await?;
        channels.retain(|one| one.provider == provider && one.account.as_deref() == Some(account));
        Ok(channels)
    }

    /// Accounts of a provider with the tenants they belong to, in the order of their keys.
    ///
    /// # Errors
    /// Refused for a position that is none of this list; [`StoreFailure`] when the table does not answer.
    pub async fn accounts(
        &self,
        provider: ProviderKind,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<(TenantId, String)>, StoreFailure> {
        const OPERATION: &str = "accounts.list";
        let partition = accounts(provider);
        let listed = self
            .entries(OPERATION, LIST, &partition, after, limit)
            .await?;
        let mut items = Vec::with_capacity(listed.items.len());
        for entry in listed.items {
            let (pk, sk) = key_of(OPERATION, &entry)?;
            if let Some(item) = self.store.item(OPERATION, &pk, &sk, Read::Eventual).await? {
                items.push(account_owner(OPERATION, item)?);
            }
        }
        let next = listed.next;
        Ok(Page { items, next })
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn tenants(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Tenant>, StoreFailure> {
        const OPERATION: &str = "tenants.list";
        let partition = all_tenants();
        let listed = self
            .entries(OPERATION, LIST, &partition, after, limit)
            .await?;
        let mut items = Vec::with_capacity(listed.items.len());
        for entry in listed.items {
            let (pk, sk) = key_of(OPERATION, &entry)?;
            let id = tenant_of(&pk, &sk).ok_or_else(|| corrupt(OPERATION))?;
            items.extend(Directory::tenant(self.store, id).await?);
        }
        let next = listed.next;
        Ok(Page { items, next })
    }

    /// The platform's own app at Meta; empty when none is set up.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn platform_app(&self) -> Result<PlatformApp, StoreFailure> {
        const OPERATION: &str = "platform.read";
        let (pk, sk) = keys::platform();
        let item = self.store.item(OPERATION, &pk, &sk, Read::Eventual).await?;
        item.map_or_else(|| Ok(PlatformApp::default()), |item| app(OPERATION, item))
    }

    /// A page of the entries of one partition of an index, after a sort key; `next` is the last one's sort
    /// key.
    pub(crate) async fn entries(
        &self,
        operation: &'static str,
        index: Index,
        partition: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Item>, StoreFailure> {
        let limit = page(limit);
        let values = after.map(|after| (":after", text(after)));
        let range = Range {
            index: Some(index),
            partition,
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: values.into_iter().collect(),
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut items = self.store.query(operation, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.and_then(|item| item.get(index.sort)?.as_s().ok());
        Ok(Page {
            next: next.cloned(),
            items,
        })
    }

    /// Writes an item that belongs to no tenant.
    pub(crate) async fn write(
        &self,
        operation: &'static str,
        write: &Write,
    ) -> Result<Written, StoreFailure> {
        if write.owner.is_some() {
            return Err(StoreFailure::new(operation, StoreFailureKind::Refused)
                .because("an item of a tenant"));
        }
        // No tenant has this id, and the item is nobody's: any handle would write it.
        let nobody = TenantId::from_uuid(Uuid::nil());
        self.store.tenant(nobody).write(operation, write).await
    }

    /// The channel that an item of this key leads to.
    async fn led_to(
        &self,
        operation: &'static str,
        (pk, sk): (String, String),
    ) -> Result<Option<Channel>, StoreFailure> {
        let Some(item) = self.store.item(operation, &pk, &sk, Read::Eventual).await? else {
            return Ok(None);
        };
        let (tenant, id) = owner(operation, item)?;
        self.store.tenant(tenant).channel(id, Read::Eventual).await
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
        let keys = self
            .due_in(OPERATION, &due_shard(shard), now, limit)
            .await?;
        let things = keys.iter().map(|(pk, sk)| due_thing(pk, sk));
        let things = things.map(|thing| thing.ok_or_else(|| corrupt(OPERATION)));
        things.collect()
    }

    /// The keys of what is due in one partition of the due index, earliest first.
    pub(crate) async fn due_in(
        &self,
        operation: &'static str,
        partition: &str,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(String, String)>, StoreFailure> {
        let range = Range {
            index: Some(DUE),
            partition,
            sort: Some("#s <= :now"),
            filter: None,
            values: vec![(":now", text(&due_until(now)))],
            read: Read::Eventual,
            limit: usize::from(limit),
        };
        let listed = self.store.query(operation, &range).await?;
        listed.iter().map(|item| key_of(operation, item)).collect()
    }
}

impl ChannelKeys for Store {
    async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        self.cross_tenant().channel_by_key(key).await
    }

    async fn channel_by_ref(
        &self,
        provider: ProviderKind,
        provider_ref: &str,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.cross_tenant()
            .channel_by_ref(provider, provider_ref)
            .await
    }

    async fn channels_of_account(
        &self,
        provider: ProviderKind,
        account: &str,
    ) -> Result<Vec<Channel>, StoreFailure> {
        self.cross_tenant()
            .channels_of_account(provider, account)
            .await
    }

    async fn platform_app(&self) -> Result<PlatformApp, StoreFailure> {
        self.cross_tenant().platform_app().await
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
