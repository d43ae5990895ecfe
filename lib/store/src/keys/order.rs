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

/// Reads the time of an audit line's sort key.
pub(crate) fn audit_time(sort: &str) -> Option<Timestamp> {
    let inverted = u64::from_str_radix(sort.get(..16)?, 16).ok()?;
    let millis = i64::try_from(u64::MAX - inverted).ok()?;
    Timestamp::from_millisecond(millis).ok()
}

/// What the sort keys of a list look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// [`newest_first_with`]: threads, conversations, jobs.
    Newest,
    /// A number and an id: contacts.
    Number,
    /// An exact time and an id: the journal.
    Journal,
    /// An inverted time and an id: the audit log.
    Audit,
    /// A name as hexadecimal digits, and an id or a hash: templates.
    Name,
    /// An inverted version.
    Version,
}

/// The longest number, or name in place of one, of a [`Form::Number`].
const NUMBER: usize = 257;

/// The longest name of a [`Form::Name`], in hexadecimal digits: an index's sort key has 1,024 bytes, and
/// the cursor that holds it as many characters.
const LONGEST: usize = 640;

/// A name as it stands in a list's sort key: in the order of its characters, whatever it holds.
pub(super) fn name(name: &str) -> String {
    let mut digits = hex::encode(name);
    digits.truncate(LONGEST);
    digits
}

impl Form {
    fn fits(self, sort: &str) -> bool {
        let timed = |width| {
            sort.split_once('#')
                .is_some_and(|(time, id)| is_hex(time, width) && is_hex(id, 32))
        };
        match self {
            Self::Name => sort.split_once('#').is_some_and(|(name, id)| {
                name.len() <= LONGEST && is_hex(name, name.len()) && is_hex(id, 32)
            }),
            Self::Version => sort
                .strip_prefix("V#")
                .is_some_and(|version| is_hex(version, 8)),
            Self::Newest => is_hex(sort, 48),
            Self::Journal => timed(18),
            Self::Audit => timed(16),
            Self::Number => sort.split_once('#').is_some_and(|(number, id)| {
                let number = number.strip_prefix('~').unwrap_or(number);
                number.len() < NUMBER && is_hex(number, number.len()) && is_hex(id, 32)
            }),
        }
    }
}

fn is_hex(text: &str, width: usize) -> bool {
    let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    text.len() == width && text.bytes().all(hex)
}

/// A position in a list of one tenant: the tenant and the sort key of the last item. It is sealed
/// before it leaves the house; the check here is the second lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'p>(&'p str);

impl<'p> Position<'p> {
    /// Reads a position in a list of this form and tenant.
    ///
    /// # Errors
    /// Refused when it is malformed or another tenant's.
    pub(crate) fn read(
        operation: &'static str,
        tenant: TenantId,
        form: Form,
        text: &'p str,
    ) -> Result<Self, StoreFailure> {
        text.strip_prefix(&tenant.key())
            .filter(|sort| form.fits(sort))
            .map(Self)
            .ok_or_else(|| {
                StoreFailure::new(operation, StoreFailureKind::Refused)
                    .because("not a position in a list of this tenant")
            })
    }

    /// The sort key of the last item.
    pub(crate) const fn sort(&self) -> &'p str {
        self.0
    }

    /// Writes a position.
    pub(crate) fn write(tenant: TenantId, sort: &str) -> String {
        format!("{}{sort}", tenant.key())
    }
}
