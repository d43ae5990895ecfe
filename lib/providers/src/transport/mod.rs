//! The one HTTP exchange with any provider: adds the token, bounds time and size, and alone judges
//! whether a request may have left.
//!
//! What was found in the stack below (reqwest 0.13, hyper 1, hyper-util 0.1), for sending is not
//! idempotent: hyper-util sends a request again by itself when it met a pooled connection that was
//! closed *before the request was taken off the connection's queue*; hyper hands the request back only
//! in that case (`proto/h1/dispatch.rs`, "the message was never even started"), so not one byte of it
//! was written and the second try is the first one. A connection that breaks after that point hands
//! nothing back, is not tried again, and is [`ProviderFailure::OutcomeUnknown`] here. reqwest's own
//! retries concern HTTP/2 refusals, which this client does not speak; `runtime` switches them off too.

mod body;
mod credential;
mod endpoints;
mod judge;
mod partner;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use domain::{
    channel::{Channel, Secret},
    failure::ProviderFailure,
    ports::Gate,
    provider::{Method, ProviderKind, WireRequest, WireResponse},
};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use tracing::{info, warn};

pub(crate) use self::endpoints::segment;
pub use self::endpoints::{BadEndpoint, Endpoints, MESSENGER360, META, WHAPI, WHAPI_MANAGER};

/// How long an exchange may take in all; well inside the lease of an attempt.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// Largest answer that is read.
pub const LARGEST_ANSWER: usize = 256 * 1024;

/// Largest answer of WHAPI's manager: a list of some ten thousand channels.
const LARGEST_LIST: usize = 4 * 1024 * 1024;

/// Whom a request goes to.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// A provider's own API, with a channel's token.
    Provider(ProviderKind),
    /// WHAPI's manager, with the partner's token.
    Manager,
}

impl Place {
    const fn largest_answer(self) -> usize {
        match self {
            Self::Provider(_) => LARGEST_ANSWER,
            Self::Manager => LARGEST_LIST,
        }
    }
}

/// Sends wire requests to providers.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    endpoints: Endpoints,
    total: Duration,
}

impl Transport {
    /// A transport over a client that bounds the time to connect, follows no redirect, retries nothing
    /// and asks no proxy (`runtime::net::Net::provider_client`): a redirect would carry the token
    /// elsewhere, and a connection that hangs until the total time is over is doubt without need.
    #[must_use]
    pub const fn new(client: reqwest::Client, endpoints: Endpoints) -> Self {
        Self {
            client,
            endpoints,
            total: TOTAL_TIMEOUT,
        }
    }

    /// The same with another total time, for callers with less of it.
    #[must_use]
    pub const fn within(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    async fn call(
        &self,
        place: Place,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let request = self.build(place, token, request)?;
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(judge::of_request)?;
        let status = response.status().as_u16();
        let retry_after_seconds = retry_after(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(judge::of_body)? {
            if body.len() + chunk.len() > place.largest_answer() {
                return Err(judge::unknown("oversized answer"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(WireResponse {
            status,
            retry_after_seconds,
            body,
        })
    }

    fn build(
        &self,
        place: Place,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<reqwest::Request, ProviderFailure> {
        let path = credential::path(token, request)?;
        let url = match place {
            Place::Provider(kind) => self.endpoints.url(kind, &path)?,
            Place::Manager => self.endpoints.manager_url(&path)?,
        };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut built = self
            .client
            .request(method, url)
            .timeout(self.total)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, body::content_type(request.encoding));
        if let Some(header) = credential::header(token, request.credential)? {
            built = built.header(AUTHORIZATION, header);
        }
        if let Some(body) = &request.body {
            built = built.body(body::write(request.encoding, body)?);
        }
        built.build().map_err(|_unbuildable| judge::NOT_BUILT)
    }
}

impl Gate for Transport {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let begun = Instant::now();
        let place = Place::Provider(channel.provider);
        let answer = self.call(place, token, request).await;
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (provider, path) = (channel.provider.as_str(), template(&request.path));
        let channel = channel.id;
        match &answer {
            Ok(response) => info!(
                provider,
                channel.id = %channel,
                path,
                status = response.status,
                duration_ms,
                "provider `{provider}` answered"
            ),
            // The failure names no more than where it happened: no address, no token, no body.
            Err(failure) => warn!(
                provider,
                channel.id = %channel,
                path,
                duration_ms,
                "no answer from provider `{provider}`: {failure}"
            ),
        }
        answer
    }
}

/// Whole seconds only: providers that send a date have not been seen.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// The path as it may be logged: no query, and `{id}` for everything that is not a plain word.
fn template(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .map(|part| {
            let plain = part.len() <= 32
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-');
            if plain { part } else { "{id}" }
        })
        .collect::<Vec<_>>()
        .join("/")
}
