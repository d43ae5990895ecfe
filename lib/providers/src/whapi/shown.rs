//! A message as WHAPI shows it, in webhooks and in lists alike.

use domain::{message::InboundContent, phone::PhoneNumber};

use super::wire::Fields;
use crate::scrub;

/// Longest text of a message; what people type on a phone ends there too.
const TEXT: usize = 65_536;
/// Longest name, type or id of a file.
const NAME: usize = 256;
/// Longest link.
const LINK: usize = 2_048;

/// What a message says. `None`: a notice of the protocol that nobody wrote.
pub(super) fn content(message: Fields<'_>) -> Option<InboundContent> {
    let kind = message.text("type").unwrap_or_default();
    let own = message.at(kind);
    let content = match kind {
        "unknown" | "system" | "" => return None,
        "text" | "link_preview" => words(own),
        // As they come back of what we sent with buttons: the schema knows all four.
        "interactive" | "hsm" | "buttons" | "list" => words(own),
        "image" | "audio" | "voice" | "document" | "sticker" | "video" => Some(media(kind, own)),
        "gif" | "short" => Some(media("video", own)),
        "documentWithCaption" => Some(media(
            "document",
            if own.is_object() {
                own
            } else {
                message.at("document")
            },
        )),
        "location" | "live_location" => place(own),
        "action" => match own.text("type").unwrap_or_default() {
            "reaction" => own.text("target").map(|target| InboundContent::Reaction {
                to: target.chars().take(NAME).collect(),
                emoji: own
                    .text("emoji")
                    .unwrap_or_default()
                    .chars()
                    .take(16)
                    .collect(),
            }),
            // Settings of the chat, not something said.
            "ephemeral" | "pin" | "unpin" => return None,
            other => Some(InboundContent::Other {
                name: scrub::word(&format!("action {other}")),
            }),
        },
        _ => None,
    };
    // Never seen before, or without what its type promises: a visible placeholder.
    Some(content.unwrap_or_else(|| InboundContent::Other {
        name: scrub::word(kind),
    }))
}

fn words(own: Fields<'_>) -> Option<InboundContent> {
    let body = body(own)?;
    Some(InboundContent::Text {
        body: body.chars().take(TEXT).collect(),
    })
}

/// The body of a text or of an interactive message, wherever this type keeps it.
pub(super) fn body(own: Fields<'_>) -> Option<&str> {
    own.text("body")
        .or_else(|| own.at("body").text("text"))
        .or_else(|| own.text("text"))
}

fn media(media: &str, own: Fields<'_>) -> InboundContent {
    let link = own
        .some("link", LINK + 1)
        .filter(|link| link.starts_with("https://") && link.chars().count() <= LINK);
    InboundContent::Media {
        media: media.into(),
        media_id: own.some("id", NAME),
        link,
        mime_type: own.some("mime_type", NAME),
        filename: own
            .some("filename", NAME)
            .or_else(|| own.some("file_name", NAME)),
        caption: own.some("caption", TEXT),
    }
}

fn place(own: Fields<'_>) -> Option<InboundContent> {
    let degrees = |name| own.text_or_number(name).filter(|d| d.len() <= 32);
    Some(InboundContent::Location {
        latitude: degrees("latitude")?,
        longitude: degrees("longitude")?,
        name: own.some("name", NAME).or_else(|| own.some("address", NAME)),
    })
}

/// Whose chat a message stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chat {
    /// With one person.
    Person {
        /// The number, where the chat is named by it.
        phone: Option<PhoneNumber>,
        /// WHAPI's own name, where it is not: a LID, or something newer.
        user: Option<String>,
    },
    /// Groups, channels and status posts: not conversations with one person.
    Crowd {
        /// Which kind.
        name: &'static str,
    },
}

impl Chat {
    /// Reads a chat id: `97339000000@s.whatsapp.net`.
    pub(super) fn read(id: &str) -> Self {
        let (name, server) = id.split_once('@').unwrap_or((id, "s.whatsapp.net"));
        match server {
            "g.us" => Self::Crowd {
                name: "group message",
            },
            "broadcast" => Self::Crowd {
                name: "status post",
            },
            "newsletter" => Self::Crowd {
                name: "newsletter message",
            },
            "s.whatsapp.net" | "c.us" => match number(name) {
                Some(phone) => Self::Person {
                    phone: Some(phone),
                    user: None,
                },
                None => Self::Person {
                    phone: None,
                    user: Some(cut_id(id)),
                },
            },
            // The digits of a LID look like a number and are none.
            _ => Self::Person {
                phone: None,
                user: Some(cut_id(id)),
            },
        }
    }
}

/// A number as WHAPI writes it: digits alone, or with its server. `None` for LIDs.
pub(super) fn number(text: &str) -> Option<PhoneNumber> {
    let digits = match text.split_once('@') {
        Some((digits, "s.whatsapp.net" | "c.us")) => digits,
        Some(_) => return None,
        None => text,
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| PhoneNumber::parse(digits).ok()).flatten()
}

