//! Webhooks: what proves that one came from WHAPI, and its items.
//!
//! WHAPI signs nothing. It sends fixed headers back that were set together with the address, so a
//! channel's webhook is registered with a long random `X-Webhook-Secret` (X31). Proven is therefore
//! that the sender knows this channel's secret, and that the body speaks of this channel; not that the
//! body is unchanged, which only TLS says.

mod channel;
mod message;
mod status;
#[cfg(test)]
mod tests;

use domain::{
    failure::ProviderFailure,
    provider::{Address, Delivery, Expected, Item, RawWebhook},
};
use serde_json::{Value, value::RawValue};

use crate::lenient::{self, Envelope, Fields, MOST_ITEMS, unreadable};

/// The header that carries a channel's secret.
const SECRET_HEADER: &str = "x-webhook-secret";

/// Longest secret that is looked at. Ours have 43 characters.
const LONGEST_SECRET: usize = 256;

/// Keys of the schema whose values change nothing here.
const IGNORED: [&str; 19] = [
    "messages_updates",
    "messages_removed",
    "messages_removed_all",
    "chats",
    "chats_updates",
    "chats_removed",
    "contacts",
    "contacts_updates",
    "groups",
    "groups_participants",
    "groups_updates",
    "presences",
    "labels",
    "labels_removed",
    "calls",
    "errors",
    "service",
    "stories",
    "newsletters",
];

/// Proves the webhook, on the raw bytes: the secret first, then the channel it names.
pub(super) fn verify(raw: &RawWebhook, expected: &Expected<'_>) -> Result<(), ProviderFailure> {
    let channel = expected.channel.ok_or(ProviderFailure::Unverified)?;
    let secret = raw
        .single_header(SECRET_HEADER)
        .filter(|secret| (1..=LONGEST_SECRET).contains(&secret.len()))
        .ok_or(ProviderFailure::Unverified)?;
    if !channel.webhook_secret.is_of(secret) {
        return Err(ProviderFailure::Unverified);
    }
    // A body that is no JSON names no channel; it is journalled as unreadable, under the secret's
    // channel. One that is JSON must name the channel whose secret it carries.
    let body = String::from_utf8_lossy(&raw.body);
    match Envelope::open(&body) {
        Some(envelope) if !names_channel(&envelope, &channel.provider_ref) => {
            Err(ProviderFailure::Unverified)
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether `channel_id` is there and every value of it is this text.
fn names_channel(envelope: &Envelope<'_>, channel: &str) -> bool {
    let mut names = envelope.all("channel_id").peekable();
    names.peek().is_some()
        && names.all(|name| serde_json::from_str::<String>(name.get()).is_ok_and(|n| n == channel))
}

/// The verb of the event: samples call it `event`, the schema `method`.
fn verb(envelope: &Envelope<'_>) -> Option<String> {
    let event: Value = serde_json::from_str(envelope.all("event").last()?.get()).ok()?;
    let event = Fields::of(&event);
    let verb = event.text("event").or_else(|| event.text("method"))?;
    Some(verb.to_ascii_lowercase())
}

/// Splits a webhook into items, all of the channel whose URL it came to. Invalid UTF-8 becomes
/// replacement characters where it stands, so that it spoils one text and not the webhook.
pub(super) fn read(raw: &RawWebhook) -> Delivery {
    let mut delivery = Delivery::default();
    let mut items = Vec::new();
    let body = String::from_utf8_lossy(&raw.body);
    match Envelope::open(&body) {
        Some(envelope) => split(&envelope, &mut items, &mut delivery),
        None => items.push(unreadable("the body", "it is no JSON object")),
    }
    delivery.items = items
        .into_iter()
        .map(|item| (Address::Here, item))
        .collect();
    delivery
}

fn split(envelope: &Envelope<'_>, items: &mut Vec<Item>, delivery: &mut Delivery) {
    let verb = verb(envelope).unwrap_or_default();
    for (key, value) in &envelope.0 {
        match key.as_ref() {
            "event" | "channel_id" => {}
            "messages" => each(items, "messages", value, message::read),
            "statuses" => each(items, "statuses", value, status::read),
            "health" => one(items, "health", value, channel::health),
            "qr" => one(items, "qr", value, channel::qr),
            "user" => one(items, "user", value, |user| channel::user(user, &verb)),
            known if IGNORED.contains(&known) => items.push(Item::Ignored {
                name: known.to_owned(),
            }),
            other => lenient::unknown(&mut delivery.unknown, other),
        }
    }
}

type Read = Result<Item, &'static str>;

/// Reads every item of a list by itself.
fn each(items: &mut Vec<Item>, key: &str, list: &RawValue, read: impl Fn(Fields<'_>) -> Read) {
    let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
        items.push(unreadable(key, "it is no list"));
        return;
    };
    for (index, item) in list.iter().enumerate() {
        if items.len() >= MOST_ITEMS {
            items.push(unreadable(
                &format!("{key}[{index}]"),
                "too many items; the rest is left out",
            ));
            return;
        }
        one(items, &format!("{key}[{index}]"), item, &read);
    }
}

fn one(items: &mut Vec<Item>, place: &str, item: &RawValue, read: impl Fn(Fields<'_>) -> Read) {
    let item = lenient::object(item).and_then(|value| read(Fields::of(&value)));
    items.push(item.unwrap_or_else(|why| unreadable(place, why)));
}

#[cfg(test)]
mod names {
    use super::*;

    #[test]
    fn a_channel_named_twice_must_be_the_same_both_times() {
        let open = |text| names_channel(&Envelope::open(text).unwrap(), "MANTIS");
        assert!(open(r#"{"channel_id":"MANTIS"}"#));
        assert!(!open(r#"{"channel_id":"MANTIS","channel_id":"OTHER"}"#));
        assert!(!open(r#"{"channel_id":"OTHER","channel_id":"MANTIS"}"#));
        assert!(!open(r#"{"channel_id":null}"#));
        assert!(!open("{}"));
    }
}
