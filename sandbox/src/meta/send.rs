//! Accepting a send, and taking a read receipt.

use serde_json::{Value, json};

use super::{
    errors::Problem,
    specs::Window,
    validate::{self, Accepted, Recipient},
    wire,
};
use crate::{
    accept::{Draft, accept},
    answer::Answer,
    fault_book::Subject,
    gate::Incoming,
    messages::MessageEntry,
    orders::set,
    provider::Party,
    state::{Handle, Memory},
};

/// `POST /{phone_number_id}/messages`
pub(super) async fn send(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    id: &str,
    body: &Value,
) -> Answer {
    let draft =
        |memory: &mut Memory| draft(memory, incoming, id, body).map_err(|problem| problem.answer());
    accept(handle, subject, draft).await
}

fn draft(memory: &Memory, incoming: &Incoming, id: &str, body: &Value) -> Result<Draft, Problem> {
    let business = &memory.business;
    business.permitted("POST", id, incoming.bearer.as_deref())?;
    let number = business.numbers.get(id);
    let number = number.ok_or_else(|| Problem::no_object("POST", id))?;
    let accepted = validate::send(business, number, body)?;
    let Accepted {
        recipient,
        kind,
        choices,
    } = accepted;
    let template = kind == "template";
    let open = template || business.open(id, &recipient.ids());
    if number.window == Window::Refuse && !open {
        let details = "More than 24 hours have passed since the recipient last replied.";
        return Err(Problem::new(131_047, details));
    }
    let chat_id = recipient.ids().first().map(ToString::to_string);
    let chat_id = chat_id.unwrap_or_default();
    let message_id = wire::new_message_id(&chat_id);
    let mut sent = json!({"id": message_id});
    if template {
        set(&mut sent, "message_status", number.template_status.clone());
    }
    let contact = contact(&recipient, &memory.business.people);
    let success = json!({
        "messaging_product": "whatsapp", "contacts": [contact], "messages": [sent],
    });
    let mut message = MessageEntry::of(&Party::meta(id), &message_id, &kind, body.clone());
    message.to = recipient.input;
    message.chat_id = chat_id;
    message.choices = choices;
    Ok(Draft {
        message,
        status: 200,
        success,
    })
}

fn contact(recipient: &Recipient, people: &std::collections::HashMap<String, String>) -> Value {
    let mut contact = json!({"input": recipient.input});
    if let Some(wa_id) = &recipient.wa_id {
        set(&mut contact, "wa_id", wa_id.clone());
    }
    let known = recipient.wa_id.as_ref().and_then(|wa_id| people.get(wa_id));
    if let Some(user_id) = recipient.user_id.as_ref().or(known) {
        set(&mut contact, "user_id", user_id.clone());
    }
    contact
}

/// The same path with a `status`: a read receipt, with or without a typing indicator.
pub(super) fn receipt(
    handle: &Handle,
    incoming: &Incoming,
    id: &str,
    body: &Value,
) -> Result<Answer, Problem> {
    let memory = handle.memory();
    let token = incoming.bearer.as_deref();
    memory.business.permitted("POST", id, token)?;
    let read = body.get("message_id").and_then(Value::as_str);
    let read = read.ok_or_else(|| Problem::parameter("The parameter message_id is required."))?;
    let known = memory
        .messages
        .get(read)
        .filter(|message| message.key == id);
    if known.is_none() || body.get("status") != Some(&json!("read")) {
        return Err(Problem::new(131_009, "No such message to read"));
    }
    Ok(Answer::json(200, &json!({"success": true})))
}
