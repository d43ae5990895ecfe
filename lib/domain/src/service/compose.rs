//! Everything that accepting one message stores, from a draft that passed every check.

use jiff::Timestamp;

use super::{draft::IdempotencyKey, preflight::Cause};
use crate::{
    channel::Channel,
    contact::{Contact, Recipient},
    conversation::{Prompt, Touch},
    ids::{ConversationId, JobId, MessageId},
    job::Job,
    message::{
        Content, Context, Facts, Message, Payload, Phase, RetryPolicy, Sending,
        phase::HAND_OVER_GRACE,
    },
    ports::{Acceptance, AuditEntry, IdempotencyRecord},
    principal::Principal,
    provider::WireRequest,
    tenant::Tenant,
};

/// A draft that passed every check.
pub(super) struct Checked {
    pub(super) tenant: Tenant,
    pub(super) channel: Channel,
    pub(super) contact: Result<Contact, Contact>,
    pub(super) to: Recipient,
    pub(super) polled: bool,
    pub(super) context: Option<Context>,
    pub(super) cause: Cause,
    pub(super) content: Content,
    pub(super) request: WireRequest,
    pub(super) scheduled_for: Option<Timestamp>,
    /// Until when the recipient's quiet hours hold it back.
    pub(super) quiet_until: Option<Timestamp>,
    pub(super) daily_limit: u32,
}

/// What is special about one way of accepting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether failed attempts are repeated and mailed about.
    pub(super) retry: bool,
    /// What the audit log calls it.
    pub(super) action: &'static str,
}

/// Everything that one transaction stores.
pub(super) fn compose(
    principal: &Principal,
    checked: Checked,
    manner: Manner,
    key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Acceptance {
    let (contact, new_contact) = match checked.contact {
        Ok(known) => (known, None),
        Err(new) => (new.clone(), Some(new)),
    };
    let job = JobId::fresh();
    let id = MessageId::of_row(job, 0);
    let conversation = ConversationId::of(checked.channel.id, contact.id);
    let later = checked.quiet_until.or(checked.scheduled_for);
    let goes_at = later.unwrap_or(now);
    let policy = if manner.retry {
        checked.tenant.auto_retry()
    } else {
        RetryPolicy::MANUAL
    };
    let kind = checked.content.kind();
    let prompt = match &checked.content {
        Content::Interactive(interactive) => Some(Prompt {
            message: id,
            buttons: interactive.buttons.clone(),
        }),
        Content::Text { .. }
        | Content::Image(_)
        | Content::Document(_)
        | Content::List(_)
        | Content::Template(_) => None,
    };
    let Cause {
        message_type,
        trigger,
    } = checked.cause;
    let audit = AuditEntry::new(principal.user(), "messages", manner.action, id, now)
        .with("conversation", conversation)
        // Enough to recognise the person by, too little to be dialled (S4.48).
        .with("phone", checked.to.masked());
    Acceptance {
        job: Job {
            id: job,
            tenant: principal.tenant(),
            channel: checked.channel.id,
            size: 1,
            bulk: false,
            kind,
            message_type,
            trigger,
            created_at: now,
            created_by: principal.user().clone(),
        },
        message: Message {
            id,
            tenant: principal.tenant(),
            job,
            row: 0,
            channel: checked.channel.id,
            conversation,
            contact: contact.id,
            to: checked.to,
            kind,
            message_type,
            trigger,
            context: checked.context,
            created_at: now,
            updated_at: now,
            scheduled_for: checked.scheduled_for,
            usage_day: checked.tenant.day(goes_at),
            sending: Sending {
                phase: Phase::Ready {
                    at: goes_at,
                    counts: false,
                },
                attempt: 0,
                retries: 0,
                policy,
                // Handed over at once, so the sweep looks only whether that was lost.
                due: Some(later.unwrap_or(now + HAND_OVER_GRACE)),
                quiet: checked.quiet_until.is_some(),
                polls: checked.polled.then_some(0),
            },
            facts: Facts::default(),
            version: 0,
        },
        touch: Touch {
            id: conversation,
            at: now,
            preview: checked.content.preview(),
            prompt,
        },
        payload: Payload {
            content: checked.content,
            request: checked.request,
        },
        new_contact,
        daily_limit: checked.daily_limit,
        idempotency: key.map(|key| IdempotencyRecord {
            key: key.key.clone(),
            request: key.request.clone(),
            job,
            message: id,
            expires_at: now + key.lifetime,
        }),
        audit,
    }
}
