//! One HTTP exchange with PayPal: bounds time and size, and judges whether a request may have left.

use std::time::{Duration, Instant};

pub use domain::endpoint::BadEndpoint;
use domain::{endpoint::Endpoint, failure::ProviderFailure};
use reqwest::{
    Method, Request, RequestBuilder,
    header::{ACCEPT, HeaderMap, HeaderValue, RETRY_AFTER},
};
use tracing::{info, warn};

/// PayPal's production address.
pub const PAYPAL: &str = "https://api-m.paypal.com";

/// How long an exchange may take in all. A webhook waits for two of them at most.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(8);

/// Largest answer that is read.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The request could not even be built.
pub(crate) const NOT_BUILT: ProviderFailure = ProviderFailure::NotSent { what: "build" };

/// The way to PayPal.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    client: reqwest::Client,
    base: Endpoint,
    total: Duration,
}

/// What PayPal answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Exchange {
    /// A way over a client that bounds the time to connect, follows no redirect, retries nothing and asks
    /// no proxy (`runtime::net::Net::provider_client`).
    pub(crate) fn new(client: reqwest::Client, base: Option<&str>) -> Result<Self, BadEndpoint> {
        Ok(Self {
            client,
            base: Endpoint::parse(base.unwrap_or(PAYPAL))?,
            total: TOTAL_TIMEOUT,
        })
    }

    pub(crate) const fn within(&mut self, total: Duration) {
        self.total = total;
    }

    /// A request to a path that begins with a slash.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder, ProviderFailure> {
        let url = self.base.below(path).ok_or(NOT_BUILT)?;
        Ok(self
            .client
            .request(method, url)
            .timeout(self.total)
            .header(ACCEPT, HeaderValue::from_static("application/json")))
    }

    /// Sends it. `what` names the call in logs: no path, for ids are in it.
    pub(crate) async fn send(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Answered, ProviderFailure> {
        let request = request.build().map_err(|_unbuildable| NOT_BUILT)?;
        let begun = Instant::now();
        let answer = self.exchange(request).await;
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &answer {
            Ok((answered, debug_id)) => info!(
                call = what,
                status = answered.status,
                duration_ms,
                paypal.debug_id = debug_id.as_deref(),
                "PayPal answered `{what}`"
            ),
            Err(failure) => warn!(
                call = what,
                duration_ms,
                error = %failure,
                "no answer from PayPal to `{what}`"
            ),
        }
        Ok(answer?.0)
    }

    async fn exchange(
        &self,
        request: Request,
    ) -> Result<(Answered, Option<String>), ProviderFailure> {
        let mut response = self.client.execute(request).await.map_err(of_request)?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let debug_id = debug_id(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(of_body)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(unknown("oversized answer"));
            }
            body.extend_from_slice(&chunk);
        }
        let answered = Answered {
            status,
            retry_after,
            body,
        };
        Ok((answered, debug_id))
    }
}

/// Doubt, and where it comes from.
pub(crate) fn unknown(what: &'static str) -> ProviderFailure {
    ProviderFailure::OutcomeUnknown { what: what.into() }
}

/// A failure before an answer began. Only what failed while connecting is known not to be sent.
fn of_request(cause: reqwest::Error) -> ProviderFailure {
    if cause.is_builder() {
        return NOT_BUILT;
    }
    // Set by the connector alone: names, TCP and TLS come before the first byte of a request.
    if cause.is_connect() {
        return ProviderFailure::NotSent { what: "connect" };
    }
    of_body(cause)
}

/// A failure after the request was handed to a connection: it may have been read and obeyed.
fn of_body(cause: reqwest::Error) -> ProviderFailure {
    unknown(if cause.is_timeout() {
        "timeout"
    } else {
        "connection closed"
    })
}

/// Whole seconds only.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok();
    seconds.map(Duration::from_secs)
}

/// What PayPal's support asks for.
fn debug_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("paypal-debug-id")?.to_str().ok()?;
    let plain = id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_sent_in_the_clear() {
        // A second test of this process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let way = |base| Exchange::new(reqwest::Client::new(), base);
        assert!(way(Some("http://api-m.paypal.com")).is_err());
        assert!(way(Some("http://127.0.0.1:4580/paypal")).is_ok());
        assert!(way(None).is_ok());
    }

    #[test]
    fn support_is_told_what_support_asks_for_and_nothing_else() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("paypal-debug-id", HeaderValue::from_static(text));
            debug_id(&headers)
        };
        assert_eq!(of("90957fca61718").as_deref(), Some("90957fca61718"));
        assert_eq!(of("+97333000001"), None);
    }
}
