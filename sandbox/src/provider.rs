//! The providers the sandbox speaks for, PayPal among them, and whom of theirs a thing concerns.

use serde::{Deserialize, Serialize};

use crate::journal::mask;

/// Somebody whose contract the sandbox speaks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Provider {
    /// WHAPI's gate, at the root.
    #[serde(rename = "whapi")]
    Whapi,
    /// WHAPI's manager, below `/manager`.
    #[serde(rename = "whapi_manager")]
    WhapiManager,
    /// Meta's WhatsApp Cloud API, below `/meta`.
    #[serde(rename = "meta")]
    Meta,
    /// 360Messenger, below `/m360`.
    #[serde(rename = "m360")]
    Messenger360,
    /// PayPal, below `/paypal`: no messages, but requests, webhooks and faults like the others.
    #[serde(rename = "paypal")]
    PayPal,
}

/// Somebody registered at a provider: WHAPI's channel or partner by its token, Meta's number,
/// business account or app by its id, 360Messenger's account by its key, PayPal's app by its
/// client id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Party {
    pub(crate) provider: Provider,
    pub(crate) key: String,
}

impl Party {
    pub(crate) fn whapi(token: &str) -> Self {
        Self::at(Provider::Whapi, token)
    }

    pub(crate) fn meta(id: &str) -> Self {
        Self::at(Provider::Meta, id)
    }

    pub(crate) fn m360(key: &str) -> Self {
        Self::at(Provider::Messenger360, key)
    }

    pub(crate) fn paypal(client_id: &str) -> Self {
        Self::at(Provider::PayPal, client_id)
    }

    pub(crate) fn at(provider: Provider, key: &str) -> Self {
        let key = key.into();
        Self { provider, key }
    }

    /// The key as it may be shown. Meta's ids and PayPal's client ids are no secrets.
    pub(crate) fn shown(&self) -> String {
        match self.provider {
            Provider::Whapi | Provider::WhapiManager | Provider::Messenger360 => mask(&self.key),
            Provider::Meta | Provider::PayPal => self.key.clone(),
        }
    }
}
