//! Webhooks: prove who sent it, apply each item in isolation, keep the raw body with what became of
//! it. Applying anything again, in any order, ends in the same messages.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use super::facts::{self, Applied};
use crate::{
    channel::{Channel, ChannelKey},
    failure::{AppFailure, StoreFailure},
    ids::MessageId,
    ports::{ChannelKeys, Clock, Contacts, Directory, Files, Inbox, Journal, Messages, Pointers},
    provider::{Adapters, Item, ProviderKind, ProviderStatus, RawWebhook, StatusItem},
    webhook::{JournalBody, JournalEntry, JournalKey, Observed},
};

/// Bodies above this go to the file store: an item holds 400 KB, and a compressed one this size
/// always fits.
const LARGEST_IN_JOURNAL: usize = 256 * 1024;

/// How far a provider's clock may be ahead of ours.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(10);

/// After how many tries an item that cannot be applied is left to people: about a day.
const MOST_TRIES: u16 = 12;

/// What ingesting needs.
#[derive(Debug)]
pub struct Ingest<'a, S, F, C> {
    /// Storage.
    pub store: &'a S,
    /// Files, for large bodies.
    pub files: &'a F,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// What became of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// One word per item, in order.
    pub verdicts: Vec<String>,
    /// Whether some item must be tried again.
    pub unapplied: bool,
}

