//! Whose a secret is and what it is for: which context it is sealed under, and what it is never mixed with.

use domain::{
    channel::Channel,
    ids::{ChannelId, TenantId},
};

/// Names of the encryption context; the policies of the key and of the roles speak of them too.
pub(crate) const TENANT: &str = "tenant";
pub(crate) const CHANNEL: &str = "channel";

/// Whose a secret is, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// What a channel sends with.
    Token(TenantId, ChannelId),
    /// What the app of a channel signs webhooks with.
    AppSecret(TenantId, ChannelId),
    /// What the platform's own app at Meta signs webhooks with.
    Platform,
    /// What opens the platform's account at WHAPI.
    Partner,
    /// What the platform calls PayPal with.
    PayPal,
}

impl Whose {
    /// The token of a channel.
    pub(crate) const fn token(channel: &Channel) -> Self {
        Self::Token(channel.tenant, channel.id)
    }

    /// The app secret of a channel.
    pub(crate) const fn app_secret(channel: &Channel) -> Self {
        Self::AppSecret(channel.tenant, channel.id)
    }

    /// Tenant and channel of the context. Ids are UUIDs, so no tenant is called `platform`.
    pub(crate) fn context(self) -> (String, String) {
        match self {
            Self::Token(tenant, channel) | Self::AppSecret(tenant, channel) => {
                (tenant.to_string(), channel.to_string())
            }
            Self::Platform => ("platform".into(), "meta".into()),
            Self::Partner => ("platform".into(), "whapi".into()),
            Self::PayPal => ("platform".into(), "paypal".into()),
        }
    }

    /// What opening it is called in failures.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Self::Token(..) => "vault.token",
            Self::AppSecret(..) => "vault.app_secret",
            Self::Platform => "vault.platform_secrets",
            Self::Partner => "vault.partner",
            Self::PayPal => "vault.paypal_secret",
        }
    }
}
