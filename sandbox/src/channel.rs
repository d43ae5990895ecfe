//! One provider channel (a WhatsApp number) as the control plane describes it: its
//! token, its webhook, and what it does by itself after a message was accepted.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A channel to register. Registering the same token again replaces the description and
/// keeps the messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    /// The bearer token that selects this channel.
    pub token: String,
    /// The provider's name for the channel, sent in every webhook.
    pub channel_id: String,
    /// The channel's own number, digits only.
    pub phone: String,
    /// The channel owner's display name.
    #[serde(default = "owner")]
    pub name: String,
    /// Where webhooks go. Without it, whatever `PATCH /settings` stored stays.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// What happens by itself after a message was accepted.
    #[serde(default)]
    pub auto: Vec<AutoStep>,
    /// Whether an accepted message comes back as a webhook with `from_me: true`.
    #[serde(default)]
    pub echoes: bool,
    /// The health text; anything other than `AUTH` refuses sends with 401.
    #[serde(default = "authorized")]
    pub health: String,
    /// How undelivered webhooks are repeated.
    #[serde(default)]
    pub retry: Retry,
    /// How long the echo and the automatic steps wait after acceptance, so that the
    /// answer normally arrives first. The `early_status` fault is the way to reverse it.
    #[serde(default = "head_start")]
    pub head_start_ms: u64,
    /// Whether a QR code comes as a data URI rather than as its bare base64: WHAPI does not say.
    #[serde(default = "yes")]
    pub qr_data_uri: bool,
}

impl ChannelSpec {
    /// A silent channel: no webhook, no echo, no automatic steps.
    #[must_use]
    pub fn new(token: &str, channel_id: &str, phone: &str) -> Self {
        Self {
            token: token.into(),
            channel_id: channel_id.into(),
            phone: phone.into(),
            name: owner(),
            webhook: None,
            auto: Vec::new(),
            echoes: false,
            health: authorized(),
            retry: Retry::default(),
            head_start_ms: head_start(),
            qr_data_uri: true,
        }
    }

    /// The same channel, posting its webhooks to `url`.
    #[must_use]
    pub fn posting_to(mut self, url: &str) -> Self {
        self.webhook = Some(WebhookSpec {
            url: Some(url.into()),
            ..WebhookSpec::default()
        });
        self
    }
}

fn owner() -> String {
    "Sandbox Shop".into()
}

fn authorized() -> String {
    "AUTH".into()
}

fn yes() -> bool {
    true
}

fn head_start() -> u64 {
    25
}

/// Where a channel's webhooks go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSpec {
    /// The address; absent when only `connect_to` is set for a later `PATCH /settings`.
    #[serde(default)]
    pub url: Option<String>,
    /// Static headers sent with every webhook.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// `host:port` to connect to, by plain HTTP, while `Host` still names the url's host.
    #[serde(default)]
    pub connect_to: Option<String>,
}

/// One webhook as WHAPI's settings keep it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// Always `body` here.
    #[serde(default = "body_mode")]
    pub mode: String,
    /// Subscribed events; none means all of them.
    #[serde(default)]
    pub events: Vec<EventFilter>,
    /// Static headers, at most five.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Fields this sandbox does not know, kept as given.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

impl Webhook {
    /// A subscription to everything at `url`.
    #[must_use]
    pub fn to_everything(url: String, headers: BTreeMap<String, String>) -> Self {
        Self {
            url,
            mode: body_mode(),
            events: Vec::new(),
            headers,
            rest: BTreeMap::new(),
        }
    }

    /// Whether this webhook wants `kind` with the entity verb `verb`.
    #[must_use]
    pub fn wants(&self, kind: &str, verb: &str) -> bool {
        self.events.is_empty()
            || self.events.iter().any(|event| {
                event.kind == kind && event.method.as_deref().is_none_or(|method| method == verb)
            })
    }
}

fn body_mode() -> String {
    "body".into()
}

/// One subscribed event.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct EventFilter {
    /// `messages`, `statuses`, `channel`, `users`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// `post`, `put`, `patch` or `delete`; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// Linear backoff: the n-th repeat waits `n * step_ms`, at most `max_ms`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// The step by which the wait grows.
    pub step_ms: u64,
    /// Tries in all, the first one included; values above 1,000 count as 1,000.
    pub tries: u32,
    /// The longest wait.
    pub max_ms: u64,
    /// How long one try may take.
    pub timeout_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            step_ms: 200,
            tries: 20,
            max_ms: 5_000,
            timeout_ms: 30_000,
        }
    }
}

/// One automatic step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoStep {
    /// Milliseconds after the message was accepted (not after the previous step).
    pub after_ms: u64,
    /// What happens then.
    pub action: Action,
}

/// What an automatic step does. Written as a word: `sent`, `delivered`, `read`, ...,
/// `failed:<code>`, `press:<index>`, `press_title:<index>`, or `text:<words>`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub enum Action {
    /// Report this status.
    Status(String),
    /// Report a failure with this error code.
    Failed(u32),
    /// Press the n-th button; arrives as the provider reports a press.
    Press(usize),
    /// Press the n-th button; arrives as a plain text with the button's title.
    PressTitle(usize),
    /// The recipient writes this.
    Text(String),
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let index = |digits: &str| {
            let problem = |_| format!("`{text}` needs a button index");
            digits.parse().map_err(problem)
        };
        if let Some(digits) = text.strip_prefix("failed:") {
            let problem = |_| format!("`{text}` needs an error code");
            return digits.parse().map(Self::Failed).map_err(problem);
        }
        if let Some(digits) = text.strip_prefix("press:") {
            return index(digits).map(Self::Press);
        }
        if let Some(digits) = text.strip_prefix("press_title:") {
            return index(digits).map(Self::PressTitle);
        }
        if let Some(words) = text.strip_prefix("text:") {
            return Ok(Self::Text(words.into()));
        }
        let statuses = [
            "failed",
            "pending",
            "sent",
            "delivered",
            "read",
            "played",
            "deleted",
        ];
        if statuses.contains(&text) {
            return Ok(Self::Status(text.into()));
        }
        Err(format!("`{text}` is no status, press or text"))
    }
}

impl TryFrom<String> for Action {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn actions_are_read_from_words() {
        let cases = [
            ("delivered", Some(Action::Status("delivered".into()))),
            ("failed:131026", Some(Action::Failed(131_026))),
            ("failed:soon", None),
            ("press:2", Some(Action::Press(2))),
            ("press_title:0", Some(Action::PressTitle(0))),
            ("text:on my way", Some(Action::Text("on my way".into()))),
            ("press:", None),
            ("seen", None),
            ("", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(text.parse::<Action>().ok(), wanted, "{text}");
        }
    }
}
