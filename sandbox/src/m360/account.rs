//! 360Messenger's accounts: registering them, and where their webhooks go.

use serde::Deserialize;
use serde_json::json;

use super::wire;
use crate::{
    answer::Answer,
    channel::{AutoStep, Retry, WebhookSpec},
    fault_book::Subject,
    outlet::{Outlet, check_url},
    state::{Handle, Refusal},
};

/// Where the answer to a send carries the message's id; clients read all of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum IdPlace {
    /// `data.id`.
    #[default]
    Data,
    /// `result.id`.
    Result,
    /// `id`.
    Top,
}

/// An account: one key, one number. Registering the same key again replaces the
/// description and keeps the messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// The API key of both versions.
    pub key: String,
    /// The account's own number, digits only.
    pub phone: String,
    /// Where webhooks go. Without it, whatever `settings/webhook/set` stored stays.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// How undelivered webhooks are repeated.
    #[serde(default)]
    pub retry: Retry,
    /// What happens by itself after a message was accepted.
    #[serde(default)]
    pub auto: Vec<AutoStep>,
    /// How long the automatic steps wait after acceptance.
    #[serde(default = "head_start")]
    pub head_start_ms: u64,
    /// So many look-ups of a new message's status are answered with 404.
    #[serde(default)]
    pub late_status: u32,
    /// Where the answer to a send carries the id.
    #[serde(default)]
    pub id_place: IdPlace,
    /// Whether webhooks are forms rather than JSON.
    #[serde(default)]
    pub form_webhooks: bool,
    /// Whether statuses are also posted as `{"ID", "Delivery"}`.
    #[serde(default)]
    pub delivery_webhooks: bool,
    /// Numbers that are not on WhatsApp: messages to them are accepted and fail.
    #[serde(default)]
    pub absent: Vec<String>,
    /// What `account` shows as credit.
    #[serde(default = "credit")]
    pub credit: u64,
    /// Items on one page of a list.
    #[serde(default = "page_size")]
    pub page_size: usize,
}

impl AccountSpec {
    /// A silent account.
    #[must_use]
    pub fn new(key: &str, phone: &str) -> Self {
        Self {
            key: key.into(),
            phone: phone.into(),
            webhook: None,
            retry: Retry::default(),
            auto: Vec::new(),
            head_start_ms: head_start(),
            late_status: 0,
            id_place: IdPlace::Data,
            form_webhooks: false,
            delivery_webhooks: false,
            absent: Vec::new(),
            credit: credit(),
            page_size: page_size(),
        }
    }

    /// The same account, posting its webhooks to `url`.
    #[must_use]
    pub fn posting_to(mut self, url: &str) -> Self {
        self.webhook = Some(WebhookSpec {
            url: Some(url.into()),
            ..WebhookSpec::default()
        });
        self
    }
}

fn head_start() -> u64 {
    25
}

fn credit() -> u64 {
    1_000
}

fn page_size() -> usize {
    20
}

/// A registered account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) spec: AccountSpec,
    pub(crate) outlet: Outlet,
}

impl Handle {
    /// Registers an account of 360Messenger's, or replaces the one with this key.
    ///
    /// # Errors
    /// When the key or the webhook address is unusable.
    pub fn m360_account(&self, spec: AccountSpec) -> Result<(), Refusal> {
        if spec.key.trim().is_empty() || spec.key.contains('/') {
            return Err(Refusal::Invalid("an account needs a key".into()));
        }
        let webhook = spec.webhook.clone();
        check_url(webhook.as_ref().and_then(|webhook| webhook.url.as_deref()))?;
        let outlet = Outlet::new(self, spec.retry);
        let mut memory = self.memory();
        let account = memory.accounts.entry(spec.key.clone());
        let account = account.or_insert_with(|| Account {
            spec: spec.clone(),
            outlet,
        });
        if let Some(webhook) = webhook {
            account.outlet.lead(webhook);
        }
        account.outlet.retry = spec.retry;
        account.spec = spec;
        Ok(())
    }
}

/// `POST settings/webhook/set` and version 1's `GET webhook/set/{key}`. The account's
/// `connect_to` stays, so that production's own registration can be tested.
pub(super) fn set_webhook(handle: &Handle, subject: &Subject, url: Option<&str>) -> Answer {
    let parsed = url.and_then(|url| reqwest::Url::parse(url).ok());
    let usual = parsed.filter(|url| ["http", "https"].contains(&url.scheme()));
    let (Some(url), Some(_)) = (url, usual) else {
        return wire::error(subject.dialect, 400, "The url is invalid");
    };
    let mut memory = handle.memory();
    let Some(account) = memory.accounts.get_mut(&subject.token) else {
        return wire::error(subject.dialect, 401, "Unauthorized");
    };
    let connect_to = account.outlet.connect_to.clone();
    account.outlet.lead(WebhookSpec {
        url: Some(url.into()),
        connect_to,
        ..WebhookSpec::default()
    });
    wire::success(200, json!({"url": url}))
}
