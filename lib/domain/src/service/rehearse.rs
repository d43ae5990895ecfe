//! What sending would do, without doing it: the exact request (preview), and everything that stands in
//! the way (preflight). Nothing is sent, stored or counted.

use jiff::Timestamp;

use super::{
    accept::Accept,
    check::Judged,
    draft::Draft,
    from_template::{Made, Wanted},
    preflight::{self, Reason},
};
use crate::{
    channel::Channel,
    contact::Recipient,
    failure::AppFailure,
    message::{Content, MessageType, Trigger},
    ports::{
        Acceptances, Clock, Contacts, Directory, Inbox, Lanes, Messages, OwnTemplates,
        ProviderTemplates,
    },
    principal::Principal,
    provider::WireRequest,
    template::Warning,
};

/// What stands between a message, or a person, and sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// Every reason against it; none when it may be sent.
    pub reasons: Vec<Reason>,
    /// What is odd about it, and keeps nothing from being sent.
    pub warnings: Vec<Warning>,
    /// Through which channel it would go.
    pub channel: Channel,
    /// To whom; none when the number is none.
    pub to: Option<Recipient>,
    /// What it is for.
    pub message_type: MessageType,
    /// What would cause it.
    pub trigger: Trigger,
    /// When it would go out: none at once, else the time that was asked for or the end of quiet hours.
    pub goes_at: Option<Timestamp>,
    /// Whether quiet hours hold it back until then.
    pub quiet: bool,
}

/// A message as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// What stands in its way besides itself.
    pub preflight: Preflight,
    /// What it says.
    pub content: Content,
    /// The exact request, without any secret.
    pub request: WireRequest,
}

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages + Inbox + ProviderTemplates + OwnTemplates,
    L: Lanes,
    C: Clock,
{
    /// The message that would be sent, whatever the state of things.
    ///
    /// # Errors
    /// VALIDATION with everything that is wrong about the request itself; `NOT_FOUND` for a channel or
    /// template of somebody else.
    pub async fn preview(
        &self,
        principal: &Principal,
        wanted: Wanted,
    ) -> Result<Rehearsed, AppFailure> {
        let tenant = principal.tenant();
        let made = wanted.made(self.store, tenant).await?;
        let content = Content::from(made.draft.content.clone());
        let warnings = made.warnings.clone();
        let judged = self.rehearse(principal, made, Some(&content)).await?;
        let in_request = |reason: &Reason| matches!(reason, Reason::Field(_));
        let (true, Some(to)) = (!judged.reasons.iter().any(in_request), judged.to.clone()) else {
            let reasons = judged.reasons.into_iter().filter(in_request).collect();
            return Err(preflight::refusal(reasons));
        };
        let adapter = (self.adapters)(judged.channel.provider);
        let request = adapter.build_send(&judged.channel, &to, &content)?;
        Ok(Rehearsed {
            preflight: Preflight::of(judged, warnings),
            content,
            request,
        })
    }

    /// Everything that stands in the way of a message, at once.
    ///
    /// # Errors
    /// `NOT_FOUND` for a channel or template of somebody else, CONFLICT for a template that is switched
    /// off, VALIDATION where there is nothing to judge; storage failures.
    pub async fn preflight(
        &self,
        principal: &Principal,
        wanted: Wanted,
    ) -> Result<Preflight, AppFailure> {
        let tenant = principal.tenant();
        let made = wanted.made(self.store, tenant).await?;
        let content = Content::from(made.draft.content.clone());
        let warnings = made.warnings.clone();
        let judged = self.rehearse(principal, made, Some(&content)).await?;
        Ok(Preflight::of(judged, warnings))
    }

    /// Everything that stands in the way of a person, whatever they are to be told. What a provider asks
    /// of the content itself is not judged; where its window is closed, it is told.
    ///
    /// # Errors
    /// `NOT_FOUND` for a channel of somebody else; storage failures.
    pub async fn preflight_person(
        &self,
        principal: &Principal,
        draft: Draft,
    ) -> Result<Preflight, AppFailure> {
        let made = Made {
            draft,
            reasons: Vec::new(),
            warnings: Vec::new(),
        };
        let judged = self.rehearse(principal, made, None).await?;
        Ok(Preflight::of(judged, Vec::new()))
    }

    /// The judgement of accepting, and whether the day has room.
    async fn rehearse(
        &self,
        principal: &Principal,
        made: Made,
        content: Option<&Content>,
    ) -> Result<Judged, AppFailure> {
        let now = self.clock.now();
        let mut judged = self
            .judge(principal, made.draft, content, None, made.reasons, now)
            .await?;
        if let Some(plan) = judged.tenant.active_plan(now) {
            let goes_at = judged.quiet_until.or(judged.scheduled_for).unwrap_or(now);
            let day = judged.tenant.day(goes_at);
            let used = self.store.used(judged.tenant.id, day).await?;
            judged
                .reasons
                .extend(preflight::daily_limit(used, plan.daily_messages));
        }
        Ok(judged)
    }
}

impl Preflight {
    fn of(judged: Judged, warnings: Vec<Warning>) -> Self {
        Self {
            reasons: judged.reasons,
            warnings,
            channel: judged.channel,
            to: judged.to,
            message_type: judged.cause.message_type,
            trigger: judged.cause.trigger,
            goes_at: judged.quiet_until.or(judged.scheduled_for),
            quiet: judged.quiet_until.is_some(),
        }
    }
}
