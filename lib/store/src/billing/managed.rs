//! Records of channels that the platform pays for, each beside its channel.

use domain::{
    channel::{Channel, ChannelKey},
    failure::StoreFailure,
    ids::{ChannelId, TenantId, UserId},
    managed::{Extension, ExtensionState, ManagedChannel, OrderMark, Stage},
    phone::PhoneNumber,
    ports::{ManagedChannels, Saved},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::at_version;
use crate::{
    CrossTenant, Store,
    keys::{TenantKeys, due_channel, due_channels, managed_of},
    list::Part,
    schema::LIST,
    shape::{Blob, Item, Row, When, corrupt, read},
    table::{Read, TenantTable, key_of},
    write::{Write, nonce},
};

/// More channels than any tenant has ever had.
const MOST: usize = 1_000;

#[derive(Serialize, Deserialize)]
struct ManagedItem {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<PhoneNumber>,
    key: String,
    stage: Stage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<When>,
    tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider_ref: Option<String>,
    webhooks: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    till: Option<When>,
    trial: bool,
    stopped: bool,
    spent: u32,
    extensions: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extension: Option<ExtensionItem>,
    wanted: u32,
    auto_extend: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stay: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    /// What was ordered, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<Blob>,
    by: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    created: When,
    updated: When,
    /// Version.
    v: u32,
}

/// The extension under way.
#[derive(Serialize, Deserialize)]
struct ExtensionItem {
    n: u32,
    days: u32,
    comment: String,
    s: ExtensionState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<When>,
    by: UserId,
}

impl From<Extension> for ExtensionItem {
    fn from(one: Extension) -> Self {
        Self {
            n: one.n,
            days: one.days,
            comment: one.comment,
            s: one.state,
            before: one.before.map(When),
            asked: one.asked_at.map(When),
            by: one.by,
        }
    }
}

impl From<ExtensionItem> for Extension {
    fn from(item: ExtensionItem) -> Self {
        Self {
            n: item.n,
            days: item.days,
            comment: item.comment,
            state: item.s,
            before: item.before.map(|When(at)| at),
            asked_at: item.asked.map(|When(at)| at),
            by: item.by,
        }
    }
}

/// Writes the next version of a record.
pub(super) fn write(
    operation: &'static str,
    one: &ManagedChannel,
    nonce: &[u8],
) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(one.tenant);
    let next = one.next();
    let item = ManagedItem {
        name: next.name,
        phone: next.phone,
        key: next.key.as_str().to_owned(),
        stage: next.stage,
        lease: next.lease.map(When),
        tries: next.tries,
        provider_ref: next.provider_ref,
        webhooks: next.webhooks_set,
        till: next.active_till.map(When),
        trial: next.trial,
        stopped: next.stopped,
        spent: next.spent,
        extensions: next.extensions,
        extension: next.extension.map(ExtensionItem::from),
        wanted: next.wanted_days,
        auto_extend: next.auto_extend,
        stay: next.days_stay,
        problem: next.problem,
        du: next.due.map(When),
        order: next.order.map(|OrderMark(mark)| Blob(mark.to_vec())),
        by: next.created_by,
        email: next.email,
        created: When(next.created_at),
        updated: When(next.updated_at),
        v: next.version,
    };
    let due = one.due.map(due_channel);
    let row = Row::new(operation, keys.managed(one.id), &item)?
        .listed(LIST, &keys.managed_channels(one.created_at, one.id))
        .due(due.as_ref());
    Ok(at_version(row, one.version, nonce))
}

fn managed(operation: &'static str, item: Item) -> Result<ManagedChannel, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = managed_of(&pk, &sk).ok_or_else(damaged)?;
    let item: ManagedItem = read(operation, item)?;
    let order = item.order.map(|Blob(mark)| mark.try_into().map(OrderMark));
    Ok(ManagedChannel {
        id,
        tenant,
        name: item.name,
        phone: item.phone,
        key: ChannelKey::parse(&item.key).ok_or_else(damaged)?,
        stage: item.stage,
        lease: item.lease.map(|When(at)| at),
        tries: item.tries,
        provider_ref: item.provider_ref,
        webhooks_set: item.webhooks,
        active_till: item.till.map(|When(at)| at),
        trial: item.trial,
        stopped: item.stopped,
        spent: item.spent,
        extensions: item.extensions,
        extension: item.extension.map(Extension::from),
        wanted_days: item.wanted,
        auto_extend: item.auto_extend,
        days_stay: item.stay,
        problem: item.problem,
        due: item.du.map(|When(at)| at),
        order: order.transpose().map_err(|_| damaged())?,
        created_by: item.by,
        email: item.email,
        created_at: item.created.0,
        updated_at: item.updated.0,
        version: item.v,
    })
}

impl TenantTable<'_> {
    async fn managed_channels(&self) -> Result<Vec<ManagedChannel>, StoreFailure> {
        const OPERATION: &str = "managed.list";
        let all = self.keys().all_managed();
        let listed = self
            .listed(OPERATION, &all, Part::After(None), MOST)
            .await?;
        let items = self.get_listed(OPERATION, &listed).await?;
        let records = items.into_iter();
        records.map(|item| managed(OPERATION, item)).collect()
    }
}

impl CrossTenant<'_> {
    /// Up to `limit` records of channels that are due, earliest first.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not answer.
    pub async fn due_managed(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(TenantId, ChannelId)>, StoreFailure> {
        const OPERATION: &str = "managed.due";
        let keys = self.due_in(OPERATION, &due_channels(), now, limit).await?;
        let records = keys.iter().map(|(pk, sk)| managed_of(pk, sk));
        let records = records.map(|record| record.ok_or_else(|| corrupt(OPERATION)));
        records.collect()
    }
}

impl ManagedChannels for Store {
    async fn managed(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<ManagedChannel>, StoreFailure> {
        const OPERATION: &str = "managed.read";
        let table = self.tenant(tenant);
        let key = table.keys().managed(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| managed(OPERATION, item)).transpose()
    }

    async fn managed_channels(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<ManagedChannel>, StoreFailure> {
        self.tenant(tenant).managed_channels().await
    }

    async fn save_managed(&self, managed: &mut ManagedChannel) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "managed.save";
        if managed.version == 0 {
            // A new one takes a slot, so it is written with the account.
            return Ok(Saved::Stale);
        }
        let write = write(OPERATION, managed, &nonce())?;
        let table = self.tenant(managed.tenant);
        let saved = table.save_at_version(OPERATION, &write).await?;
        if saved == Saved::Done {
            *managed = managed.next();
        }
        Ok(saved)
    }

    async fn bury_channel(&self, channel: &Channel) -> Result<(), StoreFailure> {
        self.tenant(channel.tenant).bury(channel).await
    }

    async fn paid_until(
        &self,
        tenant: TenantId,
        id: ChannelId,
        until: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.tenant(tenant).paid_until(id, until).await
    }

    async fn due_managed(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<(TenantId, ChannelId)>, StoreFailure> {
        self.cross_tenant().due_managed(now, limit).await
    }
}
