//! Days that a channel gets by itself: the first ones it was ordered with, and thirty more before its
//! days are over, while so many are free (S3.17).

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::{
    ManagedDesk, ManagedStore, later,
    work::{Step, Worked},
};
use crate::{
    billing::Applied,
    failure::{AppFailure, StoreFailure},
    ids::{ChannelId, TenantId},
    managed::{ManagedChannel, Stage},
    ports::{Clock, ManagedChannels, Partner, PartnerBook, Saved, Seals, Vault},
};

/// So long before its days are over a channel is extended by itself.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Days that a channel is extended by at a time, by itself.
const STEP: u32 = 30;
/// Records that are worked on in one round.
const MOST: u16 = 100;
/// Companies whose records are worked on side by side: one that is slow holds up no other.
const AT_ONCE: usize = 8;

/// What came of a round over all records that were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Records that were worked on.
    pub worked: u32,
    /// Records that failed; they stay due.
    pub failed: u32,
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Works on the records that are due, those of one company one after the other in the order they are
    /// due; no step begins after `until`. One record's failure is logged and keeps no other.
    ///
    /// # Errors
    /// Only when the due records cannot be listed.
    pub async fn work_due(&self, until: Timestamp) -> Result<Round, AppFailure> {
        let now = self.clock.now();
        let due = self.store.due_managed(now, MOST).await?;
        let mut companies: Vec<(TenantId, Vec<ChannelId>)> = Vec::new();
        for (tenant, id) in due {
            match companies.iter_mut().find(|(known, _)| *known == tenant) {
                Some((_, ids)) => ids.push(id),
                None => companies.push((tenant, vec![id])),
            }
        }
        let turns = companies.into_iter().map(async |(tenant, ids)| {
            let mut round = Round::default();
            for id in ids {
                match self.work_if_due(tenant, id, until).await {
                    Ok(_) => round.worked = round.worked.saturating_add(1),
                    Err(failure) => {
                        warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "channel `{id}` could not be worked on");
                        round.failed = round.failed.saturating_add(1);
                    }
                }
            }
            round
        });
        let mut turns = stream::iter(turns).buffer_unordered(AT_ONCE);
        let mut all = Round::default();
        while let Some(round) = turns.next().await {
            all.worked = all.worked.saturating_add(round.worked);
            all.failed = all.failed.saturating_add(round.failed);
        }
        info!(
            worked = all.worked,
            failed = all.failed,
            "worked on channels that were due"
        );
        Ok(all)
    }

    /// The index may lag: the record itself says whether it is due.
    async fn work_if_due(
        &self,
        tenant: TenantId,
        id: ChannelId,
        until: Timestamp,
    ) -> Result<Option<Worked>, AppFailure> {
        let record = self.find(tenant, id).await?;
        if record.due.is_none_or(|due| due > self.clock.now()) {
            return Ok(None);
        }
        self.work(tenant, id, until).await.map(Some)
    }

    /// The days a channel is to get now, if any.
    pub(super) async fn wants(&self, record: &ManagedChannel) -> Result<Option<u32>, AppFailure> {
        let now = self.clock.now();
        let ends = is_ending(record, now);
        if record.wanted_days == 0 && !ends {
            return Ok(None);
        }
        let free = self.store.account(record.tenant).await?.balances.free;
        if record.wanted_days > 0 {
            let days = record.wanted_days.min(free);
            return Ok((days > 0).then_some(days));
        }
        Ok((free >= STEP).then_some(STEP))
    }

    /// Sets days aside that nobody asked for just now. Without days the channel waits for more.
    pub(super) async fn hold_wanted(
        &self,
        record: ManagedChannel,
        days: u32,
    ) -> Result<Step, AppFailure> {
        let n = record.extensions.saturating_add(1);
        let by = record.created_by.clone();
        let change = self.held(record, n, days, &by, None);
        match self.store.apply(&change).await? {
            Applied::Done | Applied::Stale | Applied::NoDays | Applied::NoSlot => {}
            // A number that was used before and is not counted would stand in the way for ever.
            Applied::Repeated => {
                warn!(tenant.id = %change.tenant, "an extension of this number was known before");
            }
        }
        Ok(Step::Again)
    }
}

/// Whether a channel's days are over or end soon, and it may be extended by itself.
fn is_ending(record: &ManagedChannel, now: Timestamp) -> bool {
    let till = record.active_till.filter(|_| record.auto_extend);
    till.is_some_and(|till| later(till, -AHEAD) <= now)
}

/// Days were credited: the company's channels that want some are due at once, those that end first before
/// the others. Called by whoever credits days; the schedule of channels does the rest.
///
/// # Errors
/// Storage failures; the channels then wait until they are looked at anyway.
pub async fn wake<S: ManagedChannels>(
    store: &S,
    tenant: TenantId,
    now: Timestamp,
) -> Result<u32, StoreFailure> {
    let mut woken = 0_u32;
    for mut record in store.managed_channels(tenant).await? {
        let idle = record.stage == Stage::Live && record.extension.is_none();
        let wants = record.wanted_days > 0 || is_ending(&record, now);
        if !idle || !wants || record.lease.is_some_and(|lease| lease > now) {
            continue;
        }
        let first = record.active_till.map(|till| later(till, -AHEAD));
        record.due = Some(first.map_or(now, |first| first.min(now)));
        // Somebody works on it right now: they see the days, or it is looked at anyway.
        if store.save_managed(&mut record).await? == Saved::Done {
            woken = woken.saturating_add(1);
        }
    }
    Ok(woken)
}
