//! The orders a test gives about WHAPI's channels, as the control plane reads them.

use serde::Deserialize;
use serde_json::Value;

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
