//! What is in an inbound message, by its type.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{business::Medium, errors, inbound::MetaInbound, media::sha256};
use crate::{messages::Choice, orders::set, state::Refusal};

/// What a message carries.
pub(super) enum Content {
    /// The object under the type's key.
    Object(Value),
    /// A list of errors instead.
    Errors(Value),
}

/// `medium` is the registered one of the message's payload.
pub(super) fn of(spec: &MetaInbound, medium: Option<&Medium>) -> Result<Content, Refusal> {
    if let Some(content) = &spec.content {
        return Ok(Content::Object(content.clone()));
    }
    let needs = |field: &str| Refusal::Invalid(format!("a {} needs `{field}`", spec.kind));
    let text = || spec.text.as_deref().ok_or_else(|| needs("text"));
    let payload = || spec.payload.as_deref().ok_or_else(|| needs("payload"));
    let about = || spec.about.as_deref().ok_or_else(|| needs("about"));
    let content = match spec.kind.as_str() {
        "text" => json!({"body": text()?}),
        "image" => media(spec, medium, "image/jpeg"),
        "video" => media(spec, medium, "video/mp4"),
        "audio" => {
            let mut audio = media(spec, medium, "audio/ogg; codecs=opus");
            set(&mut audio, "voice", true);
            audio
        }
        "document" => {
            let mut document = media(spec, medium, "application/pdf");
            set(&mut document, "filename", "document.pdf");
            document
        }
        "sticker" => {
            let mut sticker = media(spec, medium, "image/webp");
            set(&mut sticker, "animated", false);
            sticker
        }
        "button" => json!({"payload": payload()?, "text": text()?}),
        "interactive" => reply(&Choice {
            id: payload()?.into(),
            title: text()?.into(),
            in_list: false,
        }),
        "reaction" => {
            let mut reaction = json!({"message_id": about()?});
            // Without an emoji it takes the reaction back.
            if let Some(emoji) = &spec.text {
                set(&mut reaction, "emoji", emoji.clone());
            }
            reaction
        }
        "location" => json!({
            "latitude": 26.2235, "longitude": 50.5876,
            "name": "Falcon Bakery", "address": "Road 1, Manama",
        }),
        "contacts" => json!([{
            "name": {"formatted_name": "Layla Example", "first_name": "Layla"},
            "phones": [{"phone": "+973 3300 0077", "wa_id": "97333000077", "type": "CELL"}],
        }]),
        "order" => json!({
            "catalog_id": "930001", "text": spec.text.as_deref().unwrap_or_default(),
            "product_items": [{
                "product_retailer_id": "BREAD", "quantity": 2, "item_price": 1.5, "currency": "BHD",
            }],
        }),
        "system" => {
            let (old, new) = (spec.from.as_deref().unwrap_or_default(), payload()?);
            json!({
                "type": "user_changed_number", "wa_id": new,
                "body": format!("User changed from {old} to {new}"),
            })
        }
        "edit" => json!({
            "original_message_id": about()?,
            "message": {"type": "text", "text": {"body": text()?}},
        }),
        "revoke" => json!({"original_message_id": about()?}),
        "unsupported" => return Ok(Content::Errors(json!([errors::item(131_051)]))),
        _ => json!({}),
    };
    Ok(Content::Object(content))
}

fn media(spec: &MetaInbound, medium: Option<&Medium>, usual_type: &str) -> Value {
    let id = spec.payload.clone();
    let mime_type = medium.map_or(usual_type, |medium| &medium.spec.mime_type);
    let bytes = medium.map_or(&[][..], |medium| &medium.bytes);
    let mut media = json!({
        "id": id.unwrap_or_else(|| Uuid::now_v7().as_u128().to_string()),
        "mime_type": mime_type,
        "sha256": sha256(bytes),
    });
    if let Some(caption) = &spec.text {
        set(&mut media, "caption", caption.clone());
    }
    media
}

/// The press of a button or row.
pub(super) fn reply(choice: &Choice) -> Value {
    let kind = match choice.in_list {
        true => "list_reply",
        false => "button_reply",
    };
    json!({"type": kind, kind: {"id": choice.id, "title": choice.title}})
}
