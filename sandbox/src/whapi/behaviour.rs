//! What WHAPI reports of a message after it was accepted, and of a channel's health.

use jiff::Timestamp;
use serde_json::json;

use super::{orders::HealthSpec, wire};
use crate::{
    behaviour::Plan,
    deliver::{Hook, Posted},
    messages::MessageEntry,
    orders::{Caused, StatusSpec, change, set},
    provider::Party,
    state::{Handle, Refusal},
};

/// Reports a status of a message.
pub(crate) fn report(handle: &Handle, id: &str, spec: &StatusSpec) -> Result<Vec<Posted>, Refusal> {
    let timestamp = spec.seconds()?;
    let mut memory = handle.memory();
    let message = memory.messages.get_mut(id).ok_or_else(Refusal::message)?;
    let mut item = wire::status(id, &spec.status, &message.chat_id, &timestamp);
    if let Some(code) = spec.code {
        set(&mut item, "errors", json!([{"code": code}]));
    }
    if let Some(errors) = &spec.errors {
        set(&mut item, "errors", errors.clone());
    }
    change(&mut item, &spec.change);
    message.advance(&spec.status);
    message.statuses.push(item.clone());
    let state = message.state.clone();
    set(&mut message.wire, "status", state);
    let party = message.party();
    let channel = memory.channels.get(&party.key);
    let channel = channel.ok_or_else(Refusal::channel)?;
    let channel_id = channel.spec.channel_id.clone();
    drop(memory);
    let body = wire::envelope("statuses", json!([item]), ("statuses", "post"), &channel_id);
    let hook = Hook::new("statuses", Some(id), &body);
    Ok((0..spec.repeat.unwrap_or(1))
        .flat_map(|_| handle.post(&party, &hook))
        .collect())
}

/// The echo and the automatic steps of a message's channel.
pub(crate) fn plan(handle: &Handle, message: &MessageEntry) -> Plan {
    let memory = handle.memory();
    let Some(channel) = memory.channels.get(&message.key) else {
        return Plan::default();
    };
    let spec = &channel.spec;
    let echo = spec.echoes.then(|| {
        let mut item = message.wire.clone();
        set(&mut item, "from_name", spec.name.clone());
        let event = ("messages", "post");
        let body = wire::envelope("messages", json!([item]), event, &spec.channel_id);
        Hook::new("messages", Some(&message.id), &body)
    });
    Plan {
        steps: spec.auto.clone(),
        head_start_ms: spec.head_start_ms,
        echo,
    }
}

impl Handle {
    /// Changes the channel's health, and tells its webhook.
    ///
    /// # Errors
    /// When the channel does not exist.
    pub fn health(&self, spec: &HealthSpec) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let channel = memory
            .channels
            .get_mut(&spec.token)
            .ok_or_else(Refusal::channel)?;
        let before = std::mem::replace(&mut channel.spec.health, spec.text.clone());
        let channel_id = channel.spec.channel_id.clone();
        let user = json!({"id": channel.spec.phone, "name": channel.spec.name});
        let health = json!({
            "start_at": channel.started.as_second(),
            "uptime": Timestamp::now().as_second() - channel.started.as_second(),
            "status": wire::health_status(&spec.text),
            "version": "sandbox",
        });
        drop(memory);
        let body = wire::envelope("health", health, ("channel", "post"), &channel_id);
        let party = Party::whapi(&spec.token);
        let mut posted = self.post(&party, &Hook::new("channel", None, &body));
        let verb = match (before.as_str(), spec.text.as_str()) {
            ("AUTH", "AUTH") => return Ok(Caused::by(None, &posted)),
            (_, "AUTH") => "post",
            ("AUTH", "QR") => "delete",
            _ => return Ok(Caused::by(None, &posted)),
        };
        let body = wire::envelope("user", user, ("users", verb), &channel_id);
        let mut hook = Hook::new("users", None, &body);
        hook.verb = verb;
        posted.extend(self.post(&party, &hook));
        Ok(Caused::by(None, &posted))
    }
}
