//! A message as Meta shows it: what people write, and what a tenant writes in the Business app.

use domain::message::InboundContent;
use serde_json::Value;

use crate::{
    lenient::{self, Fields, NAME, TEXT, cut},
    scrub,
};

/// Longest summary of a card.
const SUMMARY: usize = 1_024;

/// Most things a summary names.
const NAMED: usize = 20;

/// What a message says. `None`: nobody wrote anything.
pub(super) fn content(message: Fields<'_>) -> Option<InboundContent> {
    let kind = message.text("type").unwrap_or_default();
    let own = message.at(kind);
    let content = match kind {
        // They opened the chat for the first time.
        "request_welcome" => return None,
        "text" => own.text("body").map(words),
        "image" | "video" | "document" | "sticker" => Some(media(kind, own)),
        "audio" | "voice" => {
            let spoken = kind == "voice" || own.flag("voice") == Some(true);
            Some(media(if spoken { "voice" } else { "audio" }, own))
        }
        "location" => place(own),
        "contacts" => Some(card("contacts", &people(message))),
        "order" => Some(card("order", &order(own))),
        "reaction" => own
            .id("message_id")
            .ok()
            .map(|to| InboundContent::Reaction {
                to,
                // Without one it is taken back.
                emoji: cut(own.text("emoji").unwrap_or_default(), 16),
            }),
        "interactive" => return Some(interactive(own)),
        "edit" => edit(own),
        "revoke" => own
            .id("original_message_id")
            .ok()
            .map(|of| InboundContent::Revoke { of }),
        "unsupported" => own
            .text("type")
            .map(|what| other(&format!("{kind} {what}"))),
        _ => None,
    };
    // Never seen before, or without what its type promises: a visible placeholder.
    Some(content.unwrap_or_else(|| other(kind)))
}

fn other(name: &str) -> InboundContent {
    InboundContent::Other {
        name: scrub::word(name),
    }
}

fn words(text: &str) -> InboundContent {
    InboundContent::Text {
        body: cut(text, TEXT),
    }
}

fn card(card: &str, summary: &str) -> InboundContent {
    InboundContent::Card {
        card: card.into(),
        summary: cut(summary, SUMMARY),
    }
}

fn media(media: &str, own: Fields<'_>) -> InboundContent {
    InboundContent::Media {
        media: media.into(),
        media_id: own.text_or_number("id").filter(|id| {
            let blank = id.trim().is_empty();
            !blank && id.len() <= NAME
        }),
        link: own.text("url").and_then(lenient::link),
        mime_type: own.some("mime_type", NAME),
        filename: own.some("filename", NAME),
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

/// The names on cards of people.
fn people(message: Fields<'_>) -> String {
    let names = message.items("contacts").filter_map(|person| {
        let name = person.at("name");
        name.some("formatted_name", NAME)
            .or_else(|| name.some("first_name", NAME))
            .or_else(|| person.items("phones").find_map(|p| p.some("phone", 32)))
    });
    let names: Vec<_> = names.take(NAMED).collect();
    names.join(", ")
}

/// What was ordered and how often, then the words that came with it.
fn order(own: Fields<'_>) -> String {
    let products = own.items("product_items").filter_map(|product| {
        let id = product.some("product_retailer_id", NAME)?;
        let count = product.text_or_number("quantity");
        Some(match count.filter(|count| count.len() <= 12) {
            Some(count) => format!("{count} × {id}"),
            None => id,
        })
    });
    let mut said: Vec<_> = products.take(NAMED).collect();
    said.extend(own.some("text", SUMMARY));
    said.join(", ")
}

/// What is no pressed button: a form that was filled in, or something newer.
fn interactive(own: Fields<'_>) -> InboundContent {
    let kind = own.text("type").unwrap_or_default();
    if kind != "nfm_reply" {
        return other(&format!("interactive {kind}"));
    }
    let form = own.at(kind);
    let filled = form.text("response_json").map(filled).unwrap_or_default();
    let named = || {
        form.some("body", SUMMARY)
            .or_else(|| form.some("name", NAME))
    };
    let summary = if filled.is_empty() {
        named().unwrap_or_default()
    } else {
        filled
    };
    card("form", &summary)
}

/// A form's fields and what was written into them. The token ties the form to its flow and says
/// nothing to people.
fn filled(json: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else {
        return String::new();
    };
    let fields = fields.iter().filter(|(name, _)| *name != "flow_token");
    let shown: Vec<_> = fields
        .take(NAMED)
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => format!("{name}: {value}"),
        })
        .collect();
    shown.join(", ")
}

