//! Times as fixed-width text that sorts the way a list wants it, and positions in such lists.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
};
use jiff::Timestamp;
use uuid::Uuid;

/// Milliseconds since 1970; what came before counts as its beginning.
fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

/// Sixteen hexadecimal digits; later times sort first.
pub(crate) fn newest_first(at: Timestamp) -> String {
    format!("{:016x}", u64::MAX - millis(at))
}

/// The same with an id: time falling, then id rising.
pub(super) fn newest_first_with(at: Timestamp, id: Uuid) -> String {
    format!("{}{}", newest_first(at), id.simple())
}

/// Twelve hexadecimal digits of milliseconds; earlier times sort first. Enough until the year 10889.
pub(super) fn oldest_first(at: Timestamp) -> String {
    format!("{:012x}", millis(at))
}

/// Eighteen hexadecimal digits of nanoseconds: sorts, and reads back exactly.
pub(super) fn exact(at: Timestamp) -> String {
    let nanos = u128::try_from(at.as_nanosecond()).unwrap_or(0);
    format!("{nanos:018x}")
}

/// Reads [`exact`].
pub(super) fn read_exact(text: &str) -> Option<Timestamp> {
    if text.len() != 18 {
        return None;
    }
    let nanos = i128::from_str_radix(text, 16).ok()?;
    Timestamp::from_nanosecond(nanos).ok()
}

/// A position in a list of one tenant: the tenant and the sort key of the last item. It is sealed
/// before it leaves the house; the check here is the second lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'p>(&'p str);

const TENANT: usize = 32;
const SORT: usize = 48;

impl<'p> Position<'p> {
    /// Reads a position of this tenant.
    ///
    /// # Errors
    /// Refused when it is malformed or another tenant's.
    pub(crate) fn read(
        operation: &'static str,
        tenant: TenantId,
        text: &'p str,
    ) -> Result<Self, StoreFailure> {
        let refused = || {
            StoreFailure::new(operation, StoreFailureKind::Refused)
                .because("not a position in a list of this tenant")
        };
        let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if text.len() != TENANT + SORT || !text.bytes().all(hex) {
            return Err(refused());
        }
        let sort = text.strip_prefix(&tenant.key()).ok_or_else(refused)?;
        Ok(Self(sort))
    }

    /// The sort key of the last item.
    pub(crate) const fn sort(&self) -> &str {
        self.0
    }

    /// Writes a position.
    pub(crate) fn write(tenant: TenantId, sort: &str) -> String {
        format!("{}{sort}", tenant.key())
    }
}
