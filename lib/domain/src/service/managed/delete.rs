//! Deleting a channel: kept as wanted, deleted at WHAPI, its unused days credited and its slot given back
//! in one transaction, then buried: its history stays, its secrets do not (X27, X28).

use jiff::SignedDuration;
use tracing::{info, warn};

use super::{
    ManagedDesk, ManagedStore, busy, extend, later,
    live::MINUTE,
    no_such_channel, refused,
    work::{self, Pass, Step},
};
use crate::{
    billing::{Applied, Change, Entry, EntryName},
    channel::{AuthStatus, Channel},
    copy::{
        CHANNEL_DELETED, CHANNEL_DELETED_DAYS_STAY, CHANNEL_DELETED_WITHOUT_DAYS, CHANNEL_DELETING,
        CHANNEL_DELETING_DAYS_STAY,
    },
    failure::{AppFailure, ProviderFailure},
    ids::ChannelId,
    managed::{ManagedChannel, Stage},
    ports::{Clock, Partner, PartnerBook, Saved, Seals, Vault},
    principal::Principal,
};

/// How many entries are looked through for what a deletion credited.
const PAGES: u8 = 3;
const PAGE: u16 = 100;
/// Until a deletion is tried again while the partner token is missing.
const CLOSED: SignedDuration = SignedDuration::from_mins(30);

/// What came of deleting a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Days that came back to the company; none while WHAPI has not confirmed.
    pub credited_days: Option<u32>,
    /// Whether its unused days stay with the platform.
    pub days_stay: bool,
}

