//! Tenants: settings and plan in one item, so that accepting a message reads both at once.

mod settings;

use domain::{
    channel::{AuthStatus, Channel, HealthNote},
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    ports::Directory,
    tenant::{PlanLimits, Tenant},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::settings::SettingsItem;
use crate::{
    Store,
    keys::TenantKeys,
    schema::LIST,
    shape::{Id, Item, Row, When, id, read, value},
    table::Read,
    update::Update,
    write::Write,
};

#[derive(Debug, Serialize, Deserialize)]
struct TenantItem {
    name: String,
    active: bool,
    settings: SettingsItem,
    /// Version of the settings.
    sv: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_channel: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<PlanItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PlanItem {
    name: String,
    daily_messages: u32,
    bulk_per_cycle: u32,
    #[serde(default)]
    channels: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<When>,
}

impl From<&PlanLimits> for PlanItem {
    fn from(plan: &PlanLimits) -> Self {
        Self {
            name: plan.name.clone(),
            daily_messages: plan.daily_messages,
            bulk_per_cycle: plan.bulk_per_cycle,
            channels: plan.channels,
            from: plan.from.map(When),
            until: plan.until.map(When),
        }
    }
}

impl From<&Tenant> for TenantItem {
    fn from(tenant: &Tenant) -> Self {
        Self {
            name: tenant.name.clone(),
            active: tenant.active,
            settings: SettingsItem::from(&tenant.settings),
            sv: tenant.settings.version,
            default_channel: tenant.settings.default_channel.map(|id| Id(id.uuid())),
            plan: tenant.plan.as_ref().map(PlanItem::from),
        }
    }
}

impl TenantItem {
    fn tenant(self, id: TenantId) -> Tenant {
        Tenant {
            id,
            name: self.name,
            active: self.active,
            settings: self.settings.settings(
                self.default_channel
                    .map(|Id(uuid)| ChannelId::from_uuid(uuid)),
                self.sv,
            ),
            plan: self.plan.map(|plan| PlanLimits {
                name: plan.name,
                daily_messages: plan.daily_messages,
                bulk_per_cycle: plan.bulk_per_cycle,
                channels: plan.channels,
                from: plan.from.map(|When(at)| at),
                until: plan.until.map(|When(at)| at),
            }),
        }
    }
}

/// Makes a channel the one that is used when a request names none.
pub(crate) fn default_channel(tenant: TenantId, channel: ChannelId) -> Write {
    let mut update = Update::of(TenantKeys::new(tenant).tenant());
    update.when("attribute_exists(pk)");
    update.set("default_channel", id(channel.uuid()));
    update.write()
}

/// What a tenant may do from now on.
pub(crate) fn plan(
    operation: &'static str,
    tenant: TenantId,
    limits: &PlanLimits,
) -> Result<Write, StoreFailure> {
    let mut update = Update::of(TenantKeys::new(tenant).tenant());
    update.when("attribute_exists(pk)");
    update.set("plan", value(operation, &PlanItem::from(limits))?);
    Ok(update.write())
}

/// A tenant's item, in the list of all.
pub(crate) fn row(operation: &'static str, tenant: &Tenant) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(tenant.id);
    let row = Row::new(operation, keys.tenant(), &TenantItem::from(tenant))?;
    Ok(row.listed(LIST, &keys.tenants(&tenant.name)))
}

/// Whether the tenant of this item may use Waypost at all.
pub(crate) fn is_active(operation: &'static str, item: Item) -> Result<bool, StoreFailure> {
    #[derive(Deserialize)]
    struct Switch {
        active: bool,
    }
    read(operation, item).map(|Switch { active }| active)
}

impl Store {
    /// Writes a tenant's settings and plan, whatever was there.
    ///
    /// # Errors
    /// [`StoreFailure`] when the table does not take it.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreFailure> {
        const OPERATION: &str = "tenant.put";
        let write = Write::put(row(OPERATION, tenant)?);
        self.tenant(tenant.id)
            .write(OPERATION, &write)
            .await
            .map(drop)
    }
}

impl Directory for Store {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreFailure> {
        let table = self.tenant(id);
        let item: Option<TenantItem> = table
            .get("tenant.read", &table.keys().tenant(), Read::Eventual)
            .await?;
        Ok(item.map(|item| item.tenant(id)))
    }

    async fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.tenant(tenant).channel(id, Read::Eventual).await
    }

    async fn channels(&self, tenant: TenantId) -> Result<Vec<Channel>, StoreFailure> {
        self.tenant(tenant).channels().await
    }

    async fn note_health(
        &self,
        tenant: TenantId,
        id: ChannelId,
        note: &HealthNote,
    ) -> Result<(), StoreFailure> {
        self.tenant(tenant).note_health(id, note).await
    }

    async fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.tenant(tenant).channel_auth(id, auth, at).await
    }
}
