//! `POST /v1/messages/preview` and `POST /v1/preflight`: what sending would do, without doing it.

use axum::{body::Bytes, extract::State};
use domain::principal::Action;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    new_message::{Asked, NewMessage},
    view_rehearsal::{PreflightShown, PreviewedMessage},
};

/// Shows a message exactly as it would be sent.
///
/// Nothing is sent, stored or counted. What is wrong about the request itself is refused as in
/// `POST /v1/messages`; what stands in the way besides is listed in `reasons`.
#[utoipa::path(
    post,
    path = "/v1/messages/preview",
    operation_id = "previewMessage",
    tag = "Messages",
    request_body(content = NewMessage, examples(
        ("text" = (summary = "A text", value = json!({
            "to": "+97300000001", "text": {"body": "Your parcel arrives tomorrow."}
        }))),
        ("own template" = (summary = "The company's own text of a type", value = json!({
            "to": "+97300000001", "message_type": "welcome",
            "own_template": {"variables": {"customerName": "Ada Example"}}
        }))),
    )),
    responses(
        (status = 200, body = Enveloped<PreviewedMessage>, description = "What would be sent"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn preview(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PreviewedMessage> {
    let principal = caller.may(Action::Send)?;
    let wanted = parse::<NewMessage>(&body)?.wanted()?;
    let rehearsed = app.accept().preview(&principal, wanted).await?;
    Ok(Success::ok(PreviewedMessage::from(rehearsed)))
}

/// Tells everything that stands in the way of a message, or of a person, at once.
///
/// The same checks as those of sending. Without any content the recipient alone is judged: whether they
/// may be written to through this channel now.
#[utoipa::path(
    post,
    path = "/v1/preflight",
    operation_id = "preflight",
    tag = "Messages",
    request_body(content = NewMessage, examples(
        ("person" = (summary = "A recipient", value = json!({"to": "+97300000001"}))),
        ("message" = (summary = "A message", value = json!({
            "to": "+97300000001", "message_type": "invoice",
            "text": {"body": "Your invoice is ready."}
        }))),
    )),
    responses(
        (status = 200, body = Enveloped<PreflightShown>, description = "Whether it may be sent, and if not, every reason"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn preflight(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PreflightShown> {
    let principal = caller.may(Action::Send)?;
    let accept = app.accept();
    let preflight = match parse::<NewMessage>(&body)?.asked()? {
        Asked::Message(wanted) => accept.preflight(&principal, wanted).await?,
        Asked::Person(draft) => accept.preflight_person(&principal, draft).await?,
    };
    Ok(Success::ok(PreflightShown::from(&preflight)))
}
