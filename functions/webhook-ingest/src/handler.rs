//! `/webhooks/{provider}/{channel_key}`, `/webhooks/meta`, `/webhooks/whapi-partner/{key}` and
//! `/webhooks/paypal`: authenticated on the raw bytes before anything is parsed.

use domain::{
    channel::{ChannelKey, SecretHash},
    failure::AppFailure,
    ports::ChannelKeys,
    provider::{ProviderKind, RawWebhook},
    service::ingest::Ingest,
};
use files::S3Files;
use http::Method;
use queue::SqsLanes;
use runtime::{
    raw::{RawAnswer, RawRequest},
    time::SystemClock,
};
use store::Store;
use vault::KmsVault;

use crate::{partner, paypal_hooks};

/// What this function stands on.
pub struct App {
    /// Storage.
    pub store: Store,
    /// Files, for large bodies.
    pub files: S3Files,
    /// Opens the secrets that providers sign with.
    pub vault: KmsVault,
    /// For automatic answers and files to copy.
    pub lanes: SqsLanes,
    /// The way to PayPal, which alone can say whether a webhook is its own.
    pub paypal: paypal::Account,
    /// The time.
    pub clock: SystemClock,
}

/// Takes one webhook, or proves to a provider that the address is ours.
///
/// # Errors
/// `NOT_FOUND` for another address, UNAUTHORIZED without proof, FORBIDDEN for a wrong verify token,
/// `DB_ERROR` when nothing could be kept.
pub async fn handle(app: &App, request: RawRequest) -> Result<RawAnswer, AppFailure> {
    if paypal_hooks::is_paypals(&request) {
        return paypal_hooks::take(app, &request).await;
    }
    if let Some(key) = partner::addressed(&request) {
        return partner::take(app, &key?, &request).await;
    }
    let (provider, key) = address(&request)?;
    if request.method == Method::GET {
        return challenge(app, provider, key.as_ref(), &request.query).await;
    }
    let raw = raw(&request, key.clone());
    let ingest = Ingest {
        store: &app.store,
        files: &app.files,
        lanes: &app.lanes,
        clock: &app.clock,
        adapters: providers::adapter,
    };
    ingest.run(&app.vault, provider, key.as_ref(), &raw).await?;
    Ok(RawAnswer::taken())
}

/// The handshake of providers that ask for one (Meta): the challenge comes back when the token is ours.
async fn challenge(
    app: &App,
    provider: ProviderKind,
    key: Option<&ChannelKey>,
    query: &[(String, String)],
) -> Result<RawAnswer, AppFailure> {
    let tokens: Vec<SecretHash> = match key {
        Some(key) => {
            let channel = app.store.channel_by_key(key).await?;
            let channel = channel.filter(|channel| channel.provider == provider);
            channel.into_iter().map(|c| c.webhook_secret).collect()
        }
        None => app.store.platform_app().await?.verify_tokens,
    };
    match providers::adapter(provider).answer_challenge(query, &tokens) {
        Ok(challenge) => Ok(RawAnswer::text(challenge)),
        // Meta's words: 403 for a token that is not ours.
        Err(_unproven) => Err(AppFailure::forbidden(
            "The verify token is not the one of this address.",
        )),
    }
}

/// Which provider speaks, and the key in its URL. The old addresses of source 2 and source 4 lead to
/// the platform's app (X51).
fn address(request: &RawRequest) -> Result<(ProviderKind, Option<ChannelKey>), AppFailure> {
    let nowhere = || AppFailure::not_found("There is no such address.");
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let (provider, key) = match segments.as_slice() {
        ["api", "whatsapp", "webhook"] | ["api", "webhooks", "whatsapp"] => {
            (ProviderKind::Meta, None)
        }
        ["webhooks", provider] => (ProviderKind::parse(provider).ok_or_else(nowhere)?, None),
        ["webhooks", provider, key] => {
            let provider = ProviderKind::parse(provider).ok_or_else(nowhere)?;
            // A key of the wrong form answers like an unknown one.
            let key = ChannelKey::parse(key)
                .ok_or_else(|| AppFailure::unauthorized("The webhook could not be verified."))?;
            (provider, Some(key))
        }
        _ => return Err(nowhere()),
    };
    let shared = providers::adapter(provider).capabilities().platform_app;
    let asked = request.method == Method::GET && shared;
    if (key.is_none() && !shared) || (request.method != Method::POST && !asked) {
        return Err(nowhere());
    }
    Ok((provider, key))
}

pub(crate) fn raw(request: &RawRequest, key: Option<ChannelKey>) -> RawWebhook {
    RawWebhook {
        key,
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: request.body.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use domain::failure::Code;

    use super::*;

    const KEY: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

    fn asked(method: Method, path: &str) -> Result<(ProviderKind, Option<ChannelKey>), Code> {
        let request = RawRequest {
            method,
            segments: path.split('/').skip(1).map(str::to_owned).collect(),
            query: Vec::new(),
            headers: http::HeaderMap::new(),
            body: Vec::new().into(),
            request_id: "request-1".into(),
            source_ip: "192.0.2.1".into(),
        };
        address(&request).map_err(|failure| failure.code())
    }

    /// S2.92, S4.82, X51: the addresses of both sources lead where the platform's own does, to ask and
    /// to tell.
    #[test]
    fn the_old_addresses_are_the_platforms() {
        for path in [
            "/webhooks/meta",
            "/api/whatsapp/webhook",
            "/api/webhooks/whatsapp",
        ] {
            for method in [Method::GET, Method::POST] {
                assert_eq!(
                    asked(method, path),
                    Ok((ProviderKind::Meta, None)),
                    "{path}"
                );
            }
            assert_eq!(asked(Method::PUT, path), Err(Code::NotFound), "{path}");
        }
    }

    /// S2.52: a channel's own address names its provider, and its key.
    #[test]
    fn a_channels_address_names_its_provider() {
        let key = ChannelKey::parse(KEY);
        assert!(key.is_some());
        for kind in ProviderKind::ALL {
            let path = format!("/webhooks/{}/{KEY}", kind.as_str());
            assert_eq!(asked(Method::POST, &path), Ok((kind, key.clone())));
        }
        let meta = format!("/webhooks/meta/{KEY}");
        assert_eq!(asked(Method::GET, &meta), Ok((ProviderKind::Meta, key)));
        let odd = asked(Method::POST, "/webhooks/meta/short");
        assert_eq!(odd, Err(Code::Unauthorized), "like an unknown key");
    }

    #[test]
    fn everything_else_is_no_address() {
        let whapi = format!("/webhooks/whapi/{KEY}");
        for (method, path) in [
            // Only Meta asks whether an address is ours, and only it has one for all channels.
            (Method::GET, whapi.as_str()),
            (Method::POST, "/webhooks/whapi"),
            (Method::POST, "/webhooks/nobody"),
            (Method::POST, "/webhooks/meta/a/b"),
            (Method::POST, "/api/whatsapp/webhook/x"),
            (Method::POST, "/api/whatsapp"),
            (Method::POST, "/"),
        ] {
            assert_eq!(asked(method, path), Err(Code::NotFound), "{path}");
        }
    }
}
