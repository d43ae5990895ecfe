//! The handshake by which Meta makes sure that a callback address is wanted.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    channel::WebhookSpec,
    provider::Party,
    state::{Handle, Refusal},
};

/// A handshake to do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VerifySpec {
    /// The app, or an account with an address of its own.
    pub id: String,
    /// `hub.verify_token`; the app's when absent.
    pub verify_token: Option<String>,
    /// `hub.mode`; `subscribe` when absent.
    pub mode: Option<String>,
    /// `hub.challenge`; a number when absent.
    pub challenge: Option<String>,
    /// A new address: it becomes the registered one when it passes.
    pub webhook: Option<WebhookSpec>,
}

impl VerifySpec {
    /// The usual handshake with the registered address.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// What became of a handshake.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct VerifyAnswer {
    /// Whether it was answered with 200 and the very challenge.
    pub verified: bool,
    /// The answered HTTP status; none without an answer.
    pub status: Option<u16>,
    /// The answered body.
    pub body: String,
}

impl Handle {
    /// Does the handshake with a callback address.
    ///
    /// # Errors
    /// When the app does not exist or has no usable address.
    pub async fn meta_verify(&self, spec: VerifySpec) -> Result<VerifyAnswer, Refusal> {
        let (mut outlet, token) = {
            let memory = self.memory();
            let app = memory.business.app_of(&spec.id);
            let token = app.ok_or_else(Refusal::channel)?.spec.verify_token.clone();
            let outlet = memory.outlet(&Party::meta(&spec.id));
            (outlet.ok_or_else(Refusal::channel)?, token)
        };
        if let Some(webhook) = spec.webhook.clone() {
            outlet.lead(webhook);
        }
        let webhook = outlet.webhooks.first();
        let webhook = webhook.ok_or_else(|| Refusal::Invalid("no callback address".into()))?;
        let address = Address::of(&webhook.url, outlet.connect_to.as_deref());
        let address = address.map_err(Refusal::Invalid)?;
        let usual = || Timestamp::now().as_microsecond().to_string();
        let challenge = spec.challenge.clone().unwrap_or_else(usual);
        let mut url = address.url.clone();
        url.query_pairs_mut()
            .append_pair("hub.mode", spec.mode.as_deref().unwrap_or("subscribe"))
            .append_pair("hub.challenge", &challenge)
            .append_pair("hub.verify_token", &spec.verify_token.unwrap_or(token));
        let limit = Duration::from_millis(outlet.retry.timeout_ms);
        let mut request = self.0.client.get(url).timeout(limit);
        if let Some(host) = address.host() {
            request = request.header("host", host);
        }
        let (status, body) = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                (Some(status), response.text().await.unwrap_or_default())
            }
            Err(error) => (None, error.to_string()),
        };
        let verified = status == Some(200) && body == challenge;
        if let Some(webhook) = spec.webhook.filter(|_| verified) {
            self.lead_meta(&spec.id, webhook);
        }
        Ok(VerifyAnswer {
            verified,
            status,
            body,
        })
    }

    fn lead_meta(&self, id: &str, webhook: WebhookSpec) {
        let mut memory = self.memory();
        let outlet = memory.outlet(&Party::meta(id));
        let business = &mut memory.business;
        if let Some(app) = business.apps.get_mut(id) {
            app.outlet.lead(webhook);
        } else if let (Some(waba), Some(mut outlet)) = (business.wabas.get_mut(id), outlet) {
            outlet.lead(webhook);
            waba.outlet = Some(outlet);
        }
    }
}
