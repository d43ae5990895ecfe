//! PayPal's webhooks: proven by PayPal itself on the raw bytes before anything is read, kept, applied.
//! PayPal repeats what was not answered with success for three days, so what cannot be proven, kept or
//! applied now is simply not answered so.

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::{PayPalStore, events, telling};
use crate::{
    billing::{PayPalEvent, PayPalEventKind, Subscription},
    failure::{AppFailure, StoreFailure},
    ids::{ChannelId, MessageId, TenantId},
    ports::{Clock, PayPal},
    provider::RawWebhook,
    service::managed::wake,
    webhook::{JournalBody, JournalEntry, JournalKey},
};

/// Reads what an event says; `paypal::read_event` fits.
pub type ReadEvent = fn(&[u8]) -> PayPalEvent;

/// What taking a webhook of PayPal's needs.
#[derive(Debug)]
pub struct PayPalHooks<'a, S, P, C> {
    /// Storage.
    pub store: &'a S,
    /// PayPal, as the platform's app.
    pub paypal: &'a P,
    /// The time.
    pub clock: &'a C,
    /// Reads events.
    pub read: ReadEvent,
}

impl<S, P, C> PayPalHooks<'_, S, P, C>
where
    S: PayPalStore,
    P: PayPal,
    C: Clock,
{
    /// Takes a webhook, and says what became of it.
    ///
    /// # Errors
    /// UNAUTHORIZED when PayPal says that it is not its own, `PROVIDER_ERROR` when PayPal cannot be asked,
    /// `DB_ERROR` when it could not be kept or applied.
    pub async fn take(&self, raw: &RawWebhook) -> Result<&'static str, AppFailure> {
        let proven = self.paypal.verify(&raw.headers, &raw.body).await;
        proven.map_err(AppFailure::unanswered)?;
        let event = (self.read)(&raw.body);
        let now = self.clock.now();
        // The tenant comes from our own record of what PayPal calls the subscription, never from the body.
        let ours = match &event.subscription {
            Some(paypal) => self.store.subscription_of_paypal(paypal).await?,
            None => None,
        };
        let mut entry = entry(&event, ours.as_ref(), raw, now);
        self.store.write(&entry).await?;
        let verdict = self.apply(&event, ours.as_ref(), now).await?;
        entry.verdicts = vec![word(&event, verdict)];
        entry.tries = 1;
        if let Err(failure) = self.store.write(&entry).await {
            // The effects are stored; having it repeated would only say so again.
            error!(tenant.id = %entry.key.tenant, error = %failure, "a webhook of PayPal's was applied but its verdict was not journalled");
        }
        info!(tenant.id = %entry.key.tenant, event = event.kind.word(), verdict, "took a webhook of PayPal's");
        Ok(verdict)
    }

    async fn apply(
        &self,
        event: &PayPalEvent,
        ours: Option<&Subscription>,
        now: Timestamp,
    ) -> Result<&'static str, StoreFailure> {
        if let PayPalEventKind::GivenBack { sale } = &event.kind {
            let at = event.at.unwrap_or(now);
            telling::given_back(self.store, event, sale.as_deref(), ours, at).await?;
            return Ok("applied");
        }
        let Some(ours) = ours else {
            return Ok(match &event.kind {
                PayPalEventKind::Activated
                | PayPalEventKind::Ended
                | PayPalEventKind::PaymentFailed
                | PayPalEventKind::Paid { .. } => {
                    // The platform's account may be used for other things too.
                    warn!(
                        event = event.kind.word(),
                        "PayPal told of a subscription that is none of ours"
                    );
                    "unknown subscription"
                }
                PayPalEventKind::Created
                | PayPalEventKind::GivenBack { .. }
                | PayPalEventKind::Other { .. }
                | PayPalEventKind::Unreadable => "kept",
            });
        };
        let verdict = events::apply(self.store, event, ours, now).await?;
        // Also of a payment that was told before: whoever took it first may have died right then.
        if matches!(event.kind, PayPalEventKind::Paid { .. })
            && let Err(failure) = wake(self.store, ours.tenant, now).await
        {
            warn!(tenant.id = %ours.tenant, error = %failure, "channels of `{}` are topped up later", ours.tenant);
        }
        Ok(verdict)
    }
}

fn word(event: &PayPalEvent, verdict: &str) -> String {
    format!("paypal:{}:{verdict}", event.kind.word())
}

/// The journal's entry, under one name however often PayPal repeats the event.
fn entry(
    event: &PayPalEvent,
    ours: Option<&Subscription>,
    raw: &RawWebhook,
    now: Timestamp,
) -> JournalEntry {
    let named = !event.id.is_empty();
    let key = JournalKey {
        tenant: ours.map_or(TenantId::PLATFORM, |ours| ours.tenant),
        arrived_at: event.at.filter(|_| named).unwrap_or(now),
        id: if named {
            MessageId::parked(&event.id)
        } else {
            MessageId::fresh()
        },
    };
    JournalEntry {
        key,
        // It came to no channel.
        channel: ChannelId::from_uuid(TenantId::PLATFORM.uuid()),
        body: JournalBody::Here(raw.body.clone()),
        verdicts: vec![word(event, "taken")],
        retry_at: None,
        tries: 0,
    }
}
