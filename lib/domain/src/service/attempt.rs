//! One attempt of one message: claim by one conditional write, call the provider once, record.

use jiff::Timestamp;
use tracing::{error, warn};

use super::{
    facts, outcomes,
    readiness::{Kit, Stop},
    reconcile::Lookup,
    rows,
};
use crate::{
    channel::AuthStatus,
    failure::{ProviderFailure, StoreFailure},
    ids::{MessageId, TenantId},
    message::{AttemptNumber, Message, Outcome, Phase, Refused},
    notice::Notice,
    ports::{
        Clock, Contacts, Directory, Gate, HandOver, Inbox, Invoices, Lanes, Messages, Pointed,
        Pointers, ProviderTemplates, Rows, Saved, Vault,
    },
    provider::Adapters,
    webhook::{CallbackToken, Pointer},
};

/// What an attempt needs.
#[derive(Debug)]
pub struct Attempt<'a, S, V, G, L, C> {
    /// Storage.
    pub store: &'a S,
    /// Opens channel tokens.
    pub vault: &'a V,
    /// Reaches providers.
    pub gate: &'a G,
    /// The lanes, for notices.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// What working on a message came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// The provider was called.
    Attempted(Box<Message>),
    /// An unknown outcome was looked up.
    Reconciled(Box<Message>),
    /// The provider was asked for the status.
    Polled(Box<Message>),
    /// Nothing was to be done, and why.
    Nothing(Refused),
    /// Its job is paused or cancelled.
    Held,
    /// Somebody else claimed it first.
    Raced,
    /// There is no such message.
    Missing,
}

