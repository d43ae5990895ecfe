//! What WHAPI accepts as a send: the rules of its published schema and of its help desk.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::interactive;
use crate::{messages::Choice, orders::set};

/// The kinds of messages that can be sent here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Text,
    Image,
    Document,
    Interactive,
}

impl Kind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Text, Self::Image, Self::Document, Self::Interactive]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Document => "document",
            Self::Interactive => "interactive",
        }
    }
}

/// A request to send that WHAPI would accept.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) to: String,
    pub(super) quoted: Option<String>,
    /// The object under the message's type key.
    pub(super) content: Value,
    pub(super) choices: Vec<Choice>,
}

/// Checks a send; the error is the text of WHAPI's 400.
pub(super) fn send(kind: Kind, body: &Value) -> Result<Accepted, String> {
    if !body.is_object() {
        return Err("Wrong request parameters: body must be a JSON object".into());
    }
    let to = text(body, "to")?;
    if !is_recipient(&to) {
        return Err(wrong(
            "/to must match pattern \"^[\\d-]{9,31}(@[\\w\\.]{1,})?$\"",
        ));
    }
    let quoted = optional_text(body, "quoted")?;
    if quoted.as_deref().is_some_and(|id| !is_message_id(id)) {
        return Err(wrong("/quoted must match the pattern of message ids"));
    }
    let (content, choices) = match kind {
        Kind::Text => (text_content(body)?, Vec::new()),
        Kind::Image | Kind::Document => (media_content(kind, body)?, Vec::new()),
        Kind::Interactive => interactive::content(body)?,
    };
    Ok(Accepted {
        to,
        quoted,
        content,
        choices,
    })
}

pub(super) fn wrong(what: &str) -> String {
    format!("Wrong request parameters: {what}")
}

pub(super) fn optional_text(body: &Value, key: &str) -> Result<Option<String>, String> {
    match body.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(&format!("/{key} must be string"))),
    }
}

pub(super) fn text(body: &Value, key: &str) -> Result<String, String> {
    match optional_text(body, key)? {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) => Err(wrong(&format!(
            "/{key} must NOT have fewer than 1 characters"
        ))),
        None => Err(wrong(&format!("must have required property '{key}'"))),
    }
}

/// `^[\d-]{9,31}(@[\w\.]{1,})?$`
fn is_recipient(to: &str) -> bool {
    let (number, server) = match to.split_once('@') {
        Some((number, server)) => (number, Some(server)),
        None => (to, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (9..=31).contains(&number.len())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
        && server.is_none_or(|server| !server.is_empty() && server.chars().all(word))
}

/// A little wider than the published pattern: real ids also contain `_`.
fn is_message_id(id: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (9..=68).contains(&id.len()) && id.contains('-') && id.chars().all(usual)
}

fn text_content(body: &Value) -> Result<Value, String> {
    let typing = body.get("typing_time");
    let in_range = |time: &Value| {
        time.as_f64()
            .is_some_and(|time| (0.0..=60.0).contains(&time))
    };
    if typing.is_some_and(|time| !in_range(time)) {
        return Err(wrong("/typing_time must be from 0 to 60"));
    }
    Ok(json!({"body": text(body, "body")?}))
}

/// Media by link, data URI or media id. The sandbox downloads nothing.
fn media_content(kind: Kind, body: &Value) -> Result<Value, String> {
    let media = text(body, "media")?;
    let usual = match kind {
        Kind::Document => "application/pdf",
        Kind::Text | Kind::Image | Kind::Interactive => "image/jpeg",
    };
    let mut content = json!({
        "id": format!("{}-{}", kind.word(), uuid::Uuid::now_v7().simple()),
        "mime_type": optional_text(body, "mime_type")?.unwrap_or_else(|| usual.into()),
        "file_size": media.len(),
    });
    if let Some(data) = media.strip_prefix("data:") {
        let (_, encoded) = data
            .split_once(";base64,")
            .ok_or_else(|| wrong("/media must be a base64 data URI"))?;
        let bytes = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_| wrong("/media must be a base64 data URI"))?;
        set(&mut content, "file_size", bytes.len());
    } else if media.contains("://") {
        let url = reqwest::Url::parse(&media).map_err(|_| wrong("/media must be a valid URL"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(wrong("/media must be a http or https URL"));
        }
        set(&mut content, "link", media);
    }
    if let Some(caption) = optional_text(body, "caption")? {
        set(&mut content, "caption", caption);
    }
    if let Some(name) = optional_text(body, "filename")?.filter(|_| kind == Kind::Document) {
        set(&mut content, "file_name", name.clone());
        set(&mut content, "filename", name);
    }
    Ok(content)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::{Kind, send};

    pub(in crate::whapi) fn check(kind: Kind, cases: &[(Value, bool)]) {
        for (body, accepted) in cases {
            let answer = send(kind, body);
            assert_eq!(answer.is_ok(), *accepted, "{body} {answer:?}");
        }
    }

    #[test]
    fn recipients_must_fit_the_pattern() {
        let text = |to: Value| json!({"to": to, "body": "hello"});
        check(
            Kind::Text,
            &[
                (text(json!("97300000001")), true),
                (text(json!("97300000001@s.whatsapp.net")), true),
                (text(json!("97300000001-1600000000@g.us")), true),
                (text(json!("+97300000001")), false),
                (text(json!("12345678")), false),
                (text(json!("97300000001@")), false),
                (text(json!("97300000001@a b")), false),
                (text(json!("٩٧٣٠٠٠٠٠٠٠١")), false),
                (text(json!(97300000001_u64)), false),
                (json!({"body": "hello"}), false),
                (json!("97300000001"), false),
            ],
        );
    }

    #[test]
    fn texts_and_media_need_their_fields() {
        let to = "97300000001";
        check(
            Kind::Text,
            &[
                (json!({"to": to}), false),
                (json!({"to": to, "body": ""}), false),
                (json!({"to": to, "body": {"text": "x"}}), false),
                (json!({"to": to, "body": "x", "typing_time": 60}), true),
                (json!({"to": to, "body": "x", "typing_time": 61}), false),
                (json!({"to": to, "body": "x", "quoted": "no id"}), false),
            ],
        );
        check(
            Kind::Document,
            &[
                (json!({"to": to}), false),
                (
                    json!({"to": to, "media": "https://example.com/a.pdf", "filename": "a.pdf"}),
                    true,
                ),
                (json!({"to": to, "media": "file:///etc/passwd"}), false),
                (
                    json!({"to": to, "media": "data:application/pdf;base64,JVBERg=="}),
                    true,
                ),
                (
                    json!({"to": to, "media": "data:application/pdf;base64,?"}),
                    false,
                ),
                (json!({"to": to, "media": "pdf-0011223344"}), true),
            ],
        );
    }
}
