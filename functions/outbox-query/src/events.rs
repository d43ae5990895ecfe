//! What became of business events.

use std::sync::Arc;

use axum::extract::State;
use domain::{
    business::{EventRecord, Step, StepState},
    principal::Action,
    service::events,
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Query, Success, cursor, limited,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::handler::opened;

/// The list's name in its cursors.
const LIST: &str = "events";

/// Which part of the events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// An event, and what followed from it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventShown {
    /// As your own system named it.
    #[schema(example = "evt-1001")]
    id: String,
    #[schema(example = "invoice.issued")]
    r#type: &'static str,
    /// `accepted` while something is still to follow, `done`, or `given_up`.
    #[schema(example = "done")]
    status: &'static str,
    /// When it happened, if it said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    arrived_at: Timestamp,
    /// What it is about in your own system.
    context: Option<EventContext>,
    /// The messages that follow from it.
    messages: Vec<StepShown>,
    /// How often it could not be worked through yet.
    tries: u16,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
}

/// What an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventContext {
    #[schema(example = "invoice")]
    r#type: String,
    #[schema(example = "I-1")]
    id: String,
}

/// What became of a message that follows from an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventMessage)]
pub struct StepShown {
    #[schema(example = "invoice")]
    message_type: &'static str,
    /// `accepted`, `off` (the workflow is switched off), or `refused`.
    #[schema(example = "accepted")]
    status: &'static str,
    #[schema(format = Uuid)]
    message_id: Option<String>,
    /// Why it was refused: a machine word.
    #[schema(example = "NO_CONSENT")]
    code: Option<String>,
    /// The same as a sentence.
    reason: Option<String>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// The events.
    items: Vec<EventShown>,
    /// Where the next page begins; `null` on the last.
    next_cursor: Option<String>,
}

impl From<&Step> for StepShown {
    fn from(step: &Step) -> Self {
        let (status, message_id, why) = match &step.state {
            StepState::Accepted(id) => ("accepted", Some(id.to_string()), None),
            StepState::Off => ("off", None, None),
            StepState::Refused { code, reason } => {
                ("refused", None, Some((code.clone(), reason.clone())))
            }
        };
        let (code, reason) = why.unzip();
        Self {
            message_type: step.message_type.as_str(),
            status,
            message_id,
            code,
            reason,
        }
    }
}

impl From<EventRecord> for EventShown {
    fn from(record: EventRecord) -> Self {
        let context = record.event.context().map(|context| EventContext {
            r#type: context.kind,
            id: context.id,
        });
        Self {
            r#type: record.event.fact.kind().as_str(),
            status: record.state.as_str(),
            at: record.event.at,
            arrived_at: record.arrived_at,
            context,
            messages: record.steps.iter().map(StepShown::from).collect(),
            tries: record.tries,
            next_try_at: (record.tries > 0).then_some(record.due).flatten(),
            id: record.event.id,
        }
    }
}

/// Lists business events, newest first.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "listEvents",
    tag = "Events",
    params(EventQuery),
    responses(
        (status = 200, body = Enveloped<EventPage>, description = "A page of events"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn list_events(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<EventQuery>,
) -> Outcome<EventPage> {
    let principal = caller.may(Action::ReadOutbox)?;
    let limit = limited(query.limit)?;
    let after = opened(&principal, LIST, query.cursor.as_deref())?;
    let page = events::events(&*store, &principal, after.as_deref(), limit).await?;
    Ok(Success::ok(EventPage {
        items: page.items.into_iter().map(EventShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), LIST, &next)),
    })
    .tagged_by_content())
}

/// Reads an event, by the id that your own system gave it.
#[utoipa::path(
    get,
    path = "/v1/events/{id}",
    operation_id = "readEvent",
    tag = "Events",
    params(("id" = String, Path, description = "The event", example = "evt-1001")),
    responses(
        (status = 200, body = Enveloped<EventShown>, description = "The event, and what followed from it"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn read_event(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Outcome<EventShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let record = events::event(&*store, &principal, &id).await?;
    Ok(Success::ok(EventShown::from(record)).tagged_by_content())
}
