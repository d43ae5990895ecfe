//! Making a channel: claimed, asked for, found again by its name when the answer was lost, and confirmed.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use super::{
    LEASE, ManagedDesk, ManagedStore,
    adopting::take,
    later,
    live::MINUTE,
    waypost,
    work::{Pass, Step},
};
use crate::{
    billing::{Change, Notification},
    copy::PARTNER_BANNER,
    failure::{AppFailure, ProviderFailure},
    managed::{ManagedChannel, Stage},
    phone::PhoneNumber,
    ports::{Clock, Partner, PartnerBook, Seals, Vault},
};

/// How long a channel whose making has an unknown outcome is looked for. Only then, and only when WHAPI's
/// list does not show it, it may be asked for once more.
const HOLD: SignedDuration = SignedDuration::from_mins(10);
/// The shortest and the longest wait after WHAPI's "too many" (twenty channels in thirty minutes, X30).
const SLOW: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(2), SignedDuration::from_mins(30));
/// An order that could not be made for so long is given up.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Asks WHAPI for a channel, once per claim.
    pub(super) async fn create(
        &self,
        mut record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let now = self.clock.now();
        if later(record.created_at, PATIENCE) <= now {
            let why = "WHAPI did not make the channel within a day. Order it again.";
            return self.fail(&record, why).await;
        }
        let Some(access) = self.access.partner_access().await? else {
            return self
                .wait(&record, PARTNER_BANNER, SLOW.1)
                .await
                .map(|()| Step::Wait);
        };
        let claimed = self.claim(&mut record, |record| {
            record.stage = Stage::Creating;
            record.tries = record.tries.saturating_add(1);
        });
        if !claimed.await? {
            return Ok(Step::Again);
        }
        let id = record.id;
        let phone = record.phone.as_ref().map(PhoneNumber::digits);
        let made = self.whapi().create(&access, &record.label(), phone).await;
        match made {
            Ok(shown) => self.adopt(record, &access, shown, pass).await,
            Err(failure @ ProviderFailure::OutcomeUnknown { .. }) => {
                warn!(tenant.id = %record.tenant, channel.id = %id, error = %failure, "whether channel `{id}` was made is unknown; it is looked for");
                self.look_for(record, pass).await
            }
            Err(
                failure @ (ProviderFailure::RateLimited { .. } | ProviderFailure::NotSent { .. }),
            ) => {
                info!(tenant.id = %record.tenant, channel.id = %id, error = %failure, "WHAPI did not take the order of channel `{id}` now");
                let wait = pause(&failure, record.tries);
                let due = Some(later(self.clock.now(), wait));
                self.settle(&record, |record| {
                    record.stage = Stage::Ordered;
                    record.due = due;
                    record.problem =
                        Some("WHAPI takes no new channels right now; Waypost tries again.".into());
                })
                .await?;
                Ok(Step::Wait)
            }
            Err(
                failure @ (ProviderFailure::Rejected { .. }
                | ProviderFailure::Unsupported { .. }
                | ProviderFailure::Unverified),
            ) => {
                let why = failure.to_string();
                pass.refused = Some(failure);
                self.fail(&record, &why).await
            }
        }
    }

    /// Looks in WHAPI's list for a channel whose making has an unknown outcome.
    pub(super) async fn look_for(
        &self,
        record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        // The lease was taken when WHAPI was asked, and stays until it is known what came of it.
        let asked = record.lease.unwrap_or(record.updated_at);
        let asked = later(asked, -LEASE);
        let Some(access) = self.access.partner_access().await? else {
            return self.look_again(record, asked).await;
        };
        let before = self.clock.now();
        match self.whapi().find(&access, &record.label()).await {
            Ok(Some(shown)) => self.adopt(record, &access, shown, pass).await,
            Ok(None) if later(asked, HOLD) <= before => {
                let (tenant, id) = (record.tenant, record.id);
                warn!(tenant.id = %tenant, channel.id = %id, "channel `{id}` was not made; it is asked for again");
                self.settle(&record, |record| {
                    record.stage = Stage::Ordered;
                    record.due = Some(before);
                })
                .await?;
                Ok(Step::Again)
            }
            Ok(None) => self.look_again(record, asked).await,
            Err(failure) => {
                let (tenant, id) = (record.tenant, record.id);
                warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "channel `{id}` could not be looked for");
                self.look_again(record, asked).await
            }
        }
    }

    /// Lets it be looked for once more, for a day: then it holds no slot any longer, and somebody has to look
    /// what is at WHAPI. The lease stays as it is: it says since when.
    pub(super) async fn look_again(
        &self,
        mut record: ManagedChannel,
        asked: Timestamp,
    ) -> Result<Step, AppFailure> {
        let now = self.clock.now();
        if record.lease.is_some_and(|lease| lease > now) {
            return Ok(Step::Wait);
        }
        if later(asked, PATIENCE) <= now {
            let (tenant, id) = (record.tenant, record.id);
            error!(tenant.id = %tenant, channel.id = %id, "whether WHAPI made channel `{id}` was not found out: look for `{id}` in its manager");
            let why =
                "Whether WHAPI made the channel was not found out within a day. Order it again.";
            return self.fail(&record, why).await;
        }
        let hold = later(asked, HOLD);
        let soon = later(now, MINUTE);
        record.due = Some(if hold > now { soon.min(hold) } else { soon });
        // Somebody who was quicker knows better.
        self.store.save_managed(&mut record).await?;
        Ok(Step::Wait)
    }

    /// Asks WHAPI once more for a channel that it made (S3.12).
    pub(super) async fn confirm(
        &self,
        record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let Some(reference) = record.provider_ref.clone() else {
            return Ok(Step::Wait);
        };
        let asked = match self.access.partner_access().await? {
            Some(access) => self.whapi().partner_channel(&access, &reference).await,
            None => Ok(None),
        };
        let Ok(Some(shown)) = asked else {
            self.wait(&record, "WHAPI does not confirm the channel yet.", MINUTE)
                .await?;
            return Ok(Step::Wait);
        };
        pass.shown = true;
        let now = self.clock.now();
        self.settle(&record, |record| {
            take(record, &shown);
            record.stage = Stage::Live;
            record.due = Some(now);
        })
        .await?;
        Ok(Step::Again)
    }

    /// Lets a record lie for a while, with the reason.
    pub(super) async fn wait(
        &self,
        record: &ManagedChannel,
        why: &str,
        wait: SignedDuration,
    ) -> Result<(), AppFailure> {
        let due = Some(later(self.clock.now(), wait));
        self.settle(record, |record| {
            record.problem = Some(why.to_owned());
            record.due = due;
        })
        .await
        .map(drop)
    }

    /// Gives an order up: nothing was made, and its slot is free again.
    pub(super) async fn fail(
        &self,
        record: &ManagedChannel,
        why: &str,
    ) -> Result<Step, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        let now = self.clock.now();
        self.settle_money(record, |mut failed| {
            failed.stage = Stage::Failed;
            failed.problem = Some(why.to_owned());
            failed.due = None;
            let audit = self.entry(&waypost(), "give_up", id).with("reason", why);
            let mut change = Change::of(tenant, audit);
            change.give_slot = true;
            change.notification = Some(Notification::new(
                tenant,
                &format!("channel:{id}:failed"),
                "CHANNEL_NOT_MADE",
                ("A channel could not be made", why),
                None,
                now,
            ));
            change.managed = Some(failed);
            change
        })
        .await?;
        warn!(tenant.id = %tenant, channel.id = %id, "channel `{id}` was not made");
        Ok(Step::Wait)
    }
}

/// How long to wait before WHAPI is asked again.
fn pause(failure: &ProviderFailure, tries: u32) -> SignedDuration {
    let (least, most) = SLOW;
    let doubled = 1_i32 << tries.saturating_sub(1).min(4);
    let own = least.checked_mul(doubled).unwrap_or(most).min(most);
    let told = match failure {
        ProviderFailure::RateLimited {
            retry_after: Some(told),
        } => SignedDuration::try_from(*told).unwrap_or(most),
        ProviderFailure::RateLimited { retry_after: None }
        | ProviderFailure::NotSent { .. }
        | ProviderFailure::Rejected { .. }
        | ProviderFailure::Unsupported { .. }
        | ProviderFailure::OutcomeUnknown { .. }
        | ProviderFailure::Unverified => SignedDuration::ZERO,
    };
    own.max(told)
}