impl<S, V, G, L, C> Attempt<'_, S, V, G, L, C>
where
    S: Directory + Contacts + Messages + Pointers + Inbox + ProviderTemplates + Rows + Invoices,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    /// Does what a message wants now: its next attempt, the look-up of an unknown outcome, or asking
    /// for a status that does not come by itself.
    /// Calling it again, or twice at once, is harmless.
    ///
    /// # Errors
    /// Storage failures; the message is then found again by its due time.
    pub async fn run(&self, tenant: TenantId, id: MessageId) -> Result<Worked, StoreFailure> {
        let Some(message) = self.store.message(tenant, id).await? else {
            return Ok(Worked::Missing);
        };
        match message.sending.phase {
            Phase::Unknown { .. } => self.reconcile(message).await,
            Phase::Ready { .. } => self.attempt(message).await,
            Phase::Calling { .. } => Ok(Worked::Nothing(Refused::InFlight)),
            Phase::Accepted if message.wants_poll() && message.may_poll(self.clock.now()) => {
                self.poll(message).await
            }
            Phase::Accepted => Ok(Worked::Nothing(Refused::AlreadySent)),
            Phase::Failed => Ok(Worked::Nothing(Refused::Failed)),
            Phase::Cancelled => Ok(Worked::Nothing(Refused::Cancelled)),
        }
    }

    async fn attempt(&self, mut message: Message) -> Result<Worked, StoreFailure> {
        let kit = match self.ready(&message).await? {
            Ok(kit) => kit,
            Err(Stop::Refuse(code, reason)) => return self.refuse(message, code, reason).await,
            Err(Stop::Quiet(until)) => return self.hold(message, until).await,
            Err(Stop::Hold) => return Ok(Worked::Held),
            Err(Stop::Paid) => return self.paid(message).await,
        };
        let attempt = match message.claim(self.clock.now()) {
            Ok(attempt) => attempt,
            Err(refused) => return Ok(Worked::Nothing(refused)),
        };
        if self.store.save(&mut message, None).await? == Saved::Stale {
            return Ok(Worked::Raced);
        }
        let here = Pointer {
            message: message.id,
            attempt,
        };
        let (outcome, failure) = self.call(kit, here).await;
        outcomes::tell(&message, attempt, &outcome, failure.as_ref());
        let message = self.record(&message, attempt, outcome).await?;
        if matches!(&failure, Some(ProviderFailure::Rejected { code, .. }) if code == "CHANNEL_UNAUTHORIZED")
        {
            self.store
                .channel_auth(
                    message.tenant,
                    message.channel,
                    AuthStatus::Disconnected,
                    self.clock.now(),
                )
                .await?;
        }
        Ok(Worked::Attempted(Box::new(message)))
    }

    /// Puts a message off to the end of the recipient's quiet hours.
    async fn hold(&self, mut message: Message, until: Timestamp) -> Result<Worked, StoreFailure> {
        if message.hold(until, self.clock.now())
            && self.store.save(&mut message, None).await? == Saved::Stale
        {
            return Ok(Worked::Raced);
        }
        Ok(Worked::Nothing(Refused::TooEarly))
    }

    /// Ends a message that must not be sent any more, without a call.
    async fn refuse(
        &self,
        mut message: Message,
        code: &str,
        reason: String,
    ) -> Result<Worked, StoreFailure> {
        let now = self.clock.now();
        let was_dead = message.is_dead();
        let attempt = match message.claim(now) {
            Ok(attempt) => attempt,
            Err(refused) => return Ok(Worked::Nothing(refused)),
        };
        let outcome = Outcome::Refused {
            code: code.to_owned(),
            reason,
        };
        message.record(attempt, outcome, now);
        let notice = Notice::called_for(was_dead, &message, now);
        if self.store.save(&mut message, notice.as_ref()).await? == Saved::Stale {
            return Ok(Worked::Raced);
        }
        self.announce(&message, notice).await;
        Ok(Worked::Attempted(Box::new(message)))
    }

    async fn call(&self, kit: Kit, here: Pointer) -> (Outcome, Option<ProviderFailure>) {
        let adapter = (self.adapters)(kit.channel.provider);
        // The stored request with what brings this attempt's statuses back, should its answer be lost.
        let request = adapter.stamp(
            kit.payload.request,
            &CallbackToken::seal(&kit.channel, here),
        );
        let answer = self
            .gate
            .exchange(&kit.channel, &kit.token, &request)
            .await
            .and_then(|response| adapter.read_send(&response));
        match answer {
            Ok(receipt) => (
                Outcome::Accepted {
                    provider_id: receipt.provider_id,
                },
                None,
            ),
            Err(failure) => (outcomes::of(&failure, self.clock.now()), Some(failure)),
        }
    }

    /// Pointer first, then the fact: a status that arrives in between finds the pointer.
    async fn record(
        &self,
        message: &Message,
        attempt: AttemptNumber,
        mut outcome: Outcome,
    ) -> Result<Message, StoreFailure> {
        let mut early = Vec::new();
        if let Outcome::Accepted {
            provider_id: Some(provider_id),
        } = &outcome
        {
            let here = Pointer {
                message: message.id,
                attempt,
            };
            let pointed = self
                .store
                .point(message.tenant, message.channel, provider_id, here)
                .await?;
            match pointed {
                Pointed::Here => {
                    early = self
                        .store
                        .parked(message.tenant, message.channel, provider_id)
                        .await?;
                }
                Pointed::Elsewhere(other) => {
                    error!(
                        message.id = %message.id, other.id = %other.message,
                        "the provider gave `{}` an id that belongs to `{}`", message.id, other.message
                    );
                    outcome = Outcome::Accepted { provider_id: None };
                }
            }
        }
        let now = self.clock.now();
        let mut was_dead = false;
        let saved = facts::update(self.store, message.tenant, message.id, now, |message| {
            was_dead = message.is_dead();
            let mut changed = message.record(attempt, outcome.clone(), now);
            for observed in &early {
                changed |= message.observe(observed.clone().of_attempt(attempt), now);
            }
            changed
        })
        .await?;
        let Some((message, _)) = saved else {
            return Ok(message.clone());
        };
        let notice = Notice::called_for(was_dead, &message, now);
        self.announce(&message, notice).await;
        Ok(message)
    }

    /// Puts a stored notice into its mail lane; the sweep makes up for a lost hand-over.
    pub(super) async fn announce(&self, message: &Message, notice: Option<Notice>) {
        let Some(notice) = notice else { return };
        let hand_over = HandOver::notice(&notice.key, self.clock.now());
        if let Err(failure) = self.lanes.hand_over(&hand_over).await {
            warn!(message.id = %message.id, error = %failure, "no hand-over of the notice of `{}`; the sweep makes up for it", message.id);
        }
    }

    async fn reconcile(&self, message: Message) -> Result<Worked, StoreFailure> {
        let attempt = message.sending.attempt;
        let Phase::Unknown { since } = message.sending.phase else {
            return Ok(Worked::Raced);
        };
        let channel = self.store.channel(message.tenant, message.channel).await?;
        let payload = rows::payload(self.store, self.adapters, &message).await?;
        let lookup = match (channel, payload) {
            (Some(channel), Some(payload)) => {
                let token = self.vault.token(&channel).await?;
                Lookup {
                    store: self.store,
                    gate: self.gate,
                    adapter: (self.adapters)(channel.provider),
                    channel,
                    token,
                    payload,
                }
                .run(&message, since)
                .await?
            }
            _ => super::reconcile::LookedUp::no_proof(),
        };
        let now = self.clock.now();
        let mut was_dead = false;
        let saved = facts::update(self.store, message.tenant, message.id, now, |message| {
            was_dead = message.is_dead();
            let mut changed = message.resolve(attempt, lookup.finding.clone(), now);
            for observed in &lookup.early {
                changed |= message.observe(observed.clone().of_attempt(attempt), now);
            }
            changed
        })
        .await?;
        let Some((message, _)) = saved else {
            return Ok(Worked::Missing);
        };
        let notice = Notice::called_for(was_dead, &message, now);
        self.announce(&message, notice).await;
        Ok(Worked::Reconciled(Box::new(message)))
    }
}
