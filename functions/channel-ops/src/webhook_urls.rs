//! Where providers send webhooks: the addresses that `webhook-ingest` serves.

use domain::{
    channel::{Channel, ChannelKey, Secret},
    provider::ProviderKind,
};

/// The addresses below the webhook function's URL.
#[derive(Debug)]
pub struct WebhookUrls(String);

impl WebhookUrls {
    /// Addresses below this URL, with or without its last slash.
    pub fn below(base: &str) -> Self {
        Self(format!("{}/webhooks", base.trim_end_matches('/')))
    }

    /// The address of a channel. Its random part is a secret: whoever knows it may speak as
    /// 360Messenger, and may try to as the others.
    pub fn of(&self, channel: &Channel) -> Secret {
        let shared = match channel.provider {
            ProviderKind::Meta => channel.sealed_app_secret.is_none(),
            ProviderKind::Whapi | ProviderKind::Messenger360 => false,
        };
        if shared {
            return self.of_platform().into();
        }
        let (base, provider) = (&self.0, channel.provider.as_str());
        format!("{base}/{provider}/{}", channel.key.as_str()).into()
    }

    /// The address of notices of the partner's days at WHAPI. Its random part is a secret.
    pub fn of_partner(&self, key: &ChannelKey) -> String {
        format!("{}/whapi-partner/{}", self.0, key.as_str())
    }

    /// The URL below which all of them lie, without a last slash.
    pub fn base(&self) -> &str {
        &self.0
    }

    /// The one address of the platform's app at Meta.
    pub fn of_platform(&self) -> String {
        format!("{}/{}", self.0, ProviderKind::Meta.as_str())
    }
}
