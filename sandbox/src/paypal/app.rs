//! PayPal's apps: who may ask for a token, and where their webhooks go.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{agreement::Agreement, wire};
use crate::{
    answer::Answer,
    channel::{Retry, WebhookSpec},
    outlet::{Outlet, check_url},
    state::{Handle, Refusal},
};

/// What every token begins with.
const TOKEN: &str = "A21AA";

/// An app of a seller. Registering the same client id again replaces the description and keeps the
/// subscriptions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSpec {
    /// The client id; no secret.
    pub client_id: String,
    /// The secret that belongs to it.
    pub client_secret: String,
    /// The id of its one webhook.
    pub webhook_id: String,
    /// Where webhooks go.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// The plans one can subscribe to; with none of them, any.
    #[serde(default)]
    pub plans: Vec<PlanSpec>,
    /// How undelivered webhooks are repeated.
    #[serde(default)]
    pub retry: Retry,
    /// Seconds that a token is said to live.
    #[serde(default = "nine_hours")]
    pub token_seconds: u64,
}

impl AppSpec {
    /// An app without webhooks, whose every plan is known.
    #[must_use]
    pub fn new(client_id: &str, client_secret: &str, webhook_id: &str) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            webhook_id: webhook_id.into(),
            webhook: None,
            plans: Vec::new(),
            retry: Retry::default(),
            token_seconds: nine_hours(),
        }
    }

    /// The same app, posting its webhooks to `url`.
    #[must_use]
    pub fn posting_to(mut self, url: &str) -> Self {
        self.webhook = Some(WebhookSpec {
            url: Some(url.into()),
            ..WebhookSpec::default()
        });
        self
    }
}

fn nine_hours() -> u64 {
    32_400
}

/// A plan and what one cycle of it costs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// PayPal's id, `P-…`.
    pub id: String,
    /// The price as PayPal writes it: `"26.50"`.
    pub value: String,
    /// Its currency.
    #[serde(default = "dollars")]
    pub currency: String,
}

pub(super) fn dollars() -> String {
    "USD".into()
}

/// A registered app.
#[derive(Debug)]
pub(crate) struct App {
    pub(super) spec: AppSpec,
    pub(crate) outlet: Outlet,
    /// Tokens that were given and are not over.
    pub(super) tokens: HashSet<String>,
    /// Subscriptions by their id.
    pub(super) agreements: BTreeMap<String, Agreement>,
    /// Which subscription a `PayPal-Request-Id` made.
    pub(super) asked: HashMap<String, String>,
}

/// Whose token it is.
pub(super) fn client_of(token: &str) -> Option<&str> {
    token.strip_prefix(TOKEN)?.split('.').nth(1)
}

/// `POST v1/oauth2/token`.
pub(super) fn token(handle: &Handle, client_id: &str, body: &Value) -> Result<Answer, Answer> {
    if body.as_str() != Some("grant_type=client_credentials") {
        let body = json!({
            "error": "unsupported_grant_type",
            "error_description": "Grant Type is missing or not supported",
        });
        return Err(Answer::json(400, &body));
    }
    let mut memory = handle.memory();
    let app = memory.paypal.get_mut(client_id);
    let app = app.ok_or_else(wire::client_failed)?;
    let token = format!("{TOKEN}.{client_id}.{}", Uuid::now_v7().simple());
    app.tokens.insert(token.clone());
    let body = json!({
        "scope": "https://uri.paypal.com/services/subscriptions",
        "access_token": token,
        "token_type": "Bearer",
        "app_id": "APP-80W284485P519543T",
        "expires_in": app.spec.token_seconds,
        "nonce": "2026-11-20T12:00:00Zsandbox",
    });
    Ok(Answer::json(200, &body))
}

impl Handle {
    /// Registers an app of PayPal's, or replaces the one with this client id.
    ///
    /// # Errors
    /// When the client id or the webhook address is unusable.
    pub fn paypal_app(&self, spec: AppSpec) -> Result<(), Refusal> {
        let odd = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if spec.client_id.is_empty() || spec.client_id.contains(odd) {
            return Err(Refusal::Invalid(
                "a client id has letters, digits, - and _".into(),
            ));
        }
        let webhook = spec.webhook.clone();
        check_url(webhook.as_ref().and_then(|webhook| webhook.url.as_deref()))?;
        let outlet = Outlet::new(self, spec.retry);
        let mut memory = self.memory();
        let app = memory.paypal.entry(spec.client_id.clone());
        let app = app.or_insert_with(|| App {
            spec: spec.clone(),
            outlet,
            tokens: HashSet::new(),
            agreements: BTreeMap::new(),
            asked: HashMap::new(),
        });
        if let Some(webhook) = webhook {
            app.outlet.lead(webhook);
        }
        app.outlet.retry = spec.retry;
        app.spec = spec;
        Ok(())
    }

    /// Ends every token of an app: the next call with one is answered 401.
    ///
    /// # Errors
    /// When the app does not exist.
    pub fn paypal_end_tokens(&self, client_id: &str) -> Result<(), Refusal> {
        let mut memory = self.memory();
        let app = memory.paypal.get_mut(client_id);
        app.ok_or_else(|| Refusal::Unknown("app".into()))?
            .tokens
            .clear();
        Ok(())
    }

    /// The subscriptions of all apps, by their ids.
    #[must_use]
    pub fn paypal_subscriptions(&self) -> Vec<Agreement> {
        let memory = self.memory();
        let all = memory
            .paypal
            .values()
            .flat_map(|app| app.agreements.values());
        all.cloned().collect()
    }
}
