//! Looking up numbers, accounts, and what became of messages.

use serde_json::{Value, json};

use super::{
    errors::Problem,
    media,
    paging::{Cut, asked, page, pick},
    wire,
};
use crate::{
    answer::Answer,
    gate::Incoming,
    journal::DeliveryState,
    messages::MessageEntry,
    state::{Handle, Memory},
};

const CUT: Cut = Cut {
    usual: 25,
    most: 100,
    stuck: false,
};

/// `GET /{id}`: a number, an account or a medium.
pub(super) fn object(handle: &Handle, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let memory = handle.memory();
    let business = &memory.business;
    if let Some(medium) = business.media.get(id) {
        return Ok(media::show(medium, incoming));
    }
    let waba = business.permitted("GET", id, incoming.bearer.as_deref())?;
    let fields = asked(incoming);
    let shown = match business.numbers.get(id) {
        Some(number) => pick(
            &wire::number(number),
            fields.as_deref(),
            &wire::NUMBER_FIELDS,
        )?,
        None => {
            let account = json!({
                "id": id, "name": waba.spec.name, "timezone_id": "1",
                "message_template_namespace": format!("namespace_{id}"),
            });
            let usual = ["name", "timezone_id", "message_template_namespace"];
            pick(&account, fields.as_deref(), &usual)?
        }
    };
    Ok(Answer::json(200, &shown))
}

/// `GET /{waba_id}/phone_numbers`
pub(super) fn numbers(handle: &Handle, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let memory = handle.memory();
    let business = &memory.business;
    business.permitted("GET", id, incoming.bearer.as_deref())?;
    if !business.wabas.contains_key(id) {
        return Err(Problem::no_object("GET", id));
    }
    let fields = asked(incoming);
    let shown = business
        .numbers
        .values()
        .filter(|number| number.waba_id == id)
        .map(|number| {
            pick(
                &wire::number(number),
                fields.as_deref(),
                &wire::NUMBER_FIELDS,
            )
        })
        .collect::<Result<Vec<Value>, Problem>>()?;
    Ok(Answer::json(200, &page(shown, incoming, CUT)?))
}

/// `GET /{phone_number_id}/message_history`: the statuses that were reported, with where
/// their webhooks went. `fields` is accepted and ignored.
pub(super) fn history(handle: &Handle, incoming: &Incoming, id: &str) -> Result<Answer, Problem> {
    let memory = handle.memory();
    let business = &memory.business;
    business.permitted("GET", id, incoming.bearer.as_deref())?;
    if !business.numbers.contains_key(id) {
        return Err(Problem::no_object("GET", id));
    }
    let wanted = incoming.query.get("message_id");
    let shown = memory
        .messages
        .of(Some(id))
        .filter(|message| message.from_me)
        .filter(|message| wanted.is_none_or(|wanted| *wanted == message.id))
        .enumerate()
        .map(|(index, message)| told(&memory, index, message))
        .collect();
    Ok(Answer::json(200, &page(shown, incoming, CUT)?))
}

fn told(memory: &Memory, index: usize, message: &MessageEntry) -> Value {
    let app = memory.business.app_of(&message.key);
    let app = app.map(|app| app.spec.app_id.clone());
    let webhooks = memory
        .webhooks
        .iter()
        .filter(|webhook| webhook.message_id.as_deref() == Some(&message.id))
        .filter(|webhook| webhook.event == "statuses");
    let webhooks: Vec<_> = webhooks.collect();
    let event = |(number, status): (usize, &Value)| {
        let word = status
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let seconds = status.get("timestamp").and_then(Value::as_str);
        let seconds: i64 = seconds
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        let at = "/entry/0/changes/0/value/statuses/0/status";
        let webhook = webhooks
            .iter()
            .find(|webhook| webhook.body.pointer(at).and_then(Value::as_str) == Some(word));
        let delivered = webhook.is_some_and(|webhook| webhook.state == DeliveryState::Delivered);
        json!({
            "id": format!("{}", 50_000 + index * 100 + number),
            "delivery_status": word.to_uppercase(),
            "timestamp": seconds,
            "webhook_update_state": if delivered { "DELIVERED" } else { "PENDING" },
            "application": {"id": app},
            "webhook_uri": webhook.map(|webhook| webhook.url.clone()),
        })
    };
    let events: Vec<Value> = message.statuses.iter().enumerate().map(event).collect();
    json!({
        "id": format!("{}", 40_000 + index),
        "message_id": message.id,
        "events": {"data": events},
    })
}
