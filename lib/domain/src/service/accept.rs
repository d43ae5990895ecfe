//! Accepting a message: everything is checked, then everything is stored in one transaction, or
//! nothing is.

use jiff::Timestamp;
use tracing::info;

use super::{
    compose::{Checked, compose},
    preflight::{self, Reason},
};
use crate::{
    contact::{Alias, Contact},
    copy,
    failure::{AppFailure, FieldProblem},
    ids::ChannelId,
    message::{Content, Message},
    phone::PhoneNumber,
    ports::{
        Acceptances, Clock, Committed, Contacts, Directory, HandOver, IdempotencyRecord, Lanes,
        Messages,
    },
    principal::Principal,
    provider::Adapters,
};

pub use super::{
    compose::KEY_LIFETIME,
    draft::{Draft, DraftContent, IdempotencyKey},
};

/// The furthest a message may be scheduled ahead.
const FURTHEST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 366);

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

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The message as stored.
    pub message: Message,
    /// Whether it was accepted by an earlier request with the same key.
    pub repeated: bool,
}

impl Accepted {
    /// Whether its first attempt should be made at once: it is new, and its time has come.
    #[must_use]
    pub fn wants_attempt(&self) -> bool {
        !self.repeated && self.message.scheduled_for.is_none()
    }
}

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages,
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
        let now = self.clock.now();
        if let Some(key) = key {
            // Reading first spares the ten checks and a whole refused transaction; the transaction
            // still decides.
            let known = self
                .store
                .repeated(principal.tenant(), &key.key, now)
                .await?;
            if let Some(record) = known {
                return self.repeat(principal, key, &record).await;
            }
        }
        let (trigger, retry) = (draft.trigger, draft.retry);
        let checked = self.check(principal, draft, now).await?;
        let acceptance = compose(principal, checked, trigger, retry, key, now);
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
            })
            .ok_or_else(|| AppFailure::unknown("an idempotency record without its message"))
    }

    async fn check(
        &self,
        principal: &Principal,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Checked, AppFailure> {
        let mut reasons = Vec::new();
        let mut field = |name: &str, code, message: String| {
            reasons.push(Reason::Field(FieldProblem::new(name, code, message)));
        };
        let to = PhoneNumber::parse(&draft.to);
        if let Err(problem) = to {
            field("to", "PHONE", problem.to_string());
        }
        let scheduled_for = match draft.scheduled_for.as_deref().map(str::parse::<Timestamp>) {
            None => None,
            Some(Ok(at)) if at > now + FURTHEST => {
                field(
                    "scheduled_for",
                    "TOO_FAR",
                    "schedule at most a year ahead".into(),
                );
                None
            }
            // A time that has passed is now: the caller's clock may be a little behind.
            Some(Ok(at)) => (at > now).then_some(at),
            Some(Err(_)) => {
                field(
                    "scheduled_for",
                    "TIME",
                    "use an RFC 3339 time, for example 2026-11-20T09:00:00Z".into(),
                );
                None
            }
        };
        let tenant = self
            .store
            .tenant(principal.tenant())
            .await?
            .ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        let channel_id = match draft.channel.as_deref() {
            Some(text) => ChannelId::parse(text).ok(),
            None => tenant.settings.default_channel,
        };
        let channel = match channel_id {
            Some(id) => self.store.channel(principal.tenant(), id).await?,
            None => None,
        };
        let Some(channel) = channel else {
            return Err(if draft.channel.is_some() {
                AppFailure::not_found("There is no such channel. GET /v1/channels lists yours.")
            } else {
                AppFailure::validation(
                    "No channel was named and there is no default one.",
                    vec![FieldProblem::new(
                        "channel_id",
                        "REQUIRED",
                        "name the channel to send from",
                    )],
                )
            });
        };

        let content = Content::from(draft.content);
        let adapter = (self.adapters)(channel.provider);
        reasons.extend(
            content
                .problems(&adapter.capabilities().limits)
                .into_iter()
                .map(Reason::Field),
        );
        let contact = match &to {
            Ok(number) => {
                self.store
                    .contact(principal.tenant(), &Alias::phone(number))
                    .await?
            }
            Err(_) => None,
        };
        reasons.extend(preflight::standing(
            &tenant,
            &channel,
            contact.as_ref(),
            content.kind(),
            scheduled_for.unwrap_or(now),
        ));
        let Some(plan) = tenant.plan.clone() else {
            reasons.push(Reason::State {
                code: "NO_PLAN",
                message: "This company has no active plan. Subscribe to one to send messages."
                    .into(),
                plan: true,
            });
            return Err(preflight::refusal(reasons));
        };
        let (true, Ok(to)) = (reasons.is_empty(), to) else {
            return Err(preflight::refusal(reasons));
        };
        let request = adapter.build_send(&to, &content)?;
        let contact = contact.ok_or_else(|| Contact::met(principal.tenant(), &to, draft.name));
        Ok(Checked {
            tenant,
            channel,
            contact,
            to,
            content,
            request,
            scheduled_for,
            daily_limit: plan.daily_messages,
        })
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
