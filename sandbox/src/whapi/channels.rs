//! WHAPI's channels: registering them, and what is known of each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    channel::ChannelSpec,
    outlet::{Outlet, check_url},
    state::{Handle, Refusal},
};

/// A registered channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) spec: ChannelSpec,
    pub(crate) outlet: Outlet,
    pub(crate) settings: BTreeMap<String, Value>,
    pub(crate) started: Timestamp,
}

impl Channel {
    /// A channel nobody has told anything yet.
    pub(super) fn fresh(spec: ChannelSpec, outlet: Outlet) -> Self {
        Self {
            spec,
            outlet,
            settings: BTreeMap::new(),
            started: Timestamp::now(),
        }
    }
}

impl Handle {
    /// Registers a channel, or replaces the description of the one with this token.
    ///
    /// # Errors
    /// When the token or the webhook address is unusable.
    pub fn register(&self, spec: ChannelSpec) -> Result<(), Refusal> {
        if spec.token.trim().is_empty() {
            return Err(Refusal::Invalid("a channel needs a token".into()));
        }
        let webhook = spec.webhook.clone();
        check_url(webhook.as_ref().and_then(|webhook| webhook.url.as_deref()))?;
        let outlet = Outlet::new(self, spec.retry);
        let mut memory = self.memory();
        let token = spec.token.clone();
        let channel = memory
            .channels
            .entry(token)
            .or_insert_with(|| Channel::fresh(spec.clone(), outlet));
        if let Some(webhook) = webhook {
            channel.outlet.lead(webhook);
        }
        channel.outlet.retry = spec.retry;
        channel.spec = spec;
        Ok(())
    }
}
