//! Which part of a list is asked for, and the key of a request that must not be done twice.

use axum::http::HeaderMap;
use domain::{
    billing::PaymentState,
    failure::{AppFailure, FieldProblem},
    principal::Principal,
    service::accept::IdempotencyKey,
};
use runtime::http::cursor;
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 100;

/// Which part of a list.
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

impl Part {
    /// The place asked for.
    ///
    /// # Errors
    /// VALIDATION for a limit out of bounds, and for a cursor of another list.
    pub fn place(&self, principal: &Principal, query: &str) -> Result<Place, AppFailure> {
        place(principal, query, self.limit, self.cursor.as_deref())
    }
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
            wrong("status", "UNKNOWN_VALUE", format!("use one of {known}"))
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
        Err(wrong("status", "NOT_HERE", out))
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`Part::place`].
    pub fn place(&self, principal: &Principal, query: &str) -> Result<Place, AppFailure> {
        place(principal, query, self.limit, self.cursor.as_deref())
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
    /// The cursor of the next page of the same list.
    pub fn next(&self, principal: &Principal, next: Option<String>) -> Option<String> {
        next.map(|next| cursor::seal(principal.tenant(), &self.query, &next))
    }
}

fn place(
    principal: &Principal,
    query: &str,
    limit: Option<u32>,
    sealed: Option<&str>,
) -> Result<Place, AppFailure> {
    let after = sealed.map(|sealed| cursor::open(principal.tenant(), query, sealed));
    Ok(Place {
        limit: bounded(limit)?,
        after: after.transpose()?,
        query: query.to_owned(),
    })
}

fn bounded(limit: Option<u32>) -> Result<u16, AppFailure> {
    match limit.map(u16::try_from) {
        None => Ok(DEFAULT_LIMIT),
        Some(Ok(limit)) if (1..=LARGEST_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => Err(wrong("limit", "LIMIT", "give a limit from 1 to 100")),
    }
}

/// The refusal of one field.
pub fn wrong(field: &str, code: &'static str, message: impl Into<String>) -> AppFailure {
    let problem = FieldProblem::new(field, code, message);
    let told = format!("`{}` is wrong: {}.", problem.field, problem.message);
    AppFailure::validation(told, vec![problem])
}

/// The key that names a request, if it has one.
///
/// # Errors
/// VALIDATION for a key that cannot be one.
pub fn idempotency_key(
    route: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, AppFailure> {
    let header = headers.get("idempotency-key");
    // What is no text fails the key's own check, with its sentence.
    let text = header.map(|value| value.to_str().unwrap_or_default());
    text.map(|text| IdempotencyKey::parse(route, text, body))
        .transpose()
}
