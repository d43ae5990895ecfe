//! What happens to a message after it was accepted: statuses, the echo, the automatic
//! steps of its channel; and the channel's own health.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    orders::{Caused, HealthSpec, InboundSpec, PressAs, PressSpec, StatusSpec},
    wire,
};
use crate::{
    channel::Action,
    deliver::{Hook, Posted},
    messages::MessageEntry,
    state::{Handle, Refusal},
};

impl Handle {
    /// Reports a status of an accepted message.
    ///
    /// # Errors
    /// When the message does not exist or the timestamp is no number or string.
    pub fn status(&self, id: &str, spec: &StatusSpec) -> Result<Caused, Refusal> {
        Ok(Caused::by(Some(id), &self.report(id, spec)?))
    }

    pub(super) fn report(&self, id: &str, spec: &StatusSpec) -> Result<Vec<Posted>, Refusal> {
        let timestamp = match &spec.timestamp {
            None => Timestamp::now().as_second().to_string(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Refusal::Invalid("timestamp is no number or string".into())),
        };
        let mut memory = self.memory();
        let message = memory.messages.get_mut(id).ok_or_else(Refusal::message)?;
        let mut item = wire::status(id, &spec.status, &message.chat_id, &timestamp);
        if let Some(errors) = &spec.errors {
            wire::set(&mut item, "errors", errors.clone());
        }
        message.advance(&spec.status);
        message.statuses.push(item.clone());
        let state = message.state.clone();
        wire::set(&mut message.wire, "status", state);
        let token = message.full_token.clone();
        let channel = memory.channels.get(&token);
        let channel = channel.ok_or_else(Refusal::channel)?;
        let channel_id = channel.spec.channel_id.clone();
        drop(memory);
        let body = wire::envelope("statuses", json!([item]), ("statuses", "post"), &channel_id);
        let hook = Hook::new("statuses", Some(id), &body);
        Ok((0..spec.repeat.unwrap_or(1))
            .flat_map(|_| self.post(&token, &hook))
            .collect())
    }

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
        let mut posted = self.post(&spec.token, &Hook::new("channel", None, &body));
        let verb = match (before.as_str(), spec.text.as_str()) {
            ("AUTH", "AUTH") => return Ok(Caused::by(None, &posted)),
            (_, "AUTH") => "post",
            ("AUTH", "QR") => "delete",
            _ => return Ok(Caused::by(None, &posted)),
        };
        let body = wire::envelope("user", user, ("users", verb), &channel_id);
        let mut hook = Hook::new("users", None, &body);
        hook.verb = verb;
        posted.extend(self.post(&spec.token, &hook));
        Ok(Caused::by(None, &posted))
    }

    /// Starts the echo and the automatic steps of a message that was just accepted.
    pub(super) fn behave(&self, message: &MessageEntry) {
        let memory = self.memory();
        let Some(channel) = memory.channels.get(&message.full_token) else {
            return;
        };
        let generation = self.generation();
        let head_start = Duration::from_millis(channel.spec.head_start_ms);
        let echo = channel.spec.echoes.then(|| {
            let mut item = message.wire.clone();
            wire::set(&mut item, "from_name", channel.spec.name.clone());
            let channel_id = &channel.spec.channel_id;
            wire::envelope("messages", json!([item]), ("messages", "post"), channel_id)
        });
        let mut steps = channel.spec.auto.clone();
        drop(memory);
        if echo.is_none() && steps.is_empty() {
            return;
        }
        steps.sort_by_key(|step| step.after_ms);
        let (handle, message, work) = (self.clone(), message.clone(), self.work());
        self.0.runtime.spawn(async move {
            let accepted = Instant::now();
            if !handle.pause(accepted + head_start, generation).await {
                return;
            }
            if let Some(echo) = echo {
                let hook = Hook::new("messages", Some(&message.id), &echo);
                handle.post(&message.full_token, &hook);
            }
            for step in steps {
                let moment = accepted + Duration::from_millis(step.after_ms);
                if !handle.pause(moment, generation).await {
                    return;
                }
                if let Err(refusal) = handle.act(&message, &step.action) {
                    tracing::debug!(%refusal, "an automatic step does not fit its message");
                }
            }
            // The open work ends with the last step.
            drop(work);
        });
    }

    fn act(&self, message: &MessageEntry, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::Status(word) => {
                let ahead = |entry: &MessageEntry| entry.is_ahead(word);
                if self.memory().messages.get(&message.id).is_some_and(ahead) {
                    self.report(&message.id, &StatusSpec::of(word))?;
                }
            }
            Action::Press(button) => {
                self.press(&message.id, &PressSpec::of(*button, PressAs::Reply))?;
            }
            Action::PressTitle(button) => {
                self.press(&message.id, &PressSpec::of(*button, PressAs::Title))?;
            }
            Action::Text(words) => {
                let from = wire::number(&message.chat_id);
                let inbound = InboundSpec::text(&message.full_token, from, words);
                self.receive(&inbound, None, Some(&message.id))?;
            }
        }
        Ok(())
    }
}
