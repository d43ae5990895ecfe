//! Applying facts to stored messages: read, merge, write if nobody else did, again if somebody did.

use jiff::Timestamp;

use crate::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, MessageId, TenantId},
    message::{Fact, Message},
    notice::Notice,
    ports::{Messages, Pointers, Saved},
    webhook::Observed,
};

/// How often a write is tried when others keep being first. Merging is commutative, so each retry
/// only re-reads.
const TRIES: u8 = 12;

/// What applying an observation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Something new was learnt.
    New,
    /// It was known.
    Known,
    /// The provider's id is not known yet; the observation waits for it.
    Parked,
    /// The pointer leads to no message.
    Orphan,
}

/// Reads a message, lets `change` alter it, and writes it when it says that something changed, with
/// the notice a terminal failure calls for. Answers the message as it then stands.
///
/// # Errors
/// Storage failures, and Conflict when others were first too often.
pub async fn update<S: Messages>(
    store: &S,
    tenant: TenantId,
    id: MessageId,
    now: Timestamp,
    mut change: impl FnMut(&mut Message) -> bool + Send,
) -> Result<Option<(Message, bool)>, StoreFailure> {
    for _ in 0..TRIES {
        let Some(mut message) = store.message(tenant, id).await? else {
            return Ok(None);
        };
        let was_dead = message.is_dead();
        if !change(&mut message) {
            return Ok(Some((message, false)));
        }
        let notice = Notice::called_for(was_dead, &message, now);
        match store.save(&mut message, notice.as_ref()).await? {
            Saved::Done => return Ok(Some((message, true))),
            Saved::Stale => {}
        }
    }
    Err(StoreFailure::new(
        "messages.update",
        StoreFailureKind::Conflict,
    ))
}

/// Applies what a webhook says of the message that the provider calls `provider_id`.
///
/// A status may come before the answer to the send. Then it is parked first and the pointer read
/// again afterwards, while the sender writes the pointer first and reads the parked ones afterwards:
/// whichever way the two interleave, at least one of them sees the other.
///
/// # Errors
/// Storage failures.
pub async fn observe<S: Messages + Pointers>(
    store: &S,
    tenant: TenantId,
    channel: ChannelId,
    provider_id: &str,
    observed: Observed,
    now: Timestamp,
) -> Result<Applied, StoreFailure> {
    let mut pointer = store.pointer(tenant, channel, provider_id).await?;
    if pointer.is_none() {
        store
            .park(tenant, channel, provider_id, &observed, now)
            .await?;
        pointer = store.pointer(tenant, channel, provider_id).await?;
    }
    let Some(pointer) = pointer else {
        return Ok(Applied::Parked);
    };
    let fact = observed.of_attempt(pointer.attempt);
    apply(store, tenant, pointer.message, fact, now).await
}

/// Adds a fact to a message.
///
/// # Errors
/// Storage failures.
pub async fn apply<S: Messages>(
    store: &S,
    tenant: TenantId,
    id: MessageId,
    fact: Fact,
    now: Timestamp,
) -> Result<Applied, StoreFailure> {
    apply_all(store, tenant, id, &[fact], now).await
}

/// Adds facts to a message in one write.
///
/// # Errors
/// Storage failures.
pub async fn apply_all<S: Messages>(
    store: &S,
    tenant: TenantId,
    id: MessageId,
    facts: &[Fact],
    now: Timestamp,
) -> Result<Applied, StoreFailure> {
    let changed = update(store, tenant, id, now, |message| {
        let mut changed = false;
        for fact in facts {
            changed |= message.observe(fact.clone(), now);
        }
        changed
    })
    .await?;
    Ok(match changed {
        None => Applied::Orphan,
        Some((_, true)) => Applied::New,
        Some((_, false)) => Applied::Known,
    })
}
