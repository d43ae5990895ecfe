//! Extending a channel because somebody asks: days set aside, spent at WHAPI, and read back.

use sha2::{Digest, Sha256};
use tracing::error;

use super::{
    ManagedDesk, ManagedStore, busy, later, no_such_channel, not_managed,
    order::{MOST_DAYS, days_problem},
    refused,
    work::{self, Ended},
};
use crate::{
    billing::{Applied, Entry, EntryName},
    failure::{AppFailure, ProviderFailure},
    ids::{ChannelId, TenantId},
    managed::{Extension, ManagedChannel, Stage},
    ports::{Clock, Partner, PartnerBook, Seals, Vault},
    principal::Principal,
    service::{allowance::NO_DAYS, draft::IdempotencyKey, new_channel::refuse},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;
/// How many entries are looked through for what became of an idempotency key, newest first.
const PAGES: u8 = 3;
const PAGE: u16 = 100;
/// Extensions of one key that did not happen, each of which may be asked for again.
const AGAIN: u32 = 16;

/// An extension as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended {
    /// The record as it is now.
    pub record: ManagedChannel,
    /// How many days.
    pub days: u32,
    /// Whether WHAPI confirmed them; if not, it is looked at until it is known.
    pub confirmed: bool,
}

/// What an idempotency key stands for.
enum Known {
    /// Nothing yet, under this number.
    New(u32),
    /// It happened, with so many days.
    Done(u32),
    /// It is under way.
    Running,
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Extends a channel by days. Asked for again under its idempotency key it is the same extension, and
    /// a new one where the first did not happen.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION; FORBIDDEN `DAYS_EXHAUSTED`; CONFLICT `NOT_MANAGED`, `NOT_READY`, or
    /// `EXTENSION_RUNNING` with the days that run; `PROVIDER_ERROR` when the partner token is missing or
    /// WHAPI did not take it: nothing is spent then.
    pub async fn extend(
        &self,
        principal: &Principal,
        id: ChannelId,
        days: u32,
        key: Option<&IdempotencyKey>,
    ) -> Result<Extended, AppFailure> {
        if !(1..=MOST_DAYS).contains(&days) {
            refuse(vec![days_problem()])?;
        }
        let tenant = principal.tenant();
        for _ in 0..TRIES {
            let record = self.extendable(tenant, id).await?;
            let n = match self.known_as(&record, key).await? {
                Known::New(n) => n,
                Known::Done(same) if same == days => {
                    return Ok(Extended {
                        record,
                        days,
                        confirmed: true,
                    });
                }
                Known::Done(_) => return Err(reused()),
                Known::Running => return self.running(record, days).await,
            };
            if let Some(extension) = &record.extension {
                return Err(runs(extension));
            }
            self.opened().await?;
            let change = self.held(record, n, days, principal.user(), principal.email());
            match self.store.apply(&change).await? {
                Applied::Done => return self.spent(tenant, id, n, days).await,
                Applied::Stale | Applied::Repeated => {}
                Applied::NoDays | Applied::NoSlot => return Err(NO_DAYS.into()),
            }
        }
        Err(busy())
    }

