//! Which part of a list is asked for.

use domain::{
    failure::{AppFailure, FieldProblem},
    message::MessageType,
    ports::TemplateFilter,
    principal::Principal,
};
use runtime::http::cursor;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::given::message_type;

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 100;

/// Which templates of one's own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnTemplates {
    /// Only those for messages of this type.
    #[param(example = "invoice")]
    message_type: Option<String>,
    /// Only those switched on, or off.
    active: Option<bool>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same filters.
    cursor: Option<String>,
}

/// Which templates of providers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProviderTemplates {
    /// `true`: only those that may be sent.
    #[serde(default)]
    approved: bool,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same filters.
    cursor: Option<String>,
}

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

impl OwnTemplates {
    /// Which of them.
    ///
    /// # Errors
    /// VALIDATION for a type that is none.
    pub fn filter(&self) -> Result<TemplateFilter, AppFailure> {
        let named = self.message_type.as_deref().map(message_type);
        Ok(TemplateFilter {
            message_type: named.transpose().map_err(refused)?,
            active: self.active,
        })
    }

    /// The place asked for.
    ///
    /// # Errors
    /// VALIDATION for a limit out of bounds, and for a cursor of another list.
    pub fn place(
        &self,
        principal: &Principal,
        filter: TemplateFilter,
    ) -> Result<Place, AppFailure> {
        let query = format!(
            "templates {} {}",
            filter.message_type.map_or("all", MessageType::as_str),
            filter.active.map_or_else(String::new, |on| on.to_string())
        );
        place(principal, &query, self.limit, self.cursor.as_deref())
    }
}

impl ProviderTemplates {
    /// Whether only those that may be sent.
    pub const fn approved(&self) -> bool {
        self.approved
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`OwnTemplates::place`].
    pub fn place(&self, principal: &Principal) -> Result<Place, AppFailure> {
        let query = format!("provider templates {}", self.approved);
        place(principal, &query, self.limit, self.cursor.as_deref())
    }
}

impl Part {
    /// The place asked for.
    ///
    /// # Errors
    /// As [`OwnTemplates::place`].
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
        Some(_) => Err(refused(FieldProblem::new(
            "limit",
            "LIMIT",
            "give a limit from 1 to 100",
        ))),
    }
}

fn refused(problem: FieldProblem) -> AppFailure {
    let message = format!("`{}` is wrong: {}.", problem.field, problem.message);
    AppFailure::validation(message, vec![problem])
}
