//! The work on one record, step by step until nothing is left to do now: run by the request that wants
//! something, and by the schedule. Doing it again, or twice at once, is harmless.

use jiff::{SignedDuration, Timestamp};

use super::{ManagedDesk, ManagedStore};
use crate::{
    failure::{AppFailure, ProviderFailure},
    ids::{ChannelId, TenantId},
    managed::{ManagedChannel, Stage},
    ports::{Clock, Partner, PartnerBook, Saved, Seals, Vault},
};

/// How long a request works on a channel; what is left then is the schedule's.
pub(super) const REQUEST: SignedDuration = SignedDuration::from_secs(15);

/// Steps of one pass; a channel is made and extended in seven.
const MOST_STEPS: u8 = 16;

/// How an extension ended.
#[derive(Debug)]
pub enum Ended {
    /// WHAPI shows its days.
    Confirmed {
        /// The how many-th it was.
        n: u32,
    },
    /// It did not happen, and its days are free again.
    Released {
        /// The how many-th it was.
        n: u32,
        /// Why.
        why: ProviderFailure,
    },
}

/// What a pass came to.
#[derive(Debug)]
pub struct Worked {
    /// The record as it is now.
    pub record: ManagedChannel,
    /// The extension that ended in it, if one did.
    pub ended: Option<Ended>,
    /// Why WHAPI refused what was asked of it, if it did.
    pub refused: Option<ProviderFailure>,
}

/// What one pass remembers from step to step.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The extension that ended; there is one at most in a pass.
    pub ended: Option<Ended>,
    /// Why WHAPI refused something.
    pub refused: Option<ProviderFailure>,
    /// When what did not work is tried again.
    pub retry: Option<Timestamp>,
    /// Whether setting the webhooks was tried.
    pub webhooks: bool,
    /// Whether days were asked for.
    pub held: bool,
    /// Whether WHAPI showed the channel in this pass.
    pub shown: bool,
}

impl Pass {
    /// Notes that something is tried again then.
    pub(super) fn retry_at(&mut self, at: Timestamp) {
        self.retry = Some(self.retry.map_or(at, |known| known.min(at)));
    }
}

/// What a step leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// There may be more to do.
    Again,
    /// The record says when it goes on.
    Wait,
    /// Nothing more to do but to wait until then.
    Rest(Option<Timestamp>),
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Does what a record wants now; no step begins after `until`.
    ///
    /// # Errors
    /// `NOT_FOUND`; storage failures, after which the record is found again by its due time.
    pub async fn work(
        &self,
        tenant: TenantId,
        id: ChannelId,
        until: Timestamp,
    ) -> Result<Worked, AppFailure> {
        let mut pass = Pass::default();
        let mut record = self.find(tenant, id).await?;
        for _ in 0..MOST_STEPS {
            let now = self.clock.now();
            if now >= until || record.lease.is_some_and(|lease| lease > now) {
                break;
            }
            let step = self.step(record, &mut pass).await?;
            record = self.find(tenant, id).await?;
            match step {
                Step::Again => {}
                Step::Wait => break,
                Step::Rest(due) => {
                    let due = [due, pass.retry].into_iter().flatten().min();
                    record = self.rest(record, due).await?;
                    break;
                }
            }
        }
        Ok(Worked {
            record,
            ended: pass.ended,
            refused: pass.refused,
        })
    }

    async fn step(&self, record: ManagedChannel, pass: &mut Pass) -> Result<Step, AppFailure> {
        match record.stage {
            Stage::Ordered => self.create(record, pass).await,
            Stage::Creating if record.provider_ref.is_some() => self.confirm(record, pass).await,
            Stage::Creating => self.look_for(record, pass).await,
            Stage::Live => self.live(record, pass).await,
            Stage::Deleting => self.remove(record, pass).await,
            Stage::Deleted => self.bury(record).await,
            Stage::Failed => Ok(Step::Rest(None)),
        }
    }

    /// Lets a record lie until it is due. Somebody who was quicker knows better.
    async fn rest(
        &self,
        mut record: ManagedChannel,
        due: Option<Timestamp>,
    ) -> Result<ManagedChannel, AppFailure> {
        if record.due == due || record.lease.is_some_and(|lease| lease > self.clock.now()) {
            return Ok(record);
        }
        record.due = due;
        if self.store.save_managed(&mut record).await? == Saved::Stale {
            // It stays due as it was, and the next pass sets it right.
            return self.find(record.tenant, record.id).await;
        }
        Ok(record)
    }
}
