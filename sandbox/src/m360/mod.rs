//! 360Messenger below `/m360`: `http://127.0.0.1:PORT/m360` stands for
//! `https://api.360messenger.com`. No reference was published; the shapes are those that
//! public clients and receivers agree on, and marked below where they do not.
//!
//! Version 1 keeps the key in the path (`POST /m360/sendMessage/{key}`, form or multipart):
//! 201 is a success, 200 an error `{errorCode, errorDescription}`. Version 2 takes a bearer
//! key below `/m360/v2`: `POST sendMessage` (form or multipart; JSON is not read),
//! `GET message/status?id=`, `GET message/sentMessages` and `message/receivedMessages`
//! (`page`, `phonenumber`), `GET account`, `POST checkPhone`, `POST settings/webhook/set`
//! and `settings/receive`. A message that failed still has `success: true`.
//!
//! A *party* is named by its key in requests, messages, webhooks and faults. Orders are in
//! [`control`](crate::control) below `/_sandbox/m360`.
//!
//! Not covered: groups, and every path that is not in `perform`. Assumed: the body of a
//! version 1 success, the items of both lists, `account`, `checkPhone`, the delivery
//! webhook (a sister product's), and which statuses come between `PENDING` and `device`.

mod account;
pub(crate) mod control;
mod form;
mod inbound;
mod lookup;
mod send;
mod status;
mod wire;

use axum::Router;
use serde_json::Value;

use crate::{
    answer::Answer,
    dialect::Dialect,
    fault_book::Subject,
    gate::{self, Incoming},
    provider::Provider,
    state::Handle,
};
pub(crate) use account::Account;
pub use account::{AccountSpec, IdPlace};
pub(crate) use form::fields;
pub use inbound::M360Inbound;
pub(crate) use inbound::answer;
pub use status::DeliverySpec;
pub(crate) use status::{plan, report};
pub(crate) use wire::{first_error, second_error};

pub(crate) fn routes() -> Router<Handle> {
    gate::routes(Provider::Messenger360, &["/m360/{*rest}"])
}

fn dialect(incoming: &Incoming) -> Dialect {
    match incoming.segments().get(1) {
        Some(&"v2") => Dialect::M360V2,
        Some(_) | None => Dialect::M360V1,
    }
}

/// The key: the last segment of the path in version 1, the bearer token in version 2.
pub(crate) fn key(incoming: &Incoming) -> Option<String> {
    match dialect(incoming) {
        Dialect::M360V2 => incoming.bearer.clone(),
        Dialect::M360V1 | Dialect::Whapi | Dialect::Meta | Dialect::PayPal => {
            let segments = incoming.segments();
            let last = segments.get(2..).and_then(<[&str]>::last);
            last.map(ToString::to_string)
        }
    }
}

/// Whose request it is.
pub(crate) fn admit(handle: &Handle, incoming: &Incoming) -> Result<Subject, Answer> {
    let dialect = dialect(incoming);
    let known = |key: &String| handle.memory().accounts.contains_key(key);
    let Some(key) = key(incoming).filter(known) else {
        return Err(match dialect {
            Dialect::M360V2 => second_error(401, Some("Unauthorized")),
            Dialect::M360V1 | Dialect::Whapi | Dialect::Meta | Dialect::PayPal => {
                first_error(200, Some("Invalid API key"))
            }
        });
    };
    let mut subject = Subject::of(incoming, dialect, &key);
    let body = incoming.body.as_ref();
    let to = body.and_then(|body| body.get("phonenumber"));
    subject.to = to.and_then(Value::as_str).map(ToOwned::to_owned);
    subject.is_send = incoming.method == "POST"
        && matches!(
            incoming.segments().as_slice(),
            ["m360", "sendMessage", _] | ["m360", "v2", "sendMessage"]
        );
    Ok(subject)
}

/// What an admitted request gets.
pub(crate) async fn perform(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    if subject.is_send {
        return send::send(handle, subject, incoming, body).await;
    }
    let key = &subject.token;
    let query = &incoming.query;
    match (incoming.method.as_str(), incoming.segments().as_slice()) {
        ("GET", ["m360", "v2", "message", "status"]) => lookup::status(handle, key, query),
        ("GET", ["m360", "v2", "message", "sentMessages"]) => {
            lookup::list(handle, key, true, query)
        }
        ("GET", ["m360", "v2", "message", "receivedMessages"]) => {
            lookup::list(handle, key, false, query)
        }
        ("GET", ["m360", "v2", "account"]) => lookup::account(handle, key),
        ("POST", ["m360", "v2", "checkPhone"]) => lookup::check_phone(handle, key, body),
        ("POST", ["m360", "v2", "settings", "webhook", "set"]) => {
            let url = body.get("url").and_then(Value::as_str);
            account::set_webhook(handle, subject, url)
        }
        ("GET", ["m360", "webhook", "set", _]) => {
            let url = query.get("url").map(String::as_str);
            account::set_webhook(handle, subject, url)
        }
        ("POST", ["m360", "v2", "settings", "receive"]) => wire::success(200, Value::Null),
        _ => wire::error(subject.dialect, 404, "Not Found"),
    }
}
