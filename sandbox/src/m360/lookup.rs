//! Looking up statuses, lists, the account, and whether a number is there.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{send::is_phone, wire};
use crate::{answer::Answer, messages::MessageEntry, state::Handle};

type Query = HashMap<String, String>;

/// `GET message/status?id=`: another account's message does not exist, and one that was
/// just sent may not exist yet.
pub(super) fn status(handle: &Handle, key: &str, query: &Query) -> Answer {
    let mut memory = handle.memory();
    let late = memory
        .accounts
        .get(key)
        .map(|account| account.spec.late_status);
    let id = query.get("id").map(String::as_str).unwrap_or_default();
    let message = memory.messages.get_mut(id);
    let Some(message) = message.filter(|message| message.key == key && message.from_me) else {
        return wire::second_error(404, None);
    };
    message.lookups += 1;
    if message.lookups <= late.unwrap_or_default() {
        return wire::second_error(404, None);
    }
    let mut shown = message.wire.clone();
    for content in ["text", "url", "delay"] {
        if let Some(shown) = shown.as_object_mut() {
            shown.remove(content);
        }
    }
    wire::success(200, shown)
}

/// `GET message/sentMessages` and `message/receivedMessages`: newest first.
pub(super) fn list(handle: &Handle, key: &str, sent: bool, query: &Query) -> Answer {
    let memory = handle.memory();
    let size = memory
        .accounts
        .get(key)
        .map(|account| account.spec.page_size);
    let size = size.unwrap_or_default().max(1);
    let page = match query.get("page").map(|text| text.parse::<usize>()) {
        None => 1,
        Some(Ok(page)) if page > 0 => page,
        Some(_) => return wire::second_error(400, Some("The page is invalid")),
    };
    let phone = query.get("phonenumber");
    let wanted = |message: &&MessageEntry| {
        message.from_me == sent && phone.is_none_or(|phone| *phone == message.to)
    };
    let mut all: Vec<&Value> = memory
        .messages
        .of(Some(key))
        .filter(wanted)
        .map(|message| &message.wire)
        .collect();
    all.reverse();
    let shown: Vec<&Value> = all
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .copied()
        .collect();
    let data = json!({
        "messages": shown, "page": page, "total": all.len(), "totalPages": all.len().div_ceil(size),
    });
    wire::success(200, data)
}

/// `GET account`
pub(super) fn account(handle: &Handle, key: &str) -> Answer {
    let memory = handle.memory();
    let Some(account) = memory.accounts.get(key) else {
        return wire::second_error(401, None);
    };
    let data = json!({
        "phonenumber": account.spec.phone, "credit": account.spec.credit, "status": "connected",
    });
    wire::success(200, data)
}

/// `POST checkPhone`
pub(super) fn check_phone(handle: &Handle, key: &str, body: &Value) -> Answer {
    let phone = body.get("phonenumber").and_then(Value::as_str);
    let Some(phone) = phone.filter(|phone| is_phone(phone)) else {
        return wire::second_error(400, Some("The phonenumber field is required"));
    };
    let memory = handle.memory();
    let absent = |account: &super::Account| account.spec.absent.iter().any(|known| known == phone);
    let exists = !memory.accounts.get(key).is_some_and(absent);
    wire::success(200, json!({"phonenumber": phone, "exists": exists}))
}
