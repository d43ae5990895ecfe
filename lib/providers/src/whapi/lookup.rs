//! Looking a message up whose answer was lost: `GET /messages/list` lists own messages, newest first.
//! All chats are listed and the recipient compared, because a chat that was never written to is "not
//! found" (which must not look like a refusal), and a chat may go by another name than the number.

use domain::{
    failure::ProviderFailure,
    provider::{Sighting, Sightings, WireRequest, WireResponse},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{refusal, shown};
use crate::lenient::{Envelope, Fields};

/// Messages asked for, the most the API gives: two minutes of a busy channel fit.
const PAGE: usize = 500;

/// WHAPI's times are whole seconds of another clock: a message of the attempt may seem to be a little
/// older than the attempt.
const SKEW: SignedDuration = SignedDuration::from_secs(10);

/// The request that lists own messages since a moment.
pub(super) fn build(since: Timestamp) -> WireRequest {
    let from = earliest(since).as_second();
    WireRequest::get(format!(
        "/messages/list?count={PAGE}&time_from={from}&from_me=true&sort=desc"
    ))
}

fn earliest(since: Timestamp) -> Timestamp {
    since.checked_sub(SKEW).unwrap_or(since)
}

/// What the answer shows. Absence is proof only when the list is known to reach back before the moment
/// asked for and everything in it could be read and compared: a false "absent" would send twice. That
/// is also why "chat not found" is a refusal here, not an empty list: the chat may go by another name.
pub(super) fn read(
    response: &WireResponse,
    request: &WireRequest,
    since: Timestamp,
) -> Result<Sightings, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let text = str::from_utf8(&response.body).map_err(|_not_text| unreadable())?;
    let envelope = Envelope::open(text).ok_or_else(unreadable)?;
    let list = envelope.0.iter().find(|(key, _)| key == "messages");
    let (_, list) = list.ok_or_else(unreadable)?;
    let list: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(list.get()).map_err(|_no_list| unreadable())?;

    let since = earliest(since);
    let mut seen = Vec::new();
    let mut all_read = true;
    let mut times = Vec::new();
    for message in &list {
        let Ok(message) = serde_json::from_str::<Value>(message.get()) else {
            all_read = false;
            continue;
        };
        let message = Fields::of(&message);
        match own(message, request) {
            Ok((at, found)) => {
                times.push(at);
                if let Some((provider_id, likeness)) = found.filter(|_| at >= since) {
                    all_read &= likeness != Likeness::CannotTell;
                    seen.push(Sighting {
                        provider_id,
                        at,
                        same_content: likeness == Likeness::Same,
                    });
                }
            }
            Err(_odd) => all_read = false,
        }
    }
    let asked = envelope.0.iter().find(|(key, _)| key == "count");
    let asked = asked.and_then(|(_, count)| serde_json::from_str(count.get()).ok());
    let full = list.len() >= asked.unwrap_or(PAGE).min(PAGE);
    // A full page reaches back far enough only if it really is newest first.
    let newest_first = times.iter().zip(times.iter().skip(1)).all(|(a, b)| a >= b);
    let reaches_back = newest_first && times.last().is_some_and(|oldest| *oldest < since);
    Ok(Sightings {
        seen,
        complete: all_read && (!full || reaches_back),
    })
}

type Own = (Timestamp, Option<(String, Likeness)>);

