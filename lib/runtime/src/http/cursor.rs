//! Cursors: positions in a list, bound to the tenant and the query they were given for.
//!
//! A cursor is no authority: the partition it is used in comes from the token, and the store refuses
//! positions of another one. The binding exists so that a cursor of another list, another filter or
//! another company is told at once instead of giving an odd page
//! (docs/decisions/0004-cursors-are-bound-not-secret.md).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    failure::{AppFailure, FieldProblem},
    ids::TenantId,
};
use sha2::{Digest, Sha256};

const LONGEST: usize = 1_024;
const MARK: usize = 9;

fn mark(tenant: TenantId, query: &str, position: &str) -> [u8; MARK] {
    let mut hash = Sha256::new();
    for part in [
        tenant.key().as_bytes(),
        query.as_bytes(),
        position.as_bytes(),
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut mark = [0; MARK];
    for (to, from) in mark.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    mark
}

/// The cursor for a position in a list.
#[must_use]
pub fn seal(tenant: TenantId, query: &str, position: &str) -> String {
    let mut bytes = mark(tenant, query, position).to_vec();
    bytes.extend_from_slice(position.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position a cursor stands for.
///
/// # Errors
/// VALIDATION for anything that was not given for this tenant and query.
pub fn open(tenant: TenantId, query: &str, cursor: &str) -> Result<String, AppFailure> {
    let opened = (cursor.len() <= LONGEST)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|bytes| {
            let (sealed, position) = bytes.split_at_checked(MARK)?;
            let position = String::from_utf8(position.to_vec()).ok()?;
            (sealed == mark(tenant, query, &position)).then_some(position)
        });
    opened.ok_or_else(|| {
        AppFailure::validation(
            "The cursor does not belong to this list.",
            vec![FieldProblem::new(
                "cursor",
                "CURSOR",
                "use the `next_cursor` of the page before, with the same filters; leave it out to begin at the start",
            )],
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        /// Whatever a caller makes up, and whatever is done to a good one: no panic, and nothing opens
        /// but what was sealed for this very list.
        #[test]
        fn only_what_was_sealed_opens(
            made_up in prop_oneof![".{0,40}", "[A-Za-z0-9_-]{0,60}"],
            position in ".{0,24}",
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let tenant = TenantId::PLATFORM;
            prop_assert!(open(tenant, "list", &made_up).is_err());
            let sealed = seal(tenant, "list", &position);
            prop_assert_eq!(open(tenant, "list", &sealed).unwrap(), position);
            let mut spoiled = sealed.clone().into_bytes();
            let place = place.index(spoiled.len());
            spoiled[place] = byte;
            let spoiled = String::from_utf8_lossy(&spoiled).into_owned();
            prop_assert!(spoiled == sealed || open(tenant, "list", &spoiled).is_err());
        }
    }

    #[test]
    fn a_cursor_opens_only_for_its_tenant_and_query() {
        let tenant = TenantId::fresh();
        let cursor = seal(tenant, "jobs", "2026#x");
        assert_eq!(open(tenant, "jobs", &cursor).unwrap(), "2026#x");
        assert!(open(TenantId::fresh(), "jobs", &cursor).is_err());
        assert!(open(tenant, "messages", &cursor).is_err());
    }

    #[test]
    fn what_was_tampered_with_is_refused() {
        let tenant = TenantId::fresh();
        let cursor = seal(tenant, "jobs", "17");
        for index in 0..cursor.len() {
            let mut other = cursor.clone().into_bytes();
            other[index] = if other[index] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            if other != cursor {
                assert!(open(tenant, "jobs", &other).is_err(), "{other}");
            }
        }
        for odd in ["", "=", "\u{e9}", &"A".repeat(5_000)] {
            assert!(open(tenant, "jobs", odd).is_err());
        }
    }
}
