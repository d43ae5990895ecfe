//! Channels, kept once. What leads to one from outside of its tenant are items that only point to it.

mod book;
mod grave;
mod pointers;

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, HealthNote, Pace, SealedSecret, SecretHash},
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    phone::PhoneNumber,
    provider::ProviderKind,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::pointers::{account_owner, owner};
use crate::{
    keys::{TenantKeys, channel_of},
    list::Part,
    schema::LIST,
    shape::{Blob, Item, Row, When, corrupt, read, text, time, value},
    table::{Read, TenantTable, key_of},
    write::Write,
};

/// More channels than any tenant has.
const MOST: usize = 1_000;

#[derive(Serialize, Deserialize)]
struct ChannelItem {
    provider: ProviderKind,
    name: String,
    provider_ref: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<PhoneNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    active: bool,
    #[serde(rename = "au")]
    auth: AuthStatus,
    /// When the login was last heard of.
    #[serde(rename = "aa", default, skip_serializing_if = "Option::is_none")]
    auth_at: Option<When>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    health: Option<HealthItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_until: Option<When>,
    sealed_token: Blob,
    token_hint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_app_secret: Option<Blob>,
    key: String,
    webhook_secret: Blob,
    per_second: u16,
    sub_lanes: u8,
    created: When,
    /// Version.
    v: u32,
}

/// What the provider last said of it.
#[derive(Serialize, Deserialize)]
struct HealthItem {
    w: String,
    d: String,
    t: When,
}

impl From<&HealthNote> for HealthItem {
    fn from(note: &HealthNote) -> Self {
        Self {
            w: note.word.clone(),
            d: note.detail.clone(),
            t: When(note.at),
        }
    }
}

impl From<&Channel> for ChannelItem {
    fn from(channel: &Channel) -> Self {
        Self {
            provider: channel.provider,
            name: channel.name.clone(),
            provider_ref: channel.provider_ref.clone(),
            account: channel.account.clone(),
            phone: channel.phone.clone(),
            api: channel.api.clone(),
            active: channel.active,
            auth: channel.auth,
            auth_at: None,
            health: channel.health.as_ref().map(HealthItem::from),
            paid_until: channel.paid_until.map(When),
            sealed_token: Blob(channel.sealed_token.0.clone()),
            token_hint: channel.token_hint.clone(),
            sealed_app_secret: channel
                .sealed_app_secret
                .as_ref()
                .map(|secret| Blob(secret.0.clone())),
            key: channel.key.as_str().to_owned(),
            webhook_secret: Blob(channel.webhook_secret.0.to_vec()),
            per_second: channel.pace.per_second,
            sub_lanes: channel.pace.sub_lanes,
            created: When(channel.created_at),
            v: channel.version,
        }
    }
}

impl ChannelItem {
    fn channel(self, tenant: TenantId, id: ChannelId) -> Option<Channel> {
        Some(Channel {
            id,
            tenant,
            provider: self.provider,
            name: self.name,
            provider_ref: self.provider_ref,
            account: self.account,
            phone: self.phone,
            api: self.api,
            active: self.active,
            auth: self.auth,
            health: self.health.map(|note| HealthNote {
                word: note.w,
                detail: note.d,
                at: note.t.0,
            }),
            paid_until: self.paid_until.map(|When(at)| at),
            sealed_token: SealedSecret(self.sealed_token.0),
            token_hint: self.token_hint,
            sealed_app_secret: self
                .sealed_app_secret
                .map(|Blob(bytes)| SealedSecret(bytes)),
            key: ChannelKey::parse(&self.key)?,
            webhook_secret: SecretHash(self.webhook_secret.0.try_into().ok()?),
            pace: Pace {
                per_second: self.per_second,
                sub_lanes: self.sub_lanes,
            },
            created_at: self.created.0,
            version: self.v,
        })
    }
}

/// The item of a channel, listed among its tenant's.
fn row(operation: &'static str, channel: &Channel) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(channel.tenant);
    let item = ChannelItem::from(channel);
    Ok(Row::new(operation, keys.channel(channel.id), &item)?
        .listed(LIST, &keys.channels(channel.created_at, channel.id)))
}

/// Reads a channel from its item; none of what is left of one that was deleted.
fn channel(operation: &'static str, item: Item) -> Result<Option<Channel>, StoreFailure> {
    if grave::is_buried(&item) {
        return Ok(None);
    }
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = channel_of(&pk, &sk).ok_or_else(damaged)?;
    let item: ChannelItem = read(operation, item)?;
    item.channel(tenant, id).map(Some).ok_or_else(damaged)
}

impl TenantTable<'_> {
    pub(crate) async fn channel(
        &self,
        id: ChannelId,
        freshness: Read,
    ) -> Result<Option<Channel>, StoreFailure> {
        const OPERATION: &str = "channel.read";
        let item = self
            .item(OPERATION, &self.keys().channel(id), freshness)
            .await?;
        let known = item.map(|item| channel(OPERATION, item)).transpose()?;
        Ok(known.flatten())
    }

    pub(crate) async fn channels(&self) -> Result<Vec<Channel>, StoreFailure> {
        const OPERATION: &str = "channels.list";
        let all = self.keys().all_channels();
        let listed = self
            .listed(OPERATION, &all, Part::After(None), MOST)
            .await?;
        let items = self.get_listed(OPERATION, &listed).await?;
        items
            .into_iter()
            .filter_map(|item| channel(OPERATION, item).transpose())
            .collect()
    }

    pub(crate) async fn channel_auth(
        &self,
        id: ChannelId,
        auth: AuthStatus,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let write = Write::update(self.keys().channel(id), "SET au = :auth, aa = :at")
            .when("attribute_exists(pk) AND (attribute_not_exists(aa) OR aa < :at)")
            .value(":auth", text(auth.as_str()))
            .value(":at", time(at));
        // A condition that did not hold means that something newer is known, or that there is no
        // such channel any more: both leave nothing to do.
        self.write("channel.auth", &write).await.map(drop)
    }

    pub(crate) async fn note_health(
        &self,
        id: ChannelId,
        note: &HealthNote,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "channel.health";
        let write = Write::update(self.keys().channel(id), "SET h = :note")
            .when("attribute_exists(pk) AND (attribute_not_exists(h) OR h.t <= :at)")
            .value(":note", value(OPERATION, &HealthItem::from(note))?)
            .value(":at", time(note.at));
        // As for the login: something newer, or nothing there.
        self.write(OPERATION, &write).await.map(drop)
    }
}
