//! WHAPI's gate: a bearer channel token in, WHAPI's shapes and errors out. [`partner`] is its manager.
//!
//! Not covered: multipart bodies, `?token=` authorization, webhook modes other than `body`,
//! and every path that is not in `route`.

mod account;
mod behaviour;
mod channels;
mod inbound;
mod interactive;
mod lookup;
mod orders;
pub mod partner;
mod send;
mod validate;
mod wire;

use axum::Router;
use serde_json::Value;

pub use crate::orders::{Caused, PressAs, PressSpec, StatusSpec};
use crate::{
    answer::Answer,
    dialect::Dialect,
    fault_book::Subject,
    faults::BodyShape,
    gate::{self, Incoming},
    provider::Provider,
    state::Handle,
};
pub(crate) use behaviour::{plan, report};
pub(crate) use channels::Channel;
pub(crate) use inbound::{answer, press};
pub use orders::{ButtonRef, HealthSpec, InboundSpec};

pub(crate) fn routes() -> Router<Handle> {
    let paths = [
        "/messages/{*rest}",
        "/statuses/{*rest}",
        "/users/{*rest}",
        "/settings",
        "/settings/{*rest}",
        "/health",
    ];
    gate::routes(Provider::Whapi, &paths).merge(partner::routes())
}

/// An error in the documented form.
fn error(status: u16, message: &str) -> Answer {
    error_body(status, BodyShape::Nested, Some(message))
}

pub(crate) fn error_body(status: u16, shape: BodyShape, message: Option<&str>) -> Answer {
    let message = message.unwrap_or_else(|| wire::usual_message(status));
    let body = match shape {
        BodyShape::Flat => wire::flat_error(status, message),
        BodyShape::Nested | BodyShape::Html | BodyShape::Empty => {
            wire::nested_error(status, message)
        }
    };
    Answer::json(status, &body)
}

/// Whose request it is.
pub(crate) fn admit(handle: &Handle, incoming: &Incoming) -> Result<Subject, Answer> {
    let known = |token: &&str| handle.memory().channels.contains_key(*token);
    let Some(token) = incoming.bearer.as_deref().filter(known) else {
        let message = "Unauthorized: channel token is missing or unknown";
        return Err(error(401, message));
    };
    let mut subject = Subject::of(incoming, Dialect::Whapi, token);
    let to = incoming.body.as_ref().and_then(|body| body.get("to"));
    subject.to = to.and_then(Value::as_str).map(ToOwned::to_owned);
    subject.is_send = send_kind(incoming).is_some();
    Ok(subject)
}

/// What an admitted request gets.
pub(crate) async fn perform(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    match send_kind(incoming) {
        Some(kind) => send::send(handle, subject, kind, body).await,
        None => route(handle, &subject.token, incoming, body),
    }
}

fn send_kind(incoming: &Incoming) -> Option<validate::Kind> {
    let kind = incoming.path.strip_prefix("/messages/")?;
    (incoming.method == "POST")
        .then(|| validate::Kind::parse(kind))
        .flatten()
}

fn route(handle: &Handle, token: &str, incoming: &Incoming, body: &Value) -> Answer {
    let path = incoming.segments();
    let query = &incoming.query;
    match (incoming.method.as_str(), path.as_slice()) {
        ("GET", ["messages", "list"]) => lookup::list(handle, token, None, query),
        ("GET", ["messages", "list", chat]) => lookup::list(handle, token, Some(chat), query),
        ("GET", ["messages", id]) => lookup::message(handle, token, id),
        ("GET", ["statuses", id]) => lookup::statuses(handle, token, id),
        ("GET", ["health"]) => account::health(handle, token, query),
        ("GET", ["users", "login"]) => account::login(handle, token, query),
        ("GET", ["settings"]) => account::settings(handle, token),
        ("PATCH", ["settings"]) => account::change_settings(handle, token, body),
        _ => error(404, "Not found"),
    }
}
