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
    message::{Content, Context, Kind, MadeFrom, Trigger},
    phone::PhoneNumber,
    ports::{Acceptances, Clock, Contacts, Directory, Inbox, Lanes, Messages, ProviderTemplates},
    principal::Principal,
    quiet,
    tenant::Tenant,
};

/// A draft with everything that was found out about it, whether it may be sent or not.
#[derive(Debug)]
pub(super) struct Judged {
    /// All that speaks against it.
    pub(super) reasons: Vec<Reason>,
    pub(super) tenant: Tenant,
    pub(super) channel: Channel,
    pub(super) contact: Option<Contact>,
    pub(super) to: Option<Recipient>,
    pub(super) name: Option<String>,
    pub(super) context: Option<Context>,
    pub(super) cause: Cause,
    pub(super) scheduled_for: Option<Timestamp>,
    /// Until when the recipient's quiet hours hold it back.
    pub(super) quiet_until: Option<Timestamp>,
    /// Since when the person waits for it.
    pub(super) answers_since: Option<Timestamp>,
}

/// The furthest a message may be scheduled ahead.
const FURTHEST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 366);

impl<S, L, C> Accept<'_, S, L, C>
where
    S: Directory + Contacts + Acceptances + Messages + Inbox + ProviderTemplates,
    L: Lanes,
    C: Clock,
{
    /// Checks a draft; every reason against it is told at once, after those found before.
    pub(super) async fn check(
        &self,
        principal: &Principal,
        draft: Draft,
        thread: Option<Thread>,
        reasons: Vec<Reason>,
        now: Timestamp,
    ) -> Result<Checked, AppFailure> {
        let content = Content::from(draft.content.clone());
        let made_from = draft.template.map(MadeFrom::Own);
        let judged = self.judge(principal, draft, Some(&content), thread, reasons, now);
        let judged = judged.await?;
        let (true, Some(to), Some(plan)) =
            (judged.reasons.is_empty(), judged.to, &judged.tenant.plan)
        else {
            return Err(preflight::refusal(judged.reasons));
        };
        let daily_limit = plan.daily_messages;
        let adapter = (self.adapters)(judged.channel.provider);
        let request = adapter.build_send(&judged.channel, &to, &content)?;
        let contact = judged
            .contact
            .ok_or_else(|| Contact::met_as(principal.tenant(), &to.alias(), judged.name));
        Ok(Checked {
            context: judged.context,
            cause: judged.cause,
            // Older versions of an API may have no such question.
            polled: adapter.capabilities().polled
                && adapter.build_status(&judged.channel, "").is_ok(),
            made_from: made_from.or_else(|| MadeFrom::of(&content)),
            answers_since: judged.answers_since,
            tenant: judged.tenant,
            channel: judged.channel,
            contact,
            to,
            content,
            request,
            quiet_until: judged.quiet_until,
            scheduled_for: judged.scheduled_for,
            daily_limit,
        })
    }

    /// Finds out everything about a draft, whatever its own content says: `content` is what is judged,
    /// and nothing of it when there is none.
    pub(super) async fn judge(
        &self,
        principal: &Principal,
        draft: Draft,
        content: Option<&Content>,
        thread: Option<Thread>,
        mut reasons: Vec<Reason>,
        now: Timestamp,
    ) -> Result<Judged, AppFailure> {
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
        let answers_since = thread.as_ref().and_then(|thread| thread.waits_since);
        let (channel, to, contact) = match thread {
            Some(thread) => {
                let to = thread.contact.recipient();
                if to.is_none() {
                    reasons.push(Reason::Field(FieldProblem::new(
                        "conversation",
                        "NO_RECIPIENT",
                        "this person has neither a number nor a name to be written to",
                    )));
                }
                (thread.channel, to, Some(thread.contact))
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
        let limits = (self.adapters)(channel.provider).capabilities().limits;
        let problems = content.map(|content| content.problems(&limits));
        reasons.extend(problems.into_iter().flatten().map(Reason::Field));
        let cause = Cause {
            message_type: draft.message_type,
            // Whoever chose the time, it is the time that causes it.
            trigger: scheduled_for.map_or(draft.trigger, |_| Trigger::Scheduled),
        };
        let goes_at = scheduled_for.unwrap_or(now);
        reasons.extend(preflight::standing(
            &tenant,
            &channel,
            contact.as_ref(),
            cause,
            goes_at,
        ));
        reasons.extend(
            self.provider_rules(
                &tenant,
                &channel,
                contact.as_ref(),
                content,
                scheduled_for,
                now,
            )
            .await?,
        );
        reasons.extend(preflight::no_plan(&tenant, now));
        let quiet_until = to
            .as_ref()
            .filter(|_| cause.message_type.keeps_quiet(cause.trigger))
            .and_then(|to| quiet::until(&tenant.settings, contact.as_ref(), to, goes_at));
        Ok(Judged {
            reasons,
            tenant,
            channel,
            contact,
            to,
            name: draft.name,
            context,
            cause,
            scheduled_for,
            quiet_until,
            answers_since,
        })
    }

    /// The provider's own rules: its window, and what it said of a template.
    async fn provider_rules(
        &self,
        tenant: &Tenant,
        channel: &Channel,
        contact: Option<&Contact>,
        content: Option<&Content>,
        scheduled_for: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Reason>, StoreFailure> {
        let capabilities = (self.adapters)(channel.provider).capabilities();
        let mut reasons = Vec::new();
        if let Some(Content::Template(template)) = content {
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
                content.map_or(Kind::Text, Content::kind),
                now,
            ));
        }
        Ok(reasons)
    }
}

/// Why something was not accepted, in one machine code.
pub(super) fn code(failure: &AppFailure) -> String {
    let of_field = failure.fields().first().map(|field| field.code);
    let reason = failure.details().get("reason").map(String::as_str);
    let code = reason.or(of_field);
    code.unwrap_or(failure.code().as_str()).to_owned()
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
