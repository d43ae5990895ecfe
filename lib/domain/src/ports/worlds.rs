//! The world outside: time, keys, providers, mail.

use std::future::Future;

use jiff::Timestamp;

use crate::{
    channel::{Channel, PlatformApp, Secret},
    failure::{ProviderFailure, StoreFailure},
    notice::Mail,
    provider::{MediaPlace, WireRequest, WireResponse},
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

/// Opens the secrets that providers sign webhooks with.
pub trait Signatures: Send + Sync {
    /// The secret of the channel's own app, if it has one.
    fn app_secret(
        &self,
        channel: &Channel,
    ) -> impl Future<Output = Result<Option<Secret>, StoreFailure>> + Send;

    /// The secrets of the platform's app.
    fn platform_secrets(
        &self,
        app: &PlatformApp,
    ) -> impl Future<Output = Result<Vec<Secret>, StoreFailure>> + Send;
}

/// A file from a provider, judged by its content.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its type by its content.
    pub mime: String,
    /// The usual ending of its name.
    pub extension: String,
}

impl std::fmt::Debug for FetchedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FetchedFile({} bytes, {})", self.bytes.len(), self.mime)
    }
}

/// Why a file was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct NotFetched {
    /// Machine code: `TOO_LARGE`.
    pub code: &'static str,
    /// Why, for people.
    pub reason: String,
    /// Whether trying again may help.
    pub again: bool,
}

/// Fetches files that providers offer.
pub trait FileGate: Send + Sync {
    /// Fetches a file of at most this many bytes, and judges its type by its content.
    fn fetch(
        &self,
        channel: &Channel,
        token: &Secret,
        place: &MediaPlace,
        most: u64,
    ) -> impl Future<Output = Result<FetchedFile, NotFetched>> + Send;
}

/// Fetches files that companies name in their events.
pub trait DocumentGate: Send + Sync {
    /// Fetches a file of at most this many bytes from an address that somebody else chose, and judges by
    /// its content that it is a PDF, JPG or PNG (S1.144).
    fn fetch_document(
        &self,
        url: &str,
        most: u64,
    ) -> impl Future<Output = Result<FetchedFile, NotFetched>> + Send;
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