/// A message of theirs, or the text below a file of theirs, has other words now.
fn edit(own: Fields<'_>) -> Option<InboundContent> {
    let message = own.at("message");
    let of = own
        .id("original_message_id")
        .or_else(|_missing| message.at("context").id("id"))
        .ok()?;
    let part = message.at(message.text("type").unwrap_or("text"));
    let body = part.text("body").or_else(|| part.text("caption"))?;
    Some(InboundContent::Edit {
        of,
        body: cut(body, TEXT),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(message: Value, expected: Option<InboundContent>) {
        assert_eq!(content(Fields::of(&message)), expected, "{message}");
    }

    fn named(name: &str) -> Option<InboundContent> {
        Some(InboundContent::Other { name: name.into() })
    }

    fn summed(card: &str, summary: &str) -> Option<InboundContent> {
        Some(InboundContent::Card {
            card: card.into(),
            summary: summary.into(),
        })
    }

    #[test]
    fn what_nobody_knows_is_a_visible_placeholder() {
        check(json!({"type": "hologram"}), named("hologram"));
        check(json!({"type": "text"}), named("text"));
        check(json!({"type": "text", "text": {"body": 7}}), named("text"));
        check(
            json!({"type": "location", "location": {}}),
            named("location"),
        );
        check(
            json!({"type": "reaction", "reaction": {"emoji": "x"}}),
            named("reaction"),
        );
        check(
            json!({"type": "edit", "edit": {"original_message_id": "a"}}),
            named("edit"),
        );
        check(json!({"type": "revoke"}), named("revoke"));
        check(json!({"type": "unsupported"}), named("unsupported"));
        check(
            json!({"type": "unsupported", "unsupported": {"type": "poll_creation"}}),
            named("unsupported poll_creation"),
        );
        check(
            json!({"type": "interactive", "interactive": {"type": "call_permission_reply"}}),
            named("interactive call_permission_reply"),
        );
        check(json!({}), named("unnamed"));
        check(json!({"type": "request_welcome"}), None);
    }

    #[test]
    fn a_card_is_shown_in_a_line() {
        check(
            json!({"type": "contacts", "contacts": [
                {"name": {"formatted_name": "Rami Reed"}},
                {"name": {"first_name": "Lulu"}},
                {"phones": [{"phone": "+973 3300 0009"}]},
                {}, 7,
            ]}),
            summed("contacts", "Rami Reed, Lulu, +973 3300 0009"),
        );
        check(
            json!({"type": "order", "order": {"text": "Soon, please", "product_items": [
                {"product_retailer_id": "REED-1", "quantity": 3},
                {"product_retailer_id": "REED-2", "quantity": "2"},
                {"product_retailer_id": "REED-3"}, {},
            ]}}),
            summed("order", "3 × REED-1, 2 × REED-2, REED-3, Soon, please"),
        );
        let form = |response: &str| {
            json!({"type": "interactive", "interactive": {"type": "nfm_reply",
                "nfm_reply": {"response_json": response, "body": "Sent", "name": "flow"}}})
        };
        check(
            form(r#"{"flow_token":"x","day":"Monday","guests":4,"late":null}"#),
            summed("form", "day: Monday, guests: 4, late: null"),
        );
        for nothing in ["", "{", "[]", r#"{"flow_token":"x"}"#] {
            check(form(nothing), summed("form", "Sent"));
        }
        check(json!({"type": "order"}), summed("order", ""));
    }

    #[test]
    fn files_keep_what_is_needed_to_fetch_them() {
        let file = |media: &str, link: Option<&str>| {
            Some(InboundContent::Media {
                media: media.into(),
                media_id: Some("401".into()),
                link: link.map(Into::into),
                mime_type: None,
                filename: None,
                caption: None,
            })
        };
        check(
            json!({"type": "audio", "audio": {"id": "401", "voice": true}}),
            file("voice", None),
        );
        check(
            json!({"type": "audio", "audio": {"id": 401, "voice": false}}),
            file("audio", None),
        );
        check(
            json!({"type": "sticker", "sticker": {"id": "401", "url": "https://a.example/1"}}),
            file("sticker", Some("https://a.example/1")),
        );
        check(
            json!({"type": "video", "video": {"id": "401", "url": "http://a.example/1"}}),
            file("video", None),
        );
    }

    /// hazards.md: sizes nobody sends are cut, never refused.
    #[test]
    fn what_is_too_long_is_cut() {
        let long = "\u{1f600}".repeat(70_000);
        let Some(InboundContent::Text { body }) =
            content(Fields::of(&json!({"type": "text", "text": {"body": long}})))
        else {
            panic!("no text");
        };
        assert_eq!(body.chars().count(), TEXT);
        let many: Vec<_> = (0..5_000)
            .map(|_| json!({"name": {"formatted_name": "Reed"}}))
            .collect();
        let Some(InboundContent::Card { summary, .. }) =
            content(Fields::of(&json!({"type": "contacts", "contacts": many})))
        else {
            panic!("no card");
        };
        assert!(summary.len() <= 200);
    }
}
