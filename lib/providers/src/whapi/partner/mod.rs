//! WHAPI's manager, and what only the partner flow asks of the gate, as pure translation (providers.md
//! 1.4, 1.5, 1.8). Nothing here is ever stored: a registration of webhooks carries their secret.

mod channel;
mod login;
mod notice;
mod refusal;
#[cfg(test)]
mod tests;

use domain::{
    failure::ProviderFailure,
    managed::PartnerChannel,
    ports::WebhookTarget,
    provider::{Method, WireRequest, WireResponse},
};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

pub(crate) use self::login::{ask_login, read_login};
pub use self::notice::notice;
use crate::{lenient::Fields, transport::segment};

/// The header that webhooks bring their secret in (X31); the gate's reader looks for the same.
const SECRET_HEADER: &str = "X-Webhook-Secret";

/// What a channel tells: the entities and what became of them.
const EVENTS: [(&str, &str); 9] = [
    ("messages", "post"),
    ("messages", "patch"),
    ("messages", "delete"),
    ("statuses", "post"),
    ("statuses", "put"),
    ("channel", "post"),
    ("channel", "patch"),
    ("users", "post"),
    ("users", "delete"),
];

const NOT_BUILT: ProviderFailure = ProviderFailure::NotSent { what: "build" };

fn unreadable() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    }
}

fn done(response: &WireResponse) -> bool {
    (200..300).contains(&response.status)
}

/// The JSON of a success.
fn body(response: &WireResponse) -> Result<Value, ProviderFailure> {
    if !done(response) {
        return Err(refusal::of(response));
    }
    serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())
}

/// A list, bare or in an object under one of these names.
fn list<'a>(body: &'a Value, names: &[&str]) -> Option<&'a Vec<Value>> {
    let inside = || names.iter().find_map(|name| body.get(name)?.as_array());
    body.as_array().or_else(inside)
}

pub(crate) fn ask_projects() -> WireRequest {
    WireRequest::get("/projects")
}

/// The ids of the projects.
pub(crate) fn read_projects(response: &WireResponse) -> Result<Vec<String>, ProviderFailure> {
    let body = body(response)?;
    let projects = list(&body, &["projects", "data", "items"]).ok_or_else(unreadable)?;
    let id = |project: &Value| {
        let fields = Fields::of(project);
        let id = fields.own_text().map(str::to_owned);
        let id = id.or_else(|| fields.text_or_number("id"));
        id.or_else(|| fields.text_or_number("_id"))
    };
    Ok(projects.iter().filter_map(id).collect())
}

pub(crate) fn ask_create(project: &str, name: &str, phone: Option<&str>) -> WireRequest {
    let mut body = json!({"name": name, "projectId": project});
    if let (Some(phone), Some(fields)) = (phone, body.as_object_mut()) {
        let digits = phone.trim_start_matches('+');
        fields.insert("phone".into(), digits.into());
    }
    WireRequest::post("/channels", body).by(Method::Put)
}

/// The channel that was made. An answer that shows none leaves open whether there is one.
pub(crate) fn read_channel(response: &WireResponse) -> Result<PartnerChannel, ProviderFailure> {
    channel::read(&body(response)?).ok_or_else(unreadable)
}

/// The channels of a project.
pub(crate) fn ask_list(project: &str) -> Result<WireRequest, ProviderFailure> {
    let project = segment(project).ok_or(NOT_BUILT)?;
    Ok(WireRequest::get(format!("/channels/list/{project}")))
}

/// All channels, where a project has no list of its own.
pub(crate) fn ask_all() -> WireRequest {
    WireRequest::get("/channels")
}

