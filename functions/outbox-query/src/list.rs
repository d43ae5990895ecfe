//! Which part of a list is asked for.

use domain::{
    failure::{AppFailure, FieldProblem},
    message::Status,
};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 100;

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct List {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same filters.
    pub cursor: Option<String>,
    /// Only messages that show this status.
    #[param(example = "failed")]
    pub status: Option<String>,
}

impl List {
    /// How many at most.
    ///
    /// # Errors
    /// VALIDATION outside of 1 to 100.
    pub fn limit(&self) -> Result<u16, AppFailure> {
        limited(self.limit)
    }

    /// The status asked for.
    ///
    /// # Errors
    /// VALIDATION for a name that is no status.
    pub fn status(&self) -> Result<Option<Status>, AppFailure> {
        let Some(name) = &self.status else {
            return Ok(None);
        };
        let known = Status::ALL.map(Status::as_str).join(", ");
        Status::parse(name)
            .map(Some)
            .ok_or_else(|| wrong("status", "UNKNOWN_VALUE", &format!("use one of {known}")))
    }
}

/// A limit as it was given.
///
/// # Errors
/// VALIDATION outside of 1 to 100.
pub fn limited(limit: Option<u32>) -> Result<u16, AppFailure> {
    match limit.map(u16::try_from) {
        None => Ok(DEFAULT_LIMIT),
        Some(Ok(limit)) if (1..=LARGEST_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => Err(wrong("limit", "LIMIT", "give a limit from 1 to 100")),
    }
}

/// The refusal of one parameter.
pub fn wrong(field: &str, code: &'static str, message: &str) -> AppFailure {
    AppFailure::validation(
        format!("`{field}` is wrong: {message}."),
        vec![FieldProblem::new(field, code, message)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// hazards.md: limit 0, -1, 2^31.
    #[test]
    fn a_limit_is_one_to_a_hundred() {
        let list = |limit| List {
            limit,
            cursor: None,
            status: None,
        };
        assert_eq!(list(None).limit().unwrap(), 20);
        assert_eq!(list(Some(100)).limit().unwrap(), 100);
        for limit in [0, 101, 65_536, 2_147_483_648] {
            assert_eq!(
                list(Some(limit)).limit().unwrap_err().fields()[0].field,
                "limit"
            );
        }
    }
}
