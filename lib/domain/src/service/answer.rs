//! The automatic answer: at most once in 24 hours for each conversation, accepted like any message.

use jiff::SignedDuration;
use tracing::{info, warn};

use super::{
    accept::{Accept, Author, IdempotencyKey, Thread},
    ingest::{Ingest, IngestStore},
    writers::consent_of,
};
use crate::{
    channel::Channel,
    failure::StoreFailure,
    message::InboundMessage,
    ports::{Clock, Files, Lanes},
    principal::Principal,
};

/// How long nobody is answered again.
const ONCE_IN: SignedDuration = SignedDuration::from_hours(24);

/// An answer that comes later than this after the message would only confuse.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Answers by itself if the tenant wants that. The idempotency key of the conversation is what
    /// makes it once in 24 hours, in the same transaction as the answer.
    pub(super) async fn auto_reply(
        &self,
        channel: &Channel,
        message: &InboundMessage,
    ) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let late = message.at + FRESH < now || message.arrived_at + FRESH < now;
        if message.from_us || late || !message.content.counts_unread() {
            return Ok(());
        }
        // Whoever asks for no more messages is not sent one for it.
        if consent_of(&message.content.preview()).is_some() {
            return Ok(());
        }
        let Some(tenant) = self.store.tenant(channel.tenant).await? else {
            return Ok(());
        };
        let Some(text) = tenant.settings.answer().map(str::to_owned) else {
            return Ok(());
        };
        let contact = self
            .store
            .contact_by_id(channel.tenant, message.contact)
            .await?;
        let Some(contact) = contact else {
            return Ok(());
        };
        let accept = Accept {
            store: self.store,
            lanes: self.lanes,
            clock: self.clock,
            adapters: self.adapters,
        };
        let principal = Principal::of_channel(channel);
        let conversation = message.conversation.key();
        let key = IdempotencyKey::internal("auto-reply", &conversation, ONCE_IN);
        let thread = Thread {
            channel: channel.clone(),
            contact,
            // Nobody answers: a person's answer is still to come.
            waits_since: None,
        };
        match accept
            .run_in(&principal, thread, text, Author::Rule, Some(&key))
            .await
        {
            Ok(accepted) if accepted.repeated => {}
            Ok(accepted) => accept.hand_over(&accepted.message).await,
            Err(failure) if failure.retryable() => {
                warn!(message.id = %message.id, error = %failure, "no automatic answer to `{}` now", message.id);
                return Err(StoreFailure::new(
                    "inbound.auto_reply",
                    crate::failure::StoreFailureKind::Unavailable,
                ));
            }
            // A limit, a switched-off channel, a person who stopped: no answer is right then.
            Err(failure) => {
                info!(message.id = %message.id, error = %failure, "no automatic answer to `{}`", message.id);
            }
        }
        Ok(())
    }
}