/// When a listed message was sent and, if it is an own one, its id and likeness to the request.
fn own(message: Fields<'_>, request: &WireRequest) -> Result<Own, &'static str> {
    let at = message.moment("timestamp")?;
    match message.flag("from_me") {
        Some(true) => {
            let content = likeness(message, request);
            Ok((
                at,
                Some((message.id("id")?, addressed(message, request, content))),
            ))
        }
        Some(false) => Ok((at, None)),
        None => Err("it does not say whose it is"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Other,
    /// WHAPI shows too little to tell.
    CannotTell,
}

/// Whether a message of this likeness went to the request's recipient. A chat that goes by a name
/// without a number may be theirs or not: then nothing is told.
fn addressed(message: Fields<'_>, request: &WireRequest, content: Likeness) -> Likeness {
    let Some(wanted) = request
        .body
        .as_ref()
        .and_then(|body| Fields::of(body).text("to"))
    else {
        return Likeness::CannotTell;
    };
    let by_name = wanted.contains('@');
    let chat = message.text("chat_id");
    match chat.map(|chat| chat.split_once('@').unwrap_or((chat, ""))) {
        _ if chat == Some(wanted) => content,
        Some((digits, "s.whatsapp.net" | "c.us" | "")) if digits == wanted => content,
        Some((_, "g.us" | "newsletter")) => Likeness::Other,
        // The number of somebody who is written to by name is not known.
        Some((_, "s.whatsapp.net" | "c.us" | "")) if !by_name => Likeness::Other,
        Some(_) | None if content == Likeness::Other => Likeness::Other,
        Some(_) | None => Likeness::CannotTell,
    }
}

/// Whether a listed message is what the request said. The link of a file is not shown again, so files
/// are alike when kind, caption and name are.
fn likeness(message: Fields<'_>, request: &WireRequest) -> Likeness {
    let (Some(kind), Some(body)) = (message.text("type"), &request.body) else {
        return Likeness::CannotTell;
    };
    let wanted = Fields::of(body);
    let own = message.at(kind);
    if matches!(kind, "unknown" | "system") || !own.is_object() {
        return Likeness::CannotTell;
    }
    let same = match (request.path.as_str(), kind) {
        ("/messages/text", "text" | "link_preview") => like(wanted.text("body"), shown::body(own)),
        ("/messages/interactive", "interactive" | "hsm" | "buttons" | "text" | "list") => {
            return interactive(own, wanted);
        }
        ("/messages/image", "image") => like(wanted.text("caption"), own.text("caption")),
        ("/messages/document", "document" | "documentWithCaption") => {
            let name = own.text("filename").or_else(|| own.text("file_name"));
            like(wanted.text("caption"), own.text("caption"))
                && wanted.text("filename").is_none_or(|n| like(Some(n), name))
        }
        _ => false,
    };
    if same {
        Likeness::Same
    } else {
        Likeness::Other
    }
}

/// The body must be the same; header, footer and titles too, as far as they are shown.
fn interactive(own: Fields<'_>, wanted: Fields<'_>) -> Likeness {
    let Some(body) = shown::body(own) else {
        return Likeness::CannotTell;
    };
    let part = |name| own.text(name).or_else(|| part_text(own.at(name)));
    let same_part =
        |name| part(name).is_none_or(|shown| like(wanted.at(name).text("text"), Some(shown)));
    let same = like(wanted.at("body").text("text"), Some(body))
        && same_part("header")
        && same_part("footer");
    if !same {
        return Likeness::Other;
    }
    let shown = titles(own);
    match (shown.is_empty(), shown == titles(wanted)) {
        (true, _) | (_, true) => Likeness::Same,
        // No sample shows how a list comes back: its label may stand there as a button.
        (false, false) if wanted.at("action").at("list").is_object() => Likeness::CannotTell,
        (false, false) => Likeness::Other,
    }
}

/// Titles of buttons and rows, wherever this type keeps them.
fn titles(own: Fields<'_>) -> Vec<&str> {
    let action = own.at("action");
    let buttons = own.items("buttons").chain(action.items("buttons"));
    let sections = own
        .items("sections")
        .chain(action.at("list").items("sections"));
    buttons
        .chain(sections.flat_map(|section| section.items("rows")))
        .filter_map(|choice| choice.text("title").or_else(|| choice.text("text")))
        .collect()
}

/// A header may be `{text:"…"}` or `{type:"text",text:{body:"…"}}`.
fn part_text(part: Fields<'_>) -> Option<&str> {
    part.text("text").or_else(|| part.at("text").text("body"))
}

/// Texts are alike when they differ in nothing but the white space that phones change.
fn like(wanted: Option<&str>, shown: Option<&str>) -> bool {
    let (wanted, shown) = (wanted.unwrap_or_default(), shown.unwrap_or_default());
    wanted.split_whitespace().eq(shown.split_whitespace())
}

#[cfg(test)]
mod tests;
