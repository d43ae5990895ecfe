//! A single send that somebody waits for: accepted, and attempted in the same breath.

use tracing::warn;

use super::{
    accept::{Accept, Accepted, Draft, IdempotencyKey},
    attempt::{Attempt, Worked},
};
use crate::{
    failure::AppFailure,
    ports::{
        Acceptances, Clock, Contacts, Directory, Gate, Inbox, Lanes, Messages, Pointers,
        ProviderTemplates, Rows, Vault,
    },
    principal::Principal,
};

/// Where the first attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstAttempt {
    /// Here: somebody waits for the outcome.
    Here,
    /// In the channel's lane.
    InLane,
}

/// Accepts a message and makes its first attempt, or hands it to its lane. Once accepted, the answer
/// is the message whatever becomes of the attempt: what failed here is found again by its due time.
///
/// # Errors
/// Those of accepting.
pub async fn send<S, V, G, L, C>(
    accept: &Accept<'_, S, L, C>,
    attempt: &Attempt<'_, S, V, G, L, C>,
    principal: &Principal,
    draft: Draft,
    key: Option<&IdempotencyKey>,
    first: FirstAttempt,
) -> Result<Accepted, AppFailure>
where
    S: Directory + Contacts + Acceptances + Messages + Pointers + Inbox + ProviderTemplates + Rows,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    let mut accepted = accept.run(principal, draft, key).await?;
    if !accepted.wants_attempt() {
        return Ok(accepted);
    }
    match first {
        FirstAttempt::InLane => accept.hand_over(&accepted.message).await,
        FirstAttempt::Here => {
            let id = accepted.message.id;
            match attempt.run(principal.tenant(), id).await {
                Ok(
                    Worked::Attempted(message)
                    | Worked::Reconciled(message)
                    | Worked::Polled(message),
                ) => accepted.message = *message,
                Ok(Worked::Nothing(_) | Worked::Held | Worked::Raced | Worked::Missing) => {}
                Err(failure) => {
                    warn!(message.id = %id, error = %failure, "the first attempt of `{id}` broke off; the sweep makes up for it");
                }
            }
        }
    }
    Ok(accepted)
}
