//! Pages of sorted lists, with positions that hold whatever is added meanwhile.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::Page,
};
use jiff::Timestamp;
use uuid::Uuid;

/// The most that one page holds.
const PAGE: u16 = 100;

/// Sorts by time falling, then by id rising.
pub(super) fn newest_first(at: Timestamp, id: Uuid) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    format!("{:016x}{}", u64::MAX - millis, id.simple())
}

/// Sorts by time rising, then by id.
pub(super) fn oldest_first(at: Timestamp, id: Uuid) -> String {
    let nanos = u128::try_from(at.as_nanosecond()).unwrap_or(0);
    format!("{nanos:018x}{}", id.simple())
}

/// Sorts the rows of a tenant by their first parts and cuts a page after a position.
pub(super) fn page<T>(
    operation: &'static str,
    tenant: TenantId,
    mut rows: Vec<(String, T)>,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<T>, StoreFailure> {
    if let Some(after) = after {
        let Some(after) = after.strip_prefix(&tenant.key()) else {
            return Err(StoreFailure::new(operation, StoreFailureKind::Refused)
                .because("not a position in a list of this tenant"));
        };
        rows.retain(|(sort, _)| sort.as_str() > after);
    }
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let limit = usize::from(limit.clamp(1, PAGE));
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    Ok(Page {
        next: last.map(|(sort, _)| format!("{}{sort}", tenant.key())),
        items: rows.into_iter().map(|(_, item)| item).collect(),
    })
}
