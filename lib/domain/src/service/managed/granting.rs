//! Giving a channel days at WHAPI. They are spent there by one call that is not idempotent, so it is made
//! once for each extension, whatever happens; what came of it is read from `activeTill` alone.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use super::{
    ManagedDesk, ManagedStore,
    growth::{Growth, growth},
    later,
    live::MINUTE,
    work::{Ended, Pass, Step},
};
use crate::{
    billing::{Change, Entry, EntryName, Notification},
    copy::PARTNER_BANNER,
    failure::{AppFailure, ProviderFailure},
    ids::UserId,
    managed::{Extension, ExtensionState, ManagedChannel, PartnerChannel},
    ports::{Clock, Partner, PartnerAccess, PartnerBook, Seals, Vault},
};

/// How long an extension with an unknown outcome is looked at. When `activeTill` did not move until then,
/// it did not happen.
const HOLD: SignedDuration = SignedDuration::from_mins(15);
/// Until days that somebody still wants are asked for again after WHAPI did not take them.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// Until days are asked for again while the partner token is missing.
const CLOSED: SignedDuration = SignedDuration::from_mins(30);

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// What sets days aside for an extension: the entry and the extension in one transaction.
    pub(super) fn held(
        &self,
        mut record: ManagedChannel,
        n: u32,
        days: u32,
        by: &UserId,
        email: Option<&str>,
    ) -> Change {
        let (tenant, id, now) = (record.tenant, record.id, self.clock.now());
        let email = email.or(record.email.as_deref());
        let whom = email.unwrap_or_else(|| by.as_str());
        record.extension = Some(Extension {
            n,
            days,
            comment: format!("Auto top-up for {whom}"),
            state: ExtensionState::Held,
            before: None,
            asked_at: None,
            by: by.clone(),
        });
        record.extensions = record.extensions.saturating_add(1);
        record.lease = None;
        record.due = Some(now);
        record.updated_at = now;
        let audit = self.entry(by, "extend", id).with("days", days);
        let mut change = Change::of(tenant, audit);
        change.entries = vec![Entry::new(tenant, &EntryName::Hold(id, n), days, now, by)];
        change.managed = Some(record);
        change
    }

    /// The next step of the extension under way.
    pub(super) async fn grant(
        &self,
        record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let Some(extension) = record.extension.clone() else {
            return Ok(Step::Again);
        };
        let Some(access) = self.access.partner_access().await? else {
            self.wait(&record, PARTNER_BANNER, CLOSED).await?;
            return Ok(Step::Wait);
        };
        match extension.state {
            ExtensionState::Held => self.ask(record, extension, &access, pass).await,
            // Its lease is over: whoever asked is gone, and nobody knows what came of it.
            ExtensionState::Calling | ExtensionState::Unknown => {
                self.look(record, &extension, &access, pass).await
            }
        }
    }

    /// Looks how long the channel is active, claims, and asks for the days: the one call.
    async fn ask(
        &self,
        mut record: ManagedChannel,
        mut extension: Extension,
        access: &PartnerAccess,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let reference = record.provider_ref.clone().unwrap_or_default();
        let before = if pass.shown {
            record.active_till
        } else {
            match self.whapi().partner_channel(access, &reference).await {
                Ok(Some(shown)) => shown.active_till,
                Ok(None) => {
                    let gone = gone();
                    return self.release(&record, &extension, gone, false, pass).await;
                }
                // Nothing was asked for: the days are given back, whoever wants them may ask again.
                Err(failure) => {
                    return self
                        .release(&record, &extension, failure, false, pass)
                        .await;
                }
            }
        };
        let asked = self.clock.now();
        extension.state = ExtensionState::Calling;
        extension.before = before;
        extension.asked_at = Some(asked);
        let calling = extension.clone();
        if !self
            .claim(&mut record, |record| record.extension = Some(calling))
            .await?
        {
            return Ok(Step::Again);
        }
        let days = extension.days;
        let answer = self
            .whapi()
            .extend(access, &reference, days, &extension.comment)
            .await;
        match answer {
            Ok(told) => {
                let read = self.whapi().partner_channel(access, &reference).await;
                let shown = read.ok().flatten();
                let till = shown.as_ref().and_then(|shown| shown.active_till).or(told);
                match growth(&extension, till) {
                    Growth::Whole | Growth::Odd => {
                        self.confirmed(&record, &extension, till, shown.as_ref(), pass)
                            .await
                    }
                    Growth::None => self.doubt(&record).await,
                }
            }
            Err(failure @ ProviderFailure::OutcomeUnknown { .. }) => {
                let (tenant, id) = (record.tenant, record.id);
                warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "whether channel `{id}` was extended is unknown; it is looked at");
                self.look(record, &extension, access, pass).await
            }
            Err(
                failure @ (ProviderFailure::NotSent { .. }
                | ProviderFailure::RateLimited { .. }
                | ProviderFailure::Rejected { .. }
                | ProviderFailure::Unsupported { .. }
                | ProviderFailure::Unverified),
            ) => {
                self.release(&record, &extension, failure, false, pass)
                    .await
            }
        }
    }

    /// Looks whether an extension happened whose answer was lost.
    async fn look(
        &self,
        record: ManagedChannel,
        extension: &Extension,
        access: &PartnerAccess,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        let asked = extension.asked_at.unwrap_or(record.updated_at);
        let proof = later(asked, HOLD) <= self.clock.now();
        let reference = record.provider_ref.clone().unwrap_or_default();
        let shown = match self.whapi().partner_channel(access, &reference).await {
            Ok(Some(shown)) => shown,
            Ok(None) if proof => {
                return self.release(&record, extension, gone(), true, pass).await;
            }
            Ok(None) => return self.doubt(&record).await,
            Err(failure) => {
                warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "whether channel `{id}` was extended could not be looked at");
                return self.doubt(&record).await;
            }
        };
        let till = shown.active_till;
        match growth(extension, till) {
            Growth::Whole => {
                self.confirmed(&record, extension, till, Some(&shown), pass)
                    .await
            }
            Growth::Odd if proof => {
                error!(tenant.id = %tenant, channel.id = %id, "channel `{id}` was extended by other than {} days", extension.days);
                self.confirmed(&record, extension, till, Some(&shown), pass)
                    .await
            }
            Growth::None if proof => {
                let lost = ProviderFailure::OutcomeUnknown {
                    what: "no days came".into(),
                };
                self.release(&record, extension, lost, true, pass).await
            }
            Growth::Odd | Growth::None => self.doubt(&record).await,
        }
    }

    /// Nobody knows yet: it is looked at again.
    async fn doubt(&self, record: &ManagedChannel) -> Result<Step, AppFailure> {
        let due = Some(later(self.clock.now(), MINUTE));
        self.settle(record, |record| {
            if let Some(extension) = &mut record.extension {
                extension.state = ExtensionState::Unknown;
            }
            record.problem =
                Some("WHAPI has not confirmed the days yet; Waypost looks again by itself.".into());
            record.due = due;
        })
        .await?;
        Ok(Step::Wait)
    }

    /// It happened: the days are spent, once.
    async fn confirmed(
        &self,
        record: &ManagedChannel,
        extension: &Extension,
        till: Option<Timestamp>,
        shown: Option<&PartnerChannel>,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id, now) = (record.tenant, record.id, self.clock.now());
        let Extension { n, days, by, .. } = extension;
        self.settle_money(record, |mut extended| {
            extended.extension = None;
            extended.active_till = till.or(extended.active_till);
            extended.spent = extended.spent.saturating_add(*days);
            extended.wanted_days = 0;
            extended.trial = false;
            extended.stopped = shown.is_some_and(|shown| shown.stopped);
            extended.problem = None;
            extended.due = Some(now);
            let audit = self.entry(by, "extended", id).with("days", days);
            let mut change = Change::of(tenant, audit);
            change.entries = vec![Entry::new(
                tenant,
                &EntryName::Extend(id, *n),
                *days,
                now,
                by,
            )];
            change.managed = Some(extended);
            change
        })
        .await?;
        info!(tenant.id = %tenant, channel.id = %id, days, "extended channel `{id}` by {days} days");
        pass.ended = Some(Ended::Confirmed { n: *n });
        pass.shown = false;
        Ok(Step::Again)
    }

    /// It did not happen: the days are free again. Whoever could not be told in an answer is told in the
    /// console.
    async fn release(
        &self,
        record: &ManagedChannel,
        extension: &Extension,
        why: ProviderFailure,
        tell: bool,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id, now) = (record.tenant, record.id, self.clock.now());
        let Extension { n, days, by, .. } = extension;
        let refused = matches!(why, ProviderFailure::Rejected { .. });
        // What is refused every time is told once.
        let news = refused && record.problem != Some(why.to_string());
        let text = format!(
            "The channel “{}” was not extended: its {days} days are free again. Extend it again when you need it.",
            record.name
        );
        self.settle_money(record, |mut released| {
            released.extension = None;
            released.problem = Some(if refused {
                why.to_string()
            } else {
                text.clone()
            });
            if refused {
                // It would be refused again and again.
                released.wanted_days = 0;
            }
            released.due = Some(now);
            let audit = self.entry(by, "not_extended", id).with("days", days);
            let mut change = Change::of(tenant, audit);
            let name = EntryName::Release(id, *n);
            change.entries = vec![Entry::new(tenant, &name, *days, now, by)];
            change.notification = (tell || news).then(|| {
                let title = "A channel was not extended";
                Notification::new(
                    tenant,
                    &format!("channel:{id}:release:{n}"),
                    "CHANNEL_NOT_EXTENDED",
                    (title, &text),
                    released.email.as_deref(),
                    now,
                )
            });
            change.managed = Some(released);
            change
        })
        .await?;
        warn!(tenant.id = %tenant, channel.id = %id, error = %why, "channel `{id}` was not extended");
        if !refused {
            pass.retry_at(later(now, AGAIN));
        }
        pass.ended = Some(Ended::Released { n: *n, why });
        Ok(Step::Again)
    }
}

fn gone() -> ProviderFailure {
    ProviderFailure::Rejected {
        code: "CHANNEL_GONE".into(),
        reason: "WHAPI no longer knows this channel. Delete it and add a new one.".into(),
    }
}