fn cut_id(id: &str) -> String {
    id.chars().take(128).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(message: Value, expected: Option<InboundContent>) {
        assert_eq!(content(Fields::of(&message)), expected, "{message}");
    }

    fn text(body: &str) -> Option<InboundContent> {
        Some(InboundContent::Text { body: body.into() })
    }

    fn other(name: &str) -> Option<InboundContent> {
        Some(InboundContent::Other { name: name.into() })
    }

    #[test]
    fn everything_that_has_a_text_is_a_text() {
        check(
            json!({"type": "text", "text": {"body": "Hello"}}),
            text("Hello"),
        );
        check(
            json!({"type": "link_preview", "link_preview": {"body": "see https://a.example", "title": "A"}}),
            text("see https://a.example"),
        );
        check(
            json!({"type": "interactive", "interactive": {"body": {"text": "Hi"}}}),
            text("Hi"),
        );
        check(json!({"type": "hsm", "hsm": {"body": "Hi"}}), text("Hi"));
        check(
            json!({"type": "buttons", "buttons": {"text": "Hi"}}),
            text("Hi"),
        );
    }

    #[test]
    fn what_nobody_knows_is_a_visible_placeholder() {
        check(
            json!({"type": "contact", "contact": {"name": "Mona"}}),
            other("contact"),
        );
        check(json!({"type": "hologram"}), other("hologram"));
        check(json!({"type": "text"}), other("text"));
        check(json!({"type": "text", "text": {"body": 7}}), other("text"));
        check(
            json!({"type": "location", "location": {}}),
            other("location"),
        );
        check(
            json!({"type": "action", "action": {"type": "edit"}}),
            other("action edit"),
        );
        check(
            json!({"type": "action", "action": {"type": "reaction"}}),
            other("action"),
        );
    }

    #[test]
    fn notices_of_the_protocol_are_nothing_said() {
        check(json!({"type": "unknown"}), None);
        check(json!({"type": "system", "system": {"body": "x"}}), None);
        check(
            json!({"type": "action", "action": {"type": "ephemeral"}}),
            None,
        );
        check(json!({}), None);
    }

    #[test]
    fn files_keep_what_is_needed_to_fetch_them() {
        check(
            json!({"type": "short", "short": {"id": "mp4-1", "mime_type": "video/mp4", "link": "http://plain.example"}}),
            Some(InboundContent::Media {
                media: "video".into(),
                media_id: Some("mp4-1".into()),
                link: None,
                mime_type: Some("video/mp4".into()),
                filename: None,
                caption: None,
            }),
        );
        check(
            json!({"type": "documentWithCaption", "document": {"id": "pdf-1", "file_name": "1.pdf", "caption": "Here"}}),
            Some(InboundContent::Media {
                media: "document".into(),
                media_id: Some("pdf-1".into()),
                link: None,
                mime_type: None,
                filename: Some("1.pdf".into()),
                caption: Some("Here".into()),
            }),
        );
    }

    #[test]
    fn places_and_reactions_keep_the_providers_spelling() {
        check(
            json!({"type": "live_location", "live_location": {"latitude": 26.2235, "longitude": "50.5876"}}),
            Some(InboundContent::Location {
                latitude: "26.2235".into(),
                longitude: "50.5876".into(),
                name: None,
            }),
        );
        check(
            json!({"type": "action", "action": {"type": "reaction", "target": "abc-def", "emoji": "👍"}}),
            Some(InboundContent::Reaction {
                to: "abc-def".into(),
                emoji: "👍".into(),
            }),
        );
    }

    #[test]
    fn a_lid_is_not_taken_for_a_number() {
        let person = |phone: Option<&str>, user: Option<&str>| Chat::Person {
            phone: phone.map(|p| PhoneNumber::parse(p).unwrap()),
            user: user.map(Into::into),
        };
        assert_eq!(
            Chat::read("97339000000@s.whatsapp.net"),
            person(Some("+97339000000"), None)
        );
        assert_eq!(
            Chat::read("97339000000"),
            person(Some("+97339000000"), None)
        );
        assert_eq!(
            Chat::read("123456789012345@lid"),
            person(None, Some("123456789012345@lid"))
        );
        assert_eq!(
            Chat::read("0@s.whatsapp.net"),
            person(None, Some("0@s.whatsapp.net"))
        );
        assert_eq!(
            Chat::read("120363041234567890@g.us"),
            Chat::Crowd {
                name: "group message"
            }
        );
        assert_eq!(
            Chat::read("status@broadcast"),
            Chat::Crowd {
                name: "status post"
            }
        );
        assert_eq!(number("123456789012345@lid"), None);
    }
}
