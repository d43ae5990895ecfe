//! Which payments are asked for.

use domain::{
    billing::PaymentState,
    failure::{AppFailure, FieldProblem},
    principal::Principal,
};
use runtime::http::Place;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which payments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPayments {
    /// For the platform's people: `pending` (when left out), `approved` or `rejected`, of all companies.
    #[param(example = "pending")]
    status: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same status.
    cursor: Option<String>,
}

impl WhichPayments {
    /// The state asked for by somebody who reviews payments.
    ///
    /// # Errors
    /// VALIDATION for one that nobody reviews.
    pub fn state(&self) -> Result<PaymentState, AppFailure> {
        const REVIEWED: [PaymentState; 3] = [
            PaymentState::Pending,
            PaymentState::Approved,
            PaymentState::Rejected,
        ];
        let Some(name) = &self.status else {
            return Ok(PaymentState::Pending);
        };
        let found = REVIEWED.into_iter().find(|one| one.as_str() == name);
        found.ok_or_else(|| {
            let known = REVIEWED.map(PaymentState::as_str).join(", ");
            wrong("UNKNOWN_VALUE", format!("use one of {known}"))
        })
    }

    /// Refuses a state: a company's own payments are one list.
    ///
    /// # Errors
    /// VALIDATION when there is one.
    pub fn of_one_company(&self) -> Result<(), AppFailure> {
        if self.status.is_none() {
            return Ok(());
        }
        let out = "leave it out; the list has all payments of your company";
        Err(wrong("NOT_HERE", out))
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn place(&self, principal: &Principal, query: &str) -> Result<Place, AppFailure> {
        Place::of(principal, query, self.limit, self.cursor.as_deref())
    }
}

fn wrong(code: &'static str, message: impl Into<String>) -> AppFailure {
    AppFailure::wrong(FieldProblem::new("status", code, message))
}
