//! Channels, and the item that leads from a webhook URL to one. The channel itself is kept once:
//! the key item only points to it.

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SealedSecret, SecretHash},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    provider::ProviderKind,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::channel_key,
    shape::{Blob, Id, Item, Row, When, corrupt, id, read, text, time},
    table::{Read, TenantTable},
    write::{Transacted, Write},
};

#[derive(Serialize, Deserialize)]
struct ChannelItem {
    provider: ProviderKind,
    name: String,
    provider_ref: String,
    #[serde(rename = "au")]
    auth: AuthStatus,
    /// When the login was last heard of.
    #[serde(rename = "aa", default, skip_serializing_if = "Option::is_none")]
    auth_at: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_until: Option<When>,
    sealed_token: Blob,
    key: String,
    webhook_secret: Blob,
    per_second: u16,
    sub_lanes: u8,
}

/// Where a channel key leads to.
#[derive(Debug, Serialize, Deserialize)]
struct ChannelKeyItem {
    t: Id,
    c: Id,
}

impl From<&Channel> for ChannelItem {
    fn from(channel: &Channel) -> Self {
        Self {
            provider: channel.provider,
            name: channel.name.clone(),
            provider_ref: channel.provider_ref.clone(),
            auth: channel.auth,
            auth_at: None,
            paid_until: channel.paid_until.map(When),
            sealed_token: Blob(channel.sealed_token.0.clone()),
            key: channel.key.as_str().to_owned(),
            webhook_secret: Blob(channel.webhook_secret.0.to_vec()),
            per_second: channel.pace.per_second,
            sub_lanes: channel.pace.sub_lanes,
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
            auth: self.auth,
            paid_until: self.paid_until.map(|When(at)| at),
            sealed_token: SealedSecret(self.sealed_token.0),
            key: ChannelKey::parse(&self.key)?,
            webhook_secret: SecretHash(self.webhook_secret.0.try_into().ok()?),
            pace: Pace {
                per_second: self.per_second,
                sub_lanes: self.sub_lanes,
            },
        })
    }
}

/// Reads where a channel key leads to.
pub(crate) fn owner(
    operation: &'static str,
    item: Item,
) -> Result<(TenantId, ChannelId), StoreFailure> {
    let ChannelKeyItem { t, c } = read(operation, item)?;
    Ok((TenantId::from_uuid(t.0), ChannelId::from_uuid(c.0)))
}

impl TenantTable<'_> {
    pub(crate) async fn channel(
        &self,
        id: ChannelId,
        freshness: Read,
    ) -> Result<Option<Channel>, StoreFailure> {
        const OPERATION: &str = "channel.read";
        let item: Option<ChannelItem> = self
            .get(OPERATION, &self.keys().channel(id), freshness)
            .await?;
        item.map(|item| {
            item.channel(self.id(), id)
                .ok_or_else(|| corrupt(OPERATION))
        })
        .transpose()
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
}

impl Store {
    /// Writes a channel and its webhook key, whatever was there.
    ///
    /// # Errors
    /// Conflict when another channel has this webhook key.
    pub async fn put_channel(&self, channel: &Channel) -> Result<(), StoreFailure> {
        const OPERATION: &str = "channel.put";
        let table = self.tenant(channel.tenant);
        let row = Row::new(
            OPERATION,
            table.keys().channel(channel.id),
            &ChannelItem::from(channel),
        )?;
        let (t, c) = (id(channel.tenant.uuid()), id(channel.id.uuid()));
        let key = Write::put_shared(
            channel_key(&channel.key),
            Item::from([("t".into(), t.clone()), ("c".into(), c.clone())]),
        )
        .when("attribute_not_exists(pk) OR (t = :t AND c = :c)")
        .value(":t", t)
        .value(":c", c);
        match table.transact(OPERATION, &[Write::put(row), key]).await? {
            Transacted::Applied => Ok(()),
            Transacted::Held(_) => Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict)
                .because("another channel has this webhook key")),
        }
    }
}
