//! Accepting a message: everything is checked, then everything is stored in one transaction, or
//! nothing is.

use jiff::Timestamp;
use tracing::info;

use super::{
    compose::{Manner, compose},
    from_template::Wanted,
    preflight::Reason,
};
use crate::{
    channel::Channel,
    contact::Contact,
    copy,
    failure::AppFailure,
    message::{Message, Trigger},
    ports::{
        Acceptances, Clock, Committed, Contacts, Directory, HandOver, IdempotencyRecord, Inbox,
        Lanes, Messages, OwnTemplates, ProviderTemplates,
    },
    principal::Principal,
    provider::Adapters,
    template::Warning,
};

pub use super::draft::{Draft, DraftContent, IdempotencyKey, KEY_LIFETIME};

/// What accepting needs.
#[derive(Debug)]
pub struct Accept<'a, S, L, C> {
    /// Storage.
    pub store: &'a S,
    /// The lanes.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// A thread that a message is for, read before: its channel and its person are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The channel.
    pub channel: Channel,
    /// The person.
    pub contact: Contact,
    /// Since when the person waits for an answer; none when nobody waits, or nobody answers.
    pub waits_since: Option<Timestamp>,
}

/// Who wrote a text for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A person, who sees what becomes of it: never retried by itself and never mailed about (S4.53).
    Person,
    /// The company's rule for whoever writes. Nobody watches, so it is treated like everything that is
    /// sent by itself.
    Rule,
}

impl Author {
    const fn manner(self) -> (Trigger, Manner) {
        let (trigger, retry, action) = match self {
            Self::Person => (Trigger::Manual, false, "send_attempt"),
            Self::Rule => (Trigger::Auto, true, "auto_reply"),
        };
        (trigger, Manner { retry, action })
    }
}

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The message as stored.
    pub message: Message,
    /// Whether it was accepted by an earlier request with the same key.
    pub repeated: bool,
    /// What is odd about it; told once, to whoever had it accepted.
    pub warnings: Vec<Warning>,
}

