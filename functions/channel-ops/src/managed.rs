//! Channels at WHAPI that the platform pays for: extended, linked, deleted; and worked on when the schedule
//! says so.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{failure::AppFailure, ids::ChannelId, principal::Action};
use jiff::SignedDuration;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    managed_view::{ChannelExtended, ChannelLogin, ChannelRemoved, PostedDays},
};

/// How long a round works before it leaves the rest to the next: less than the function's own time.
const ROUND: SignedDuration = SignedDuration::from_mins(4);

/// Extends a channel at WHAPI by days of the company's balance.
///
/// The days are set aside, spent at WHAPI, and read back. When WHAPI's answer is lost, `confirmed` is
/// `false` and the channel is looked at until it is known; the days are never spent twice, and come back
/// when they were not spent. With an `Idempotency-Key` a repeated request is the same extension.
/// 403 `DAYS_EXHAUSTED` when not so many days are free; 409 `EXTENSION_RUNNING` with the `days` that run,
/// `NOT_READY` before the channel is there, `NOT_MANAGED` for a channel with credentials of its own,
/// `PARTNER_TOKEN` while the platform's token is missing.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/extend",
    operation_id = "extendChannel",
    tag = "Channels",
    params(
        ("id" = String, Path, format = Uuid, description = "The channel"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Visible ASCII characters; a repetition answers the same extension"),
    ),
    request_body(content = PostedDays, example = json!({"days": 30})),
    responses(
        (status = 200, body = Enveloped<ChannelExtended>, description = "The days, and whether WHAPI confirmed them"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn extend(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<ChannelExtended> {
    let principal = caller.may(Action::ManageChannels)?;
    let route = format!("POST /v1/channels/{id}/extend");
    let key = idempotency_key(&route, &headers, &body)?;
    let days = parse::<PostedDays>(&body)?.days;
    let extended = app
        .managed()
        .extend(&principal, id, days, key.as_ref())
        .await?;
    Ok(Success::ok(ChannelExtended::from(extended)))
}

/// Asks for a code to link a channel's phone with; ask again to refresh it.
///
/// `qr` is a picture as a data URI, good for `expires_in` seconds. Once the number is linked, `status` is
/// `authorized` and there is no code; while the channel starts, `retry_in` says in how many seconds to ask
/// again. 403 `CHANNEL_EXPIRED` when its days are over; 409 `NOT_READY` before it is there, `NO_QR` where
/// the provider has no codes.
#[utoipa::path(
    get,
    path = "/v1/channels/{id}/qr",
    operation_id = "channelQr",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    responses(
        (status = 200, body = Enveloped<ChannelLogin>, description = "A code, or how the channel's login stands"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn qr(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
) -> Outcome<ChannelLogin> {
    let principal = caller.may(Action::ManageChannels)?;
    let login = app.managed().login(&principal, id).await?;
    Ok(Success::ok(ChannelLogin::from(login)))
}

/// Deletes a channel: at WHAPI, if Waypost pays for it, and here.
///
/// The whole unused days come back to the company's balance, never more than were spent on the channel;
/// `credited_days` says how many, and is `null` while WHAPI has not confirmed, which the schedule then
/// waits for. Its secrets are destroyed; its messages stay readable, and what still waits ends as failed.
/// Asked for again it tells the same. 409 `BUSY` while it is being made, `EXTENSION_RUNNING` while it is
/// being extended, `PARTNER_TOKEN` while the platform's token is missing.
#[utoipa::path(
    delete,
    path = "/v1/channels/{id}",
    operation_id = "deleteChannel",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    responses(
        (status = 200, body = Enveloped<ChannelRemoved>, description = "What came back"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn remove(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
) -> Outcome<ChannelRemoved> {
    let principal = caller.may(Action::ManageChannels)?;
    let removed = app.managed().delete(&principal, id).await?;
    Ok(Success::ok(ChannelRemoved::from(removed)))
}

/// Works on every channel that is due.
///
/// # Errors
/// When the due channels cannot be listed.
pub async fn work_due(app: &App) -> Result<(), AppFailure> {
    let now = app.now();
    let until = now.saturating_add(ROUND).unwrap_or(now);
    app.managed().work_due(until).await.map(drop)
}