/// The first of the list's channels with exactly this name. That there is none means something only in a
/// list that is whole and readable.
pub(crate) fn read_list(
    response: &WireResponse,
    name: &str,
) -> Result<Option<PartnerChannel>, ProviderFailure> {
    let body = body(response)?;
    let items = list(&body, &["channels", "data", "items"]).ok_or_else(unreadable)?;
    let mut unread = 0_usize;
    let mut found: Option<PartnerChannel> = None;
    for item in items {
        let Some(channel) = channel::read(item) else {
            unread += 1;
            continue;
        };
        let earlier = found
            .as_ref()
            .is_none_or(|best| channel.created_at < best.created_at);
        if channel.name == name && earlier {
            found = Some(channel);
        }
    }
    let total = Fields::of(&body).text_or_number("total");
    let total: Option<usize> = total.and_then(|total| total.parse().ok());
    if found.is_none() && (unread > 0 || total.is_some_and(|total| total > items.len())) {
        return Err(ProviderFailure::OutcomeUnknown {
            what: "incomplete list".into(),
        });
    }
    Ok(found)
}

/// One channel; also what `DELETE` is built of.
pub(crate) fn ask_channel(provider_ref: &str) -> Result<WireRequest, ProviderFailure> {
    let id = segment(provider_ref).ok_or(NOT_BUILT)?;
    Ok(WireRequest::get(format!("/channels/{id}")))
}

/// The channel; none when WHAPI knows no such one.
pub(crate) fn read_shown(
    response: &WireResponse,
    provider_ref: &str,
) -> Result<Option<PartnerChannel>, ProviderFailure> {
    if response.status == 404 {
        return Ok(None);
    }
    let channel = read_channel(response)?;
    if channel.provider_ref == provider_ref {
        Ok(Some(channel))
    } else {
        Err(unreadable())
    }
}

pub(crate) fn ask_extend(
    provider_ref: &str,
    days: u32,
    comment: &str,
) -> Result<WireRequest, ProviderFailure> {
    let id = segment(provider_ref).ok_or(NOT_BUILT)?;
    let body = json!({"days": days, "comment": comment});
    Ok(WireRequest::post(format!("/channels/{id}/extend"), body))
}

/// Until when the channel is active now, where the answer shows it. A success that is no JSON at all came
/// from something before WHAPI and says nothing.
pub(crate) fn read_extend(response: &WireResponse) -> Result<Option<Timestamp>, ProviderFailure> {
    if done(response) && response.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    Ok(channel::active_till(&body(response)?))
}

pub(crate) fn ask_delete(provider_ref: &str) -> Result<WireRequest, ProviderFailure> {
    Ok(ask_channel(provider_ref)?.by(Method::Delete))
}

/// A channel that is gone already is gone.
pub(crate) fn read_delete(response: &WireResponse) -> Result<(), ProviderFailure> {
    if response.status == 404 || done(response) {
        Ok(())
    } else {
        Err(refusal::of(response))
    }
}

/// Tells a channel where its webhooks go: the whole list, for how a partial one merges is not known.
pub(crate) fn ask_webhooks(target: &WebhookTarget) -> WireRequest {
    let hook = hook(target, &EVENTS);
    WireRequest::post("/settings", json!({"webhooks": [hook]})).by(Method::Patch)
}

pub(crate) fn read_webhooks(response: &WireResponse) -> Result<(), ProviderFailure> {
    if done(response) {
        Ok(())
    } else {
        Err(refusal::of_channel(response))
    }
}

/// Tells WHAPI where notices of the partner's days go, and below how many.
pub(crate) fn ask_notices(
    partner: &str,
    target: &WebhookTarget,
    days_limit: u32,
) -> Result<WireRequest, ProviderFailure> {
    let name = segment(partner).ok_or(NOT_BUILT)?;
    let hook = hook(target, &[("days", "post")]);
    let body = json!({"webhooks": [hook], "days_limit": days_limit});
    let path = format!("/partners/{name}/settings");
    Ok(WireRequest::post(path, body).by(Method::Patch))
}

pub(crate) fn read_notices(response: &WireResponse) -> Result<(), ProviderFailure> {
    if done(response) {
        Ok(())
    } else {
        Err(refusal::of(response))
    }
}

fn hook(target: &WebhookTarget, events: &[(&str, &str)]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|(entity, verb)| json!({"type": entity, "method": verb}))
        .collect();
    json!({
        "url": target.url,
        "mode": "body",
        "events": events,
        "headers": {SECRET_HEADER: target.secret.expose_secret()},
    })
}
