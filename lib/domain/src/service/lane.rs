//! Work that comes out of a lane: attempts, look-ups and notices, at the lane's pace.

use super::{
    attempt::{Attempt, Worked},
    notify::Notify,
};
use crate::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    ports::{
        Clock, Contacts, Directory, Gate, Lanes, Mailer, Messages, Notices, Pacer, Pointers, Task,
        Vault,
    },
};

/// What working on lanes needs.
#[derive(Debug)]
pub struct Lane<'a, S, V, G, L, M, C, P> {
    /// For messages.
    pub attempt: Attempt<'a, S, V, G, L, C>,
    /// For notices.
    pub notify: Notify<'a, S, M, C>,
    /// Keeps the pace.
    pub pacer: &'a P,
}

impl<S, V, G, L, M, C, P> Lane<'_, S, V, G, L, M, C, P>
where
    S: Directory + Contacts + Messages + Pointers + Notices,
    V: Vault,
    G: Gate,
    L: Lanes,
    M: Mailer,
    C: Clock,
    P: Pacer,
{
    /// Does one task. A task that comes again, or twice at once, does nothing twice.
    ///
    /// # Errors
    /// Storage failures; the task should be delivered again.
    pub async fn work(&self, task: &Task) -> Result<(), StoreFailure> {
        match task {
            Task::Notice(key) => self.notify.run(key).await,
            Task::Message(tenant, id) => self.message(*tenant, *id).await,
        }
    }

    async fn message(&self, tenant: TenantId, id: MessageId) -> Result<(), StoreFailure> {
        let began = self.attempt.clock.now();
        let worked = self.attempt.run(tenant, id).await?;
        let (Worked::Attempted(message) | Worked::Reconciled(message)) = worked else {
            return Ok(());
        };
        // One worker at a time has a lane, so waiting out the gap after each call is all the pacing
        // there is: no shared counter, no leased tokens.
        let Some(channel) = self.attempt.store.channel(tenant, message.channel).await? else {
            return Ok(());
        };
        let spent = self.attempt.clock.now().duration_since(began).as_millis();
        let spent = u64::try_from(spent).unwrap_or(0);
        self.pacer
            .wait(channel.pace.gap_millis().saturating_sub(spent))
            .await;
        Ok(())
    }
}
