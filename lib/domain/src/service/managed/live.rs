//! A channel that is there: where its webhooks go, until when it is paid, and the days it is to get.

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use tracing::{error, info, warn};

use super::{
    ManagedDesk, ManagedStore, later,
    top_up::AHEAD,
    work::{Pass, Step},
};
use crate::{
    channel::{Channel, SecretHash},
    failure::{AppFailure, ProviderFailure},
    managed::ManagedChannel,
    ports::{Clock, Partner, PartnerBook, Saved, Seals, Vault, WebhookTarget},
    provider::ProviderKind,
};

/// The usual wait until something is looked at again.
pub(super) const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Until WHAPI is told again where webhooks go: a new channel takes a while to start.
const WEBHOOKS_AGAIN: SignedDuration = SignedDuration::from_mins(2);
/// How often a channel that wants days is looked at while none are free; paid days wake it at once.
const SELDOM: SignedDuration = SignedDuration::from_hours(6);
/// A channel that ended so long ago is only woken by paid days.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    pub(super) async fn live(
        &self,
        record: ManagedChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        let Some(channel) = self.store.channel(tenant, id).await? else {
            error!(tenant.id = %tenant, channel.id = %id, "channel `{id}` is live and not there");
            return Ok(Step::Rest(None));
        };
        if let Some(till) = record.active_till
            && channel.paid_until != Some(till)
        {
            self.store.paid_until(tenant, id, till).await?;
        }
        if record.extension.is_some() {
            return self.grant(record, pass).await;
        }
        if !record.webhooks_set && !pass.webhooks {
            pass.webhooks = true;
            return self.set_webhooks(record, channel, pass).await;
        }
        if !pass.held
            && pass.ended.is_none()
            && let Some(days) = self.wants(&record).await?
        {
            pass.held = true;
            return self.hold_wanted(record, days).await;
        }
        Ok(Step::Rest(self.next(&record)))
    }

    /// Tells WHAPI where the channel's webhooks go, with a secret that is kept as its hash before it is
    /// told (X31). Told twice it is the same; the lease keeps two from telling two secrets at once.
    async fn set_webhooks(
        &self,
        mut record: ManagedChannel,
        mut channel: Channel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        let token = self.vault.token(&channel).await?;
        if !self.claim(&mut record, |_record| {}).await? {
            return Ok(Step::Again);
        }
        let secret = (self.fresh)()?.verify_token;
        channel.webhook_secret = SecretHash::of(secret.expose_secret().as_bytes());
        let audit = self.entry(&record.created_by, "set_webhooks", id);
        let target = WebhookTarget {
            url: format!(
                "{}/{}/{}",
                self.hooks,
                ProviderKind::Whapi.as_str(),
                channel.key.as_str()
            ),
            secret,
        };
        let told = if self.store.save_channel(&mut channel, &audit).await? == Saved::Stale {
            // Somebody changed the channel; the next pass reads it anew.
            Err(ProviderFailure::NotSent { what: "stale" })
        } else {
            self.partner.set_webhooks(&token, &target).await
        };
        let due = self.clock.now();
        match told {
            Ok(()) => {
                self.settle(&record, |record| {
                    record.webhooks_set = true;
                    record.problem = None;
                    record.due = Some(due);
                })
                .await?;
                info!(tenant.id = %tenant, channel.id = %id, "WHAPI knows where the webhooks of channel `{id}` go");
            }
            Err(failure) => {
                warn!(tenant.id = %tenant, channel.id = %id, error = %failure, "WHAPI was not told where the webhooks of channel `{id}` go");
                pass.retry_at(later(due, WEBHOOKS_AGAIN));
                self.settle(&record, |record| {
                    record.problem = Some("The channel is starting at WHAPI; Waypost finishes setting it up by itself.".into());
                    record.due = Some(due);
                })
                .await?;
            }
        }
        Ok(Step::Again)
    }

    /// When there is something to do again.
    fn next(&self, record: &ManagedChannel) -> Option<Timestamp> {
        let now = self.clock.now();
        let seldom = later(now, SELDOM);
        let wanted = (record.wanted_days > 0).then_some(seldom);
        let till = record.active_till.filter(|_| record.auto_extend);
        let before = till.and_then(|till| {
            let ahead = later(till, -AHEAD);
            match ahead > now {
                true => Some(ahead),
                false => (later(till, FORGOTTEN) > now).then_some(seldom),
            }
        });
        [wanted, before].into_iter().flatten().min()
    }
}
