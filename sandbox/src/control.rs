//! The control plane below `/_sandbox`: the methods of [`Handle`] as JSON over HTTP.
//!
//! | order | what it does |
//! |---|---|
//! | `PUT /channels` | registers a WHAPI channel ([`ChannelSpec`](crate::channel::ChannelSpec)) |
//! | `GET /requests` | what the gates received; `?channel=` and `?provider=` choose |
//! | `GET /messages`, `/webhooks` | what was accepted or came in, what was posted; chosen alike |
//! | `POST /messages/{id}/status` | [`StatusSpec`](crate::orders::StatusSpec), any provider |
//! | `POST /messages/{id}/press` | [`PressSpec`](crate::orders::PressSpec), WHAPI and Meta |
//! | `POST /inbound` | somebody writes to a WHAPI channel ([`InboundSpec`](crate::whapi::InboundSpec)) |
//! | `POST /raw` | any body to the address of any channel ([`RawSpec`](crate::deliver::RawSpec)) |
//! | `POST /state` | a WHAPI channel's health ([`HealthSpec`](crate::whapi::HealthSpec)) |
//! | `PUT /documents/{name}` | a file of a company's own server; `GET` serves it |
//! | `POST /faults` | orders a fault ([`FaultOrder`](crate::faults::FaultOrder)); `GET`, `DELETE` |
//! | `GET /idle` | waits until nothing is under way, at most `?timeout_ms=` |
//! | `POST /reset` | forgets everything; `?keep_channels=true` keeps what is registered |
//! | `/manager/...`, `/meta/...`, `/m360/...`, `/paypal/...` | what only WHAPI's manager, Meta, 360Messenger or PayPal has |
//!
//! A *channel* is WHAPI's token, 360Messenger's key, or the id in Meta's path (a number's,
//! an account's, an app's). `token` is the older word for it.

use std::{collections::HashMap, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    documents, m360, meta, paypal,
    provider::Provider,
    state::{Handle, Refusal},
    whapi::partner,
};

/// Room for webhooks of 3 MB in base64.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

type Params = Query<HashMap<String, String>>;
pub(crate) type Answer = Result<Response, Refusal>;

pub(crate) fn routes() -> Router<Handle> {
    Router::new()
        .route("/health", get(async || json(&json!({"ok": true}))))
        .route("/channels", put(register))
        .route("/requests", get(requests))
        .route("/messages", get(messages))
        .route("/messages/{id}/status", post(status))
        .route("/messages/{id}/press", post(press))
        .route("/inbound", post(inbound))
        .route("/raw", post(raw))
        .route("/state", post(state))
        .route("/documents/{name}", put(documents::put).get(documents::get))
        .route("/webhooks", get(webhooks))
        .route("/faults", get(faults).post(fault).delete(clear_faults))
        .route("/idle", get(idle))
        .route("/reset", post(reset))
        .nest("/manager", partner::control::routes())
        .nest("/meta", meta::control::routes())
        .nest("/m360", m360::control::routes())
        .nest("/paypal", paypal::control::routes())
        .fallback(async || Refusal::Unknown("control path".into()))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

async fn register(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.register(parse(&body)?))
}

async fn requests(State(handle): State<Handle>, Query(params): Params) -> Answer {
    let mut requests = handle.requests(channel(&params));
    if let Some(wanted) = provider(&params)? {
        requests.retain(|request| request.provider == wanted);
    }
    Ok(json(&json!({"requests": requests})))
}

async fn messages(State(handle): State<Handle>, Query(params): Params) -> Answer {
    let mut messages = handle.messages(channel(&params));
    if let Some(wanted) = provider(&params)? {
        messages.retain(|message| message.provider == wanted);
    }
    Ok(json(&json!({"messages": messages})))
}

async fn webhooks(State(handle): State<Handle>, Query(params): Params) -> Answer {
    let mut webhooks = handle.webhooks(channel(&params));
    if let Some(wanted) = provider(&params)? {
        webhooks.retain(|webhook| webhook.provider == wanted);
    }
    Ok(json(&json!({"webhooks": webhooks})))
}

async fn status(State(handle): State<Handle>, Path(id): Path<String>, body: Bytes) -> Answer {
    Ok(json(&handle.status(&id, &parse(&body)?)?))
}

async fn press(State(handle): State<Handle>, Path(id): Path<String>, body: Bytes) -> Answer {
    Ok(json(&handle.press(&id, &parse(&body)?)?))
}

async fn inbound(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.inbound(&parse(&body)?)?))
}

async fn raw(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.raw(parse(&body)?).await?))
}

async fn state(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.health(&parse(&body)?)?))
}

async fn fault(State(handle): State<Handle>, body: Bytes) -> Answer {
    let id = handle.fault(parse(&body)?)?;
    Ok(json(&json!({"id": id})))
}

async fn faults(State(handle): State<Handle>) -> Response {
    json(&json!({"faults": handle.faults()}))
}

async fn clear_faults(State(handle): State<Handle>) -> Response {
    handle.clear_faults();
    json(&json!({"ok": true}))
}

async fn idle(State(handle): State<Handle>, Query(params): Params) -> Answer {
    let limit = match params.get("timeout_ms").map(|text| text.parse()) {
        None => 10_000,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => return Err(Refusal::Invalid("timeout_ms is no number".into())),
    };
    let idle = handle.idle(Duration::from_millis(limit)).await;
    Ok(json(&json!({"idle": idle, "open": handle.open_work()})))
}

async fn reset(State(handle): State<Handle>, Query(params): Params) -> Response {
    handle.reset(
        params
            .get("keep_channels")
            .is_some_and(|keep| keep == "true"),
    );
    json(&json!({"ok": true}))
}

fn channel(params: &HashMap<String, String>) -> Option<&str> {
    let channel = params.get("channel").or_else(|| params.get("token"));
    channel.map(String::as_str)
}

fn provider(params: &HashMap<String, String>) -> Result<Option<Provider>, Refusal> {
    let Some(name) = params.get("provider") else {
        return Ok(None);
    };
    match serde_json::from_value(name.as_str().into()) {
        Ok(provider) => Ok(Some(provider)),
        Err(problem) => Err(Refusal::Invalid(problem.to_string())),
    }
}

/// The answer to an order that has nothing to tell.
pub(crate) fn done(outcome: Result<(), Refusal>) -> Answer {
    outcome.map(|()| json(&json!({"ok": true})))
}

pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|problem| Refusal::Invalid(problem.to_string()))
}

pub(crate) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(problem) => (StatusCode::INTERNAL_SERVER_ERROR, problem.to_string()).into_response(),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        (status, json(&json!({"error": self.to_string()}))).into_response()
    }
}
