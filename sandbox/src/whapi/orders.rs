//! The orders a test gives about WHAPI messages, as the control plane reads them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deliver::Posted;

/// What an order caused.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Caused {
    /// The message it is about, or the new inbound one.
    pub message_id: Option<String>,
    /// The webhooks' numbers in the journal; none when nobody subscribed.
    pub webhooks: Vec<u64>,
}

impl Caused {
    pub(super) fn by(message_id: Option<&str>, posted: &[Posted]) -> Self {
        Self {
            message_id: message_id.map(ToOwned::to_owned),
            webhooks: posted.iter().map(|posted| posted.id).collect(),
        }
    }
}

/// A status to report. The order is obeyed even where a real provider would not send it:
/// backwards, twice, or with a word nobody knows.
#[derive(Clone, Debug, Deserialize)]
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
    /// How often it is sent; once when absent.
    #[serde(default)]
    pub repeat: Option<u32>,
}

impl StatusSpec {
    /// `status`, now, once.
    #[must_use]
    pub fn of(status: &str) -> Self {
        Self {
            status: status.into(),
            timestamp: None,
            errors: None,
            repeat: None,
        }
    }
}

/// How a press arrives.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PressAs {
    /// As `type: "reply"` with the prefixed button id.
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

/// A button named in an inbound reply.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonRef {
    /// Its id; `ButtonsV3:` is put before it unless it is there already.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// A message somebody writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboundSpec {
    /// The channel that receives it.
    pub token: String,
    /// The other party's number, digits only.
    pub from: String,
    /// The other party's name.
    #[serde(default)]
    pub from_name: Option<String>,
    /// `text`, `reply`, `image`, `document`, or anything else.
    #[serde(rename = "type")]
    pub kind: String,
    /// The words of a `text`.
    #[serde(default)]
    pub text: Option<String>,
    /// The button of a `reply`.
    #[serde(default)]
    pub button: Option<ButtonRef>,
    /// The address of an `image` or `document`.
    #[serde(default)]
    pub link: Option<String>,
    /// The media type of an `image` or `document`.
    #[serde(default)]
    pub mime_type: Option<String>,
    /// The caption of an `image` or `document`.
    #[serde(default)]
    pub caption: Option<String>,
    /// The name of a `document`.
    #[serde(default)]
    pub filename: Option<String>,
    /// The object under the type's key, instead of the usual one.
    #[serde(default)]
    pub content: Option<Value>,
    /// The message it answers.
    #[serde(default)]
    pub quoted_id: Option<String>,
    /// The message id, to repeat an earlier one.
    #[serde(default)]
    pub id: Option<String>,
    /// Unix seconds; now when absent.
    #[serde(default)]
    pub timestamp: Option<i64>,
    /// Typed by the channel's owner on the phone, to `from`.
    #[serde(default)]
    pub from_me: bool,
}

impl InboundSpec {
    /// A text.
    #[must_use]
    pub fn text(token: &str, from: &str, text: &str) -> Self {
        Self {
            token: token.into(),
            from: from.into(),
            from_name: None,
            kind: "text".into(),
            text: Some(text.into()),
            button: None,
            link: None,
            mime_type: None,
            caption: None,
            filename: None,
            content: None,
            quoted_id: None,
            id: None,
            timestamp: None,
            from_me: false,
        }
    }
}

/// A change of the channel's health.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthSpec {
    /// The channel.
    pub token: String,
    /// `AUTH`, `QR`, `INIT`, `LAUNCH`, `ERROR`, `SYNC_ERROR`, `STOP`, ...
    pub text: String,
}
