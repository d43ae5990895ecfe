//! A message as WHAPI shows it, in webhooks and in lists alike.

use domain::{message::InboundContent, phone::PhoneNumber};

use crate::{
    lenient::{self, Fields, NAME, TEXT, cut},
    scrub,
};

/// Most names shown of contacts passed on together.
const MOST_CONTACTS: usize = 10;

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
        "contact" => card([own]),
        "contact_list" => card(own.items("list")),
        "action" => match own.text("type").unwrap_or_default() {
            "reaction" => own.id("target").ok().map(|to| InboundContent::Reaction {
                to,
                emoji: cut(own.text("emoji").unwrap_or_default(), 16),
            }),
            "edit" | "edited" => edit(own),
            "delete" => own
                .id("target")
                .ok()
                .map(|of| InboundContent::Revoke { of }),
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
    let body = cut(body(own)?, TEXT);
    Some(InboundContent::Text { body })
}

/// The new text of an earlier message; edits of anything but texts are placeholders.
fn edit(own: Fields<'_>) -> Option<InboundContent> {
    let body = body(own.at("edited_content"))?;
    Some(InboundContent::Edit {
        of: own.id("target").ok()?,
        body: cut(body, TEXT),
    })
}

/// Contacts somebody passed on, by their names alone.
fn card<'a>(contacts: impl IntoIterator<Item = Fields<'a>>) -> Option<InboundContent> {
    let names: Vec<_> = contacts
        .into_iter()
        .take(MOST_CONTACTS)
        .filter_map(|contact| contact.some("name", NAME))
        .collect();
    (!names.is_empty()).then(|| InboundContent::Card {
        card: "contacts".into(),
        summary: names.join(", "),
    })
}

/// The body of a text or of an interactive message, wherever this type keeps it.
pub(super) fn body(own: Fields<'_>) -> Option<&str> {
    own.text("body")
        .or_else(|| own.at("body").text("text"))
        .or_else(|| own.text("text"))
}

fn media(media: &str, own: Fields<'_>) -> InboundContent {
    let link = own.text("link").and_then(lenient::link);
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

/// Whether WHAPI writes to this name: the LID of a person, as its chats are called.
pub(super) fn is_lid(name: &str) -> bool {
    name.strip_suffix("@lid").is_some_and(|digits| {
        (9..=31).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn cut_id(id: &str) -> String {
    cut(id, 128)
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
        check(json!({"type": "contact", "contact": {}}), other("contact"));
        check(
            json!({"type": "contact_list", "contact_list": {"list": [7]}}),
            other("contact_list"),
        );
        check(json!({"type": "hologram"}), other("hologram"));
        check(json!({"type": "text"}), other("text"));
        check(json!({"type": "text", "text": {"body": 7}}), other("text"));
        check(
            json!({"type": "location", "location": {}}),
            other("location"),
        );
        check(
            json!({"type": "action", "action": {"type": "vote"}}),
            other("action vote"),
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
    fn earlier_messages_are_edited_and_taken_back() {
        check(
            json!({"type": "action", "action": {"type": "edit", "target": "abc-def", "edited_type": "text",
                "edited_content": {"body": "Hello"}}}),
            Some(InboundContent::Edit {
                of: "abc-def".into(),
                body: "Hello".into(),
            }),
        );
        check(
            json!({"type": "action", "action": {"type": "delete", "target": "abc-def"}}),
            Some(InboundContent::Revoke {
                of: "abc-def".into(),
            }),
        );
        check(
            json!({"type": "action", "action": {"type": "edit", "target": "abc-def", "edited_type": "image"}}),
            other("action"),
        );
    }

    #[test]
    fn contacts_are_shown_by_their_names() {
        check(
            json!({"type": "contact_list", "contact_list": {"list": [{"name": "Ali"}, {}, {"name": "Mona"}]}}),
            Some(InboundContent::Card {
                card: "contacts".into(),
                summary: "Ali, Mona".into(),
            }),
        );
    }

    #[test]
    fn only_the_name_of_a_lid_is_written_to() {
        assert!(is_lid("123456789012345@lid"));
        for other in [
            "123456789012345",
            "123456789012345@g.us",
            "BH.1234567890@lid",
            "@lid",
            "1@lid",
            "123456789012345@lid/../x",
        ] {
            assert!(!is_lid(other), "{other}");
        }
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
