//! Meta's WhatsApp Cloud API below `/meta`: `http://127.0.0.1:PORT/meta` stands for
//! `https://graph.facebook.com`. A bearer token in, Graph's shapes and errors out.
//!
//! Served: `POST /meta/{version}/{phone_number_id}/messages` (text, image, document,
//! interactive buttons and lists, template, reaction, read receipt), and by GET the number
//! (`?fields=`), the account's `phone_numbers` and `message_templates`, a number's
//! `message_history`, a medium and its bytes. Webhooks are signed over Meta's spelling of
//! JSON and go to the address of the app, or of the account when it has its own.
//!
//! A *party* is named by its id: requests, messages, webhooks and faults of a number by the
//! `phone_number_id`, those of an account (templates, quality) by the `waba_id`. Orders are
//! in [`control`](crate::control) below `/_sandbox/meta`.
//!
//! Not covered: uploading media, `access_token` in the query, groups, flows, the other
//! interactive types, and every path that is not in `perform`. Where Meta documents no text
//! or HTTP status for an error, a usual one is given: do not decide on them.

mod batch;
mod business;
mod contents;
pub(crate) mod control;
mod errors;
mod fields;
mod inbound;
mod interactive;
mod lookup;
mod media;
mod paging;
mod raw;
mod send;
mod specs;
mod statuses;
mod template;
mod templates;
mod updates;
mod validate;
mod verify;
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
pub use batch::{BatchItem, BatchSpec, Poison, Spread};
pub(crate) use business::Business;
use errors::Problem;
pub(crate) use errors::{by_status as error_by_status, ordered as ordered_error};
pub use inbound::MetaInbound;
pub(crate) use inbound::{answer, press};
pub use raw::{MetaRaw, Signing};
pub use specs::{AppSpec, MediaSpec, NumberSpec, TemplateSpec, WabaSpec, Window};
pub(crate) use statuses::{plan, report};
pub use updates::{MetaUpdate, TemplateRef};
pub use verify::{VerifyAnswer, VerifySpec};

pub(crate) fn routes() -> Router<Handle> {
    gate::routes(Provider::Meta, &["/meta/{*rest}"])
}

/// The id in the path: `/meta/{version}/{id}`, `/meta/_media/{id}`.
pub(crate) fn addressed(incoming: &Incoming) -> Option<String> {
    incoming.segments().get(2).map(ToString::to_string)
}

/// Whose request it is. Any token that some account takes is let in; whether it may touch
/// the object is decided later, as Graph does.
pub(crate) fn admit(handle: &Handle, incoming: &Incoming) -> Result<Subject, Answer> {
    let known = |token: &&str| handle.memory().business.takes(token);
    if incoming.bearer.as_deref().filter(known).is_none() {
        let problem = Problem::new(190, "The access token could not be decrypted");
        return Err(problem.answer());
    }
    let key = addressed(incoming).unwrap_or_default();
    let mut subject = Subject::of(incoming, Dialect::Meta, &key);
    let body = incoming.body.as_ref();
    let field = |name| body.and_then(|body| body.get(name));
    let to = field("to").or_else(|| field("recipient"));
    subject.to = to.and_then(Value::as_str).map(ToOwned::to_owned);
    subject.is_send = incoming.method == "POST"
        && incoming.segments().get(3) == Some(&"messages")
        && field("status").is_none();
    Ok(subject)
}

/// What an admitted request gets.
pub(crate) async fn perform(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    let segments = incoming.segments();
    let answer = match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["meta", "_media", id]) => media::download(handle, id),
        (_, ["meta", version, ..]) if !is_version(version) => Err(Problem::unknown_path()),
        ("POST", ["meta", _, id, "messages"]) if subject.is_send => {
            return send::send(handle, subject, incoming, id, body).await;
        }
        ("POST", ["meta", _, id, "messages"]) => send::receipt(handle, incoming, id, body),
        ("GET", ["meta", _, id]) => lookup::object(handle, incoming, id),
        ("GET", ["meta", _, id, "phone_numbers"]) => lookup::numbers(handle, incoming, id),
        ("GET", ["meta", _, id, "message_templates"]) => templates::list(handle, incoming, id),
        ("GET", ["meta", _, id, "message_history"]) => lookup::history(handle, incoming, id),
        _ => Err(Problem::unknown_path()),
    };
    answer.unwrap_or_else(|problem| problem.answer())
}

/// `v` and a number with a point in it.
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    segment
        .strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}
