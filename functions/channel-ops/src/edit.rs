//! The bodies that change a channel or the platform's app. Secrets are wrapped as they are read.

use domain::{channel::Secret, service::channels::ChannelEdit};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelChange)]
pub struct PatchedChannel {
    /// The company's own name for it: 1 to 80 characters.
    name: Option<String>,
    /// A new token or API key. The provider is asked first; the old one stays until it takes the new.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    access_token: Option<Secret>,
    /// A new secret of the company's own app at Meta. The old one no longer counts.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    app_secret: Option<Secret>,
    /// A new verify token of the channel's own webhook address at Meta.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    verify_token: Option<Secret>,
    /// Whether it is used. What is switched off sends nothing.
    active: Option<bool>,
    /// Whether a channel at WHAPI is extended by itself before its days are over, while days are free.
    auto_extend: Option<bool>,
    /// `true` makes it the one that is used when a request names none. To take that away, make another
    /// channel the default one.
    default: Option<bool>,
}

/// What is to change about the platform's app: one of both at least.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlatformMetaChange)]
pub struct PutPlatformApp {
    /// A new app secret. The one before it counts until the next comes.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub app_secret: Option<Secret>,
    /// A new verify token. The one before it counts until the next comes.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    pub verify_token: Option<Secret>,
}

impl PatchedChannel {
    /// What concerns its days alone.
    pub const fn auto_extend(&self) -> Option<bool> {
        self.auto_extend
    }

    /// Whether that is all there is.
    pub const fn is_of_days_alone(&self) -> bool {
        self.auto_extend.is_some()
            && self.name.is_none()
            && self.access_token.is_none()
            && self.app_secret.is_none()
            && self.verify_token.is_none()
            && self.active.is_none()
            && self.default.is_none()
    }
}

impl From<PatchedChannel> for ChannelEdit {
    fn from(patched: PatchedChannel) -> Self {
        Self {
            name: patched.name,
            token: patched.access_token,
            app_secret: patched.app_secret,
            verify_token: patched.verify_token,
            active: patched.active,
            default: patched.default,
        }
    }
}
