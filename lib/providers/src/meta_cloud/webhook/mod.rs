//! Webhooks, item by item. Meta batches: entries of accounts, in them changes of fields, in them
//! messages and statuses, of many numbers and tenants in one body. Whom an item is for is said by the
//! number's id beside it, or by the account and a number, and never by the URL.

mod account;
mod change;
mod message;
mod part;
mod people;
mod route;
mod status;
mod template;
#[cfg(test)]
mod tests;

use domain::provider::{Address, Delivery, Item, RawWebhook};
use serde_json::value::RawValue;

pub(super) use self::part::part;
use self::route::{Entry, Routed};
use crate::lenient::{self, Envelope, Fields, MOST_ITEMS};

/// What a reader makes of one item: mostly one of ours, sometimes more, or why it is unreadable.
type Read = Result<Vec<Item>, &'static str>;

/// What `object` says in every webhook of ours.
const OBJECT: &str = "whatsapp_business_account";

/// Splits a webhook into items. Invalid UTF-8 becomes replacement characters where it stands, so that
/// it spoils one text and not the webhook.
pub(super) fn read(raw: &RawWebhook) -> Delivery {
    let mut reading = Reading::default();
    reading.body(&String::from_utf8_lossy(&raw.body));
    reading.delivery
}

/// The keys of a body of ours; otherwise why it is none.
fn open(body: &str) -> Result<Envelope<'_>, &'static str> {
    let envelope = Envelope::open(body).ok_or("it is no JSON object")?;
    let objects = envelope.all("object");
    let objects: Vec<_> = objects
        .map(|object| object.get().trim_matches('"'))
        .collect();
    if objects.is_empty() || objects.iter().any(|object| *object != OBJECT) {
        return Err("it is not about WhatsApp");
    }
    Ok(envelope)
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    delivery: Delivery,
    /// Whether it was too much, and the rest is left out.
    full: bool,
}

impl Reading {
    fn body(&mut self, body: &str) {
        let envelope = match open(body) {
            Ok(envelope) => envelope,
            Err(why) => return self.unreadable(&Address::Here, "the body", why),
        };
        for (key, value) in &envelope.0 {
            match key.as_ref() {
                "object" => {}
                "entry" => self.entries(value),
                other => lenient::unknown(&mut self.delivery.unknown, other),
            }
        }
    }

    fn entries(&mut self, entries: &RawValue) {
        let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(entries.get()) else {
            return self.unreadable(&Address::Here, "entry", "it is no list");
        };
        for (index, entry) in entries.iter().enumerate() {
            if self.full {
                return;
            }
            self.entry(&format!("entry[{index}]"), entry);
        }
    }

    fn entry(&mut self, place: &str, entry: &RawValue) {
        let entry = match Entry::open(entry) {
            Ok(entry) => entry,
            Err((address, why)) => return self.unreadable(&address, place, why),
        };
        for (index, change) in entry.changes.iter().enumerate() {
            if self.full {
                return;
            }
            let place = format!("{place}.changes[{index}]");
            let Routed { address, change } = entry.route(change);
            match change {
                Ok(change) => self.change(&address, &place, &change),
                Err(why) => self.unreadable(&address, &place, why),
            }
        }
        for key in &entry.unknown {
            lenient::unknown(&mut self.delivery.unknown, key);
        }
    }

    /// Reads every item of a list by itself.
    fn each(
        &mut self,
        address: &Address,
        place: &str,
        list: &RawValue,
        read: impl Fn(Fields<'_>) -> Read,
    ) {
        let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
            return self.unreadable(address, place, "it is no list");
        };
        for (index, item) in list.iter().enumerate() {
            if self.full {
                return;
            }
            self.one(address, &format!("{place}[{index}]"), item, &read);
        }
    }

    fn one(
        &mut self,
        address: &Address,
        place: &str,
        item: &RawValue,
        read: impl Fn(Fields<'_>) -> Read,
    ) {
        // Numbers too large, lone surrogates, nests too deep: refused here, and only for this item.
        match lenient::object(item).and_then(|value| read(Fields::of(&value))) {
            Ok(items) => {
                for item in items {
                    self.push(address, place, item);
                }
            }
            Err(why) => self.unreadable(address, place, why),
        }
    }

    fn unreadable(&mut self, address: &Address, place: &str, why: &str) {
        self.push(address, place, lenient::unreadable(place, why));
    }

    fn push(&mut self, address: &Address, place: &str, item: Item) {
        if self.full {
            return;
        }
        self.full = self.delivery.items.len() >= MOST_ITEMS;
        let item = if self.full {
            lenient::unreadable(place, "too many items; the rest is left out")
        } else {
            item
        };
        self.delivery.items.push((address.clone(), item));
    }
}
