//! What happens to a message of any provider after it was accepted: statuses, presses, the
//! echo, and the automatic steps of its channel.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    channel::{Action, AutoStep},
    deliver::{Hook, Posted},
    m360,
    messages::{Choice, MessageEntry},
    meta,
    orders::{Caused, PressAs, PressSpec, StatusSpec},
    provider::Provider,
    state::{Handle, Refusal},
    whapi,
};

/// What a channel does by itself after it accepted a message.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<AutoStep>,
    pub(crate) head_start_ms: u64,
    pub(crate) echo: Option<Hook>,
}

impl Handle {
    /// Reports a status of an accepted message.
    ///
    /// # Errors
    /// When the message does not exist or the timestamp is no number or string.
    pub fn status(&self, id: &str, spec: &StatusSpec) -> Result<Caused, Refusal> {
        Ok(Caused::by(Some(id), &self.report(id, spec)?))
    }

    /// Presses a button or list row of an accepted message.
    ///
    /// # Errors
    /// When the message or the button does not exist, or the provider knows no buttons.
    pub fn press(&self, id: &str, spec: &PressSpec) -> Result<Caused, Refusal> {
        let message = self.message(id)?;
        match message.provider {
            Provider::Whapi => whapi::press(self, &message, spec),
            Provider::Meta => meta::press(self, &message, spec),
            Provider::Messenger360 => Err(Refusal::Invalid("360Messenger has no buttons".into())),
            Provider::PayPal | Provider::WhapiManager => Err(no_messages()),
        }
    }

    pub(crate) fn message(&self, id: &str) -> Result<MessageEntry, Refusal> {
        let message = self.memory().messages.get(id).cloned();
        message.ok_or_else(Refusal::message)
    }

    pub(crate) fn report(&self, id: &str, spec: &StatusSpec) -> Result<Vec<Posted>, Refusal> {
        let provider = self.message(id)?.provider;
        match provider {
            Provider::Whapi => whapi::report(self, id, spec),
            Provider::Meta => meta::report(self, id, spec),
            Provider::Messenger360 => m360::report(self, id, spec),
            Provider::PayPal | Provider::WhapiManager => Err(no_messages()),
        }
    }

    /// Starts the echo and the automatic steps of a message that was just accepted.
    pub(crate) fn behave(&self, message: &MessageEntry) {
        let plan = match message.provider {
            Provider::Whapi => whapi::plan(self, message),
            Provider::Meta => meta::plan(self, message),
            Provider::Messenger360 => m360::plan(self, message),
            Provider::PayPal | Provider::WhapiManager => Plan::default(),
        };
        let Plan {
            mut steps,
            head_start_ms,
            echo,
        } = plan;
        if echo.is_none() && steps.is_empty() {
            return;
        }
        steps.sort_by_key(|step| step.after_ms);
        let generation = self.generation();
        let (handle, message, work) = (self.clone(), message.clone(), self.work());
        self.0.runtime.spawn(async move {
            let accepted = Instant::now();
            let head_start = Duration::from_millis(head_start_ms);
            if !handle.pause(accepted + head_start, generation).await {
                return;
            }
            if let Some(echo) = echo {
                handle.post(&message.party(), &echo);
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
            Action::Status(word) => self.report_once(message, &StatusSpec::of(word))?,
            Action::Failed(code) => self.report_once(message, &StatusSpec::failed(*code))?,
            Action::Press(button) => {
                self.press(&message.id, &PressSpec::of(*button, PressAs::Reply))?;
            }
            Action::PressTitle(button) => {
                self.press(&message.id, &PressSpec::of(*button, PressAs::Title))?;
            }
            Action::Text(words) => match message.provider {
                Provider::Whapi => drop(whapi::answer(self, message, words)?),
                Provider::Meta => drop(meta::answer(self, message, words)?),
                Provider::Messenger360 => drop(m360::answer(self, message, words)?),
                Provider::PayPal | Provider::WhapiManager => return Err(no_messages()),
            },
        }
        Ok(())
    }

    /// Reports a status unless it was reported already.
    fn report_once(&self, message: &MessageEntry, spec: &StatusSpec) -> Result<(), Refusal> {
        let ahead = |entry: &MessageEntry| entry.is_ahead(&spec.status);
        if self.memory().messages.get(&message.id).is_some_and(ahead) {
            self.report(&message.id, spec)?;
        }
        Ok(())
    }
}

/// PayPal has subscriptions, and nothing that is written to anybody.
fn no_messages() -> Refusal {
    Refusal::Invalid("PayPal has no messages".into())
}

impl MessageEntry {
    /// The button or row that `spec` presses.
    pub(crate) fn choice(&self, spec: &PressSpec) -> Result<&Choice, Refusal> {
        let choice = self.choices.get(spec.button);
        choice.ok_or_else(|| Refusal::Unknown(format!("button {} of message", spec.button)))
    }
}
