//! The manager's part of the control plane, below `/_sandbox/manager`:
//!
//! | order | what it does |
//! |---|---|
//! | `PUT /partners` | [`PartnerSpec`](super::PartnerSpec) |
//! | `GET /partners/{name}` | its balance, its channels, and what it did ([`PartnerShown`](super::PartnerShown)) |
//! | `POST /channels/{id}` | WHAPI stops it, or its time passes ([`ManagedSpec`](super::ManagedSpec)) |
//! | `POST /channels/{id}/scan` | somebody scans its code ([`ScanSpec`](super::ScanSpec)) |
//! | `POST /notice` | the low-days notice, now ([`NoticeSpec`](super::NoticeSpec)) |

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post, put},
};
use bytes::Bytes;

use crate::{
    control::{Answer, done, json, parse},
    state::Handle,
};

pub(crate) fn routes() -> Router<Handle> {
    Router::new()
        .route("/partners", put(register))
        .route("/partners/{name}", get(show))
        .route("/channels/{id}", post(change))
        .route("/channels/{id}/scan", post(scan))
        .route("/notice", post(notice))
}

async fn register(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.partner(parse(&body)?))
}

async fn show(State(handle): State<Handle>, Path(name): Path<String>) -> Answer {
    Ok(json(&handle.partner_shown(&name)?))
}

async fn change(State(handle): State<Handle>, Path(id): Path<String>, body: Bytes) -> Answer {
    done(handle.change_managed(&id, &parse(&body)?))
}

async fn scan(State(handle): State<Handle>, Path(id): Path<String>, body: Bytes) -> Answer {
    Ok(json(&handle.scan(&id, &parse(&body)?)?))
}

async fn notice(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.days_notice(&parse(&body)?)?))
}