    /// A live channel's record.
    async fn extendable(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<ManagedChannel, AppFailure> {
        let Some(record) = self.store.managed(tenant, id).await? else {
            let own = self.store.channel(tenant, id).await?;
            return Err(own.map_or_else(no_such_channel, |_| not_managed()));
        };
        match record.stage {
            Stage::Live => Ok(record),
            Stage::Deleted => Err(no_such_channel()),
            Stage::Ordered | Stage::Creating | Stage::Deleting | Stage::Failed => {
                Err(AppFailure::conflict(
                    "This channel is not there yet, or no longer; only a live one is extended.",
                )
                .with_detail("reason", "NOT_READY"))
            }
        }
    }

    /// The same request again while its extension is under way.
    async fn running(&self, record: ManagedChannel, days: u32) -> Result<Extended, AppFailure> {
        let runs = record.extension.as_ref().map(|extension| extension.days);
        match runs {
            Some(same) if same == days => Ok(Extended {
                record,
                days,
                confirmed: false,
            }),
            Some(_) => Err(reused()),
            None => Err(busy()),
        }
    }

    async fn spent(
        &self,
        tenant: TenantId,
        id: ChannelId,
        n: u32,
        days: u32,
    ) -> Result<Extended, AppFailure> {
        let until = later(self.clock.now(), work::REQUEST);
        let (record, ended) = match self.work(tenant, id, until).await {
            Ok(worked) => (worked.record, worked.ended),
            // The days are set aside, and whoever asks again under another key would spend more.
            Err(failure) => {
                error!(tenant.id = %tenant, channel.id = %id, error = %failure, "the days of channel `{id}` are set aside, and the schedule spends them");
                (self.find(tenant, id).await?, None)
            }
        };
        match ended {
            Some(Ended::Released { n: own, why }) if own == n => Err(not_extended(why)),
            Some(Ended::Confirmed { n: own }) if own == n => Ok(Extended {
                record,
                days,
                confirmed: true,
            }),
            Some(Ended::Released { .. } | Ended::Confirmed { .. }) | None => Ok(Extended {
                record,
                days,
                confirmed: false,
            }),
        }
    }

    /// What became of an idempotency key, by the ledger's entries. Without one it is something new.
    async fn known_as(
        &self,
        record: &ManagedChannel,
        key: Option<&IdempotencyKey>,
    ) -> Result<Known, AppFailure> {
        let Some(key) = key else {
            return Ok(Known::New(record.extensions.saturating_add(1)));
        };
        let id = record.id;
        let mut entries: Vec<Entry> = Vec::new();
        let mut after = None;
        for _ in 0..PAGES {
            let page = self
                .store
                .entries(record.tenant, after.as_deref(), PAGE)
                .await?;
            entries.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let told = |name: &EntryName| {
            let name = name.to_string();
            entries.iter().find(|entry| entry.name == name)
        };
        for again in 0..AGAIN {
            let n = number(key, again);
            let runs = record.extension.as_ref();
            if runs.is_some_and(|extension| extension.n == n) {
                return Ok(Known::Running);
            }
            if let Some(entry) = told(&EntryName::Extend(id, n)) {
                return Ok(Known::Done(entry.days));
            }
            if told(&EntryName::Release(id, n)).is_some() {
                continue;
            }
            return Ok(match told(&EntryName::Hold(id, n)) {
                Some(_) => Known::Running,
                None => Known::New(n),
            });
        }
        Err(busy())
    }
}

/// The number of an extension that a key asks for: it follows from the key, so the ledger itself refuses
/// to set days aside for it twice. Numbers without a key are counted, and never come so far.
fn number(key: &IdempotencyKey, again: u32) -> u32 {
    let mut hash = Sha256::new();
    hash.update(key.key.as_bytes());
    hash.update(again.to_be_bytes());
    let digest = hash.finalize();
    let first = digest.first_chunk::<4>().copied().unwrap_or_default();
    u32::from_be_bytes(first) | 1 << 31
}

pub(super) fn runs(extension: &Extension) -> AppFailure {
    AppFailure::conflict(format!(
        "This channel is being extended by {} days right now. Wait until that is known.",
        extension.days
    ))
    .with_detail("reason", "EXTENSION_RUNNING")
    .with_detail("days", extension.days.to_string())
}

fn reused() -> AppFailure {
    AppFailure::conflict(
        "This Idempotency-Key asked for other days. Use a new key for another extension.",
    )
    .with_detail("reason", "IDEMPOTENCY_KEY_REUSED")
}

/// Why there was no extension. Its days are free again, so it may be asked for again.
fn not_extended(why: ProviderFailure) -> AppFailure {
    match why {
        ProviderFailure::Rejected { .. } => refused(why, "NOT_EXTENDED"),
        ProviderFailure::NotSent { .. }
        | ProviderFailure::RateLimited { .. }
        | ProviderFailure::OutcomeUnknown { .. }
        | ProviderFailure::Unsupported { .. }
        | ProviderFailure::Unverified => {
            AppFailure::unanswered(why).with_detail("reason", "NOT_EXTENDED")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_number_is_its_own_and_never_a_counted_one() {
        let key = |text| IdempotencyKey::parse("POST extend", text, b"").unwrap();
        assert_eq!(number(&key("a"), 0), number(&key("a"), 0));
        assert_ne!(number(&key("a"), 0), number(&key("b"), 0));
        assert_ne!(number(&key("a"), 0), number(&key("a"), 1));
        assert!(number(&key("a"), 0) > i32::MAX as u32);
    }
}
