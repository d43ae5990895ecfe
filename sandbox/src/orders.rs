//! The orders a test gives about a message of any provider.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use jiff::Timestamp;

use crate::{deliver::Posted, state::Refusal};

/// What an order caused.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Caused {
    /// The message it is about, or the new inbound one.
    pub message_id: Option<String>,
    /// The webhooks' numbers in the journal; none when nobody subscribed.
    pub webhooks: Vec<u64>,
}

impl Caused {
    pub(crate) fn by(message_id: Option<&str>, posted: &[Posted]) -> Self {
        Self {
            message_id: message_id.map(ToOwned::to_owned),
            webhooks: posted.iter().map(|posted| posted.id).collect(),
        }
    }
}

/// A status to report. The order is obeyed even where a real provider would not send it:
/// backwards, twice, or with a word nobody knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusSpec {
    /// The status word.
    pub status: String,
    /// Unix seconds as number or string; now when absent.
    #[serde(default)]
    pub timestamp: Option<Value>,
    /// The `errors` array of a failure.
    #[serde(default)]
    pub errors: Option<Value>,
    /// The error code of a failure, in place of `errors`.
    #[serde(default)]
    pub code: Option<u32>,
    /// Keys to set in the status as it goes out; `null` removes one.
    #[serde(default)]
    pub change: Map<String, Value>,
    /// How often it is sent; once when absent. With 0 it is recorded and not sent.
    #[serde(default)]
    pub repeat: Option<u32>,
}

impl StatusSpec {
    /// `status`, now, once.
    #[must_use]
    pub fn of(status: &str) -> Self {
        Self {
            status: status.into(),
            ..Self::default()
        }
    }

    /// A failure with this code.
    #[must_use]
    pub fn failed(code: u32) -> Self {
        Self {
            code: Some(code),
            ..Self::of("failed")
        }
    }

    /// The timestamp as the text of its seconds.
    pub(crate) fn seconds(&self) -> Result<String, Refusal> {
        match &self.timestamp {
            None => Ok(Timestamp::now().as_second().to_string()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(_) => Err(Refusal::Invalid("timestamp is no number or string".into())),
        }
    }
}

/// How a press arrives.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PressAs {
    /// As the provider reports a press.
    #[default]
    Reply,
    /// As a plain text with the button's title, without context.
    Title,
}

/// A button to press.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PressSpec {
    /// The button's place, from 0; rows of a list count through all sections.
    pub button: usize,
    /// How it arrives.
    #[serde(default, rename = "as")]
    pub arrives_as: PressAs,
    /// Whether the reply lacks its reference to our message.
    #[serde(default)]
    pub without_context: bool,
    /// The presser's name.
    #[serde(default)]
    pub from_name: Option<String>,
}

impl PressSpec {
    /// The button at `button`, pressed in the given way.
    #[must_use]
    pub fn of(button: usize, arrives_as: PressAs) -> Self {
        Self {
            button,
            arrives_as,
            without_context: false,
            from_name: None,
        }
    }
}

/// Sets a key of an object; of anything else, nothing.
pub(crate) fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.into(), value.into());
    }
}

/// Sets every key of `change` in an object; `null` removes the key.
pub(crate) fn change(object: &mut Value, change: &Map<String, Value>) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    for (key, value) in change {
        match value {
            Value::Null => drop(object.remove(key)),
            value => drop(object.insert(key.clone(), value.clone())),
        }
    }
}
