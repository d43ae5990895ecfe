//! What people write, and what comes back of our own.

use domain::{
    message::InboundContent,
    phone::PhoneNumber,
    provider::{EchoItem, InboundItem, Item},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    lenient::{self, Fields, NAME, PERSON, TEXT, cut},
    moment::Written,
    scrub,
};

/// Longest `Chat` beside a file that is taken for its caption: it may be the file itself.
const CAPTION: usize = 4_096;

pub(super) fn read(fields: Fields<'_>) -> Result<Item, &'static str> {
    if fields
        .text_or_number("groupid")
        .is_some_and(|group| !group.trim().is_empty())
    {
        return Ok(Item::Ignored {
            name: "group message".into(),
        });
    }
    let content = content(fields);
    let at = written(fields);
    let provider_id = fields.id("id").unwrap_or_else(|_none| derived(fields));
    if let Some(kind) = echoed(fields) {
        // Something else that is told of: acknowledgements, states of the phone.
        let Some(content) = content else {
            return Ok(Item::Ignored {
                name: scrub::word(&format!("dataType {kind}")),
            });
        };
        return Ok(Item::Echo(Box::new(EchoItem {
            // The API calls its own messages by UUIDs, the phone does not.
            through_api: provider_id.parse::<uuid::Uuid>().is_ok(),
            provider_id,
            phone: person(fields, "to").and_then(|(phone, _)| phone),
            at,
            content,
        })));
    }
    let from = fields.text_or_number("from").unwrap_or_default();
    if from.ends_with("@g.us") || from.ends_with("@broadcast") {
        return Ok(Item::Ignored {
            name: "group message".into(),
        });
    }
    let (phone, user) = person(fields, "from").ok_or("it has no sender")?;
    let content = content.unwrap_or_else(|| InboundContent::Other {
        name: scrub::word(fields.text("type").unwrap_or("empty")),
    });
    Ok(Item::Inbound(Box::new(InboundItem {
        provider_id,
        phone,
        user,
        name: fields
            .some("sendername", PERSON)
            .or_else(|| fields.some("name", PERSON)),
        at,
        content,
        // Replies are plain texts: nothing says what they answer.
        answer: None,
    })))
}

/// The word of what is no message of somebody else's; none for one that is.
fn echoed(fields: Fields<'_>) -> Option<String> {
    if fields.flag("fromme") == Some(true) {
        return Some("fromMe".into());
    }
    let kind = fields.some("datatype", NAME)?;
    (!kind.trim().eq_ignore_ascii_case("message")).then_some(kind)
}

/// The zone of `createdAt` is not confirmed: read as UTC. A message without a usable time is not lost: a
/// time from the future counts as the moment it came.
fn written(fields: Fields<'_>) -> Timestamp {
    fields
        .written_moment("createdat")
        .map_or(Timestamp::MAX, Written::at)
}

/// A name of its own for a message without an id, the same each time it is delivered.
fn derived(fields: Fields<'_>) -> String {
    let mut hash = Sha256::new();
    for name in ["from", "chat", "caption", "createdat"] {
        let value = fields.text_or_number(name).unwrap_or_default();
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value);
    }
    format!("hash:{}", hex::encode(hash.finalize()))
}

/// Who: a number, or a name of WhatsApp's own.
fn person(fields: Fields<'_>, name: &str) -> Option<(Option<PhoneNumber>, Option<String>)> {
    let id = fields.text_or_number(name)?;
    let id = id.trim();
    let (digits, server) = id.split_once('@').unwrap_or((id, ""));
    if matches!(server, "" | "c.us" | "s.whatsapp.net")
        && let Ok(phone) = PhoneNumber::parse(digits)
    {
        return Some((Some(phone), None));
    }
    (!id.is_empty()).then(|| (None, Some(cut(id, PERSON))))
}

/// What it says; none when it says nothing.
fn content(fields: Fields<'_>) -> Option<InboundContent> {
    let kind = fields.text("type").unwrap_or_default().trim();
    let text = || {
        let body = fields
            .some("chat", TEXT)
            .or_else(|| fields.some("caption", TEXT));
        body.map(|body| InboundContent::Text { body })
    };
    match kind.to_ascii_lowercase().as_str() {
        "" | "chat" | "text" => text().or_else(|| {
            let named = fields.some("medianame", 1).is_some() || link(fields).is_some();
            named.then(|| media("document", fields))
        }),
        "image" | "video" | "audio" | "document" | "sticker" => {
            Some(media(&kind.to_ascii_lowercase(), fields))
        }
        "ptt" | "voice" => Some(media("voice", fields)),
        "file" => Some(media(by_mime(fields), fields)),
        "location" => place(fields),
        // Never seen before: its text if it has one, else a visible placeholder.
        _ => text(),
    }
    .or_else(|| {
        (!kind.is_empty()).then(|| InboundContent::Other {
            name: scrub::word(kind),
        })
    })
}

fn by_mime(fields: Fields<'_>) -> &'static str {
    let mime = fields.text("mediamime").unwrap_or_default();
    match mime.split('/').next().unwrap_or_default() {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        _ => "document",
    }
}

/// Where the file may be: some receivers find its address where a text would be.
fn link(fields: Fields<'_>) -> Option<String> {
    ["mediaurl", "url", "fileurl", "file", "chat"]
        .into_iter()
        .find_map(|name| fields.text(name).and_then(lenient::link))
}

fn media(media: &str, fields: Fields<'_>) -> InboundContent {
    let chat = fields.text("chat").filter(|chat| {
        lenient::link(chat).is_none() && !chat.trim().is_empty() && chat.chars().count() <= CAPTION
    });
    InboundContent::Media {
        media: media.into(),
        media_id: None,
        link: link(fields),
        mime_type: fields.some("mediamime", NAME),
        filename: fields.some("medianame", NAME),
        caption: fields
            .some("caption", TEXT)
            .or_else(|| chat.map(Into::into)),
    }
}

/// Degrees in fields of their own, or as `latitude,longitude` where a text would be.
fn place(fields: Fields<'_>) -> Option<InboundContent> {
    let degrees = |long, short| {
        let value = fields
            .text_or_number(long)
            .or_else(|| fields.text_or_number(short))?;
        is_degrees(&value).then_some(value)
    };
    let apart = degrees("latitude", "lat").zip(degrees("longitude", "lng"));
    let together = || {
        let (latitude, longitude) = fields.text("chat")?.split_once([',', ';'])?;
        let (latitude, longitude) = (latitude.trim(), longitude.trim());
        (is_degrees(latitude) && is_degrees(longitude))
            .then(|| (latitude.to_owned(), longitude.to_owned()))
    };
    let (latitude, longitude) = apart.or_else(together)?;
    Some(InboundContent::Location {
        latitude,
        longitude,
        name: fields.some("caption", NAME),
    })
}

fn is_degrees(text: &str) -> bool {
    text.len() <= 32 && text.parse::<f64>().is_ok_and(f64::is_finite)
}
