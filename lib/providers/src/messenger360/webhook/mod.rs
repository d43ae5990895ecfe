//! Webhooks: what proves that one came from 360Messenger, and its items.
//!
//! 360Messenger signs nothing and sends no header of ours back. Proven is therefore only that the sender
//! knows the address: its last part is the channel's key, long and random. The body may name the API key
//! (`Hash`): it is dropped before anything else is looked at.

mod message;
mod record;
mod status;
#[cfg(test)]
mod tests;

use domain::{
    channel::SecretHash,
    failure::ProviderFailure,
    provider::{Address, Delivery, Expected, Item, RawWebhook},
};
use serde_json::{Value, value::RawValue};

use self::record::Record;
use crate::lenient::{Envelope, MOST_ITEMS, unreadable};

/// Proves the webhook by the key in its address.
pub(super) fn verify(raw: &RawWebhook, expected: &Expected<'_>) -> Result<(), ProviderFailure> {
    let channel = expected.channel.ok_or(ProviderFailure::Unverified)?;
    let key = raw.key.as_ref().ok_or(ProviderFailure::Unverified)?;
    // Hashes are compared, so that the time tells nothing of the key, not even its length.
    if SecretHash::of(channel.key.as_str().as_bytes()).is_of(key.as_str().as_bytes()) {
        Ok(())
    } else {
        Err(ProviderFailure::Unverified)
    }
}

/// The body without the API key it may hold, for the journal. What holds none stays byte for byte.
pub(super) fn without_key(body: Vec<u8>) -> Vec<u8> {
    if let Ok(mut value) = serde_json::from_slice::<Value>(&body) {
        return if strip(&mut value) {
            value.to_string().into_bytes()
        } else {
            body
        };
    }
    let holds = |text: &str| text.to_ascii_lowercase().contains("hash=");
    let Some(text) = std::str::from_utf8(&body).ok().filter(|text| holds(text)) else {
        return body;
    };
    let fields = form_urlencoded::parse(text.as_bytes());
    let kept = fields.filter(|(name, _)| !name.eq_ignore_ascii_case("hash"));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish()
        .into_bytes()
}

fn strip(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|name, _| !name.eq_ignore_ascii_case("hash"));
            fields.len() < before
        }
        Value::Array(items) => {
            let mut found = false;
            for item in items {
                found |= strip(item);
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Splits a webhook into items, all of the channel whose URL it came to.
pub(super) fn read(raw: &RawWebhook) -> Delivery {
    let mut delivery = Delivery::default();
    let body = String::from_utf8_lossy(&raw.body);
    let body = body.trim_start_matches('\u{feff}').trim();
    match Form::of(raw, body) {
        Form::Object => match Envelope::open(body) {
            Some(envelope) => {
                one(&mut delivery, "the body", &Record::of_json(&envelope));
            }
            None => put(
                &mut delivery,
                unreadable("the body", "it is no JSON object"),
            ),
        },
        Form::List => list(&mut delivery, body),
        Form::Urlencoded => {
            one(&mut delivery, "the body", &Record::of_form(body));
        }
        Form::Neither => put(
            &mut delivery,
            unreadable("the body", "it is neither JSON nor a form"),
        ),
    }
    delivery
}

/// How a body is written.
enum Form {
    Object,
    List,
    Urlencoded,
    Neither,
}

impl Form {
    /// By its first character, which nothing but JSON begins with; else the header must not say that it
    /// is something else. A body read again from the journal has no header.
    fn of(raw: &RawWebhook, body: &str) -> Self {
        let kind = raw.single_header("content-type").unwrap_or_default();
        let kind = String::from_utf8_lossy(kind).to_ascii_lowercase();
        match body.chars().next() {
            Some('{') => Self::Object,
            Some('[') => Self::List,
            Some(_) if kind.contains("json") || kind.contains("multipart") => Self::Neither,
            Some(_) if body.contains('=') => Self::Urlencoded,
            Some(_) | None => Self::Neither,
        }
    }
}

fn list(delivery: &mut Delivery, body: &str) {
    let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(body) else {
        put(delivery, unreadable("the body", "it is no JSON list"));
        return;
    };
    for (index, item) in list.into_iter().enumerate() {
        let place = format!("[{index}]");
        if index >= MOST_ITEMS {
            let why = "too many items; the rest is left out";
            put(delivery, unreadable(&place, why));
            return;
        }
        match Envelope::open(item.get()) {
            Some(envelope) => one(delivery, &place, &Record::of_json(&envelope)),
            None => put(delivery, unreadable(&place, "it is no object")),
        }
    }
}

fn put(delivery: &mut Delivery, item: Item) {
    delivery.items.push((Address::Here, item));
}

fn one(delivery: &mut Delivery, place: &str, record: &Record) {
    record.count_unknown(&mut delivery.unknown);
    let item = item(record).unwrap_or_else(|why| unreadable(place, why));
    put(delivery, item);
}

fn item(record: &Record) -> Result<Item, &'static str> {
    if record.is_foreign() {
        return Err("no key of it is known");
    }
    let fields = record.fields();
    if status::is_notify(fields) {
        status::notify(fields)
    } else if status::is_delivery(fields) {
        status::delivery(fields)
    } else {
        message::read(fields)
    }
}
