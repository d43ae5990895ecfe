//! Webhooks: prove who sent it, apply each item in isolation, keep the raw body with what became of
//! it. Applying anything again, in any order, ends in the same messages.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info};

use super::shares::divided;
use crate::{
    channel::{Channel, ChannelKey, Secret},
    failure::AppFailure,
    ports::{
        Acceptances, ChannelBook, ChannelKeys, Clock, ContactBook, Contacts, Conversations,
        Directory, Files, Inbox, Journal, Lanes, ManagedChannels, Messages, Pointers,
        ProviderTemplates, Signatures,
    },
    provider::{Adapter, Adapters, Expected, ProviderKind, ProviderStatus, RawWebhook},
    webhook::Observed,
};

/// How far a provider's clock may be ahead of ours.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(10);

/// What ingesting needs of storage.
pub trait IngestStore:
    ChannelKeys
    + Directory
    + Contacts
    + ContactBook
    + Conversations
    + Messages
    + Pointers
    + Inbox
    + Journal
    + ProviderTemplates
    + Acceptances
    + ChannelBook
    + ManagedChannels
{
}

impl<S> IngestStore for S where
    S: ChannelKeys
        + Directory
        + Contacts
        + ContactBook
        + Conversations
        + Messages
        + Pointers
        + Inbox
        + Journal
        + ProviderTemplates
        + Acceptances
        + ChannelBook
        + ManagedChannels
{
}

/// What ingesting needs.
#[derive(Debug)]
pub struct Ingest<'a, S, F, L, C> {
    /// Storage.
    pub store: &'a S,
    /// Files, for large bodies.
    pub files: &'a F,
    /// The lanes, for automatic answers and files to copy.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// What became of a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// One word per item, in order.
    pub verdicts: Vec<String>,
    /// Whether some item must be tried again.
    pub unapplied: bool,
}

impl Ingested {
    pub(super) fn add(&mut self, share: Self) {
        self.unapplied |= share.unapplied;
        self.verdicts.extend(share.verdicts);
    }
}

/// Whose items a body may hold, proven by what it was signed with.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    /// It is this channel's own secret: only this tenant's channels.
    Channel(Box<Channel>),
    /// It is the secret of the platform's app: only channels that belong to it.
    Platform,
}

/// When a webhook came, and how old its news may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    /// When. Applied again, an item is judged by the same time, so that it comes to the same.
    pub(super) at: Timestamp,
    /// Days for which the provider repeats it.
    pub(super) horizon: Option<u8>,
}

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Takes a webhook as it came to a channel's URL, or to the one URL of the platform's app.
    ///
    /// # Errors
    /// UNAUTHORIZED when it cannot be proven to come from the provider; `DB_ERROR` only when neither
    /// its effects nor its journal entry could be stored.
    pub async fn run(
        &self,
        signatures: &impl Signatures,
        provider: ProviderKind,
        key: Option<&ChannelKey>,
        raw: &RawWebhook,
    ) -> Result<Ingested, AppFailure> {
        let adapter = (self.adapters)(provider);
        let scope = self.prove(signatures, adapter, provider, key, raw).await?;
        let came = self.clock.now();
        let shares = self.apply_all(adapter, provider, &scope, raw, came).await;
        let mut all = Ingested::default();
        let mut lost = None;
        for (tenant, share, body) in divided(adapter, raw, shares) {
            if let Err(failure) = self.journal(tenant, &share, body, came).await {
                if share.ingested.unapplied {
                    lost = Some(failure);
                } else {
                    // The effects are stored; asking the provider to send it again would only repeat them.
                    error!(tenant.id = %tenant, error = %failure, "a webhook was applied but not journalled");
                }
            }
            info!(
                tenant.id = %tenant, channel.id = %share.channel, items = share.ingested.verdicts.len(),
                unapplied = share.ingested.unapplied, "took a webhook of channel `{}`", share.channel
            );
            all.add(share.ingested);
        }
        lost.map_or(Ok(all), |failure| Err(failure.into()))
    }

    /// Proves on the raw bytes who sent it; nothing of the body is read before.
    async fn prove(
        &self,
        signatures: &impl Signatures,
        adapter: &dyn Adapter,
        provider: ProviderKind,
        key: Option<&ChannelKey>,
        raw: &RawWebhook,
    ) -> Result<Scope, AppFailure> {
        let channel = match key {
            // An unknown key answers like a wrong secret: a stranger learns nothing.
            Some(key) => Some(
                self.store
                    .channel_by_key(key)
                    .await?
                    .filter(|channel| channel.provider == provider)
                    .ok_or_else(unverified)?,
            ),
            None => None,
        };
        let own = match &channel {
            Some(channel) => signatures.app_secret(channel).await?,
            None => None,
        };
        let platform_app = adapter.capabilities().platform_app && own.is_none();
        let secrets: Vec<Secret> = match own {
            Some(secret) => vec![secret],
            None if platform_app => {
                let app = self.store.platform_app().await?;
                signatures.platform_secrets(&app).await?
            }
            None => Vec::new(),
        };
        let expected = Expected {
            channel: channel.as_ref(),
            secrets: &secrets,
        };
        adapter.verify_webhook(raw, &expected)?;
        Ok(match channel {
            // The platform's app signs for all its channels, whichever URL it speaks to.
            Some(channel) if !platform_app => Scope::Channel(Box::new(channel)),
            Some(_) | None => Scope::Platform,
        })
    }
}

fn unverified() -> AppFailure {
    AppFailure::unauthorized("The webhook could not be verified.")
}

/// What a provider's status says of a message; none for words that change nothing.
pub(super) fn observed(status: ProviderStatus, at: Timestamp) -> Option<Observed> {
    match status {
        ProviderStatus::Sent => Some(Observed::Sent { at }),
        ProviderStatus::Delivered => Some(Observed::Delivered { at }),
        ProviderStatus::Read => Some(Observed::Read { at }),
        ProviderStatus::Failed { code, reason } => Some(Observed::Failed { at, code, reason }),
        ProviderStatus::Unmapped { .. } => None,
    }
}

/// A provider's time from the future counts as now: otherwise one odd clock would make an answer
/// the latest for ever.
pub(super) fn plausible(at: Timestamp, now: Timestamp) -> Timestamp {
    if at > now + CLOCK_SLACK { now } else { at }
}
