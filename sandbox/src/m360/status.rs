//! How a message's status advances, and the delivery webhook.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::wire;
use crate::{
    behaviour::Plan,
    channel::{Action, AutoStep},
    deliver::{Hook, Posted},
    messages::MessageEntry,
    orders::{Caused, StatusSpec, change, set},
    provider::Party,
    state::{Handle, Refusal},
};

/// A delivery webhook to post, without changing the message's status.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverySpec {
    /// The account's key.
    pub key: String,
    /// The message, known or not.
    pub message_id: String,
    /// 1 sent, 2 delivered, 3 read; or anything.
    pub delivery: Value,
    /// As a form or as JSON; as the account has it when absent.
    #[serde(default)]
    pub form: Option<bool>,
    /// Another address than the registered one.
    #[serde(default)]
    pub url: Option<String>,
    /// How often it is posted; once when absent.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// Keys to set in the body; `null` removes one.
    #[serde(default)]
    pub change: Map<String, Value>,
}

impl DeliverySpec {
    /// `{"ID": message_id, "Delivery": delivery}`, once.
    #[must_use]
    pub fn new(key: &str, message_id: &str, delivery: u8) -> Self {
        Self {
            key: key.into(),
            message_id: message_id.into(),
            delivery: delivery.into(),
            form: None,
            url: None,
            repeat: None,
            change: Map::new(),
        }
    }
}

/// Sets the status of a message, as the look-up shows it from then on.
pub(crate) fn report(handle: &Handle, id: &str, spec: &StatusSpec) -> Result<Vec<Posted>, Refusal> {
    let (status, info, delivery) = wire::words(&spec.status);
    let at = match spec.seconds()?.parse().map(Timestamp::from_second) {
        Ok(Ok(at)) => at,
        Ok(Err(_)) | Err(_) => Timestamp::now(),
    };
    let mut memory = handle.memory();
    let message = memory.messages.get_mut(id).ok_or_else(Refusal::message)?;
    let shown = &mut message.wire;
    set(shown, "status", status);
    set(shown, "statusInfo", info);
    set(shown, "delivery", delivery);
    set(shown, "executedAt", wire::time(at));
    change(shown, &spec.change);
    message.advance(&spec.status);
    let record = json!({"status": spec.status, "shown": message.wire});
    message.statuses.push(record);
    let key = message.key.clone();
    let account = memory.accounts.get(&key).ok_or_else(Refusal::channel)?;
    let number = match spec.status.as_str() {
        "sent" => 1,
        "delivered" => 2,
        "read" => 3,
        _ => return Ok(Vec::new()),
    };
    if !account.spec.delivery_webhooks {
        return Ok(Vec::new());
    }
    drop(memory);
    let mut order = DeliverySpec::new(&key, id, number);
    order.repeat = spec.repeat;
    handle.deliver_delivery(&order)
}

impl Handle {
    /// Posts a delivery webhook.
    ///
    /// # Errors
    /// When the account does not exist.
    pub fn m360_delivery(&self, spec: &DeliverySpec) -> Result<Caused, Refusal> {
        let posted = self.deliver_delivery(spec)?;
        Ok(Caused::by(Some(&spec.message_id), &posted))
    }

    fn deliver_delivery(&self, spec: &DeliverySpec) -> Result<Vec<Posted>, Refusal> {
        let mut body = json!({"ID": spec.message_id, "Delivery": spec.delivery});
        change(&mut body, &spec.change);
        let way = Way {
            event: "delivery",
            message_id: &spec.message_id,
            form: spec.form,
            url: spec.url.clone(),
            repeat: spec.repeat,
        };
        self.post_m360(&spec.key, &body, way)
    }

    /// Posts a body as JSON or as a form.
    pub(super) fn post_m360(
        &self,
        key: &str,
        body: &Value,
        way: Way<'_>,
    ) -> Result<Vec<Posted>, Refusal> {
        let usual = {
            let memory = self.memory();
            let account = memory.accounts.get(key).ok_or_else(Refusal::channel)?;
            account.spec.form_webhooks
        };
        let mut hook = match way.form.unwrap_or(usual) {
            true => Hook::of(way.event, Some(way.message_id), form(body)),
            false => Hook::new(way.event, Some(way.message_id), body),
        };
        if way.form.unwrap_or(usual) {
            let form = "application/x-www-form-urlencoded".to_owned();
            hook.headers = BTreeMap::from([("content-type".to_owned(), Some(form))]);
        }
        hook.to = way.url;
        let party = Party::m360(key);
        Ok((0..way.repeat.unwrap_or(1))
            .flat_map(|_| self.post(&party, &hook))
            .collect())
    }
}

/// How a body is posted.
pub(super) struct Way<'a> {
    pub(super) event: &'static str,
    pub(super) message_id: &'a str,
    pub(super) form: Option<bool>,
    pub(super) url: Option<String>,
    pub(super) repeat: Option<u32>,
}

/// An object as a form: texts as they are, anything else as JSON.
fn form(body: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (key, value) in body.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => form.append_pair(key, text),
            other => form.append_pair(key, &other.to_string()),
        };
    }
    form.finish()
}

/// The automatic steps of a message's account; a failure for a number that is not there.
pub(crate) fn plan(handle: &Handle, message: &MessageEntry) -> Plan {
    let memory = handle.memory();
    let Some(account) = memory.accounts.get(&message.key) else {
        return Plan::default();
    };
    let steps = match account.spec.absent.contains(&message.to) {
        false => account.spec.auto.clone(),
        true => vec![AutoStep {
            after_ms: 0,
            action: Action::Status("not_found".into()),
        }],
    };
    Plan {
        steps,
        head_start_ms: account.spec.head_start_ms,
        echo: None,
    }
}
