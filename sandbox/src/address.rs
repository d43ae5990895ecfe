//! Where a webhook goes and with which headers.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use reqwest::Url;

use crate::{
    channel::Webhook,
    deliver::Hook,
    outlet::Outlet,
    signing::{SIGNATURE, signature},
};

/// Where to connect, and what to call the host.
pub(crate) struct Address {
    pub(crate) url: Url,
    host: Option<String>,
}

impl Address {
    /// The registered url, or the same path at `connect_to` with the url's own host kept
    /// for the `Host` header.
    pub(crate) fn of(url: &str, connect_to: Option<&str>) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|problem| problem.to_string())?;
        let Some(place) = connect_to else {
            return Ok(Self { url, host: None });
        };
        let name = url.host_str().unwrap_or_default();
        let host = url
            .port()
            .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let mut direct =
            Url::parse(&format!("http://{place}")).map_err(|problem| problem.to_string())?;
        direct.set_path(url.path());
        direct.set_query(url.query());
        Ok(Self {
            url: direct,
            host: Some(host),
        })
    }

    /// The `Host` header, where it differs from the place connected to.
    pub(crate) fn host(&self) -> Option<HeaderValue> {
        self.host.as_deref()?.parse().ok()
    }

    /// The registered headers, the signature, and the changes. An unusable one is left
    /// out, as the registration of it is the caller's own test input.
    pub(crate) fn headers(&self, webhook: &Webhook, hook: &Hook, outlet: &Outlet) -> HeaderMap {
        let registered = webhook
            .headers
            .iter()
            .map(|(name, value)| (name, Some(value)));
        let changed = hook
            .headers
            .iter()
            .map(|(name, value)| (name, value.as_ref()));
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(host) = self.host() {
            headers.insert(header::HOST, host);
        }
        if let Some(secret) = &outlet.secret {
            sign(&mut headers, secret, &hook.body);
        }
        for (name, value) in registered.chain(changed) {
            let Ok(name) = name.parse::<HeaderName>() else {
                tracing::warn!("a webhook header has an unusable name");
                continue;
            };
            match value.map(|value| value.parse::<HeaderValue>()) {
                Some(Ok(value)) => drop(headers.insert(name, value)),
                Some(Err(_)) => tracing::warn!(%name, "a webhook header has an unusable value"),
                None => drop(headers.remove(name)),
            }
        }
        headers
    }
}

/// Sets the signature of `body`, in place of one that is there.
pub(crate) fn sign(headers: &mut HeaderMap, secret: &str, body: &[u8]) {
    if let Ok(value) = signature(secret, body).parse() {
        headers.insert(SIGNATURE, value);
    }
}
