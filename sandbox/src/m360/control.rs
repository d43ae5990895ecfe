//! 360Messenger's part of the control plane, below `/_sandbox/m360`:
//!
//! | order | what it does |
//! |---|---|
//! | `PUT /accounts` | [`AccountSpec`](super::AccountSpec) |
//! | `POST /inbound` | [`M360Inbound`](super::M360Inbound) |
//! | `POST /delivery` | [`DeliverySpec`](super::DeliverySpec): a delivery webhook only |
//!
//! Statuses advance by the common `POST /_sandbox/messages/{id}/status` with `pending`,
//! `sent`, `delivered`, `read`, `failed` or `not_found`; any body goes out by the common
//! `POST /_sandbox/raw` with the key as `channel`.

use axum::{
    Router,
    extract::State,
    routing::{post, put},
};
use bytes::Bytes;

use crate::{
    control::{Answer, done, json, parse},
    state::Handle,
};

pub(crate) fn routes() -> Router<Handle> {
    Router::new()
        .route("/accounts", put(account))
        .route("/inbound", post(inbound))
        .route("/delivery", post(delivery))
}

async fn account(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.m360_account(parse(&body)?))
}

async fn inbound(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.m360_inbound(&parse(&body)?)?))
}

async fn delivery(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.m360_delivery(&parse(&body)?)?))
}
