//! Asking a provider for the status of a message, where statuses do not come by webhook. What comes of
//! it is merged like any webhook; asking twice or late changes nothing.

use tracing::info;

use super::{
    attempt::{Attempt, Worked},
    facts,
    ingest::observed,
};
use crate::{
    failure::StoreFailure,
    message::Message,
    notice::Notice,
    ports::{
        Clock, Contacts, Directory, Gate, Inbox, Lanes, Messages, Pointers, ProviderTemplates,
        Rows, Vault,
    },
    provider::Observation,
};

impl<S, V, G, L, C> Attempt<'_, S, V, G, L, C>
where
    S: Directory + Contacts + Messages + Pointers + Inbox + ProviderTemplates + Rows,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    pub(super) async fn poll(&self, message: Message) -> Result<Worked, StoreFailure> {
        let attempt = message.sending.attempt;
        let seen = self.ask(&message).await?;
        let now = self.clock.now();
        let mut was_dead = false;
        let saved = facts::update(self.store, message.tenant, message.id, now, |message| {
            was_dead = message.is_dead();
            let mut changed = false;
            for one in &seen {
                if let Some(observed) = observed(one.status.clone(), one.at.unwrap_or(now).min(now))
                {
                    changed |= message.observe(observed.of_attempt(attempt), now);
                }
            }
            message.polled(now) || changed
        })
        .await?;
        let Some((message, _)) = saved else {
            return Ok(Worked::Missing);
        };
        let notice = Notice::called_for(was_dead, &message, now);
        self.announce(&message, notice).await;
        Ok(Worked::Polled(Box::new(message)))
    }

    /// What the provider knows; nothing when it cannot be asked now.
    async fn ask(&self, message: &Message) -> Result<Vec<Observation>, StoreFailure> {
        let accepted = message.facts.accepted.get(&message.sending.attempt);
        let id = accepted.and_then(|accepted| accepted.provider_id.as_deref());
        let channel = self.store.channel(message.tenant, message.channel).await?;
        let (Some(id), Some(channel)) = (id, channel) else {
            return Ok(Vec::new());
        };
        let adapter = (self.adapters)(channel.provider);
        let Ok(request) = adapter.build_status(&channel, id) else {
            return Ok(Vec::new());
        };
        let token = self.vault.token(&channel).await?;
        let answer = self
            .gate
            .exchange(&channel, &token, &request)
            .await
            .and_then(|response| adapter.read_status(&response));
        Ok(answer.unwrap_or_else(|failure| {
            info!(message.id = %message.id, error = %failure, "the status of `{}` was not told", message.id);
            Vec::new()
        }))
    }
}
