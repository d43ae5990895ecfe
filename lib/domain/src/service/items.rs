//! The items of a webhook, each applied by itself.

use jiff::{SignedDuration, Timestamp};

use super::{
    facts::{self, Applied},
    ingest::{Came, Ingest, IngestStore, observed, plausible},
};
use crate::{
    channel::{AuthStatus, Channel, HealthNote},
    failure::StoreFailure,
    message::Fact,
    ports::{Clock, Files, Lanes, Pointed},
    provider::{AccountItem, Item, StatusItem},
    webhook::{CallbackToken, Observed, Pointer},
};

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Applies one item to one channel; answers with a word for the journal.
    pub(super) async fn apply(
        &self,
        channel: &Channel,
        item: Item,
        came: Came,
    ) -> Result<String, StoreFailure> {
        let now = came.at;
        // What is signed without a time can be replayed for ever; nothing older than the provider's own
        // retries can be news.
        let replayed = |at: Timestamp| {
            let days = came.horizon;
            let days = days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
            days.is_some_and(|days| at.saturating_add(days).is_ok_and(|last| last < now))
        };
        match item {
            Item::Status(status) if replayed(status.at) => Ok("refused:too old".into()),
            Item::Inbound(inbound) if replayed(inbound.at) => Ok("refused:too old".into()),
            Item::Echo(echo) if replayed(echo.at) => Ok("refused:too old".into()),
            Item::Preference(said) if replayed(said.at) => Ok("refused:too old".into()),
            Item::Status(mut status) => {
                status.at = plausible(status.at, now);
                self.status(channel, status).await
            }
            Item::Inbound(mut inbound) => {
                inbound.at = plausible(inbound.at, now);
                self.inbound(channel, *inbound, now).await
            }
            Item::Echo(mut echo) => {
                echo.at = plausible(echo.at, now);
                self.echo(channel, *echo, now).await
            }
            Item::Channel(change) => self.channel_changed(channel, change, now).await,
            Item::Template(change) => {
                let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
                self.store
                    .note_template(channel.tenant, account, &change, now)
                    .await?;
                Ok(format!("template:{}", short(&change.name)))
            }
            Item::Account(change) => self.account_changed(channel, change, now).await,
            Item::Preference(mut said) => {
                said.at = plausible(said.at, now);
                self.preference(channel, said).await
            }
            Item::Identity(identity) => self.identity(channel, identity).await,
            Item::Ignored { .. } | Item::Unreadable { .. } => Ok(idle(&item).unwrap_or_default()),
        }
    }

    async fn account_changed(
        &self,
        channel: &Channel,
        change: AccountItem,
        now: Timestamp,
    ) -> Result<String, StoreFailure> {
        let note = HealthNote {
            word: change.word.clone(),
            detail: change.detail,
            at: now,
        };
        self.store
            .note_health(channel.tenant, channel.id, &note)
            .await?;
        if change.stops {
            self.store
                .channel_auth(channel.tenant, channel.id, AuthStatus::Disconnected, now)
                .await?;
        }
        Ok(format!("account:{}", short(&change.word)))
    }

    async fn status(&self, channel: &Channel, item: StatusItem) -> Result<String, StoreFailure> {
        let token = item.token.as_deref();
        let named = token.and_then(|token| CallbackToken::open(channel, token));
        match (named, observed(item.status.clone(), item.at)) {
            (Some(named), observed) => self.named(channel, &item, named, observed).await,
            (None, Some(observed)) => self.observe(channel, &item.provider_id, observed).await,
            (None, None) => Ok("ignored:status".into()),
        }
    }

    /// A status that brings our own word for its message: that is the answer to the send, should the
    /// answer itself be lost. As the sender does: pointer first, then what waited for it, then one write
    /// of the message. Whether the answer is known is asked of the message, not of the pointer: somebody
    /// may have died in between.
    async fn named(
        &self,
        channel: &Channel,
        item: &StatusItem,
        named: Pointer,
        observed: Option<Observed>,
    ) -> Result<String, StoreFailure> {
        let (tenant, id) = (channel.tenant, item.provider_id.as_str());
        let pointer = match self.store.pointer(tenant, channel.id, id).await? {
            Some(pointer) => pointer,
            None => match self.store.point(tenant, channel.id, id, named).await? {
                Pointed::Here => named,
                Pointed::Elsewhere(other) => other,
            },
        };
        let attempt = pointer.attempt;
        let Some(message) = self.store.message(tenant, pointer.message).await? else {
            return Ok(word(Applied::Orphan).into());
        };
        let answer = message.facts.accepted.get(&attempt);
        let known = answer.is_some_and(|answer| answer.provider_id.is_some());
        let mut news = Vec::new();
        if pointer == named || !known {
            // Every one of them, so that the earliest counts whichever comes first.
            news.push(Fact::Accepted {
                attempt,
                at: item.at,
                provider_id: Some(item.provider_id.clone()),
            });
        }
        if !known {
            let waiting = self.store.parked(tenant, channel.id, id).await?;
            news.extend(waiting.into_iter().map(|seen| seen.of_attempt(attempt)));
        }
        news.extend(observed.map(|seen| seen.of_attempt(attempt)));
        let now = self.clock.now();
        let applied = facts::apply_all(self.store, tenant, message.id, &news, now).await?;
        Ok(word(applied).into())
    }

    pub(super) async fn observe(
        &self,
        channel: &Channel,
        provider_id: &str,
        observed: Observed,
    ) -> Result<String, StoreFailure> {
        let now = self.clock.now();
        let applied = facts::observe(
            self.store,
            channel.tenant,
            channel.id,
            provider_id,
            observed,
            now,
        )
        .await?;
        Ok(word(applied).into())
    }
}

const fn word(applied: Applied) -> &'static str {
    match applied {
        Applied::New => "applied",
        Applied::Known => "duplicate",
        Applied::Parked => "parked",
        Applied::Orphan => "orphan",
    }
}

/// The word for an item that means nothing, whomever it is for.
pub(super) fn idle(item: &Item) -> Option<String> {
    match item {
        Item::Ignored { name } => Some(format!("ignored:{}", short(name))),
        Item::Unreadable { why } => Some(format!("unreadable:{}", short(why))),
        Item::Status(_)
        | Item::Inbound(_)
        | Item::Echo(_)
        | Item::Channel(_)
        | Item::Template(_)
        | Item::Account(_)
        | Item::Preference(_)
        | Item::Identity(_) => None,
    }
}

/// Provider words end up in verdicts: short and printable.
pub(super) fn short(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(super) fn cut(title: &str) -> String {
    title.trim().chars().take(60).collect()
}
