//! `POST /webhooks/{provider}/{channel_key}`: authenticated on the raw bytes before anything is parsed.

use domain::{
    channel::ChannelKey,
    failure::AppFailure,
    provider::{ProviderKind, RawWebhook},
    service::ingest::Ingest,
};
use files::S3Files;
use runtime::{
    raw::{RawAnswer, RawRequest},
    time::SystemClock,
};
use store::Store;

/// What this function stands on.
pub struct App {
    pub store: Store,
    pub files: S3Files,
    pub clock: SystemClock,
}

/// Takes one webhook.
///
/// # Errors
/// `NOT_FOUND` for another address, UNAUTHORIZED without proof, `DB_ERROR` when nothing could be kept.
pub async fn handle(app: &App, request: RawRequest) -> Result<RawAnswer, AppFailure> {
    let (provider, key) = address(&request)?;
    let raw = raw(&request);
    let ingest = Ingest {
        store: &app.store,
        files: &app.files,
        clock: &app.clock,
        adapters: providers::adapter,
    };
    ingest.run(provider, &key, &raw).await?;
    Ok(RawAnswer::taken())
}

fn address(request: &RawRequest) -> Result<(ProviderKind, ChannelKey), AppFailure> {
    let nowhere = || AppFailure::not_found("There is no such address.");
    let [webhooks, provider, key] = request.segments.as_slice() else {
        return Err(nowhere());
    };
    if request.method != "POST" || webhooks != "webhooks" {
        return Err(nowhere());
    }
    let provider = ProviderKind::parse(provider).ok_or_else(nowhere)?;
    let key = ChannelKey::parse(key)
        // A key of the wrong form answers like an unknown one.
        .ok_or_else(|| AppFailure::unauthorized("The webhook could not be verified."))?;
    Ok((provider, key))
}

fn raw(request: &RawRequest) -> RawWebhook {
    RawWebhook {
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: request.body.to_vec(),
    }
}
