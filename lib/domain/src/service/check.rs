//! Everything that is checked about a draft before anything of it is stored.

use jiff::Timestamp;

use super::{
    accept::{Accept, Draft, Thread},
    compose::Checked,
    preflight::{self, Cause, Reason},
};
use crate::{
    channel::Channel,
    contact::{Contact, Recipient},
    failure::{AppFailure, FieldProblem, StoreFailure},
    ids::{ChannelId, ConversationId},
    message::{Content, Context, Trigger},
    phone::PhoneNumber,
    ports::{Acceptances, Clock, Contacts, Directory, Inbox, Lanes, Messages, ProviderTemplates},
    principal::Principal,
    quiet,
    tenant::Tenant,
};

/// The furthest a message may be scheduled ahead.
const FURTHEST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 366);

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages + Inbox + ProviderTemplates,
    L: Lanes,
    C: Clock,
{
    /// Checks a draft; every reason against it is told at once.
    pub(super) async fn check(
        &self,
        principal: &Principal,
        draft: Draft,
        thread: Option<Thread>,
        now: Timestamp,
    ) -> Result<Checked, AppFailure> {
        let mut reasons = Vec::new();
        let number = match &thread {
            Some(_) => None,
            None => recipient(&draft.to, &mut reasons),
        };
        let context = match &draft.context {
            Some((kind, id)) => match Context::parse(kind, id) {
                Ok(context) => Some(context),
                Err(problems) => {
                    reasons.extend(problems.into_iter().map(Reason::Field));
                    None
                }
            },
            None => None,
        };
        let scheduled_for = scheduled(draft.scheduled_for.as_deref(), now, &mut reasons);
        let tenant = self
            .store
            .tenant(principal.tenant())
            .await?
            .ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        let (channel, to, contact) = match thread {
            Some(Thread { channel, contact }) => {
                let to = contact.recipient();
                if to.is_none() {
                    reasons.push(Reason::Field(FieldProblem::new(
                        "conversation",
                        "NO_RECIPIENT",
                        "this person has neither a number nor a name to be written to",
                    )));
                }
                (channel, to, Some(contact))
            }
            None => {
                let channel = named_channel(self.store, &tenant, draft.channel.as_deref()).await?;
                let contact = match &number {
                    Some(to) => self.store.contact(tenant.id, &to.alias()).await?,
                    None => None,
                };
                (channel, number, contact)
            }
        };
        let content = Content::from(draft.content);
        let adapter = (self.adapters)(channel.provider);
        let limits = adapter.capabilities().limits;
        reasons.extend(content.problems(&limits).into_iter().map(Reason::Field));
        let cause = Cause {
            message_type: draft.message_type,
            // Whoever chose the time, it is the time that causes it.
            trigger: scheduled_for.map_or(draft.trigger, |_| Trigger::Scheduled),
        };
        reasons.extend(preflight::standing(
            &tenant,
            &channel,
            contact.as_ref(),
            cause,
            scheduled_for.unwrap_or(now),
        ));
        reasons.extend(
            self.provider_rules(
                &tenant,
                &channel,
                contact.as_ref(),
                &content,
                scheduled_for,
                now,
            )
            .await?,
        );
        let Some(plan) = tenant.plan.clone() else {
            reasons.push(Reason::State {
                code: "NO_PLAN",
                message: "This company has no active plan. Subscribe to one to send messages."
                    .into(),
                plan: true,
            });
            return Err(preflight::refusal(reasons));
        };
        let (true, Some(to)) = (reasons.is_empty(), to) else {
            return Err(preflight::refusal(reasons));
        };
        let request = adapter.build_send(&channel, &to, &content)?;
        let quiet_until = cause
            .message_type
            .keeps_quiet(cause.trigger)
            .then(|| {
                let at = scheduled_for.unwrap_or(now);
                quiet::until(&tenant.settings, contact.as_ref(), &to, at)
            })
            .flatten();
        let contact =
            contact.ok_or_else(|| Contact::met_as(principal.tenant(), &to.alias(), draft.name));
        Ok(Checked {
            context,
            cause,
            // Older versions of an API may have no such question.
            polled: adapter.capabilities().polled && adapter.build_status(&channel, "").is_ok(),
            tenant,
            channel,
            contact,
            to,
            content,
            request,
            quiet_until,
            scheduled_for,
            daily_limit: plan.daily_messages,
        })
    }

    /// The provider's own rules: its window, and what it said of a template.
    async fn provider_rules(
        &self,
        tenant: &Tenant,
        channel: &Channel,
        contact: Option<&Contact>,
        content: &Content,
        scheduled_for: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Reason>, StoreFailure> {
        let capabilities = (self.adapters)(channel.provider).capabilities();
        let mut reasons = Vec::new();
        if let Content::Template(template) = content {
            let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
            let known = self
                .store
                .template(channel.tenant, account, &template.name, &template.language)
                .await?;
            let languages = match known {
                Some(_) => Vec::new(),
                None => {
                    let (tenant, name) = (channel.tenant, &template.name);
                    self.store.template_languages(tenant, account, name).await?
                }
            };
            reasons.extend(preflight::template_values(
                template,
                known.as_ref(),
                &languages,
            ));
            reasons.extend(preflight::template(tenant, known.as_ref(), contact));
        } else if capabilities.window_rule && scheduled_for.is_none() {
            // For a scheduled message the window counts when its time has come.
            let conversation = match contact {
                Some(contact) => {
                    let id = ConversationId::of(channel.id, contact.id);
                    self.store.conversation(channel.tenant, id).await?
                }
                None => None,
            };
            let conversation = conversation.as_ref();
            reasons.extend(preflight::window(
                &capabilities,
                conversation,
                content.kind(),
                now,
            ));
        }
        Ok(reasons)
    }
}

fn recipient(text: &str, reasons: &mut Vec<Reason>) -> Option<Recipient> {
    match PhoneNumber::parse(text) {
        Ok(number) => Some(Recipient::Phone(number)),
        Err(problem) => {
            let text = problem.to_string();
            reasons.push(Reason::Field(FieldProblem::new("to", "PHONE", text)));
            None
        }
    }
}

pub(super) fn scheduled(
    asked: Option<&str>,
    now: Timestamp,
    reasons: &mut Vec<Reason>,
) -> Option<Timestamp> {
    let mut wrong = |code, message: &str| {
        reasons.push(Reason::Field(FieldProblem::new(
            "scheduled_for",
            code,
            message,
        )));
        None
    };
    match asked?.parse::<Timestamp>() {
        Ok(at) if at > now + FURTHEST => wrong("TOO_FAR", "schedule at most a year ahead"),
        // A time that has passed is now: the caller's clock may be a little behind.
        Ok(at) => (at > now).then_some(at),
        Err(_) => wrong(
            "TIME",
            "use an RFC 3339 time, for example 2026-11-20T09:00:00Z",
        ),
    }
}

/// The channel that a caller named, or the tenant's own choice.
pub(super) async fn named_channel<S: Directory>(
    store: &S,
    tenant: &Tenant,
    named: Option<&str>,
) -> Result<Channel, AppFailure> {
    let id = match named {
        Some(text) => ChannelId::parse(text).ok(),
        None => tenant.settings.default_channel,
    };
    let channel = match id {
        Some(id) => store.channel(tenant.id, id).await?,
        None => None,
    };
    channel.ok_or_else(|| {
        if named.is_some() {
            return AppFailure::not_found(
                "There is no such channel. GET /v1/accounts lists yours.",
            );
        }
        AppFailure::validation(
            "No channel was named and there is no default one.",
            vec![FieldProblem::new(
                "channel_id",
                "REQUIRED",
                "name the channel to send from",
            )],
        )
    })
}
