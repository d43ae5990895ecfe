//! Which part of a list is asked for.

use domain::{
    failure::{AppFailure, FieldProblem},
    message::Status,
};
use runtime::http::limited;
use serde::Deserialize;
use utoipa::IntoParams;

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

/// The refusal of one parameter.
pub fn wrong(field: &str, code: &'static str, message: &str) -> AppFailure {
    AppFailure::wrong(FieldProblem::new(field, code, message))
}
