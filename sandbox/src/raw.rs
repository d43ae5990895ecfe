//! Webhooks that a test writes itself.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    deliver::Hook,
    provider::{Party, Provider},
    signing,
    state::{Handle, Refusal},
};

/// A raw webhook to deliver as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSpec {
    /// The channel: WHAPI's token, 360Messenger's key, or an id of Meta's.
    #[serde(alias = "channel")]
    pub token: String,
    /// A string is posted as its text, anything else as JSON.
    pub body: Value,
    /// Header changes; `null` removes a registered header.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Tries; one when absent.
    #[serde(default)]
    pub tries: Option<u32>,
}

/// What became of a raw webhook's first try.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RawAnswer {
    /// Its number in the webhook journal.
    pub webhook: u64,
    /// The answered HTTP status; none without an answer.
    pub status: Option<u16>,
}

impl Handle {
    /// Posts a raw body and returns what the first try was answered with.
    ///
    /// # Errors
    /// When the channel does not exist or has no webhook.
    pub async fn raw(&self, spec: RawSpec) -> Result<RawAnswer, Refusal> {
        let party = self.memory().party(&spec.token);
        let party = party.ok_or_else(Refusal::channel)?;
        let mut hook = Hook::of("raw", None, bytes(&party, &spec.body));
        hook.headers = spec.headers;
        hook.tries = Some(spec.tries.unwrap_or(1));
        self.post_raw(&party, &hook).await
    }

    pub(crate) async fn post_raw(&self, party: &Party, hook: &Hook) -> Result<RawAnswer, Refusal> {
        let Some(posted) = self.post(party, hook).into_iter().next() else {
            return Err(Refusal::Invalid("the channel has no webhook".into()));
        };
        let webhook = posted.id;
        Ok(RawAnswer {
            webhook,
            status: posted.first_status().await,
        })
    }
}

/// The bytes of a raw body, as the provider would write it.
pub(crate) fn bytes(party: &Party, body: &Value) -> Bytes {
    match (body, party.provider) {
        (Value::String(text), _) => text.clone().into(),
        (body, Provider::Meta) => signing::escaped(body).into(),
        (
            body,
            Provider::Whapi | Provider::WhapiManager | Provider::Messenger360 | Provider::PayPal,
        ) => body.to_string().into(),
    }
}
