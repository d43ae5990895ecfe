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
    keys::{account_pointer, accounts, channel_key, ref_pointer},
    schema::LIST,
    shape::{Id, Item, id, read, text},
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
    /// What the provider calls the account; the key holds a hash.
    a: String,
    /// The channel that was last made for it; items from before channels were deleted have none.
    #[serde(default)]
    c: Option<Id>,
}

/// Reads which channel an item leads to.
pub(crate) fn owner(
    operation: &'static str,
    item: Item,
) -> Result<(TenantId, ChannelId), StoreFailure> {
    let ChannelPointer { t, c } = read(operation, item)?;
    Ok((TenantId::from_uuid(t.0), ChannelId::from_uuid(c.0)))
}

/// Reads which tenant an account belongs to, and what its provider calls it.
pub(crate) fn account_owner(
    operation: &'static str,
    item: Item,
) -> Result<(TenantId, String), StoreFailure> {
    let TenantPointer { t, a, .. } = read(operation, item)?;
    Ok((TenantId::from_uuid(t.0), a))
}

/// Reads for which channel an account was last written.
pub(super) fn last_of_account(
    operation: &'static str,
    item: Item,
) -> Result<Option<ChannelId>, StoreFailure> {
    let TenantPointer { c, .. } = read(operation, item)?;
    Ok(c.map(|Id(uuid)| ChannelId::from_uuid(uuid)))
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
    let key = account_pointer(channel.provider, account);
    let item = Item::from([
        ("t".into(), id(channel.tenant.uuid())),
        ("a".into(), text(account)),
        ("c".into(), id(channel.id.uuid())),
        (LIST.partition.into(), text(&accounts(channel.provider))),
        (LIST.sort.into(), text(&key.0)),
    ]);
    Write::put_shared(key, item)
}

/// The same, unless the account belongs to another tenant.
pub(super) fn own_account(channel: &Channel, name: &str) -> Write {
    account(channel, name)
        .when("attribute_not_exists(pk) OR t = :t")
        .value(":t", id(channel.tenant.uuid()))
}

/// The key of its webhook URL leads to a channel no longer.
pub(super) fn gone_key(channel: &Channel) -> Write {
    from_channel(channel_key(&channel.key), channel)
}

/// What its provider calls it leads to a channel no longer.
pub(super) fn gone_ref(channel: &Channel) -> Write {
    from_channel(
        ref_pointer(channel.provider, &channel.provider_ref),
        channel,
    )
}

fn from_channel(key: (String, String), channel: &Channel) -> Write {
    Write::delete_shared(key)
        .when("t = :t AND c = :c")
        .value(":t", id(channel.tenant.uuid()))
        .value(":c", id(channel.id.uuid()))
}

/// The account of its provider belongs to nobody any more, unless it was written for a channel since.
pub(super) fn gone_account(channel: &Channel, account: &str, last: Option<ChannelId>) -> Write {
    let write = Write::delete_shared(account_pointer(channel.provider, account))
        .value(":t", id(channel.tenant.uuid()));
    match last {
        Some(last) => write.when("t = :t AND c = :c").value(":c", id(last.uuid())),
        None => write.when("t = :t AND attribute_not_exists(c)"),
    }
}
