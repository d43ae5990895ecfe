//! Which part of a list is asked for, and where the next page of it begins.

use domain::{
    failure::{AppFailure, FieldProblem},
    principal::Principal,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 100;

/// Which part of a list that has no filters. Lists with filters say `limit` and `cursor` beside them and
/// make their [`Place`] of these.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Part {
    /// The place asked for.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn place(&self, principal: &Principal, query: &str) -> Result<Place, AppFailure> {
        Place::of(principal, query, self.limit, self.cursor.as_deref())
    }
}

/// Where in a list.
#[derive(Debug)]
pub struct Place {
    query: String,
    /// After this one.
    pub after: Option<String>,
    /// How many at most.
    pub limit: u16,
}

impl Place {
    /// The place that a limit and a cursor ask for. `query` names the list and its filters: a cursor opens
    /// only where it was given.
    ///
    /// # Errors
    /// VALIDATION for a limit out of bounds, and for a cursor of another list.
    pub fn of(
        principal: &Principal,
        query: &str,
        limit: Option<u32>,
        sealed: Option<&str>,
    ) -> Result<Self, AppFailure> {
        let limit = limited(limit)?;
        let after = sealed.map(|sealed| cursor::open(principal.tenant(), query, sealed));
        Ok(Self {
            query: query.to_owned(),
            after: after.transpose()?,
            limit,
        })
    }

    /// The cursor of the next page of the same list.
    #[must_use]
    pub fn next(&self, principal: &Principal, next: Option<String>) -> Option<String> {
        next.map(|next| cursor::seal(principal.tenant(), &self.query, &next))
    }
}

/// A limit as it was given; 20 when none was.
///
/// # Errors
/// VALIDATION outside of 1 to 100.
pub fn limited(limit: Option<u32>) -> Result<u16, AppFailure> {
    match limit.map(u16::try_from) {
        None => Ok(DEFAULT_LIMIT),
        Some(Ok(limit)) if (1..=LARGEST_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => Err(AppFailure::wrong(FieldProblem::new(
            "limit",
            "LIMIT",
            "give a limit from 1 to 100",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ids::{TenantId, UserId},
        principal::Role,
    };

    use super::*;

    fn somebody() -> Principal {
        Principal::verified(TenantId::fresh(), UserId::new("u-1"), Role::Viewer)
    }

    fn refused<T: std::fmt::Debug>(refused: Result<T, AppFailure>) -> String {
        refused.unwrap_err().fields()[0].field.clone()
    }

    /// S4.36 and hazards.md: limit 0, -1, 2^31. What is below nothing is refused with the query itself.
    #[test]
    fn a_limit_is_one_to_a_hundred() {
        for (given, limit) in [(None, 20), (Some(1), 1), (Some(100), 100)] {
            assert_eq!(limited(given).unwrap(), limit);
        }
        for given in [0, 101, 65_536, 65_537, 2_147_483_648, u32::MAX] {
            assert_eq!(refused(limited(Some(given))), "limit", "{given}");
        }
    }

    /// X37: a cursor of another list, another filter or another company is no cursor.
    #[test]
    fn the_next_page_is_asked_for_with_the_cursor_of_the_one_before() {
        let (own, other) = (somebody(), somebody());
        let part = |cursor| Part {
            limit: Some(7),
            cursor,
        };
        let first = part(None).place(&own, "parcels all").unwrap();
        assert_eq!((first.after.as_deref(), first.limit), (None, 7));
        assert_eq!(first.next(&own, None), None);

        let cursor = first.next(&own, Some("2026#x".into()));
        let second = part(cursor.clone()).place(&own, "parcels all").unwrap();
        assert_eq!((second.after.as_deref(), second.limit), (Some("2026#x"), 7));
        for (who, query) in [(&own, "parcels heavy"), (&other, "parcels all")] {
            assert_eq!(refused(part(cursor.clone()).place(who, query)), "cursor");
        }
    }

    /// The limit is told first: a page of no size has no place.
    #[test]
    fn a_limit_out_of_bounds_is_told_before_the_cursor() {
        let part = Part {
            limit: Some(0),
            cursor: Some("made up".into()),
        };
        assert_eq!(refused(part.place(&somebody(), "parcels")), "limit");
    }
}
