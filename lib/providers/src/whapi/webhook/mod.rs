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
    channel::{Channel, SecretHash},
    failure::ProviderFailure,
    provider::{Delivery, Item, RawWebhook},
};
use serde_json::{Value, value::RawValue};
use subtle::ConstantTimeEq;

use super::wire::{Envelope, Fields};
use crate::scrub;

/// The header that carries a channel's secret.
const SECRET_HEADER: &str = "x-webhook-secret";

/// Longest secret that is looked at. Ours have 43 characters.
const LONGEST_SECRET: usize = 256;

/// Most items of one webhook: three megabytes of braces would be a million.
const MOST_ITEMS: usize = 5_000;

/// Most kinds of unknown keys that are counted.
const MOST_UNKNOWN: usize = 32;

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
pub(super) fn verify(raw: &RawWebhook, channel: &Channel) -> Result<(), ProviderFailure> {
    let secret = raw
        .single_header(SECRET_HEADER)
        .filter(|secret| (1..=LONGEST_SECRET).contains(&secret.len()))
        .ok_or(ProviderFailure::Unverified)?;
    let sent = SecretHash::of(secret);
    if !bool::from(sent.0.ct_eq(&channel.webhook_secret.0)) {
        return Err(ProviderFailure::Unverified);
    }
    // A body that is no JSON names no channel; it is journalled as unreadable, under the secret's
    // channel. One that is JSON must name the channel whose secret it carries.
    let body = String::from_utf8_lossy(&raw.body);
    match Envelope::open(&body) {
        Some(envelope) if !envelope.names_channel(&channel.provider_ref) => {
            Err(ProviderFailure::Unverified)
        }
        Some(_) | None => Ok(()),
    }
}

/// Splits a webhook into items. Invalid UTF-8 becomes replacement characters where it stands, so that
/// it spoils one text and not the webhook.
pub(super) fn read(raw: &RawWebhook) -> Delivery {
    let mut delivery = Delivery::default();
    let body = String::from_utf8_lossy(&raw.body);
    let Some(envelope) = Envelope::open(&body) else {
        delivery
            .items
            .push(unreadable("the body", "it is no JSON object"));
        return delivery;
    };
    let verb = envelope.verb().unwrap_or_default();
    for (key, value) in &envelope.0 {
        match key.as_ref() {
            "event" | "channel_id" => {}
            "messages" => each(&mut delivery.items, "messages", value, message::read),
            "statuses" => each(&mut delivery.items, "statuses", value, status::read),
            "health" => one(&mut delivery.items, "health", value, channel::health),
            "qr" => one(&mut delivery.items, "qr", value, channel::qr),
            "user" => one(&mut delivery.items, "user", value, |user| {
                channel::user(user, &verb)
            }),
            known if IGNORED.contains(&known) => delivery.items.push(Item::Ignored {
                name: known.to_owned(),
            }),
            other => {
                let other = scrub::word(other);
                if delivery.unknown.len() < MOST_UNKNOWN || delivery.unknown.contains_key(&other) {
                    let count = delivery.unknown.entry(other).or_insert(0);
                    *count = count.saturating_add(1);
                }
            }
        }
    }
    delivery
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
    // Numbers too large, lone surrogates, nests too deep: refused here, and only for this item.
    let item = match serde_json::from_str::<Value>(item.get()) {
        Ok(value) if value.is_object() => read(Fields::of(&value)),
        Ok(_) => Err("it is no object"),
        Err(_) => Err("it is no usable JSON"),
    };
    items.push(item.unwrap_or_else(|why| unreadable(place, why)));
}

fn unreadable(place: &str, why: &str) -> Item {
    Item::Unreadable {
        why: format!("{place}: {why}"),
    }
}
