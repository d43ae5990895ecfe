//! The outbox's GET routes.

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use domain::{
    failure::{AppFailure, FieldProblem},
    ids::{JobId, MessageId},
    message::Status,
    principal::{Action, Principal},
    service::outbox,
};
use runtime::{
    auth::Caller,
    http::{Outcome, Path, Query, Success, cursor},
};
use serde::Deserialize;
use store::Store;

use crate::view::{JobPage, JobShown, MessageDetails, MessagePage, MessageShown, Timeline};

const DEFAULT_LIMIT: u16 = 20;
const LARGEST_LIMIT: u16 = 100;

/// The routes of this function.
pub fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/v1/jobs", get(jobs))
        .route("/v1/jobs/{id}", get(job))
        .route("/v1/jobs/{id}/messages", get(job_messages))
        .route("/v1/messages/{id}", get(message))
        .route("/v1/messages/{id}/timeline", get(timeline))
        .with_state(store)
}

/// Which part of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    limit: Option<u32>,
    cursor: Option<String>,
    status: Option<String>,
}

impl List {
    fn limit(&self) -> Result<u16, AppFailure> {
        match self.limit.map(u16::try_from) {
            None => Ok(DEFAULT_LIMIT),
            Some(Ok(limit)) if (1..=LARGEST_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(wrong("limit", "LIMIT", "give a limit from 1 to 100")),
        }
    }

    fn status(&self) -> Result<Option<Status>, AppFailure> {
        let Some(name) = &self.status else {
            return Ok(None);
        };
        let known = Status::ALL.map(Status::as_str).join(", ");
        Status::parse(name)
            .map(Some)
            .ok_or_else(|| wrong("status", "UNKNOWN_VALUE", &format!("use one of {known}")))
    }
}

fn wrong(field: &str, code: &'static str, message: &str) -> AppFailure {
    AppFailure::validation(
        format!("`{field}` is wrong: {message}."),
        vec![FieldProblem::new(field, code, message)],
    )
}

async fn jobs(
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

async fn job(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<JobId>,
) -> Outcome<JobShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let view = outbox::job(&*store, &principal, id).await?;
    Ok(Success::ok(JobShown::from(&view)).tagged_by_content())
}

async fn job_messages(
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

/// A message; its content and the exact request for those who may see them.
async fn message(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<MessageDetails> {
    let principal = caller.may(Action::ReadOutbox)?;
    let message = outbox::message(&*store, &principal, id).await?;
    let payload = match principal.may(Action::ReadPayload) {
        Ok(principal) => Some(outbox::payload(&*store, &principal, id).await?),
        Err(_hidden) => None,
    };
    Ok(Success::ok(MessageDetails::new(&message, payload)).tagged_by_content())
}

async fn timeline(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Timeline> {
    let principal = caller.may(Action::ReadOutbox)?;
    let message = outbox::message(&*store, &principal, id).await?;
    Ok(Success::ok(Timeline::of(&message)).tagged_by_content())
}

fn opened(
    principal: &Principal,
    query: &str,
    sealed: Option<&str>,
) -> Result<Option<String>, AppFailure> {
    sealed
        .map(|sealed| cursor::open(principal.tenant(), query, sealed))
        .transpose()
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
