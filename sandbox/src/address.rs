//! Where a webhook goes and with which headers.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use reqwest::Url;

use crate::{channel::Webhook, deliver::Hook, state::Channel};

/// Where to connect, and what to call the host.
pub(crate) struct Address {
    pub(crate) url: Url,
    host: Option<String>,
}

impl Address {
    /// The registered url, or the same path at `connect_to` with the url's own host kept
    /// for the `Host` header.
    pub(crate) fn of(webhook: &Webhook, channel: &Channel) -> Result<Self, String> {
        let url = Url::parse(&webhook.url).map_err(|problem| problem.to_string())?;
        let Some(place) = &channel.connect_to else {
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

    /// The registered headers and their changes. An unusable one is left out, as the
    /// registration of it is the caller's own test input.
    pub(crate) fn headers(&self, webhook: &Webhook, hook: &Hook) -> HeaderMap {
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
        if let Some(host) = self.host.as_deref().and_then(|host| host.parse().ok()) {
            headers.insert(header::HOST, host);
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
