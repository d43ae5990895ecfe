//! Meta's part of the control plane, below `/_sandbox/meta`:
//!
//! | order | what it does |
//! |---|---|
//! | `PUT /apps` | [`AppSpec`](super::AppSpec): secret, verify token, callback address |
//! | `PUT /wabas` | [`WabaSpec`](super::WabaSpec): tokens, an address of its own |
//! | `PUT /numbers` | [`NumberSpec`](super::NumberSpec): automatic steps, the 24 h window |
//! | `PUT /templates` | [`TemplateSpec`](super::TemplateSpec) |
//! | `PUT /media` | [`MediaSpec`](super::MediaSpec) |
//! | `POST /verify` | [`VerifySpec`](super::VerifySpec): the handshake |
//! | `POST /inbound` | [`MetaInbound`](super::MetaInbound) |
//! | `POST /heard` | `{phone_number_id, person, at?}`: when somebody last wrote |
//! | `POST /updates` | [`MetaUpdate`](super::MetaUpdate): every other field |
//! | `POST /batch` | [`BatchSpec`](super::BatchSpec): many items in one body |
//! | `POST /raw` | [`MetaRaw`](super::MetaRaw): any body, any signature |

use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{post, put},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    control::{Answer, done, json, parse},
    state::Handle,
};

pub(crate) fn routes() -> Router<Handle> {
    Router::new()
        .route("/apps", put(app))
        .route("/wabas", put(waba))
        .route("/numbers", put(number))
        .route("/templates", put(template))
        .route("/media", put(medium))
        .route("/verify", post(verify))
        .route("/inbound", post(inbound))
        .route("/heard", post(heard))
        .route("/updates", post(update))
        .route("/batch", post(batch))
        .route("/raw", post(raw))
}

async fn app(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.meta_app(parse(&body)?))
}

async fn waba(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.meta_waba(parse(&body)?))
}

async fn number(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.meta_number(parse(&body)?))
}

async fn template(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.meta_template(parse(&body)?))
}

async fn medium(State(handle): State<Handle>, body: Bytes) -> Answer {
    done(handle.meta_media(parse(&body)?))
}

async fn verify(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.meta_verify(parse(&body)?).await?))
}

async fn inbound(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.meta_inbound(&parse(&body)?)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard {
    phone_number_id: String,
    person: String,
    #[serde(default)]
    at: Option<Timestamp>,
}

async fn heard(State(handle): State<Handle>, body: Bytes) -> Answer {
    let order: Heard = parse(&body)?;
    done(handle.meta_heard(&order.phone_number_id, &order.person, order.at))
}

async fn update(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.meta_update(&parse(&body)?)?))
}

async fn batch(State(handle): State<Handle>, body: Bytes) -> Answer {
    Ok(json(&handle.meta_batch(&parse(&body)?)?))
}

async fn raw(State(handle): State<Handle>, body: Bytes) -> Result<Response, crate::Refusal> {
    Ok(json(&handle.meta_raw(parse(&body)?).await?))
}
