//! The logs a manager may read: who did what, and what webhooks came to.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use domain::{
    ports::AuditLine,
    principal::Action,
    service::logbook,
    webhook::{JournalBody, JournalEntry},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success, cursor, limited,
        openapi::{Enveloped, Refuses, asks},
    },
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::{handler::opened, list::wrong};

/// Which lines of the audit log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only what happened at or before this time; now when left out.
    #[param(format = DateTime)]
    until: Option<String>,
}

/// Which webhooks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebhookQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same day.
    cursor: Option<String>,
    /// The UTC day they came; today when left out.
    #[param(format = Date)]
    day: Option<String>,
}

/// One line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditShown {
    id: String,
    /// Who, as the identity provider names them; `waypost` is Waypost itself.
    user: String,
    /// What kind of thing: `messages`, `conversations`, `contacts`, `channels`.
    entity_type: String,
    /// What was done: `mark_read`.
    action: String,
    /// To which of them.
    entity: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What it was before, as far as it changed.
    before: BTreeMap<String, String>,
    /// What it was afterwards, as far as it changed.
    after: BTreeMap<String, String>,
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    items: Vec<AuditShown>,
    next_cursor: Option<String>,
}

/// One webhook of the journal, without its content.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookShown {
    id: String,
    channel_id: String,
    #[schema(value_type = String, format = DateTime)]
    arrived_at: Timestamp,
    /// What became of each item, in order: `applied`, `duplicate`, `parked`, `ignored:…`,
    /// `unreadable:…`, `failed`.
    verdicts: Vec<String>,
    /// How often applying was tried.
    tries: u16,
    /// When an item that could not be applied is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    retry_at: Option<Timestamp>,
    /// Its size; large bodies are kept as files and show none.
    bytes: Option<usize>,
}

/// A page of webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookPage {
    items: Vec<WebhookShown>,
    next_cursor: Option<String>,
}

impl From<AuditLine> for AuditShown {
    fn from(line: AuditLine) -> Self {
        Self {
            id: line.id,
            user: line.user.as_str().to_owned(),
            entity_type: line.entity_type,
            action: line.action,
            entity: line.entity,
            at: line.at,
            before: line.before,
            after: line.after,
        }
    }
}

impl From<JournalEntry> for WebhookShown {
    fn from(entry: JournalEntry) -> Self {
        Self {
            id: entry.key.id.to_string(),
            channel_id: entry.channel.to_string(),
            arrived_at: entry.key.arrived_at,
            verdicts: entry.verdicts,
            tries: entry.tries,
            retry_at: entry.retry_at,
            bytes: match &entry.body {
                JournalBody::Here(bytes) => Some(bytes.len()),
                JournalBody::File(_) => None,
            },
        }
    }
}

/// Lists who did what, newest first.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "listAudit",
    tag = "Logs",
    params(AuditQuery),
    responses(
        (status = 200, body = Enveloped<AuditPage>, description = "A page of the audit log"),
        Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadAudit)))),
)]
pub async fn audit(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<AuditQuery>,
) -> Outcome<AuditPage> {
    let principal = caller.may(Action::ReadAudit)?;
    let limit = limited(query.limit)?;
    let until = match query.until.as_deref().map(str::parse::<Timestamp>) {
        None => Timestamp::now(),
        Some(Ok(until)) => until,
        Some(Err(_)) => {
            return Err(wrong(
                "until",
                "TIME",
                "use an RFC 3339 time, for example 2026-11-20T09:00:00Z",
            )
            .into());
        }
    };
    let list = format!("audit {}", query.until.as_deref().unwrap_or("now"));
    let after = opened(&principal, &list, query.cursor.as_deref())?;
    let page = logbook::audit(&*store, &principal, until, after.as_deref(), limit).await?;
    Ok(Success::ok(AuditPage {
        items: page.items.into_iter().map(AuditShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), &list, &next)),
    }))
}

/// Lists the webhooks of a day, in the order they came, with what became of them.
#[utoipa::path(
    get,
    path = "/v1/webhook-log",
    operation_id = "listWebhooks",
    tag = "Logs",
    params(WebhookQuery),
    responses(
        (status = 200, body = Enveloped<WebhookPage>, description = "A page of webhooks"),
        Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadAudit)))),
)]
pub async fn webhooks(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<WebhookQuery>,
) -> Outcome<WebhookPage> {
    let principal = caller.may(Action::ReadAudit)?;
    let limit = limited(query.limit)?;
    let day = match query.day.as_deref().map(str::parse::<Date>) {
        None => Timestamp::now().to_zoned(TimeZone::UTC).date(),
        Some(Ok(day)) => day,
        Some(Err(_)) => {
            return Err(wrong("day", "DATE", "write the day as 2026-11-20").into());
        }
    };
    let list = format!("webhooks {day}");
    let after = opened(&principal, &list, query.cursor.as_deref())?;
    let page = logbook::webhooks(&*store, &principal, day, after.as_deref(), limit).await?;
    Ok(Success::ok(WebhookPage {
        items: page.items.into_iter().map(WebhookShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), &list, &next)),
    }))
}
