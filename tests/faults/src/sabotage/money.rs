//! What is broken of channels, days and payments.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use uuid::Uuid;

use super::{Item, Sabotage, is};

/// Leaves the record of a channel as it was before somebody claimed it for a call.
pub(super) fn unclaim(sabotage: Sabotage, record: &mut Item) {
    if !is(record, "sk", "W") {
        return;
    }
    if sabotage == Sabotage::Making {
        put_back(record, "stage", "creating", "ordered");
    } else if let Some(AttributeValue::M(extension)) = record.get_mut("extension") {
        put_back(extension, "s", "calling", "held");
    }
}

fn put_back(item: &mut Item, name: &str, claimed: &str, before: &str) {
    if is(item, name, claimed) {
        item.insert(name.to_owned(), AttributeValue::S(before.to_owned()));
    }
}

/// Breaks what changes together with an account.
pub(super) fn transact(sabotage: Sabotage, parts: &mut Vec<TransactWriteItem>) {
    match sabotage {
        Sabotage::Entry => parts.retain(|part| !puts(part, "E")),
        Sabotage::Telling => parts.retain(|part| !puts(part, "NT")),
        Sabotage::Deletion => {
            let gone = |part: &TransactWriteItem| {
                let put = part.put.as_ref();
                put.is_some_and(|put| is(&put.item, "sk", "W") && is(&put.item, "stage", "deleted"))
            };
            parts.retain(|part| !gone(part));
        }
        Sabotage::Approval => {
            rename(parts);
            for put in parts.iter_mut().filter_map(|part| part.put.as_mut()) {
                if is(&put.item, "sk", "PY") || is(&put.item, "sk", "SB") {
                    unconditional(put);
                }
            }
        }
        Sabotage::Sale => rename(parts),
        Sabotage::Claim
        | Sabotage::Pointer
        | Sabotage::Message
        | Sabotage::Usage
        | Sabotage::Board
        | Sabotage::Inbound
        | Sabotage::Mail
        | Sabotage::Making
        | Sabotage::Spending
        | Sabotage::PaidUntil => {}
    }
}

fn puts(part: &TransactWriteItem, sk: &str) -> bool {
    let put = part.put.as_ref();
    put.is_some_and(|put| is(&put.item, "sk", sk))
}

/// Entries stand under keys of their own, so none is ever there already.
fn rename(parts: &mut [TransactWriteItem]) {
    for part in parts.iter_mut().filter(|part| puts(part, "E")) {
        let item = part.put.as_mut().map(|put| &mut put.item);
        if let Some(AttributeValue::S(key)) = item.and_then(|item| item.get_mut("pk")) {
            key.push_str(&Uuid::now_v7().simple().to_string());
        }
    }
}

fn unconditional(put: &mut Put) {
    put.condition_expression = None;
    put.expression_attribute_values = None;
    put.expression_attribute_names = None;
}
