//! Webhooks kept with what became of them, and applied again until every item is.

use jiff::{SignedDuration, Timestamp};
use tracing::error;

use super::{
    ingest::{Ingest, IngestStore, Ingested, Scope},
    shares::{Share, divided},
};
use crate::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    ports::{Clock, Files, Lanes},
    provider::{ProviderKind, RawWebhook},
    webhook::{JournalBody, JournalEntry, JournalKey},
};

/// Bodies above this go to the file store: an item holds 400 KB, and a compressed one this size
/// always fits.
const LARGEST_IN_JOURNAL: usize = 256 * 1024;

/// After how many tries an item that cannot be applied is left to people: about a day.
const MOST_TRIES: u16 = 12;

/// A journalled webhook that was applied again.
struct Reapplied {
    provider: ProviderKind,
    raw: RawWebhook,
    shares: Vec<(TenantId, Share)>,
}

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Tries the items of a journalled webhook again; those that were applied are applied to no effect.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn again(&self, key: &JournalKey) -> Result<Option<Ingested>, StoreFailure> {
        let Some(mut entry) = self.store.entry(key).await? else {
            return Ok(None);
        };
        let Some(reapplied) = self.apply_again(&entry).await? else {
            entry.retry_at = None;
            self.store.write(&entry).await?;
            return Ok(None);
        };
        let mut ingested = Ingested::default();
        let mut all = Ingested::default();
        let moved = reapplied.shares.iter().any(|(of, _)| *of != key.tenant);
        let adapter = (self.adapters)(reapplied.provider);
        let mut left = adapter.part_webhook(&reapplied.raw, &|_nobodys_any_more| false);
        for (tenant, share, body) in divided(adapter, &reapplied.raw, reapplied.shares) {
            all.add(share.ingested.clone());
            if tenant == key.tenant {
                ingested = share.ingested;
                left = body;
            } else {
                // What nobody knew whose it was is a tenant's by now, and belongs into its journal; under
                // the same name, so that it is there once, however often this is begun.
                let key = JournalKey {
                    tenant,
                    ..key.clone()
                };
                self.write(key, &share, body).await?;
            }
        }
        if moved {
            entry.body = self.body(&entry.key, left).await?;
        }
        entry.tries += 1;
        entry.verdicts.clone_from(&ingested.verdicts);
        entry.retry_at = retry_at(&ingested, entry.tries, self.clock.now());
        if ingested.unapplied && entry.retry_at.is_none() {
            error!(tenant.id = %key.tenant, tries = entry.tries, "a webhook item could not be applied and is left in the journal");
        }
        self.store.write(&entry).await?;
        Ok(Some(all))
    }

    /// Applies what a journal entry holds; none when its channel is gone.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn reapply(&self, entry: &JournalEntry) -> Result<Option<Ingested>, StoreFailure> {
        let reapplied = self.apply_again(entry).await?;
        Ok(reapplied.map(|reapplied| {
            let mut all = Ingested::default();
            for (_, share) in reapplied.shares {
                all.add(share.ingested);
            }
            all
        }))
    }

    async fn apply_again(&self, entry: &JournalEntry) -> Result<Option<Reapplied>, StoreFailure> {
        let body = match &entry.body {
            JournalBody::Here(bytes) => bytes.clone(),
            JournalBody::File(name) => match self.files.get(name).await? {
                Some(bytes) => bytes,
                None => {
                    error!(tenant.id = %entry.key.tenant, "the file of a journalled webhook is gone");
                    return Ok(None);
                }
            },
        };
        let raw = RawWebhook {
            key: None,
            headers: Vec::new(),
            body,
        };
        let (scope, provider) = if entry.key.tenant == TenantId::PLATFORM {
            (Scope::Platform, ProviderKind::Meta)
        } else {
            let channel = self.store.channel(entry.key.tenant, entry.channel).await?;
            let Some(channel) = channel else {
                return Ok(None);
            };
            let provider = channel.provider;
            (Scope::Channel(Box::new(channel)), provider)
        };
        let adapter = (self.adapters)(provider);
        let came = entry.key.arrived_at;
        let shares = self.apply_all(adapter, provider, &scope, &raw, came).await;
        Ok(Some(Reapplied {
            provider,
            raw,
            shares,
        }))
    }

    /// Journals what one tenant got of a webhook.
    pub(super) async fn journal(
        &self,
        tenant: TenantId,
        share: &Share,
        body: Vec<u8>,
        arrived_at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let key = JournalKey {
            tenant,
            arrived_at,
            id: MessageId::fresh(),
        };
        self.write(key, share, body).await
    }

    async fn write(
        &self,
        key: JournalKey,
        share: &Share,
        body: Vec<u8>,
    ) -> Result<(), StoreFailure> {
        let entry = JournalEntry {
            body: self.body(&key, body).await?,
            retry_at: retry_at(&share.ingested, 1, self.clock.now()),
            key,
            channel: share.channel,
            verdicts: share.ingested.verdicts.clone(),
            tries: 1,
        };
        self.store.write(&entry).await
    }

    /// A body as an entry keeps it.
    async fn body(&self, key: &JournalKey, body: Vec<u8>) -> Result<JournalBody, StoreFailure> {
        if body.len() <= LARGEST_IN_JOURNAL {
            return Ok(JournalBody::Here(body));
        }
        let name = format!("journal/{}/{}", key.tenant.key(), key.id.key());
        self.files.put(&name, body).await?;
        Ok(JournalBody::File(name))
    }
}

/// When to try again: after one, two, four … minutes, at most two hours apart.
fn retry_at(ingested: &Ingested, tries: u16, now: Timestamp) -> Option<Timestamp> {
    if !ingested.unapplied || tries >= MOST_TRIES {
        return None;
    }
    let minutes = 1_i64 << tries.saturating_sub(1).min(7);
    Some(now + SignedDuration::from_mins(minutes.min(120)))
}
