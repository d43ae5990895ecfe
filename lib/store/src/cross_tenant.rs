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
    schema::{DUE, LIST},
    shape::{corrupt, text},
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
        let limit = page(limit);
        let range = Range {
            index: Some(LIST),
            partition: &partition,
            sort: Some("#s > :after"),
            filter: None,
            values: vec![(":after", text(after.unwrap_or(&partition)))],
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut listed = self.store.query(OPERATION, &range).await?;
        let more = listed.len() > limit;
        listed.truncate(limit);
        let mut page = Page {
            items: Vec::with_capacity(listed.len()),
            next: None,
        };
        for entry in listed {
            let (pk, sk) = key_of(OPERATION, &entry)?;
            if let Some(item) = self.store.item(OPERATION, &pk, &sk, Read::Eventual).await? {
                page.items.push(account_owner(OPERATION, item)?);
            }
            page.next = more.then_some(pk);
        }
        Ok(page)
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
        let limit = page(limit);
        let range = Range {
            index: Some(LIST),
            partition: &partition,
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|after| (":after", text(after)))
                .into_iter()
                .collect(),
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut listed = self.store.query(OPERATION, &range).await?;
        let more = listed.len() > limit;
        listed.truncate(limit);
        let mut page = Page {
            items: Vec::with_capacity(listed.len()),
            next: None,
        };
        for entry in listed {
            let (pk, sk) = key_of(OPERATION, &entry)?;
            let id = tenant_of(&pk, &sk).ok_or_else(|| corrupt(OPERATION))?;
            page.items.extend(Directory::tenant(self.store, id).await?);
            let sort = entry.get(LIST.sort).and_then(|sort| sort.as_s().ok());
            page.next = sort.filter(|_| more).cloned();
        }
        Ok(page)
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
