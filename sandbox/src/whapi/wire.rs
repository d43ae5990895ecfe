//! WHAPI's JSON shapes, as its published schema and captured webhooks have them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::orders::set;

/// The device number of an API session.
pub(super) const DEVICE: u64 = 11;

/// A message id as WHAPI's pattern wants it. It never repeats, not even between runs.
pub(super) fn new_message_id() -> String {
    let id = BASE64_URL_SAFE_NO_PAD.encode(Uuid::now_v7().as_bytes());
    format!("{}-wSandbox", id.replace(['-', '_'], "."))
}

/// `to` as a chat id.
pub(super) fn chat_id(to: &str) -> String {
    match to.contains('@') {
        true => to.into(),
        false => format!("{to}@s.whatsapp.net"),
    }
}

/// The number in a chat id.
pub(super) fn number(chat_id: &str) -> &str {
    chat_id.split('@').next().unwrap_or(chat_id)
}

/// A webhook body: one data key, the event, the channel.
pub(super) fn envelope(key: &str, data: Value, event: (&str, &str), channel_id: &str) -> Value {
    let mut body = Map::new();
    body.insert(key.into(), data);
    body.insert("event".into(), json!({"type": event.0, "event": event.1}));
    body.insert("channel_id".into(), channel_id.into());
    Value::Object(body)
}

/// A message of the channel's owner. `source` is `api` or `mobile`.
pub(super) fn own_message(
    id: &str,
    chat_id: &str,
    phone: &str,
    (kind, content): (&str, Value),
    quoted: Option<&str>,
) -> Value {
    let mut message = json!({
        "id": id,
        "from_me": true,
        "type": kind,
        "chat_id": chat_id,
        "timestamp": Timestamp::now().as_second(),
        "source": "api",
        "device_id": DEVICE,
        "status": "pending",
        "from": phone,
    });
    set(&mut message, kind, content);
    if let Some(quoted) = quoted {
        set(&mut message, "context", json!({"quoted_id": quoted}));
    }
    message
}

/// A status. Only the codes of `delivered` (3) and `read` (4) were seen in captures; the
/// others are guesses that continue the row.
pub(super) fn status(id: &str, status: &str, chat_id: &str, timestamp: &str) -> Value {
    let code = match status {
        "failed" => 0,
        "pending" => 1,
        "sent" => 2,
        "delivered" => 3,
        "read" => 4,
        "played" => 5,
        "deleted" => 6,
        _ => 99,
    };
    json!({
        "id": id,
        "code": code,
        "status": status,
        "recipient_id": chat_id,
        "timestamp": timestamp,
    })
}

/// The status part of health.
pub(super) fn health_status(text: &str) -> Value {
    let code = match text {
        "INIT" => 1,
        "LAUNCH" => 2,
        "QR" => 3,
        "AUTH" => 4,
        "ERROR" => 5,
        _ => 0,
    };
    json!({"code": code, "text": text})
}

/// The documented error body.
pub(super) fn nested_error(code: u16, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

/// The other error body, with the lower-case text that clients report.
pub(super) fn flat_error(code: u16, message: &str) -> Value {
    json!({"code": code, "error": message.to_lowercase()})
}

/// The text WHAPI documents for a status.
pub(super) fn usual_message(code: u16) -> &'static str {
    match code {
        400 => "Wrong request parameters",
        401 => "Need channel authorization for send message",
        402 => "Trial version limit exceeded",
        403 => "It is forbidden to send to this group/recipient",
        404 => "Media with specified id not found",
        413 => "Request media too large",
        415 => "Unsupported media type",
        429 => "Too many requests",
        _ => "Internal Error",
    }
}

#[cfg(test)]
mod tests {
    use super::new_message_id;

    #[test]
    fn message_ids_fit_the_published_pattern() {
        let (id, other) = (new_message_id(), new_message_id());
        assert_ne!(id, other);
        let (left, right) = id.split_once('-').unwrap();
        let usual = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
        assert!((4..=30).contains(&left.len()) && usual(left), "{id}");
        assert!((4..=14).contains(&right.len()) && usual(right), "{id}");
    }
}
