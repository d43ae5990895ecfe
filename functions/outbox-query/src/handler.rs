//! The outbox's GET routes.

use std::sync::Arc;

use axum::extract::State;
use domain::{
    failure::AppFailure,
    ids::{JobId, MessageId},
    message::Status,
    principal::{Action, Principal},
    service::outbox,
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Query, Success, cursor,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use store::Store;

use crate::{
    list::{List, wrong},
    view::{JobPage, JobShown, MessageDetails, MessagePage, MessageShown, Timeline},
};

/// Lists jobs, newest first.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    operation_id = "listJobs",
    tag = "Jobs",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many at most; 20 when left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Enveloped<JobPage>, description = "A page of jobs"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn jobs(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(list): Query<List>,
) -> Outcome<JobPage> {
    let principal = caller.may(Action::ReadOutbox)?;
    if list.status.is_some() {
        return Err(wrong(
            "status",
            "UNKNOWN_FIELD",
            "jobs are not filtered by status; leave it out",
        )
        .into());
    }
    let limit = list.limit()?;
    let after = opened(&principal, "jobs", list.cursor.as_deref())?;
    let page = outbox::jobs(&*store, &principal, after.as_deref(), limit).await?;
    Ok(Success::ok(JobPage {
        items: page.items.iter().map(JobShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), "jobs", &next)),
    })
    .tagged_by_content())
}

/// Reads a job with its counts.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    operation_id = "readJob",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job")),
    responses(
        (status = 200, body = Enveloped<JobShown>, description = "The job"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn job(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<JobShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let view = outbox::job(&*store, &principal, id).await?;
    Ok(Success::ok(JobShown::from(&view)).tagged_by_content())
}

/// Lists the messages of a job.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/messages",
    operation_id = "listJobMessages",
    tag = "Jobs",
    params(("id" = String, Path, format = Uuid, description = "The job"), List),
    responses(
        (status = 200, body = Enveloped<MessagePage>, description = "A page of messages. It may hold fewer than `limit` and still have a next one"),
        NotModified, Refuses<404>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn job_messages(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
    Query(list): Query<List>,
) -> Outcome<MessagePage> {
    let principal = caller.may(Action::ReadOutbox)?;
    let (limit, status) = (list.limit()?, list.status()?);
    let query = format!("job {} {}", id.key(), status.map_or("all", Status::as_str));
    let from = opened(&principal, &query, list.cursor.as_deref())?;
    let from = from.and_then(|row| row.parse().ok()).unwrap_or(0);
    let page = outbox::job_messages(&*store, &principal, id, status, from, limit).await?;
    Ok(Success::ok(MessagePage {
        items: page.items.iter().map(MessageShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), &query, &next)),
    })
    .tagged_by_content())
}

/// Reads a message.
///
/// Its content and the exact request that carried it are there for those who may see them, `null` for others.
#[utoipa::path(
    get,
    path = "/v1/messages/{id}",
    operation_id = "readMessage",
    tag = "Messages",
    params(("id" = String, Path, format = Uuid, description = "The message")),
    responses(
        (status = 200, body = Enveloped<MessageDetails>, description = "The message"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn message(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<MessageDetails> {
    let principal = caller.may(Action::ReadOutbox)?;
    let message = outbox::message(&*store, &principal, id).await?;
    let payload = match principal.may(Action::ReadPayload) {
        Ok(principal) => Some(outbox::payload(&*store, providers::adapter, &principal, id).await?),
        Err(_hidden) => None,
    };
    Ok(Success::ok(MessageDetails::new(&message, payload)).tagged_by_content())
}

/// Tells what happened to a message, in the order of time.
#[utoipa::path(
    get,
    path = "/v1/messages/{id}/timeline",
    operation_id = "readTimeline",
    tag = "Messages",
    params(("id" = String, Path, format = Uuid, description = "The message")),
    responses(
        (status = 200, body = Enveloped<Timeline>, description = "Its timeline"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn timeline(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Timeline> {
    let principal = caller.may(Action::ReadOutbox)?;
    let message = outbox::message(&*store, &principal, id).await?;
    Ok(Success::ok(Timeline::of(&message)).tagged_by_content())
}

pub(crate) fn opened(
    principal: &Principal,
    query: &str,
    sealed: Option<&str>,
) -> Result<Option<String>, AppFailure> {
    sealed
        .map(|sealed| cursor::open(principal.tenant(), query, sealed))
        .transpose()
}
