//! `POST /v1/messages`, and retry and cancel of one message.

use axum::{body::Bytes, extract::State};
use domain::{
    ids::MessageId,
    principal::Action,
    service::send::{FirstAttempt, send},
};
use http::{HeaderMap, HeaderName, StatusCode};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};

use crate::{app::App, new_message::NewMessage, view::Sent};

pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Accepts one message.
///
/// `Idempotency-Key` makes a repetition answer the first one; `Prefer: respond-async` (RFC 7240)
/// leaves the first attempt to the channel's lane.
#[utoipa::path(
    post,
    path = "/v1/messages",
    operation_id = "sendMessage",
    tag = "Messages",
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Visible ASCII characters, for example a UUID; remembered for 48 hours"),
        ("Prefer" = Option<String>, Header,
            description = "`respond-async` leaves the first attempt to the channel's lane"),
    ),
    request_body(content = NewMessage, examples(
        ("text" = (summary = "A text", value = json!({
            "to": "+97300000001", "text": {"body": "Your parcel arrives tomorrow."}
        }))),
        ("buttons" = (summary = "A question with buttons", value = json!({
            "to": "+97300000001", "name": "Ada Example",
            "interactive": {
                "body": "Your parcel arrives tomorrow. Does that suit you?",
                "footer": "Fable Parcels",
                "buttons": [{"title": "Confirmed"}, {"title": "Reschedule"}]
            }
        }))),
        ("later" = (summary = "A reminder, sent later", value = json!({
            "to": "+97300000001", "text": {"body": "Your invoice is due today."},
            "scheduled_for": "2026-12-01T06:00:00Z", "trigger": "auto"
        }))),
        ("own template" = (summary = "The company's own text of a type", value = json!({
            "to": "+97300000001", "message_type": "welcome",
            "own_template": {"variables": {"customerName": "Ada Example"}}
        }))),
    )),
    responses(
        (status = 201, body = Enveloped<Sent>, description = "Accepted, and attempted once: `status` says what came of it"),
        (status = 202, body = Enveloped<Sent>, description = "Accepted; the channel's lane makes the first attempt"),
        (status = 200, body = Enveloped<Sent>, description = "Accepted by an earlier request with the same key; the message as it is now",
            headers(("Idempotent-Replayed" = String, description = "`true`"))),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn accept(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let wanted = parse::<NewMessage>(&body)?.wanted()?;
    let key = idempotency_key("POST /v1/messages", &headers, &body)?;
    let first = first_attempt(&headers);
    let accepted = send(
        &app.accept(),
        &app.attempt(),
        &principal,
        wanted,
        key.as_ref(),
        first,
    )
    .await?;
    let status = match (accepted.repeated, first) {
        (true, _) => StatusCode::OK,
        (false, FirstAttempt::Here) => StatusCode::CREATED,
        (false, FirstAttempt::InLane) => StatusCode::ACCEPTED,
    };
    let answer = Success::with(status, Sent::from(&accepted));
    Ok(if accepted.repeated {
        answer.header(REPLAYED, "true")
    } else {
        answer
    })
}

/// Makes a failed message ready for one more attempt, and hands it to its lane.
#[utoipa::path(
    post,
    path = "/v1/messages/{id}/retry",
    operation_id = "retryMessage",
    tag = "Messages",
    params(("id" = String, Path, format = Uuid, description = "The message")),
    responses(
        (status = 202, body = Enveloped<Sent>, description = "It will be attempted again"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Retry)))),
)]
pub async fn retry(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Retry)?;
    let message = app.change().retry(&principal, id).await?;
    app.accept().hand_over(&message).await;
    Ok(Success::accepted(Sent::from(&message)))
}

/// Withdraws a message that nobody attempted.
#[utoipa::path(
    post,
    path = "/v1/messages/{id}/cancel",
    operation_id = "cancelMessage",
    tag = "Messages",
    params(("id" = String, Path, format = Uuid, description = "The message")),
    responses(
        (status = 200, body = Enveloped<Sent>, description = "It is cancelled"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn cancel(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let message = app.change().cancel(&principal, id).await?;
    Ok(Success::ok(Sent::from(&message)))
}

fn first_attempt(headers: &HeaderMap) -> FirstAttempt {
    let asked = headers
        .get("prefer")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if asked
        .split(',')
        .any(|one| one.trim().eq_ignore_ascii_case("respond-async"))
    {
        FirstAttempt::InLane
    } else {
        FirstAttempt::Here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asynchronous_answer_is_asked_for_by_the_standard_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(first_attempt(&headers), FirstAttempt::Here);
        headers.insert("prefer", "wait=5, Respond-Async".parse().unwrap());
        assert_eq!(first_attempt(&headers), FirstAttempt::InLane);
    }
}
