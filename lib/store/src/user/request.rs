//! Idempotency keys of invitations: which request each came with. TTL deletes late, so the expiry is a
//! condition.

use domain::{failure::StoreFailure, ports::InvitationKey, user::User};
use serde::{Deserialize, Serialize};

use crate::{
    keys::TenantKeys,
    shape::{Item, Row, When, read, time},
    write::Write,
};

#[derive(Serialize, Deserialize)]
struct KeyItem {
    request: String,
    exp: When,
    ttl: i64,
}

/// Keeps a key, if nobody holds it or the holder's time was over when the invitation began.
pub(super) fn claim(
    operation: &'static str,
    invited: &User,
    key: &InvitationKey,
) -> Result<Write, StoreFailure> {
    let item = KeyItem {
        request: key.request.clone(),
        exp: When(key.expires_at),
        ttl: key.expires_at.as_second(),
    };
    let place = TenantKeys::new(invited.tenant).idempotency(&key.key);
    Ok(Write::put(Row::new(operation, place, &item)?)
        .when("attribute_not_exists(pk) OR exp <= :now")
        .value(":now", time(invited.invited_at)))
}

/// Whether what is kept came with the same request.
pub(super) fn is_same(
    operation: &'static str,
    kept: Item,
    key: &InvitationKey,
) -> Result<bool, StoreFailure> {
    Ok(read::<KeyItem>(operation, kept)?.request == key.request)
}
