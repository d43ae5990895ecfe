//! Files that we keep, on their way to a provider: the stored request names the file, and the link to
//! it is made at the moment of the call. Links are secrets with an end, so none is ever stored.

use serde_json::Value;
use tracing::warn;

use crate::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure},
    ids::TenantId,
    message::MediaSource,
    ports::{Gate, MediaFiles},
    provider::{WireRequest, WireResponse},
};

/// A gate that puts links in the place of the files that a request names.
#[derive(Debug)]
pub struct Linked<'a, G, K> {
    /// The way to the provider.
    pub gate: &'a G,
    /// Makes the links.
    pub files: &'a K,
}

impl<G: Gate, K: MediaFiles> Gate for Linked<'_, G, K> {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let Some(body) = &request.body else {
            return self.gate.exchange(channel, token, request).await;
        };
        let mut named = Vec::new();
        names(body, &mut named);
        if named.is_empty() {
            return self.gate.exchange(channel, token, request).await;
        }
        let mut request = request.clone();
        for text in named {
            let Some((mime, key)) = MediaSource::named(&text) else {
                continue;
            };
            // Whatever a person typed: no company reaches another one's files.
            if !key.starts_with(&folder(channel.tenant)) {
                continue;
            }
            let link = self.files.share(key, mime).await.map_err(not_sent)?;
            if let Some(body) = &mut request.body {
                replace(body, &text, &link);
            }
        }
        self.gate.exchange(channel, token, &request).await
    }
}

/// Nothing left the building.
fn not_sent(failure: StoreFailure) -> ProviderFailure {
    warn!(error = %failure, "no link to a file could be made");
    ProviderFailure::NotSent { what: "link" }
}

/// Where a company's files for messages are kept.
pub(super) fn folder(tenant: TenantId) -> String {
    format!("documents/{}/", tenant.key())
}

/// Every text of a body that names a file of ours.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if MediaSource::named(text).is_some() => {
            if !found.contains(text) {
                found.push(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| names(value, found)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn replace(value: &mut Value, text: &str, link: &str) {
    match value {
        Value::String(own) if own == text => link.clone_into(own),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| replace(value, text, link)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|value| replace(value, text, link)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