impl Removed {
    /// What people are told (S3.16; X27: no days are promised where none came back).
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match (self.credited_days, self.days_stay) {
            (None, false) => CHANNEL_DELETING,
            (None, true) => CHANNEL_DELETING_DAYS_STAY,
            (Some(0), false) => CHANNEL_DELETED_WITHOUT_DAYS,
            (Some(0), true) => CHANNEL_DELETED_DAYS_STAY,
            (Some(_), _) => CHANNEL_DELETED,
        }
    }
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Deletes a channel. Asked for again it tells the same.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT while it is made or extended; `PROVIDER_ERROR` when the partner token is
    /// missing or WHAPI refuses: the channel stays then.
    pub async fn delete(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<Removed, AppFailure> {
        let tenant = principal.tenant();
        let Some(record) = self.store.managed(tenant, id).await? else {
            return self.delete_own(principal, id).await;
        };
        let now = self.clock.now();
        let busied = record.lease.is_some_and(|lease| lease > now);
        match record.stage {
            Stage::Deleted => return self.credited(&record).await,
            Stage::Deleting => {}
            Stage::Ordered | Stage::Failed if !busied => {
                return self.cancel(principal, record).await;
            }
            Stage::Creating if !busied && record.provider_ref.is_some() => {
                self.begin(principal, record).await?;
            }
            Stage::Ordered | Stage::Creating | Stage::Failed => {
                return Err(AppFailure::conflict(
                    "This channel is being made at WHAPI right now. Delete it in a few minutes.",
                )
                .with_detail("reason", "BUSY"));
            }
            Stage::Live => {
                if let Some(extension) = &record.extension {
                    return Err(extend::runs(extension));
                }
                self.begin(principal, record).await?;
            }
        }
        let until = later(self.clock.now(), work::REQUEST);
        let worked = self.work(tenant, id, until).await?;
        if let Some(why) = worked.refused {
            return Err(refused(why, "NOT_DELETED"));
        }
        match worked.record.stage {
            Stage::Deleted => self.credited(&worked.record).await,
            Stage::Ordered | Stage::Creating | Stage::Live | Stage::Deleting | Stage::Failed => {
                Ok(Removed {
                    credited_days: None,
                    days_stay: worked.record.days_stay,
                })
            }
        }
    }

    /// Keeps that a channel is to be deleted, since when, and who said so.
    async fn begin(
        &self,
        principal: &Principal,
        mut record: ManagedChannel,
    ) -> Result<(), AppFailure> {
        let access = self.opened().await?;
        let now = self.clock.now();
        record.stage = Stage::Deleting;
        record.days_stay = access.keeps_unused_days;
        record.lease = None;
        record.due = Some(now);
        record.updated_at = now;
        let audit = self.entry(principal.user(), "delete", record.id);
        let mut change = Change::of(record.tenant, audit.with("name", &record.name));
        change.managed = Some(record);
        match self.store.apply(&change).await? {
            Applied::Done | Applied::Repeated => Ok(()),
            Applied::Stale | Applied::NoDays | Applied::NoSlot => Err(busy()),
        }
    }

    /// Takes an order back of which nothing is at WHAPI. One that failed gave its slot back already.
    async fn cancel(
        &self,
        principal: &Principal,
        mut record: ManagedChannel,
    ) -> Result<Removed, AppFailure> {
        let audit = self.entry(principal.user(), "delete", record.id);
        let mut change = Change::of(record.tenant, audit.with("name", &record.name));
        change.give_slot = record.stage == Stage::Ordered;
        record.stage = Stage::Deleted;
        record.lease = None;
        record.due = None;
        record.updated_at = self.clock.now();
        change.managed = Some(record);
        match self.store.apply(&change).await? {
            Applied::Done | Applied::Repeated => Ok(Removed {
                credited_days: Some(0),
                days_stay: false,
            }),
            Applied::Stale | Applied::NoDays | Applied::NoSlot => Err(busy()),
        }
    }

    /// Deletes it at WHAPI. That may be asked for as often as it takes.
    pub(super) async fn remove(
        &self,
        mut record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        // Since when it is to be deleted: the days from then on are unused.
        let since = record.updated_at;
        let Some(reference) = record.provider_ref.clone() else {
            return self.removed(&record).await;
        };
        let Some(access) = self.access.partner_access().await? else {
            return Ok(Step::Rest(Some(later(self.clock.now(), CLOSED))));
        };
        if !self
            .claim(&mut record, |record| record.updated_at = since)
            .await?
        {
            return Ok(Step::Again);
        }
        let failure = match self.whapi().delete(&access, &reference).await {
            Ok(()) => return self.removed(&record).await,
            Err(failure) => failure,
        };
        warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "channel `{id}` was not deleted at WHAPI, as far as is known");
        match &failure {
            ProviderFailure::Rejected { .. }
            | ProviderFailure::Unsupported { .. }
            | ProviderFailure::Unverified => {
                let (now, why) = (self.clock.now(), failure.to_string());
                self.settle(&record, |record| {
                    record.stage = Stage::Live;
                    record.problem = Some(why.clone());
                    record.due = Some(now);
                })
                .await?;
                pass.refused = Some(failure);
                return Ok(Step::Wait);
            }
            ProviderFailure::OutcomeUnknown { .. } => {
                let seen = self.whapi().partner_channel(&access, &reference).await;
                if matches!(seen, Ok(None)) {
                    return self.removed(&record).await;
                }
            }
            ProviderFailure::NotSent { .. } | ProviderFailure::RateLimited { .. } => {}
        }
        let due = Some(later(self.clock.now(), MINUTE));
        self.settle(&record, |record| {
            record.updated_at = since;
            record.due = due;
        })
        .await?;
        Ok(Step::Wait)
    }

    /// It is gone: the unused days come back, and the slot is free.
    async fn removed(&self, record: &ManagedChannel) -> Result<Step, AppFailure> {
        let (tenant, id, now) = (record.tenant, record.id, self.clock.now());
        let by = super::waypost();
        let days = record.returned(record.updated_at);
        self.settle_money(record, |mut gone| {
            gone.stage = Stage::Deleted;
            gone.problem = None;
            // Due until what leads to it leads nowhere.
            gone.due = Some(now);
            let audit = self.entry(&by, "deleted", id).with("credited_days", days);
            let mut change = Change::of(tenant, audit);
            if days > 0 {
                let name = EntryName::Delete(id);
                change.entries = vec![Entry::new(tenant, &name, days, now, &by)];
            }
            change.give_slot = true;
            change.managed = Some(gone);
            change
        })
        .await?;
        info!(tenant.id = %tenant, channel.id = %id, days, "channel `{id}` is deleted, and {days} days are credited");
        Ok(Step::Again)
    }

    /// Takes the secrets out of a channel that is gone.
    pub(super) async fn bury(&self, record: ManagedChannel) -> Result<Step, AppFailure> {
        if record.due.is_some()
            && let Some(channel) = self.store.channel(record.tenant, record.id).await?
        {
            self.inter(&channel).await?;
        }
        Ok(Step::Rest(None))
    }

    async fn inter(&self, channel: &Channel) -> Result<(), AppFailure> {
        let tenant = channel.tenant;
        let company = self.store.tenant(tenant).await?;
        let default = company.and_then(|company| company.settings.default_channel);
        if default == Some(channel.id) {
            let others = self.store.channels(tenant).await?;
            let usable = |other: &&Channel| other.id != channel.id && other.active;
            let linked = |other: &&Channel| other.auth == AuthStatus::Authorized;
            let next = others.iter().filter(usable).find(linked);
            if let Some(next) = next.or_else(|| others.iter().find(usable)) {
                let audit = self
                    .entry(&super::waypost(), "make_default", next.id)
                    .changed("default_channel", channel.id, next.id);
                self.store
                    .save_default_channel(tenant, next.id, &audit)
                    .await?;
            }
        }
        self.store.bury_channel(channel).await?;
        Ok(())
    }

    /// Deletes a channel that a company brought itself: at Waypost alone.
    async fn delete_own(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<Removed, AppFailure> {
        let found = self.store.channel(principal.tenant(), id).await?;
        let mut channel = found.ok_or_else(no_such_channel)?;
        // Switched off first: what is not buried yet must not send.
        channel.active = false;
        let audit = self
            .entry(principal.user(), "delete", id)
            .with("name", &channel.name);
        if self.store.save_channel(&mut channel, &audit).await? == Saved::Stale {
            return Err(busy());
        }
        self.inter(&channel).await?;
        info!(tenant.id = %channel.tenant, channel.id = %id, "deleted channel `{id}`");
        Ok(Removed {
            credited_days: Some(0),
            days_stay: false,
        })
    }

    /// What a deletion credited, by the ledger.
    async fn credited(&self, record: &ManagedChannel) -> Result<Removed, AppFailure> {
        let (tenant, days_stay) = (record.tenant, record.days_stay);
        let name = EntryName::Delete(record.id).to_string();
        let mut after = None;
        for _ in 0..PAGES {
            let page = self.store.entries(tenant, after.as_deref(), PAGE).await?;
            if let Some(entry) = page.items.iter().find(|entry| entry.name == name) {
                return Ok(Removed {
                    credited_days: Some(entry.days),
                    days_stay,
                });
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(Removed {
            credited_days: Some(0),
            days_stay,
        })
    }
}
