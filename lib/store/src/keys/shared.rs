//! The keys that do not begin with a tenant: what leads from a webhook to its channel or subscription,
//! the platform's own app and plans, what its people look at, and the due index.

use domain::{
    billing::PaymentState,
    channel::ChannelKey,
    ids::{MessageId, PaymentId, PlanId, RequestId},
    ports::DUE_SHARDS,
    provider::ProviderKind,
};
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

/// What the platform is at PayPal.
pub(crate) fn paypal_settings() -> (String, String) {
    ("PF".to_owned(), "PAYPAL".to_owned())
}

/// The platform's account at WHAPI.
pub(crate) fn partner() -> (String, String) {
    ("PF".to_owned(), "WHAPI".to_owned())
}

/// The partition of the notices of the partner's days.
pub(crate) fn partner_notices() -> String {
    "PF#N".to_owned()
}

/// The item that says which notice has this name.
pub(crate) fn partner_notice_name(digest: &[u8; 32]) -> (String, String) {
    (format!("PN#{}", hex::encode(digest)), "PN".to_owned())
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

/// A plan. All stand in one partition: there are few, and they are read together.
pub(crate) fn plan(id: PlanId) -> (String, String) {
    (plans(), id.key())
}

/// The partition of all plans.
pub(crate) fn plans() -> String {
    "PL".to_owned()
}

/// The item that leads from a subscription at PayPal to ours.
pub(crate) fn paypal_pointer(paypal: &str) -> (String, String) {
    (format!("PP#{}", digest(&[paypal])), "PP".to_owned())
}

/// The item that says whose receipt these bytes are.
pub(crate) fn receipt(sha256: &str) -> (String, String) {
    (format!("RC#{}", digest(&[sha256])), "RC".to_owned())
}

/// The item that leads from a payment's id to its tenant.
pub(crate) fn payment_pointer(id: PaymentId) -> (String, String) {
    (format!("PY#{}", id.key()), "PY".to_owned())
}

/// A payment's place among those in its state, newest first.
pub(crate) fn payments_in(state: PaymentState, created: Timestamp, id: PaymentId) -> Place {
    Place {
        partition: all_payments_in(state),
        sort: order::newest_first_with(created, id.uuid()),
    }
}

/// The partition that lists payments in a state.
pub(crate) fn all_payments_in(state: PaymentState) -> String {
    format!("PY#{}", state.as_str())
}

/// The item that leads from a request's id to its tenant.
pub(crate) fn request_pointer(id: RequestId) -> (String, String) {
    (format!("RQ#{}", id.key()), "RQ".to_owned())
}

/// A request's place among all companies', newest first.
pub(crate) fn every_request(created: Timestamp, id: RequestId) -> Place {
    Place {
        partition: every_requests(),
        sort: order::newest_first_with(created, id.uuid()),
    }
}

/// The partition that lists the requests of all companies.
pub(crate) fn every_requests() -> String {
    "RQ".to_owned()
}

/// A place in the due index that the sweep does not look at: channels have a schedule of their own.
pub(crate) fn due_channel(at: Timestamp) -> Place {
    Place {
        partition: due_channels(),
        sort: order::oldest_first(at),
    }
}

/// The partition of the due index for channels.
pub(crate) fn due_channels() -> String {
    "DUE#C".to_owned()
}