impl<S, F, C> Ingest<'_, S, F, C>
where
    S: ChannelKeys + Directory + Contacts + Messages + Pointers + Inbox + Journal,
    F: Files,
    C: Clock,
{
    /// Takes a webhook as it came.
    ///
    /// # Errors
    /// UNAUTHORIZED when it cannot be proven to come from the channel's provider; `DB_ERROR` only when
    /// neither its effects nor its journal entry could be stored.
    pub async fn run(
        &self,
        provider: ProviderKind,
        key: &ChannelKey,
        raw: &RawWebhook,
    ) -> Result<Ingested, AppFailure> {
        let channel = self
            .store
            .channel_by_key(key)
            .await?
            .filter(|channel| channel.provider == provider)
            // An unknown key answers like a wrong secret: a stranger learns nothing.
            .ok_or_else(|| AppFailure::unauthorized("The webhook could not be verified."))?;
        (self.adapters)(provider).verify_webhook(raw, &channel)?;

        let ingested = self.apply_all(&channel, raw).await;
        let arrived_at = self.clock.now();
        let entry_key = JournalKey {
            tenant: channel.tenant,
            arrived_at,
            id: MessageId::fresh(),
        };
        let journalled = self.journal(&channel, raw, entry_key, &ingested).await;
        match journalled {
            Ok(()) => {}
            Err(failure) if ingested.unapplied => return Err(failure.into()),
            Err(failure) => {
                // The effects are stored; asking the provider to send it again would only repeat them.
                error!(tenant.id = %channel.tenant, error = %failure, "a webhook was applied but not journalled");
            }
        }
        info!(
            tenant.id = %channel.tenant, channel.id = %channel.id, items = ingested.verdicts.len(),
            unapplied = ingested.unapplied, "took a webhook of channel `{}`", channel.id
        );
        Ok(ingested)
    }

    /// Tries the items of a journalled webhook again; those that were applied are applied to no effect.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn again(&self, key: &JournalKey) -> Result<Option<Ingested>, StoreFailure> {
        let Some(mut entry) = self.store.entry(key).await? else {
            return Ok(None);
        };
        let Some(channel) = self.store.channel(key.tenant, entry.channel).await? else {
            entry.retry_at = None;
            self.store.write(&entry).await?;
            return Ok(None);
        };
        let body = match &entry.body {
            JournalBody::Here(bytes) => Some(bytes.clone()),
            JournalBody::File(name) => self.files.get(name).await?,
        };
        let raw = RawWebhook {
            headers: Vec::new(),
            body: body.unwrap_or_default(),
        };
        let ingested = self.apply_all(&channel, &raw).await;
        entry.tries += 1;
        entry.verdicts.clone_from(&ingested.verdicts);
        entry.retry_at = retry_at(&ingested, entry.tries, self.clock.now());
        if ingested.unapplied && entry.retry_at.is_none() {
            error!(tenant.id = %key.tenant, tries = entry.tries, "a webhook item could not be applied and is left in the journal");
        }
        self.store.write(&entry).await?;
        Ok(Some(ingested))
    }

    async fn apply_all(&self, channel: &Channel, raw: &RawWebhook) -> Ingested {
        let delivery = (self.adapters)(channel.provider).read_webhook(raw, channel);
        let mut ingested = Ingested {
            verdicts: Vec::with_capacity(delivery.items.len()),
            unapplied: false,
        };
        for item in delivery.items {
            let verdict = match self.apply(channel, item).await {
                Ok(verdict) => verdict,
                Err(failure) => {
                    warn!(tenant.id = %channel.tenant, error = %failure, "a webhook item could not be applied");
                    ingested.unapplied = true;
                    "failed".into()
                }
            };
            ingested.verdicts.push(verdict);
        }
        ingested
    }

    async fn apply(&self, channel: &Channel, item: Item) -> Result<String, StoreFailure> {
        match item {
            Item::Status(mut status) => {
                status.at = self.plausible(status.at);
                self.status(channel, status).await
            }
            Item::Inbound(mut inbound) => {
                inbound.at = self.plausible(inbound.at);
                self.inbound(channel, *inbound).await
            }
            Item::Echo(mut echo) => {
                echo.at = self.plausible(echo.at);
                self.echo(channel, *echo).await
            }
            Item::Channel(change) => {
                let Some(auth) = change.auth else {
                    return Ok(format!("ignored:{}", short(&change.word)));
                };
                let now = self.clock.now();
                self.store
                    .channel_auth(channel.tenant, channel.id, auth, now)
                    .await?;
                Ok(format!("channel:{}", auth.as_str()))
            }
            Item::Ignored { name } => Ok(format!("ignored:{}", short(&name))),
            Item::Unreadable { why } => Ok(format!("unreadable:{}", short(&why))),
        }
    }

    /// A provider's time from the future counts as now: otherwise one odd clock would make an answer
    /// the latest for ever.
    fn plausible(&self, at: Timestamp) -> Timestamp {
        let now = self.clock.now();
        if at > now + CLOCK_SLACK { now } else { at }
    }

    async fn status(&self, channel: &Channel, item: StatusItem) -> Result<String, StoreFailure> {
        let at = item.at;
        let observed = match item.status {
            ProviderStatus::Sent => Observed::Sent { at },
            ProviderStatus::Delivered => Observed::Delivered { at },
            ProviderStatus::Read => Observed::Read { at },
            ProviderStatus::Failed { code, reason } => Observed::Failed { at, code, reason },
            ProviderStatus::Unmapped { word } => return Ok(format!("ignored:{}", short(&word))),
        };
        self.observe(channel, &item.provider_id, observed).await
    }

    pub(super) async fn observe(
        &self,
        channel: &Channel,
        provider_id: &str,
        observed: Observed,
    ) -> Result<String, StoreFailure> {
        let now = self.clock.now();
        let applied = facts::observe(
            self.store,
            channel.tenant,
            channel.id,
            provider_id,
            observed,
            now,
        )
        .await?;
        Ok(word(applied).into())
    }

    async fn journal(
        &self,
        channel: &Channel,
        raw: &RawWebhook,
        key: JournalKey,
        ingested: &Ingested,
    ) -> Result<(), StoreFailure> {
        let body = if raw.body.len() > LARGEST_IN_JOURNAL {
            let name = format!("journal/{}/{}", key.tenant.key(), key.id.key());
            self.files.put(&name, raw.body.clone()).await?;
            JournalBody::File(name)
        } else {
            JournalBody::Here(raw.body.clone())
        };
        let entry = JournalEntry {
            retry_at: retry_at(ingested, 1, key.arrived_at),
            key,
            channel: channel.id,
            body,
            verdicts: ingested.verdicts.clone(),
            tries: 1,
        };
        self.store.write(&entry).await
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

const fn word(applied: Applied) -> &'static str {
    match applied {
        Applied::New => "applied",
        Applied::Known => "duplicate",
        Applied::Parked => "parked",
        Applied::Orphan => "orphan",
    }
}

/// Provider words end up in verdicts: short and printable.
fn short(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(super) fn cut(title: &str) -> String {
    title.trim().chars().take(60).collect()
}
