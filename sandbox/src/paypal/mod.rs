//! PayPal below `/paypal`: `http://127.0.0.1:PORT/paypal` stands for `https://api-m.paypal.com`.
//!
//! `POST v1/oauth2/token` (Basic, client credentials), `POST v1/billing/subscriptions` (once for each
//! `PayPal-Request-Id`), `GET v1/billing/subscriptions/{id}`, `POST …/{id}/cancel` and
//! `POST v1/notifications/verify-webhook-signature`, after PayPal's REST reference of Subscriptions v1
//! and Webhooks v1. A webhook is signed over `transmission id|time|webhook id|CRC32 of the body` as
//! PayPal's are, and verified over the very bytes that come back, so that a body which was written
//! anew or forged is answered `FAILURE`.
//!
//! A *party* is named by its client id in requests, webhooks and faults. Orders are in
//! [`control`](crate::control) below `/_sandbox/paypal`.
//!
//! Not covered: plans and products (an app names the plans it has), revising, capturing, and
//! every path that is not in `perform`. Assumed: that the signature is an HMAC (nobody but PayPal can
//! tell), that a payment names the subscription's `custom_id` as `custom`, and that a repeated
//! `PayPal-Request-Id` is answered 200 with what the subscription is by then.

mod agreement;
mod app;
pub(crate) mod control;
mod events;
mod orders;
mod signature;
mod wire;

use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    accept::faulty,
    answer::Answer,
    dialect::Dialect,
    fault_book::Subject,
    faults::Moment,
    gate::{self, Incoming},
    provider::Provider,
    state::Handle,
};
pub(crate) use app::App;
pub(crate) use wire::error_by_status;
pub use {
    agreement::Agreement,
    app::{AppSpec, PlanSpec},
    orders::{EventSpec, OrderSpec, Signed},
};

pub(crate) fn routes() -> Router<Handle> {
    gate::routes(Provider::PayPal, &["/paypal/{*rest}"])
}

/// The client id: the user of a Basic header, or what a token was made of.
pub(crate) fn key(incoming: &Incoming) -> Option<String> {
    if let Some((client_id, _)) = basic(incoming) {
        return Some(client_id);
    }
    app::client_of(incoming.bearer.as_deref()?).map(ToOwned::to_owned)
}

fn basic(incoming: &Incoming) -> Option<(String, String)> {
    let decoded = STANDARD.decode(incoming.basic.as_deref()?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some((client_id.into(), secret.into()))
}

/// Whose request it is.
pub(crate) fn admit(handle: &Handle, incoming: &Incoming) -> Result<Subject, Answer> {
    let memory = handle.memory();
    let asks_for_token = incoming.segments().ends_with(&["oauth2", "token"]);
    let known = key(incoming).filter(|client_id| {
        memory
            .paypal
            .get(client_id)
            .is_some_and(|app| match basic(incoming) {
                Some((_, secret)) => asks_for_token && secret == app.spec.client_secret,
                None => incoming
                    .bearer
                    .as_ref()
                    .is_some_and(|token| app.tokens.contains(token)),
            })
    });
    let Some(client_id) = known else {
        return Err(match asks_for_token {
            true => wire::client_failed(),
            false => wire::token_failed(),
        });
    };
    let mut subject = Subject::of(incoming, Dialect::PayPal, &client_id);
    subject.is_send = incoming.method == "POST"
        && matches!(
            incoming.segments().get(3..),
            Some(["subscriptions"] | ["subscriptions", _, "cancel"])
        );
    Ok(subject)
}

/// What an admitted request gets.
pub(crate) fn perform(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    let client_id = &subject.token;
    let segments = incoming.segments();
    let done = match (incoming.method.as_str(), segments.as_slice()) {
        ("POST", ["paypal", "v1", "oauth2", "token"]) => app::token(handle, client_id, body),
        ("POST", ["paypal", "v1", "billing", "subscriptions"]) => {
            agreement::create(handle, client_id, incoming, body)
        }
        ("GET", ["paypal", "v1", "billing", "subscriptions", id]) => {
            agreement::show(handle, client_id, id, incoming)
        }
        ("POST", ["paypal", "v1", "billing", "subscriptions", id, "cancel"]) => {
            agreement::cancel(handle, client_id, id, body)
        }
        ("POST", ["paypal", "v1", "notifications", "verify-webhook-signature"]) => {
            signature::verify(handle, client_id, &incoming.bytes)
        }
        _ => Err(wire::error(404, "RESOURCE_NOT_FOUND", "NOT_FOUND")),
    };
    let answer = match done {
        Ok(answer) => answer,
        Err(refusal) => return refusal,
    };
    if !subject.is_send {
        return answer;
    }
    let fault = handle.memory().faults.take(Moment::Answer, subject);
    faulty(subject.dialect, fault, 201, || answer)
}
