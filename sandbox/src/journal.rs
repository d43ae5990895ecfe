//! What the sandbox remembers for its readers: received requests and posted webhooks.
//! Tokens are masked here, before anything is kept.

use std::collections::BTreeMap;

use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::provider::Provider;

/// Entries kept per journal; older ones are forgotten.
const KEPT: usize = 100_000;

/// A numbered list that forgets its oldest entries.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    entries: BTreeMap<u64, T>,
    next: u64,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            next: 1,
        }
    }
}

impl<T> Journal<T> {
    /// Adds the entry made from its own number, and returns the number.
    pub(crate) fn add(&mut self, entry: impl FnOnce(u64) -> T) -> u64 {
        let id = self.next;
        self.next += 1;
        self.entries.insert(id, entry(id));
        if self.entries.len() > KEPT {
            self.entries.pop_first();
        }
        id
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values()
    }

    /// Forgets the entries but not the numbering.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// One request the gate received.
#[derive(Clone, Debug, Serialize)]
pub struct RequestEntry {
    /// Number in order of arrival.
    pub id: u64,
    /// When it had been read completely.
    pub at: Timestamp,
    /// Whose path it is.
    pub provider: Provider,
    /// The bearer token or key, masked.
    pub token: Option<String>,
    /// Whom it concerns, for filtering only.
    #[serde(skip)]
    pub(crate) key: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query, a key in it masked.
    pub path: String,
    /// The query as it came, a token in it masked.
    pub query: Option<String>,
    /// All headers, the token masked wherever it occurs.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON, or as text when it is none. 360Messenger's forms are shown as an
    /// object of their fields.
    pub body: Value,
    /// The answered HTTP status; none when no answer was given.
    pub status: Option<u16>,
    /// How the exchange ended.
    pub outcome: Outcome,
    /// Whether the caller left before it had an answer.
    pub client_gone: bool,
}

/// How an exchange with the gate ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still being worked on.
    Pending,
    /// An HTTP answer was given.
    Answered,
    /// The answer is or was withheld.
    Withheld,
    /// The connection was cut.
    Reset,
}

/// One webhook, with every try to deliver it.
#[derive(Clone, Debug, Serialize)]
pub struct WebhookEntry {
    /// Number in order of emission.
    pub id: u64,
    /// Who posts it.
    pub provider: Provider,
    /// The channel's token, masked; at Meta the number's, account's or app's id.
    pub token: String,
    /// The whole token, for filtering only.
    #[serde(skip)]
    pub(crate) key: String,
    /// The data key and event type: `messages`, `statuses`, `channel`, `users`, `raw`, or
    /// any other field of Meta's.
    pub event: String,
    /// The message it is about, where there is one.
    pub message_id: Option<String>,
    /// The registered address.
    pub url: String,
    /// The body as JSON, or as text when it is none.
    pub body: Value,
    /// When it was emitted.
    pub at: Timestamp,
    /// Where the delivery stands.
    pub state: DeliveryState,
    /// Every try so far.
    pub tries: Vec<Try>,
}

/// Where a webhook's delivery stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Held back by a `reorder_webhooks` or `batch_webhooks` fault.
    Held,
    /// Waiting for its first try or for the next one.
    Waiting,
    /// Answered with 200.
    Delivered,
    /// Not answered with 200 in the allowed number of tries.
    GivenUp,
    /// Stopped by a reset.
    Cancelled,
}

/// One try to deliver a webhook.
#[derive(Clone, Debug, Serialize)]
pub struct Try {
    /// When the try began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// The answered HTTP status.
    pub status: Option<u16>,
    /// Why there is no status.
    pub error: Option<String>,
}

/// The last four characters of a secret, or none of them when it is short.
#[must_use]
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length > 8 { 4 } else { 0 };
    let tail: String = secret.chars().skip(length - shown).collect();
    format!("****{tail}")
}

/// `headers` in readable form, with `token` masked in every value.
pub(crate) fn masked_headers(headers: &HeaderMap, token: Option<&str>) -> BTreeMap<String, String> {
    let mut readable = BTreeMap::new();
    for (name, value) in headers {
        let text = masked_text(&String::from_utf8_lossy(value.as_bytes()), token);
        readable
            .entry(name.to_string())
            .and_modify(|earlier: &mut String| *earlier = format!("{earlier}, {text}"))
            .or_insert(text);
    }
    readable
}

/// `text` with every occurrence of `token` masked.
pub(crate) fn masked_text(text: &str, token: Option<&str>) -> String {
    match token {
        Some(token) if !token.is_empty() => text.replace(token, &mask(token)),
        Some(_) | None => text.into(),
    }
}

/// A body for the journal: JSON where it is JSON, else its text, `null` when empty.
pub(crate) fn readable(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_short_secret_is_masked_completely() {
        assert_eq!(mask("chan-token-abcd"), "****abcd");
        assert_eq!(mask("abcdefgh"), "****");
        assert_eq!(mask(""), "****");
    }
}
