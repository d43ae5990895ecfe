//! The keys that do not begin with a tenant: what leads from a webhook to its channel, the platform's
//! own app, and the due index.

use domain::{channel::ChannelKey, ids::MessageId, ports::DUE_SHARDS, provider::ProviderKind};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Place, digest, order, shard};

/// The item that leads from a webhook URL to its channel: partition and sort key.
pub(crate) fn channel_key(key: &ChannelKey) -> (String, String) {
    (format!("CK#{}", key.as_str()), "CK".to_owned())
}

/// The item that leads from what a provider calls a channel to the channel.
pub(crate) fn ref_pointer(provider: ProviderKind, provider_ref: &str) -> (String, String) {
    let hash = digest(&[provider_ref]);
    (format!("CR#{}#{hash}", provider.as_str()), "CR".to_owned())
}

/// The item that leads from a provider's account to the tenant it belongs to.
pub(crate) fn account_pointer(provider: ProviderKind, account: &str) -> (String, String) {
    let hash = digest(&[account]);
    (format!("CA#{}#{hash}", provider.as_str()), "CA".to_owned())
}

/// The partition that lists a provider's accounts; they stand in the order of their items' keys.
pub(crate) fn accounts(provider: ProviderKind) -> String {
    format!("CA#{}", provider.as_str())
}

/// The platform's own app at Meta.
pub(crate) fn platform() -> (String, String) {
    ("PF".to_owned(), "META".to_owned())
}

/// The platform's account at WHAPI.
pub(crate) fn partner() -> (String, String) {
    ("PF".to_owned(), "WHAPI".to_owned())
}

/// The partition of the notices of the partner's days.
pub(crate) fn partner_notices() -> String {
    "PF#N".to_owned()
}

/// A notice of the partner's days: the newest sort first.
pub(crate) fn partner_notice(at: Timestamp, id: Uuid) -> (String, String) {
    (partner_notices(), order::newest_first_with(at, id))
}

/// The sort key after which a page of notices begins; none when it is none of theirs.
pub(crate) fn partner_notice_position(after: &str) -> Option<&str> {
    let fits = after.len() == 48 && after.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then_some(after)
}

/// A place in the due index. Only the time is in its sort key: the index's projection holds the
/// item's own key, which names the thing.
pub(crate) fn due(at: Timestamp, id: MessageId) -> Place {
    due_of(at, id.uuid())
}

/// The same for a thing with another id.
pub(crate) fn due_of(at: Timestamp, id: Uuid) -> Place {
    Place {
        partition: due_shard(shard(id, DUE_SHARDS)),
        sort: order::oldest_first(at),
    }
}

/// One shard of the due index.
pub(crate) fn due_shard(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The last sort key of the due index that is due at this moment.
pub(crate) fn due_until(now: Timestamp) -> String {
    order::oldest_first(now)
}
