//! A store that reads what is there and keeps what is written to itself: the shadow a journal is folded
//! into.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::{
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ConversationId, MessageId, TenantId},
    message::{Facts, FailureOrigin, InboundMessage, MediaCopy, Message, Payload},
    notice::Notice,
    ports::{
        AuditEntry, Clock, HandOver, Inbox, Lanes, Messages, Pointed, Pointers, Received,
        Reception, Saved,
    },
    webhook::{Observed, Pointer},
};

/// The shadow over a store.
pub(super) struct Shadow<'a, S> {
    pub(super) store: &'a S,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    messages: HashMap<MessageId, Message>,
    pointers: HashMap<(ChannelId, String), Pointer>,
    parked: HashMap<(ChannelId, String), Vec<Observed>>,
    received: HashSet<MessageId>,
    missing: Vec<String>,
}

/// The time of the webhook that is being folded.
pub(super) struct Moment(Mutex<Timestamp>);

impl Moment {
    pub(super) const fn at(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    pub(super) fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for Moment {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing is handed over in a replay.
pub(super) struct NoLanes;

impl Lanes for NoLanes {
    async fn hand_over(&self, _hand_over: &HandOver) -> Result<(), StoreFailure> {
        Ok(())
    }
}

/// A message as if no webhook had ever told anything of it.
fn untold(mut message: Message) -> Message {
    let facts = &mut message.facts;
    facts.sent.clear();
    facts.delivered = None;
    facts.read = None;
    facts.reply = None;
    facts
        .failed
        .retain(|_, failure| failure.origin == FailureOrigin::Ourselves);
    message
}

impl<'a, S> Shadow<'a, S> {
    pub(super) fn over(store: &'a S) -> Self {
        Self {
            store,
            kept: Mutex::default(),
        }
    }

    fn kept<T>(&self, with: impl FnOnce(&mut Kept) -> T) -> T {
        with(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the journal tells of a message.
    pub(super) fn folded(&self, stored: &Message) -> Facts {
        self.kept(|kept| kept.messages.get(&stored.id).map(|m| m.facts.clone()))
            .unwrap_or_else(|| untold(stored.clone()).facts)
    }

    /// Whether the journal brought this message.
    pub(super) fn received(&self, id: MessageId) -> bool {
        self.kept(|kept| kept.received.contains(&id))
    }

    /// What the journal brought and is not stored, or stored otherwise.
    pub(super) fn missing(&self) -> Vec<String> {
        self.kept(|kept| std::mem::take(&mut kept.missing))
    }
}

impl<S: Messages> Messages for Shadow<'_, S> {
    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreFailure> {
        if let Some(known) = self.kept(|kept| kept.messages.get(&id).cloned()) {
            return Ok(Some(known));
        }
        Ok(self.store.message(tenant, id).await?.map(untold))
    }

    async fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Payload>, StoreFailure> {
        self.store.payload(tenant, id).await
    }

    async fn save(
        &self,
        message: &mut Message,
        _notice: Option<&Notice>,
    ) -> Result<Saved, StoreFailure> {
        Ok(self.kept(|kept| {
            // Items are folded side by side: the version decides here too.
            let stale = kept
                .messages
                .get(&message.id)
                .is_some_and(|known| known.version != message.version);
            if stale {
                return Saved::Stale;
            }
            message.version += 1;
            kept.messages.insert(message.id, message.clone());
            Saved::Done
        }))
    }

    async fn withdraw(
        &self,
        message: &mut Message,
        _audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.save(message, None).await
    }

    async fn save_audited(
        &self,
        message: &mut Message,
        _audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.save(message, None).await
    }
}

impl<S: Pointers> Pointers for Shadow<'_, S> {
    async fn pointer(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Option<Pointer>, StoreFailure> {
        let own = (channel, provider_id.to_owned());
        if let Some(known) = self.kept(|kept| kept.pointers.get(&own).copied()) {
            return Ok(Some(known));
        }
        self.store.pointer(tenant, channel, provider_id).await
    }

    async fn point(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        to: Pointer,
    ) -> Result<Pointed, StoreFailure> {
        if let Some(known) = self.pointer(tenant, channel, provider_id).await? {
            return Ok(if known == to {
                Pointed::Here
            } else {
                Pointed::Elsewhere(known)
            });
        }
        let own = (channel, provider_id.to_owned());
        self.kept(|kept| kept.pointers.insert(own, to));
        Ok(Pointed::Here)
    }

    async fn park(
        &self,
        _tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        observed: &Observed,
        _now: Timestamp,
    ) -> Result<(), StoreFailure> {
        let own = (channel, provider_id.to_owned());
        self.kept(|kept| kept.parked.entry(own).or_default().push(observed.clone()));
        Ok(())
    }

    async fn parked(
        &self,
        _tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Vec<Observed>, StoreFailure> {
        let own = (channel, provider_id.to_owned());
        Ok(self.kept(|kept| kept.parked.get(&own).cloned().unwrap_or_default()))
    }
}

impl<S: Inbox> Inbox for Shadow<'_, S> {
    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        self.store.conversation(tenant, id).await
    }

    async fn receive(&self, reception: &Reception) -> Result<Received, StoreFailure> {
        let new = &reception.message;
        let stored = self.store.inbound(new.tenant, new.id).await?;
        Ok(self.kept(|kept| {
            kept.received.insert(new.id);
            let Some(stored) = stored else {
                let line = format!("inbound {}: in the journal, but not stored", new.id);
                kept.missing.push(line);
                return Received::New;
            };
            let same = stored.at == new.at
                && stored.content == new.content
                && stored.from_us == new.from_us
                && stored.provider_id == new.provider_id;
            if !same {
                let line = format!("inbound {}: stored otherwise than it came", new.id);
                kept.missing.push(line);
            }
            // How it was understood when it came counts: the open prompt may have changed since.
            Received::Duplicate(Box::new(stored))
        }))
    }

    async fn inbound(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<InboundMessage>, StoreFailure> {
        self.store.inbound(tenant, id).await
    }

    async fn move_copy(
        &self,
        _message: &InboundMessage,
        _to: &MediaCopy,
        _due: Option<Timestamp>,
    ) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }
}
