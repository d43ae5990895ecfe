//! Which conversations and contacts are asked for.

use domain::{
    failure::{AppFailure, FieldProblem},
    ids::ChannelId,
    principal::Principal,
    service::inbox::Wanted,
};
use runtime::http::Place;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Longest search: nobody's name or number is longer.
const LONGEST_SEARCH: usize = 128;

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Conversations {
    /// Only of this channel.
    #[param(format = Uuid)]
    account_id: Option<String>,
    /// Those at work, or those put away; `active` when left out.
    #[param(inline)]
    status: Option<ConversationStatus>,
    /// Only with people whose name has words that begin like this, or whose number does.
    #[param(max_length = 128, example = "amal")]
    search: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same filters.
    cursor: Option<String>,
}

/// Whether a conversation is at work or put away.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// At work.
    Active,
    /// Put away.
    Archived,
}

impl ConversationStatus {
    /// Whether it is put away.
    pub const fn is_archived(self) -> bool {
        matches!(self, Self::Archived)
    }
}

impl Conversations {
    /// Which of them.
    ///
    /// # Errors
    /// VALIDATION for an account that is no id, and for a search nobody would type.
    pub fn wanted(&self) -> Result<Wanted, AppFailure> {
        let account = self.account_id.as_deref().map(ChannelId::parse).transpose();
        Ok(Wanted {
            account: account.map_err(|bad| wrong("account_id", "FORMAT", bad.to_string()))?,
            archived: self.status.is_some_and(ConversationStatus::is_archived),
            search: search(self.search.as_deref())?,
        })
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn place(&self, principal: &Principal, wanted: &Wanted) -> Result<Place, AppFailure> {
        let account = wanted.account.map(|id| id.key());
        let query = format!(
            "conversations {} {} {}",
            account.as_deref().unwrap_or("all"),
            wanted.archived,
            wanted.search.as_deref().unwrap_or_default()
        );
        Place::of(principal, &query, self.limit, self.cursor.as_deref())
    }
}

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Contacts {
    /// Only those whose name has words that begin like this, or whose number does.
    #[param(max_length = 128, example = "+9733300")]
    search: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same search.
    cursor: Option<String>,
}

impl Contacts {
    /// What was typed, if anything.
    ///
    /// # Errors
    /// VALIDATION for what nobody would type.
    pub fn search(&self) -> Result<Option<String>, AppFailure> {
        search(self.search.as_deref())
    }

    /// The place asked for.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn place(&self, principal: &Principal, search: Option<&str>) -> Result<Place, AppFailure> {
        let query = format!("contacts {}", search.unwrap_or_default());
        Place::of(principal, &query, self.limit, self.cursor.as_deref())
    }
}

fn search(typed: Option<&str>) -> Result<Option<String>, AppFailure> {
    let typed = typed.map(str::trim).filter(|text| !text.is_empty());
    if typed.is_some_and(|text| text.chars().count() > LONGEST_SEARCH) {
        let message = format!("shorten it to {LONGEST_SEARCH} characters");
        return Err(wrong("search", "TOO_LONG", message));
    }
    Ok(typed.map(str::to_owned))
}

fn wrong(field: &str, code: &'static str, message: String) -> AppFailure {
    AppFailure::wrong(FieldProblem::new(field, code, message))
}
