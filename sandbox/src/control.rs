//! The control plane below `/_sandbox`: the methods of [`Handle`] as JSON over HTTP.

use std::{collections::HashMap, time::Duration};

use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::state::{Handle, Refusal};

type Params = Query<HashMap<String, String>>;
type Answer = Result<Response, Refusal>;

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
        .route("/webhooks", get(webhooks))
        .route("/faults", get(faults).post(fault).delete(clear_faults))
        .route("/idle", get(idle))
        .route("/reset", post(reset))
        .fallback(async || Refusal::Unknown("control path".into()))
}

async fn register(State(handle): State<Handle>, body: Bytes) -> Answer {
    handle.register(parse(&body)?)?;
    Ok(json(&json!({"ok": true})))
}

async fn requests(State(handle): State<Handle>, Query(params): Params) -> Response {
    json(&json!({"requests": handle.requests(token(&params))}))
}

async fn messages(State(handle): State<Handle>, Query(params): Params) -> Response {
    json(&json!({"messages": handle.messages(token(&params))}))
}

async fn webhooks(State(handle): State<Handle>, Query(params): Params) -> Response {
    json(&json!({"webhooks": handle.webhooks(token(&params))}))
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

fn token(params: &HashMap<String, String>) -> Option<&str> {
    params.get("token").map(String::as_str)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|problem| Refusal::Invalid(problem.to_string()))
}

fn json(value: &impl Serialize) -> Response {
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
