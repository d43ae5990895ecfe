//! WHAPI's manager, below `/manager`: a partner token in; channels that are made, extended and deleted
//! out. A channel that is made here is at once one of the gate's, with its own token, and nobody is
//! logged in to it.
//!
//! What its documentation leaves open is decided like this: errors are nested as the gate's are; an
//! extension ends the trial; the balance answers 402 when its days are not enough; unused days that were
//! spent come back when a channel is deleted; the low-days notice is posted once each time the balance
//! falls below the limit.

mod book;
pub(crate) mod control;
mod days;
mod deeds;
mod settings;
mod wire;

use axum::Router;
use serde_json::Value;

pub(crate) use self::book::Partner;
pub use self::{
    book::{Deed, DeedKind, Manners, PartnerSpec},
    days::NoticeSpec,
    deeds::{ManagedSpec, ScanSpec},
    wire::{ManagedShown, PartnerShown},
};
use super::error;
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

pub(crate) fn routes() -> Router<Handle> {
    gate::routes(Provider::WhapiManager, &["/manager/{*rest}"])
}

/// Whose request it is.
pub(crate) fn admit(handle: &Handle, incoming: &Incoming) -> Result<Subject, Answer> {
    let known = |token: &&str| handle.memory().partners.contains_key(*token);
    let Some(token) = incoming.bearer.as_deref().filter(known) else {
        return Err(error(
            401,
            "Unauthorized: partner token is missing or unknown",
        ));
    };
    let mut subject = Subject::of(incoming, Dialect::Whapi, token);
    // Whatever changes something can be done and its answer lost, as a send can.
    subject.is_send = incoming.method != "GET";
    Ok(subject)
}

/// What an admitted request gets.
pub(crate) fn perform(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    let success = match route(handle, &subject.token, incoming, body) {
        Ok(success) => success,
        Err(refusal) => return refusal,
    };
    if !subject.is_send {
        return Answer::json(200, &success);
    }
    let fault = handle.memory().faults.take(Moment::Answer, subject);
    faulty(subject.dialect, fault, 200, || Answer::json(200, &success))
}

fn route(handle: &Handle, token: &str, incoming: &Incoming, body: &Value) -> Result<Value, Answer> {
    let path = incoming.segments();
    match (incoming.method.as_str(), path.get(1..).unwrap_or_default()) {
        ("GET", ["projects"]) => settings::projects(handle, token),
        ("GET", ["channels"] | ["channels", "list"]) => deeds::list(handle, token, None),
        ("GET", ["channels", "list", project]) => deeds::list(handle, token, Some(project)),
        ("PUT", ["channels"]) => deeds::create(handle, token, body),
        ("GET", ["channels", id]) => deeds::show(handle, token, id),
        ("DELETE", ["channels", id]) => deeds::delete(handle, token, id),
        ("POST", ["channels", id, "extend"]) => deeds::extend(handle, token, id, body),
        ("PATCH", ["channels", id, "mode"]) => deeds::set_mode(handle, token, id, body),
        ("GET", ["partners", name, "settings"]) => settings::show(handle, token, name),
        ("PATCH", ["partners", name, "settings"]) => settings::change(handle, token, name, body),
        _ => Err(error(404, "Not found")),
    }
}