impl Accepted {
    /// Whether its first attempt should be made at once: it is new, and its time has come.
    #[must_use]
    pub fn wants_attempt(&self) -> bool {
        !self.repeated && self.message.scheduled_for.is_none() && !self.message.sending.quiet
    }
}

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages + Inbox + ProviderTemplates,
    L: Lanes,
    C: Clock,
{
    /// Accepts one message: a job of one.
    ///
    /// # Errors
    /// VALIDATION with every wrong field, `NOT_FOUND` for a channel of somebody else, CONFLICT for a
    /// used key or a channel that cannot send, FORBIDDEN with its reason for a plan limit.
    pub async fn run(
        &self,
        principal: &Principal,
        draft: Draft,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, AppFailure> {
        let manner = Manner {
            retry: draft.retry,
            action: "accept",
        };
        self.accept(principal, draft, None, manner, Vec::new(), key)
            .await
    }

    /// Accepts a text for a thread.
    ///
    /// # Errors
    /// Those of [`Accept::run`].
    pub async fn run_in(
        &self,
        principal: &Principal,
        thread: Thread,
        body: String,
        author: Author,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, AppFailure> {
        let (trigger, manner) = author.manner();
        let draft = Draft {
            trigger,
            ..Draft::text(String::new(), body)
        };
        self.accept(principal, draft, Some(thread), manner, Vec::new(), key)
            .await
    }

    async fn accept(
        &self,
        principal: &Principal,
        draft: Draft,
        thread: Option<Thread>,
        manner: Manner,
        reasons: Vec<Reason>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, AppFailure> {
        let now = self.clock.now();
        if let Some(known) = self.known(principal, key, now).await? {
            return Ok(known);
        }
        let checked = self.check(principal, draft, thread, reasons, now).await?;
        let acceptance = compose(principal, checked, manner, key, now);
        match self.store.commit(&acceptance).await? {
            Committed::Done => {
                let mut message = acceptance.message;
                message.version = 1;
                info!(
                    message.id = %message.id, tenant.id = %message.tenant, job.id = %message.job,
                    "accepted message `{}`", message.id
                );
                Ok(Accepted {
                    message,
                    repeated: false,
                    warnings: Vec::new(),
                })
            }
            Committed::Repeated(record) => match key {
                Some(key) => self.repeat(principal, key, &record).await,
                None => Err(AppFailure::unknown("a key was repeated that nobody gave")),
            },
            Committed::LimitReached => {
                Err(self.limit_reached(principal, &acceptance.message).await?)
            }
        }
    }

    /// What was accepted under this key before.
    async fn known(
        &self,
        principal: &Principal,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Option<Accepted>, AppFailure> {
        let Some(key) = key else {
            return Ok(None);
        };
        // Reading first spares the ten checks and a whole refused transaction; the transaction still
        // decides.
        let record = self
            .store
            .repeated(principal.tenant(), &key.key, now)
            .await?;
        match record {
            Some(record) => self.repeat(principal, key, &record).await.map(Some),
            None => Ok(None),
        }
    }

    /// Hands a message to its lane; a hand-over that fails is made up for by the sweep.
    pub async fn hand_over(&self, message: &Message) {
        let channel = match self.store.channel(message.tenant, message.channel).await {
            Ok(Some(channel)) => channel,
            Ok(None) => return,
            Err(failure) => {
                tracing::warn!(message.id = %message.id, error = %failure, "no hand-over of `{}`; the sweep makes up for it", message.id);
                return;
            }
        };
        if let Err(failure) = self
            .lanes
            .hand_over(&HandOver::message(message, &channel))
            .await
        {
            tracing::warn!(message.id = %message.id, error = %failure, "no hand-over of `{}`; the sweep makes up for it", message.id);
        }
    }

    async fn repeat(
        &self,
        principal: &Principal,
        key: &IdempotencyKey,
        record: &IdempotencyRecord,
    ) -> Result<Accepted, AppFailure> {
        if record.request != key.request {
            return Err(AppFailure::conflict(
                "This Idempotency-Key was used with another body. Use a new key for a new message.",
            )
            .with_detail("reason", "IDEMPOTENCY_KEY_REUSED"));
        }
        let message = self
            .store
            .message(principal.tenant(), record.message)
            .await?;
        message
            .map(|message| Accepted {
                message,
                repeated: true,
                warnings: Vec::new(),
            })
            .ok_or_else(|| AppFailure::unknown("an idempotency record without its message"))
    }

    async fn limit_reached(
        &self,
        principal: &Principal,
        message: &Message,
    ) -> Result<AppFailure, AppFailure> {
        let tenant = self.store.tenant(principal.tenant()).await?;
        let resets = tenant.as_ref().and_then(|t| t.day_after(message.usage_day));
        let limit = tenant.and_then(|t| t.plan).map(|p| p.daily_messages);
        let mut failure =
            AppFailure::forbidden(copy::LIMIT_NOTE).with_detail("reason", "DAILY_LIMIT");
        if let Some(limit) = limit {
            failure = failure.with_detail("limit", limit.to_string());
        }
        if let Some(resets) = resets {
            failure = failure.with_detail("resets_at", resets.to_string());
        }
        Ok(failure)
    }
}

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages + Inbox + ProviderTemplates + OwnTemplates,
    L: Lanes,
    C: Clock,
{
    /// Accepts one message, also one that is made from a template of the company's own: its text is
    /// frozen here, whatever becomes of the template.
    ///
    /// # Errors
    /// Those of [`Accept::run`], with every value that is missing among the fields; `NOT_FOUND` for a
    /// template of somebody else, CONFLICT for one that is switched off.
    pub async fn run_wanted(
        &self,
        principal: &Principal,
        wanted: Wanted,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, AppFailure> {
        // The template may be gone since the first time.
        if let Some(known) = self.known(principal, key, self.clock.now()).await? {
            return Ok(known);
        }
        let made = wanted.made(self.store, principal.tenant()).await?;
        let manner = Manner {
            retry: made.draft.retry,
            action: "accept",
        };
        let mut accepted = self
            .accept(principal, made.draft, None, manner, made.reasons, key)
            .await?;
        if !accepted.repeated {
            accepted.warnings = made.warnings;
        }
        Ok(accepted)
    }
}
