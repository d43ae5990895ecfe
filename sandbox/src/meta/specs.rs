//! What a test registers at Meta: apps, business accounts, numbers, templates, media.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::channel::{AutoStep, Retry, WebhookSpec};

/// An app: it owns the callback address and the secret that signs. Several accounts of
/// different tenants may belong to one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSpec {
    /// The app's id.
    pub app_id: String,
    /// Signs the webhooks.
    pub app_secret: String,
    /// What the handshake presents.
    #[serde(default)]
    pub verify_token: String,
    /// Where webhooks go. Without it, what was set before stays.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// How undelivered webhooks are repeated.
    #[serde(default)]
    pub retry: Retry,
}

impl AppSpec {
    /// An app that posts nowhere yet.
    #[must_use]
    pub fn new(app_id: &str, app_secret: &str, verify_token: &str) -> Self {
        Self {
            app_id: app_id.into(),
            app_secret: app_secret.into(),
            verify_token: verify_token.into(),
            webhook: None,
            retry: Retry::default(),
        }
    }

    /// The same app, posting to `url`.
    #[must_use]
    pub fn posting_to(mut self, url: &str) -> Self {
        self.webhook = Some(WebhookSpec {
            url: Some(url.into()),
            ..WebhookSpec::default()
        });
        self
    }
}

/// A WhatsApp Business Account. Registering it again keeps its templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WabaSpec {
    /// The account's id.
    pub waba_id: String,
    /// The subscribed app.
    pub app_id: String,
    /// The bearer tokens that may touch the account and its numbers.
    pub tokens: Vec<String>,
    /// Its name.
    #[serde(default = "account_name")]
    pub name: String,
    /// A callback address of its own, in place of the app's.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// The most templates on one page, whatever `limit` asks for.
    #[serde(default)]
    pub page_limit: Option<usize>,
    /// Whether the list of templates gives the same cursor again and again.
    #[serde(default)]
    pub stuck_cursor: bool,
}

impl WabaSpec {
    /// An account with one token.
    #[must_use]
    pub fn new(waba_id: &str, app_id: &str, token: &str) -> Self {
        Self {
            waba_id: waba_id.into(),
            app_id: app_id.into(),
            tokens: vec![token.into()],
            name: account_name(),
            webhook: None,
            page_limit: None,
            stuck_cursor: false,
        }
    }
}

/// What happens to a message, other than a template, to somebody who did not write within
/// 24 hours.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// It is refused with 131047.
    #[default]
    Refuse,
    /// It is accepted, and fails with 131047 by webhook.
    Fail,
    /// Nothing.
    Off,
}

/// A number of an account. Registering it again replaces the description.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberSpec {
    /// The number's id, which is in every path and webhook.
    pub phone_number_id: String,
    /// Its account.
    pub waba_id: String,
    /// The number itself.
    pub display_phone_number: String,
    /// The business name that customers see.
    #[serde(default = "account_name")]
    pub verified_name: String,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(default = "green")]
    pub quality_rating: String,
    /// Further fields of the number, or others in place of the usual ones.
    #[serde(default)]
    pub fields: Map<String, Value>,
    /// What happens by itself after a message was accepted.
    #[serde(default)]
    pub auto: Vec<AutoStep>,
    /// How long the automatic steps wait after acceptance.
    #[serde(default = "head_start")]
    pub head_start_ms: u64,
    /// The 24 h window.
    #[serde(default)]
    pub window: Window,
    /// Whether statuses carry `conversation`, as before v24.
    #[serde(default)]
    pub conversation: bool,
    /// Whether statuses carry `pricing`.
    #[serde(default = "yes")]
    pub pricing: bool,
    /// The `message_status` of an accepted template.
    #[serde(default = "accepted")]
    pub template_status: String,
    /// Put before a recipient that has no `+` and does not begin with it, as Meta may do.
    #[serde(default)]
    pub country_code: Option<String>,
}

impl NumberSpec {
    /// A silent number that minds the window.
    #[must_use]
    pub fn new(phone_number_id: &str, waba_id: &str, display_phone_number: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.into(),
            waba_id: waba_id.into(),
            display_phone_number: display_phone_number.into(),
            verified_name: account_name(),
            quality_rating: green(),
            fields: Map::new(),
            auto: Vec::new(),
            head_start_ms: head_start(),
            window: Window::Refuse,
            conversation: false,
            pricing: true,
            template_status: accepted(),
            country_code: None,
        }
    }
}

/// A template of an account. Registering the same name and language replaces it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSpec {
    /// The account.
    pub waba_id: String,
    /// The template's name.
    pub name: String,
    /// Its language, `en_US`.
    pub language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[serde(default = "utility")]
    pub category: String,
    /// Only `APPROVED` can be sent.
    #[serde(default = "approved")]
    pub status: String,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default = "positional")]
    pub parameter_format: String,
    /// The components as Meta lists them.
    pub components: Vec<Value>,
    /// The template's id; a new one when absent.
    #[serde(default)]
    pub id: Option<u64>,
    /// Further fields in the list.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl TemplateSpec {
    /// An approved utility template with positional parameters.
    #[must_use]
    pub fn new(waba_id: &str, name: &str, language: &str, components: Vec<Value>) -> Self {
        Self {
            waba_id: waba_id.into(),
            name: name.into(),
            language: language.into(),
            category: utility(),
            status: approved(),
            parameter_format: positional(),
            components,
            id: None,
            fields: Map::new(),
        }
    }
}

/// A medium that can be sent by its id and downloaded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaSpec {
    /// The medium's id.
    pub id: String,
    /// Its media type.
    pub mime_type: String,
    /// Its bytes, in base64.
    #[serde(default)]
    pub base64: String,
    /// Whether its address has expired; the look-up by id still answers.
    #[serde(default)]
    pub expired: bool,
}

fn account_name() -> String {
    "Sandbox Shop".into()
}

fn green() -> String {
    "GREEN".into()
}

fn head_start() -> u64 {
    25
}

fn yes() -> bool {
    true
}

fn accepted() -> String {
    "accepted".into()
}

fn utility() -> String {
    "UTILITY".into()
}

fn approved() -> String {
    "APPROVED".into()
}

fn positional() -> String {
    "POSITIONAL".into()
}
