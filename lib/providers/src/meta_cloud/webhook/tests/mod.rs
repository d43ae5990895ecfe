//! Webhooks read from samples, from hostile bodies and from bodies nobody would send.

mod accounts;
mod hostile;
mod messages;
mod parts;
mod property;
mod statuses;

use std::{fs, path::PathBuf};

use domain::{
    phone::PhoneNumber,
    provider::{Address, Delivery, InboundItem, Item, RawWebhook},
};
use serde_json::{Value, json};

use super::read;

pub(super) const OURS: &str = "wamid.SampleOurMessage0001";
pub(super) const USER: &str = "BH.7HeronReed0001";
pub(super) const NEW_USER: &str = "BH.7HeronReed0002";
pub(super) const T: i64 = 1_764_000_000;

pub(super) fn raw(body: impl Into<Vec<u8>>) -> RawWebhook {
    RawWebhook {
        key: None,
        headers: vec![],
        body: body.into(),
    }
}

pub(super) fn of_body(body: impl Into<Vec<u8>>) -> Delivery {
    read(&raw(body))
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/meta");
    fs::read(folder.join(format!("webhook_{name}.json"))).unwrap()
}

/// The body of a change with this value.
pub(super) fn body(field: &str, value: &Value) -> String {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "201700000000001", "changes": [{"field": field, "value": value}]},
    ]})
    .to_string()
}

/// The body of these messages to our number.
pub(super) fn of_messages(messages: &Value) -> String {
    let metadata = json!({"phone_number_id": "301700000000001"});
    body(
        "messages",
        &json!({"metadata": metadata, "messages": messages}),
    )
}

pub(super) fn ours() -> Address {
    Address::Number("301700000000001".into())
}

pub(super) fn account(number: Option<&str>) -> Address {
    Address::Account {
        account: "201700000000001".into(),
        number: number.map(Into::into),
    }
}

pub(super) fn phone(number: &str) -> Option<PhoneNumber> {
    Some(PhoneNumber::parse(number).unwrap())
}

/// The items of a sample, all for this address.
pub(super) fn items(name: &str, address: &Address) -> Vec<Item> {
    let delivery = of_body(fixture(name));
    assert!(delivery.unknown.is_empty(), "{name}");
    let items = delivery.items.into_iter();
    items
        .map(|(at, item)| {
            assert_eq!(&at, address, "{name}");
            item
        })
        .collect()
}

pub(super) fn only(name: &str, address: &Address) -> Item {
    let [item] = <[Item; 1]>::try_from(items(name, address)).unwrap();
    item
}

pub(super) fn inbound(name: &str) -> InboundItem {
    match only(name, &ours()) {
        Item::Inbound(item) => *item,
        other => panic!("{name}: {other:?}"),
    }
}

pub(super) fn ignored(name: &str, address: &Address) -> String {
    match only(name, address) {
        Item::Ignored { name } => name,
        other => panic!("{name}: {other:?}"),
    }
}

/// Why each item of a body is unreadable; every item must be.
pub(super) fn reasons(delivery: Delivery) -> Vec<String> {
    let items = delivery.items.into_iter();
    items
        .map(|(_, item)| match item {
            Item::Unreadable { why } => why,
            other => panic!("{other:?}"),
        })
        .collect()
}
