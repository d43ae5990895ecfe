//! What people do to a message that was accepted: retry it, cancel it.

use jiff::Timestamp;
use tracing::info;

use crate::{
    failure::AppFailure,
    ids::MessageId,
    message::{Message, Refused, Trigger},
    ports::{AuditEntry, Clock, Messages, Saved},
    principal::{Action, Principal, Role},
};

/// Whether this person may have this message tried again now (S1.115).
#[must_use]
pub fn can_retry(principal: &Principal, message: &Message, now: Timestamp) -> bool {
    Action::Retry.allows(principal.role())
        && !is_anothers(principal, message)
        && message.clone().retry_by_hand(now).is_ok()
}

/// Agents answer conversations; what programmes and campaigns send is a manager's.
fn is_anothers(principal: &Principal, message: &Message) -> bool {
    principal.role() == Role::Agent && message.trigger != Trigger::Manual
}

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What changing needs.
#[derive(Debug)]
pub struct Change<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

impl<S: Messages, C: Clock> Change<'_, S, C> {
    /// Makes a failed message ready for one more attempt, now.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it has not failed, or is being tried or checked.
    pub async fn retry(&self, principal: &Principal, id: MessageId) -> Result<Message, AppFailure> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let mut message = self.find(principal, id).await?;
            if is_anothers(principal, &message) {
                return Err(AppFailure::forbidden(
                    "Agents retry only messages that people typed. Ask a manager of your company.",
                )
                .with_detail("reason", "ROLE"));
            }
            message
                .retry_by_hand(now)
                .map_err(|refused| conflict("retried", refused))?;
            let audit = self.audit(principal, "retry", id);
            if self.store.save_audited(&mut message, &audit).await? == Saved::Done {
                info!(message.id = %id, tenant.id = %principal.tenant(), "retry of message `{id}` was asked for");
                return Ok(message);
            }
        }
        Err(busy())
    }

    /// Withdraws a message nobody attempted, and gives its place in the day's limit back.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT once an attempt was made.
    pub async fn cancel(
        &self,
        principal: &Principal,
        id: MessageId,
    ) -> Result<Message, AppFailure> {
        for _ in 0..TRIES {
            let mut message = self.find(principal, id).await?;
            if message.facts.cancelled.is_some() {
                return Ok(message);
            }
            message
                .cancel(self.clock.now())
                .map_err(|refused| conflict("cancelled", refused))?;
            let audit = self.audit(principal, "cancel", id);
            if self.store.withdraw(&mut message, &audit).await? == Saved::Done {
                info!(message.id = %id, tenant.id = %principal.tenant(), "message `{id}` was cancelled");
                return Ok(message);
            }
        }
        Err(busy())
    }

    async fn find(&self, principal: &Principal, id: MessageId) -> Result<Message, AppFailure> {
        self.store
            .message(principal.tenant(), id)
            .await?
            .ok_or_else(|| AppFailure::not_found("There is no such message."))
    }

    fn audit(&self, principal: &Principal, action: &'static str, id: MessageId) -> AuditEntry {
        AuditEntry::new(principal.user(), "messages", action, id, self.clock.now())
    }
}

fn conflict(verb: &str, refused: Refused) -> AppFailure {
    let reason = match refused {
        Refused::TooEarly => "NOT_FAILED",
        Refused::InFlight => "IN_FLIGHT",
        Refused::OutcomeUnknown => "OUTCOME_UNKNOWN",
        Refused::AlreadySent => "ALREADY_SENT",
        Refused::Failed => "FAILED",
        Refused::Cancelled => "CANCELLED",
        Refused::Attempted => "ATTEMPTED",
    };
    let why = match refused {
        Refused::TooEarly => "it has not failed and is waiting for its time".to_owned(),
        Refused::InFlight
        | Refused::OutcomeUnknown
        | Refused::AlreadySent
        | Refused::Failed
        | Refused::Cancelled
        | Refused::Attempted => refused.to_string(),
    };
    AppFailure::conflict(format!("The message cannot be {verb}: {why}."))
        .with_detail("reason", reason)
}

fn busy() -> AppFailure {
    AppFailure::conflict("The message is changing right now. Please try again in a moment.")
        .with_detail("reason", "BUSY")
}
