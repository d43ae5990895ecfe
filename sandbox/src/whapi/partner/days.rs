//! The notice that a partner's days run low. Its delivered body is not documented, so an order can post
//! any other.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    deliver::{Hook, Posted},
    orders::Caused,
    provider::{Party, Provider},
    state::{Handle, Refusal},
};

/// A notice to post.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeSpec {
    /// The partner's name.
    pub partner: String,
    /// Its body; the usual one when absent.
    #[serde(default)]
    pub body: Option<Value>,
}

impl Handle {
    /// Posts a notice of a partner's days now.
    ///
    /// # Errors
    /// When there is no such partner.
    pub fn days_notice(&self, spec: &NoticeSpec) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let token = memory.partner_called(&spec.partner)?.spec.token.clone();
        drop(memory);
        let posted = self.tell_days(&token, spec.body.as_ref());
        Ok(Caused::by(None, &posted))
    }

    /// Posts how many days a partner has left.
    pub(super) fn tell_days(&self, token: &str, body: Option<&Value>) -> Vec<Posted> {
        let memory = self.memory();
        let Some(partner) = memory.partners.get(token) else {
            return Vec::new();
        };
        let usual = json!({
            "days": {
                "current_days": partner.spec.live_days,
                "days_limit": partner.spec.days_limit,
            },
            "event": {"type": "days", "event": "post"},
            "partner": partner.spec.name,
        });
        drop(memory);
        let party = Party::at(Provider::WhapiManager, token);
        self.post(&party, &Hook::new("days", None, body.unwrap_or(&usual)))
    }
}
