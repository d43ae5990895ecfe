//! PayPal's part of the control plane, below `/_sandbox/paypal`:
//!
//! | order | what it does |
//! |---|---|
//! | `PUT /apps` | [`AppSpec`](super::AppSpec) |
//! | `POST /apps/{client_id}/end-tokens` | the tokens given so far are answered 401 |
//! | `GET /subscriptions` | what was made, and how far it is |
//! | `POST /subscriptions/{id}/{order}` | [`OrderSpec`], or nothing: `approve`, `renew`, `cancel`, `suspend`, `expire`, `fail_payment`, `refund`, `reverse` |
//! | `POST /events` | [`EventSpec`](super::EventSpec): any body, forged where it is told |

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post, put},
};
use bytes::Bytes;
use serde_json::json;

use super::OrderSpec;
use crate::{
    control::{Answer, done, json, parse},
    state::Handle,
};

pub(crate) fn routes() -> Router<Handle> {
    Router::new()
        .route("/apps", put(app))
        .route("/apps/{client_id}/end-tokens", post(end_tokens))
        .route("/subscriptions", get(subscriptions))
        .route("/subscriptions/{id}/{order}", post(order))
        .route("/events", post(event))
}

async fn app(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.paypal_app(parse(&body)?))
}

async fn end_tokens(State(handle): State<Handle>, Path(client_id): Path<String>) -> Answer {
    done(handle.paypal_end_tokens(&client_id))
}

async fn subscriptions(State(handle): State<Handle>) -> Answer {
    Ok(json(
        &json!({"subscriptions": handle.paypal_subscriptions()}),
    ))
}

async fn order(
    State(handle): State<Handle>,
    Path((id, order)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let spec = match body.is_empty() {
        true => OrderSpec::default(),
        false => parse(&body)?,
    };
    Ok(json(&handle.paypal_order(&id, &order, &spec)?))
}

async fn event(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.paypal_event(parse(&body)?).await?))
}
