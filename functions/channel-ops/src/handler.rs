//! `/v1/channels`: a company's numbers at their providers.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{ids::ChannelId, principal::Action, service::channels::ChannelEdit};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    edit::PatchedChannel,
    new_channel::{Posted, PostedChannel},
    random,
    view::{ChannelList, ChannelMade, ChannelShown},
};

/// Lists all channels, in the order they were made.
#[utoipa::path(
    get,
    path = "/v1/channels",
    operation_id = "listChannels",
    tag = "Channels",
    responses(
        (status = 200, body = Enveloped<ChannelList>, description = "The channels"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadChannels)))),
)]
pub async fn list(State(app): State<App>, Caller(caller): Caller) -> Outcome<ChannelList> {
    let principal = caller.may(Action::ReadChannels)?;
    let views = app.desk().channels(&principal).await?;
    Ok(Success::ok(ChannelList::new(
        views,
        &principal,
        app.webhooks(),
        app.now(),
    ))
    .tagged_by_content())
}

/// Makes a channel: from a company's own credentials at Meta or 360Messenger, or ordered at WHAPI, where
/// Waypost makes it and pays for it with days of the company's balance.
///
/// A channel at WHAPI needs an active plan (403 `NO_PLAN`), a free place in it (403 `CHANNEL_LIMIT`) and
/// free days (403 `DAYS_EXHAUSTED`). It is made, confirmed, told where its webhooks go and extended by
/// `days` (30, or what is free) as far as WHAPI does so at once; what is left, the schedule does:
/// `state` is `pending` meanwhile. With an `Idempotency-Key` a repeated request is the same order. 409
/// `PARTNER_TOKEN` while the platform's token is missing: nothing is stored then.
///
/// For credentials of a company's own the provider is asked first: credentials it refuses are 422 with the field `credentials`, and while
/// it does not answer (503) nothing is stored. A number is one channel at most, so a repeated request
/// makes no second one and no `Idempotency-Key` is needed: it is 409 `CHANNEL_TAKEN`, and the channel is
/// in the list. Secrets go in and never come out; the only one ever shown is the `verify_token` that
/// Waypost makes for a channel at Meta, in this answer alone.
#[utoipa::path(
    post,
    path = "/v1/channels",
    operation_id = "makeChannel",
    tag = "Channels",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Visible ASCII characters; for channels at WHAPI: a repetition is the same order")),
    request_body(content = PostedChannel, examples(
        ("whapi" = (summary = "A channel at WHAPI that Waypost makes and pays for", value = json!({
            "provider": "whapi", "name": "Shop", "phone": "+97333000042", "days": 30
        }))),
        ("meta" = (summary = "A number at Meta with the company's own app", value = json!({
            "provider": "meta", "name": "Shop", "meta": {
                "phone_number_id": "106000000000042", "business_account_id": "207000000000042",
                "access_token": "EAAG…", "app_secret": "…"
            }
        }))),
        ("messenger360" = (summary = "A number at 360Messenger", value = json!({
            "provider": "messenger360", "name": "Warehouse", "default": true,
            "messenger360": {"phone": "+97333000042", "api_key": "…"}
        }))),
    )),
    responses(
        (status = 201, body = Enveloped<ChannelMade>, description = "The channel; it can send if `auth` is `authorized`"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn make(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<ChannelMade> {
    let principal = caller.may(Action::ManageChannels)?;
    let posted = parse::<PostedChannel>(&body)?;
    let (view, verify_token) = if posted.is_ordered() {
        let key = idempotency_key("POST /v1/channels", &headers, &body)?;
        let order = posted.order()?;
        let made = app
            .managed()
            .order(&principal, &order, key.as_ref())
            .await?;
        (app.desk().channel(&principal, made.id).await?, None)
    } else {
        let Posted { new, verify_token } = posted.read(random::fresh()?)?;
        (app.desk().make(&principal, new).await?, verify_token)
    };
    let shown = ChannelShown::new(view, &principal, app.webhooks(), app.now());
    Ok(Success::created(ChannelMade::new(shown, verify_token)))
}

/// Reads a channel.
#[utoipa::path(
    get,
    path = "/v1/channels/{id}",
    operation_id = "readChannel",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    responses(
        (status = 200, body = Enveloped<ChannelShown>, description = "The channel"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadChannels)))),
)]
pub async fn read(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
) -> Outcome<ChannelShown> {
    let principal = caller.may(Action::ReadChannels)?;
    let view = app.desk().channel(&principal, id).await?;
    Ok(Success::ok(ChannelShown::new(
        view,
        &principal,
        app.webhooks(),
        app.now(),
    ))
    .tagged_by_content())
}

/// Changes a channel: its name, its secrets, whether it is used and whether it is the default one.
///
/// A new token is tried at the provider first; while it is refused (422, field `credentials`) or the
/// provider does not answer (503), the old one stays. A channel that Waypost made at WHAPI takes none (422, field
/// `access_token`, `MANAGED`): its token is Waypost's to keep.
#[utoipa::path(
    patch,
    path = "/v1/channels/{id}",
    operation_id = "changeChannel",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    request_body(content = PatchedChannel, example = json!({"name": "Shop", "access_token": "EAAG…"})),
    responses(
        (status = 200, body = Enveloped<ChannelShown>, description = "The channel as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn edit(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
    body: Bytes,
) -> Outcome<ChannelShown> {
    let principal = caller.may(Action::ManageChannels)?;
    let patched = parse::<PatchedChannel>(&body)?;
    if let Some(wanted) = patched.auto_extend() {
        app.managed()
            .set_auto_extend(&principal, id, wanted)
            .await?;
    }
    let view = if patched.is_of_days_alone() {
        app.desk().channel(&principal, id).await?
    } else {
        let change = ChannelEdit::from(patched);
        app.desk().edit(&principal, id, &change).await?
    };
    Ok(Success::ok(ChannelShown::new(
        view,
        &principal,
        app.webhooks(),
        app.now(),
    )))
}

/// Asks the provider how a channel is, and keeps what it says.
///
/// The answer is 200 also when the provider refuses the token: `auth` is `disconnected` then, and
/// `health` says why. 409 `NO_HEALTH_CHECK` where the provider's API has no such question.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/check",
    operation_id = "checkChannel",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    responses(
        (status = 200, body = Enveloped<ChannelShown>, description = "The channel with what the provider said"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn check(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
) -> Outcome<ChannelShown> {
    let principal = caller.may(Action::ManageChannels)?;
    let view = app.desk().check_health(&principal, id).await?;
    Ok(Success::ok(ChannelShown::new(
        view,
        &principal,
        app.webhooks(),
        app.now(),
    )))
}
