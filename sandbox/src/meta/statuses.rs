//! Statuses of sent messages, and what a number does by itself.

use serde_json::{Value, json};

use super::{
    errors,
    specs::{NumberSpec, Window},
    wire,
};
use crate::{
    behaviour::Plan,
    channel::{Action, AutoStep},
    deliver::{Hook, Posted},
    messages::MessageEntry,
    orders::{StatusSpec, change, set},
    state::{Handle, Memory, Refusal},
};

/// Reports a status of a message.
pub(crate) fn report(handle: &Handle, id: &str, spec: &StatusSpec) -> Result<Vec<Posted>, Refusal> {
    let mut memory = handle.memory();
    let item = record(&mut memory, id, spec)?;
    let party = memory
        .messages
        .get(id)
        .ok_or_else(Refusal::message)?
        .party();
    let number = memory.business.numbers.get(&party.key);
    let number = number.ok_or_else(Refusal::channel)?;
    let value = wire::value(number, &[("statuses", json!([item]))]);
    let body = wire::envelope(&number.waba_id, vec![wire::change("messages", value)]);
    drop(memory);
    let hook = Hook::escaped("statuses", Some(id), &body);
    Ok((0..spec.repeat.unwrap_or(1))
        .flat_map(|_| handle.post(&party, &hook))
        .collect())
}

/// Keeps a status and returns it as a webhook carries it.
pub(super) fn record(memory: &mut Memory, id: &str, spec: &StatusSpec) -> Result<Value, Refusal> {
    let timestamp = spec.seconds()?;
    let message = memory.messages.get(id).ok_or_else(Refusal::message)?;
    let number = memory.business.numbers.get(&message.key);
    let number = number.ok_or_else(Refusal::channel)?;
    let mut item = json!({"id": id, "status": spec.status, "timestamp": timestamp});
    let person = if message.chat_id.contains('.') {
        "recipient_user_id"
    } else {
        "recipient_id"
    };
    set(&mut item, person, message.chat_id.clone());
    // The word the sender put in comes back with every status.
    if let Some(opaque) = message.body.get("biz_opaque_callback_data") {
        set(&mut item, "biz_opaque_callback_data", opaque.clone());
    }
    add_billing(&mut item, number, message, &spec.status);
    if spec.status == "failed" {
        let errors = json!([errors::item(spec.code.unwrap_or(131_026))]);
        set(&mut item, "errors", errors);
    }
    if let Some(errors) = &spec.errors {
        set(&mut item, "errors", errors.clone());
    }
    change(&mut item, &spec.change);
    let message = memory.messages.get_mut(id).ok_or_else(Refusal::message)?;
    message.advance(&spec.status);
    message.statuses.push(item.clone());
    Ok(item)
}

/// `conversation` where the number still has it; `pricing` with `sent`, and with the first
/// of `delivered` and `read`.
fn add_billing(item: &mut Value, number: &NumberSpec, message: &MessageEntry, status: &str) {
    let category = match message.kind.as_str() {
        "template" => "utility",
        _ => "service",
    };
    let priced = match status {
        "sent" | "delivered" => true,
        "read" => message.is_ahead("delivered"),
        _ => false,
    };
    if number.pricing && priced {
        let pricing = json!({
            "billable": category != "service",
            "pricing_model": "PMP",
            "type": "regular",
            "category": category,
        });
        set(item, "pricing", pricing);
    }
    if number.conversation && ["sent", "delivered", "read"].contains(&status) {
        let seconds = message.at.as_second();
        let mut conversation = json!({
            "id": format!("{seconds:032x}"), "origin": {"type": category},
        });
        if status == "sent" {
            let end = (seconds + 86_400).to_string();
            set(&mut conversation, "expiration_timestamp", end);
        }
        set(item, "conversation", conversation);
    }
}

/// The automatic steps of a message's number; a failure when the window was closed and the
/// number lets such messages fail.
pub(crate) fn plan(handle: &Handle, message: &MessageEntry) -> Plan {
    let memory = handle.memory();
    let Some(number) = memory.business.numbers.get(&message.key) else {
        return Plan::default();
    };
    let open = message.kind == "template"
        || memory.business.open(&message.key, &[&message.chat_id])
        || number.window != Window::Fail;
    let steps = match open {
        true => number.auto.clone(),
        false => vec![AutoStep {
            after_ms: 0,
            action: Action::Failed(131_047),
        }],
    };
    Plan {
        steps,
        head_start_ms: number.head_start_ms,
        echo: None,
    }
}
