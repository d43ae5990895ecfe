//! What leads from a webhook to a channel: its URL's key and what its provider calls it lead to the
//! channel, its provider's account to the tenant. Whoever follows one looks whether the channel still
//! is what led there.

use domain::{
    channel::Channel,
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
};
use serde::Deserialize;

use crate::{
    keys::{account_pointer, channel_key, ref_pointer},
    shape::{Id, Item, id, read},
    write::Write,
};

#[derive(Deserialize)]
struct ChannelPointer {
    t: Id,
    c: Id,
}

#[derive(Deserialize)]
struct TenantPointer {
    t: Id,
}

/// Reads which channel an item leads to.
pub(crate) fn owner(
    operation: &'static str,
    item: Item,
) -> Result<(TenantId, ChannelId), StoreFailure> {
    let ChannelPointer { t, c } = read(operation, item)?;
    Ok((TenantId::from_uuid(t.0), ChannelId::from_uuid(c.0)))
}

/// Reads which tenant an account belongs to.
pub(crate) fn account_owner(operation: &'static str, item: Item) -> Result<TenantId, StoreFailure> {
    let TenantPointer { t } = read(operation, item)?;
    Ok(TenantId::from_uuid(t.0))
}

fn to_channel(key: (String, String), channel: &Channel) -> Write {
    let item = Item::from([
        ("t".into(), id(channel.tenant.uuid())),
        ("c".into(), id(channel.id.uuid())),
    ]);
    Write::put_shared(key, item)
}

/// The key of its webhook URL leads to a channel, unless it leads to another.
pub(super) fn key(channel: &Channel) -> Write {
    to_channel(channel_key(&channel.key), channel)
        .when("attribute_not_exists(pk) OR (t = :t AND c = :c)")
        .value(":t", id(channel.tenant.uuid()))
        .value(":c", id(channel.id.uuid()))
}

/// What its provider calls it leads to a channel.
pub(super) fn provider_ref(channel: &Channel) -> Write {
    let key = ref_pointer(channel.provider, &channel.provider_ref);
    to_channel(key, channel)
}

/// The account of its provider leads to its tenant.
pub(super) fn account(channel: &Channel, account: &str) -> Write {
    let item = Item::from([("t".into(), id(channel.tenant.uuid()))]);
    Write::put_shared(account_pointer(channel.provider, account), item)
}

/// The same, unless the account belongs to another tenant.
pub(super) fn own_account(channel: &Channel, name: &str) -> Write {
    account(channel, name)
        .when("attribute_not_exists(pk) OR t = :t")
        .value(":t", id(channel.tenant.uuid()))
}
