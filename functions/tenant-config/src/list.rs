//! Which templates are asked for.

use domain::{
    failure::AppFailure, message::MessageType, ports::TemplateFilter, principal::Principal,
};
use runtime::http::Place;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::given::message_type;

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

impl OwnTemplates {
    /// Which of them.
    ///
    /// # Errors
    /// VALIDATION for a type that is none.
    pub fn filter(&self) -> Result<TemplateFilter, AppFailure> {
        let named = self.message_type.as_deref().map(message_type);
        Ok(TemplateFilter {
            message_type: named.transpose().map_err(AppFailure::wrong)?,
            active: self.active,
        })
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`Place::of`].
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
        Place::of(principal, &query, self.limit, self.cursor.as_deref())
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
    /// As [`Place::of`].
    pub fn place(&self, principal: &Principal) -> Result<Place, AppFailure> {
        let query = format!("provider templates {}", self.approved);
        Place::of(principal, &query, self.limit, self.cursor.as_deref())
    }
}
