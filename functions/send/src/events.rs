//! `POST /v1/events`: what happened in a company's own system.

use axum::{body::Bytes, extract::State};
use domain::{
    business::BusinessEvent,
    failure::AppFailure,
    principal::{Action, Principal},
};
use http::StatusCode;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, Refuses, asks},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    new_event::{NewEvent, Posted, read},
};

/// What became of the events of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventsTold)]
pub struct EventsTold {
    /// Kept; what follows from them comes next.
    accepted: u32,
    /// Told before: nothing follows again.
    repeated: u32,
    /// Not kept; each says why.
    refused: u32,
    /// One for each event, in their order.
    items: Vec<EventTold>,
}

/// What became of one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTold {
    /// The id it was given, if it could be read.
    #[schema(example = "evt-1001")]
    id: Option<String>,
    /// `accepted`, `repeated` or `refused`.
    #[schema(example = "accepted")]
    status: &'static str,
    error: Option<EventError>,
}

/// Why an event was not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventError {
    #[schema(example = "VALIDATION")]
    code: &'static str,
    message: String,
    /// Whether the same event may be taken later.
    retryable: bool,
    /// What is wrong with which field.
    fields: Vec<EventField>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventField {
    #[schema(example = "data.amount")]
    field: String,
    code: &'static str,
    message: String,
}

impl EventsTold {
    fn of(items: Vec<EventTold>) -> Self {
        let count = |status| {
            let some = items.iter().filter(|item| item.status == status);
            u32::try_from(some.count()).unwrap_or(u32::MAX)
        };
        Self {
            accepted: count("accepted"),
            repeated: count("repeated"),
            refused: count("refused"),
            items,
        }
    }
}

impl EventTold {
    fn refused(id: Option<String>, failure: &AppFailure) -> Self {
        let fields = failure.fields().iter().map(|problem| EventField {
            field: problem.field.clone(),
            code: problem.code,
            message: problem.message.clone(),
        });
        Self {
            id,
            status: "refused",
            error: Some(EventError {
                code: failure.code().as_str(),
                message: failure.message().to_owned(),
                retryable: failure.retryable(),
                fields: fields.collect(),
            }),
        }
    }
}

/// Tells what happened in your own system.
///
/// Each event is kept first; the customer, the invoice and the messages that follow come next, each once.
/// Told again under its id an event is the same event. Of several events the good ones are kept
/// whatever is wrong with the others; a refused one may be posted again by itself.
/// `GET /v1/events/{id}` says what became of one.
#[utoipa::path(
    post,
    path = "/v1/events",
    operation_id = "tellEvents",
    tag = "Events",
    request_body(content = NewEvent, description = "One event, or `{\"events\": […]}` with 1 to 100 of them", examples(
        ("invoice" = (summary = "An invoice with its file", value = json!({
            "id": "evt-1001", "type": "invoice.issued",
            "customer": {"id": "C-17", "phone": "+97300000001", "name": "Ada Example"},
            "data": {"invoice_id": "I-1", "invoice_number": "INV-1001", "invoice_date": "2026-11-20",
                "due_date": "2026-12-04", "amount": "1250.500", "document_url": "https://files.example.com/inv-1001.pdf"}
        }))),
        ("several" = (summary = "A payment and a delivery", value = json!({"events": [
            {"id": "evt-1002", "type": "invoice.paid", "data": {"invoice_id": "I-1"}},
            {"id": "evt-1003", "type": "order.delivered",
                "customer": {"phone": "+97300000001", "name": "Ada Example"},
                "data": {"order_number": "A-1001", "delivery_date": "2026-11-20", "items": ["2 lamps", "1 chair"]}}
        ]}))),
        ("booking" = (summary = "A booking", value = json!({
            "id": "evt-1004", "type": "booking.created", "customer": {"phone": "+97300000001"},
            "data": {"booking_id": "b7c1d2e3", "package_name": "Pearl Islands", "start_date": "2026-12-20"}
        }))),
    )),
    responses(
        (status = 202, body = Enveloped<EventsTold>, description = "Kept; `items` says it of each"),
        (status = 200, body = Enveloped<EventsTold>, description = "The one event was told before"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn tell(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<EventsTold> {
    let principal = caller.may(Action::Send)?;
    let many = match read(&body)? {
        Posted::One(event) => {
            let told = tell_one(&app, &principal, *event).await?;
            let status = match told.status {
                "repeated" => StatusCode::OK,
                _ => StatusCode::ACCEPTED,
            };
            return Ok(Success::with(status, EventsTold::of(vec![told])));
        }
        Posted::Many(many) => many,
    };
    let mut items = Vec::with_capacity(many.len());
    for event in many {
        items.push(match event {
            Err(failure) => EventTold::refused(None, &failure),
            Ok(event) => {
                let id = event.id.clone();
                match tell_one(&app, &principal, event).await {
                    Ok(told) => told,
                    Err(failure) => EventTold::refused(Some(id), &failure),
                }
            }
        });
    }
    Ok(Success::accepted(EventsTold::of(items)))
}

async fn tell_one(
    app: &App,
    principal: &Principal,
    event: BusinessEvent,
) -> Result<EventTold, AppFailure> {
    let id = event.id.clone();
    let told = app.events().tell(principal, event).await?;
    Ok(EventTold {
        id: Some(id),
        status: if told.repeated {
            "repeated"
        } else {
            "accepted"
        },
        error: None,
    })
}
