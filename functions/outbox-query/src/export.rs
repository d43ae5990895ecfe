//! `GET /v1/messages.csv`: the log as a file.

use axum::extract::State;
use domain::{
    principal::Action,
    service::export::{Exported, Part},
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success, cursor,
        openapi::{Enveloped, Refuses, asks},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    list::wrong,
    log::{Asked, LogQuery},
};

/// A part of an export.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedPart {
    /// A CSV in UTF-8, to be downloaded within a few minutes.
    url: String,
    expires_in_seconds: u64,
    /// How many messages it holds.
    rows: usize,
    /// Whether there are more than one part holds: ask again with `next_cursor` for the next.
    truncated: bool,
    /// Where the next part begins; `null` on the last.
    next_cursor: Option<String>,
}

/// Exports the log as a CSV.
///
/// The same filters and sorts as those of `GET /v1/messages`, and the columns of the log viewer. A part
/// holds at most 5,000 messages; `truncated` says that there are more, and `next_cursor` asks for them.
/// Times are those of your company's zone.
#[utoipa::path(
    get,
    path = "/v1/messages.csv",
    operation_id = "exportMessages",
    tag = "Messages",
    params(LogQuery),
    responses(
        (status = 200, body = Enveloped<ExportedPart>, description = "A link to the file, and whether there is more"),
        Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn messages_csv(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(query): Query<LogQuery>,
) -> Outcome<ExportedPart> {
    let principal = caller.may(Action::ReadOutbox)?;
    if query.limits() {
        let text = "a part of an export holds what fits into it; leave it out";
        return Err(wrong("limit", "UNKNOWN_FIELD", text).into());
    }
    // A place in a list is none in an export, whose sorts may differ.
    let name = format!("export of {}", query.name());
    let asked = Asked::read(app.store(), &principal, &query, &name, Timestamp::now()).await?;
    let exported = match asked.context {
        Some(context) => Exported::About(context, asked.filter),
        None => Exported::Log(asked.filter),
    };
    let (export, after) = (app.export(), asked.after.as_deref());
    let part = export.part(&principal, &exported, after).await?;
    let Part { url, rows, next } = part;
    Ok(Success::ok(ExportedPart {
        url,
        expires_in_seconds: files::LINK_LIFE.as_secs(),
        rows,
        truncated: next.is_some(),
        next_cursor: next.map(|next| cursor::seal(principal.tenant(), &name, &next)),
    }))
}
