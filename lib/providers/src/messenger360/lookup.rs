//! Looking a message up whose answer was lost: `GET /v2/message/sentMessages`. The shape of its items is
//! not documented, nor is the zone of their times, so an item is read wherever clients read it, and
//! absence is believed only when nothing is left open.

use domain::{
    contact::Recipient,
    failure::ProviderFailure,
    provider::{Sighting, Sightings, WireRequest, WireResponse},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{refusal, send};
use crate::{lenient::Fields, moment::Written};

/// Times are whole seconds of another clock: a message may seem a little older than it is.
const SKEW: SignedDuration = SignedDuration::from_secs(10);

/// How far a time without a zone may be off.
const ZONES: SignedDuration = SignedDuration::from_hours(14);

/// The newest page of messages to one number.
pub(super) fn build(to: &Recipient) -> Result<WireRequest, ProviderFailure> {
    let phone = send::digits(to)?;
    Ok(WireRequest::get(format!(
        "/v2/message/sentMessages?page=1&phonenumber={phone}"
    )))
}

/// What the answer shows. A false "absent" would send twice: it is claimed only of a list that was read
/// to its last item and is either whole or reaches back before the moment asked for.
pub(super) fn read(
    response: &WireResponse,
    request: &WireRequest,
    since: Timestamp,
) -> Result<Sightings, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let value: Value =
        serde_json::from_slice(&response.body).map_err(|_not_json| refusal::unreadable())?;
    let body = Fields::of(&value);
    if body.flag("success") == Some(false) || refusal::has_error_code(body) {
        return Err(refusal::of(response));
    }
    let (list, paging) = list(&value).ok_or_else(refusal::unreadable)?;
    let since = since.checked_sub(SKEW).unwrap_or(since);
    let mut page = Page::default();
    for item in list {
        page.add(Fields::of(item), request, since);
    }
    let whole = is_whole(paging, list.len());
    Ok(Sightings {
        complete: page.all_read && (whole || page.reaches_back(since)),
        seen: page.seen,
    })
}

/// The one list of an answer and what stands beside it, which may count its pages.
fn list(value: &Value) -> Option<(&Vec<Value>, Fields<'_>)> {
    let places = [value.get("data"), value.get("result"), Some(value)];
    for place in places.into_iter().flatten() {
        if let Value::Array(list) = place {
            return Some((list, Fields::of(value)));
        }
        let mut lists = place
            .as_object()
            .into_iter()
            .flat_map(|object| object.iter())
            .filter(|(name, _)| !matches!(name.as_str(), "data" | "result"))
            .filter_map(|(_, value)| value.as_array());
        if let (Some(list), None) = (lists.next(), lists.next()) {
            return Some((list, Fields::of(place)));
        }
    }
    None
}

/// Whether the answer itself says that this is all there is.
fn is_whole(paging: Fields<'_>, listed: usize) -> bool {
    let number = |name| -> Option<usize> { paging.text_or_number(name)?.parse().ok() };
    let total = ["total", "totalCount", "totalMessages"]
        .into_iter()
        .find_map(number);
    let pages = ["totalPages", "lastPage", "last_page", "pages"]
        .into_iter()
        .find_map(number);
    match (total, pages) {
        (Some(total), Some(pages)) => total <= listed && pages <= 1,
        (Some(total), None) => total <= listed,
        (None, Some(pages)) => pages <= 1,
        (None, None) => false,
    }
}

struct Page {
    seen: Vec<Sighting>,
    times: Vec<Written>,
    all_read: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            seen: Vec::new(),
            times: Vec::new(),
            all_read: true,
        }
    }
}

impl Page {
    fn add(&mut self, item: Fields<'_>, request: &WireRequest, since: Timestamp) {
        let time = ["createdAt", "created_at", "executedAt", "timestamp", "date"]
            .into_iter()
            .find_map(|name| item.written_moment(name));
        let id = ["id", "ID", "_id", "messageId", "message_id"]
            .into_iter()
            .find_map(|name| item.id(name).ok());
        let (Some(time), Some(provider_id)) = (time, id) else {
            self.all_read = false;
            return;
        };
        self.times.push(time);
        let likeness = likeness(item, request);
        if time.at() < since {
            // It may have been sent later than it reads, where its zone is not known.
            self.all_read &= latest(time) < since || likeness == Likeness::Other;
            return;
        }
        self.all_read &= likeness != Likeness::CannotTell;
        self.seen.push(Sighting {
            provider_id,
            at: time.at(),
            same_content: likeness == Likeness::Same,
        });
    }

    /// Newest first, and the last one surely older than the moment asked for.
    fn reaches_back(&self, since: Timestamp) -> bool {
        let times = self.times.iter().map(|time| time.at());
        let newest_first = times.clone().zip(times.skip(1)).all(|(a, b)| a >= b);
        newest_first && self.times.last().is_some_and(|last| latest(*last) < since)
    }
}

/// The latest moment that a time may stand for.
fn latest(time: Written) -> Timestamp {
    match time {
        Written::Exact(at) => at,
        Written::Bare(at) => at.checked_add(ZONES).unwrap_or(Timestamp::MAX),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Other,
    /// It shows too little to tell.
    CannotTell,
}

/// Whether a listed message is what the request said.
fn likeness(item: Fields<'_>, request: &WireRequest) -> Likeness {
    let Some(wanted) = request.body.as_ref().map(Fields::of) else {
        return Likeness::CannotTell;
    };
    let shown = |names: &[&str]| names.iter().find_map(|name| item.some(name, usize::MAX));
    let phone = shown(&["phonenumber", "phoneNumber", "phone", "To", "to", "number"]);
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    if phone.is_some_and(|phone| wanted.text("phonenumber") != Some(digits(&phone).as_str())) {
        return Likeness::Other;
    }
    let text = shown(&["text", "Chat", "body", "caption", "Caption", "message"]);
    let url = shown(&["url", "file", "fileUrl", "media"]);
    let same_text = match (text, wanted.text("text")) {
        (Some(shown), said) => Some(like(&shown, said.unwrap_or_default())),
        (None, None) => Some(true),
        (None, Some(_)) => None,
    };
    match (same_text, wanted.text("url"), url) {
        (Some(false), _, _) => Likeness::Other,
        (Some(true), None, None) => Likeness::Same,
        (Some(true), Some(wanted), Some(shown)) if wanted == shown => Likeness::Same,
        // A text that is not shown, or a file under another address, may be ours all the same.
        (None | Some(true), _, _) => Likeness::CannotTell,
    }
}

/// Texts are alike when they differ in nothing but the white space that phones change.
fn like(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

#[cfg(test)]
mod tests;
