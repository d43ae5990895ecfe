//! The world outside: time, keys, providers, mail.

use std::future::Future;

use jiff::Timestamp;

use crate::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure},
    notice::Mail,
    provider::{WireRequest, WireResponse},
};

/// The time; tests move it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Opens channel tokens.
pub trait Vault: Send + Sync {
    /// The channel's provider token.
    fn token(&self, channel: &Channel)
    -> impl Future<Output = Result<Secret, StoreFailure>> + Send;
}

/// Sends wire requests to providers.
pub trait Gate: Send + Sync {
    /// One exchange. A failure says whether the request may have been taken.
    fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> impl Future<Output = Result<WireResponse, ProviderFailure>> + Send;
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Sends one mail; there is no idempotency behind it.
    fn mail(&self, mail: &Mail) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Keeps the pace of what calls a provider side by side.
pub trait Pacer: Send + Sync {
    /// Waits for the next turn of `who`: turns of one name are at least `gap_millis` apart.
    fn turn(&self, who: &str, gap_millis: u64) -> impl Future<Output = ()> + Send;
}
