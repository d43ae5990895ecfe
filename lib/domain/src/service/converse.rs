//! Answering in a conversation, in the order of S4.45–S4.55: the thread is found, the message is stored
//! with its audit line, the provider is called once, and what became of it is noted.

use tracing::{error, warn};

use super::{
    accept::{Accept, Accepted, Author, Draft, IdempotencyKey, Thread},
    attempt::{Attempt, Worked},
    inbox::find,
};
use crate::{
    failure::AppFailure,
    ids::ConversationId,
    message::{Message, Status},
    ports::{
        Acceptances, AuditEntry, Audits, Clock, Contacts, Directory, Gate, Inbox, Lanes, Messages,
        Pointers, ProviderTemplates, Rows, Vault,
    },
    principal::Principal,
};

/// Answers in a conversation, and waits for the provider's word.
///
/// The message stands in the thread whatever becomes of it. Nothing is tried again by itself.
///
/// # Errors
/// Those of accepting; then `PROVIDER_ERROR`, which names the stored message, when the provider did not
/// take it.
pub async fn say<S, V, G, L, C>(
    accept: &Accept<'_, S, L, C>,
    attempt: &Attempt<'_, S, V, G, L, C>,
    principal: &Principal,
    conversation: ConversationId,
    body: String,
    key: Option<&IdempotencyKey>,
) -> Result<Accepted, AppFailure>
where
    S: Directory
        + Contacts
        + Acceptances
        + Messages
        + Pointers
        + Inbox
        + Audits
        + ProviderTemplates
        + Rows,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    let tenant = principal.tenant();
    let conversation = find(accept.store, principal, conversation).await?;
    let channel = accept.store.channel(tenant, conversation.channel).await?;
    let contact = accept
        .store
        .contact_by_id(tenant, conversation.contact)
        .await?;
    let (Some(channel), Some(contact)) = (channel, contact) else {
        return Err(AppFailure::conflict(
            "The channel or the person of this conversation is gone.",
        )
        .with_detail("reason", "CONVERSATION_CLOSED"));
    };
    let thread = Thread { channel, contact };
    let accepted = accept
        .run_in(principal, thread, body, Author::Person, key)
        .await?;
    outcome(accept, attempt, principal, accepted).await
}

/// The service contract of source 4 (S4.56–S4.61): a text to a number, tried once, with the provider's
/// word as the answer.
///
/// # Errors
/// As [`say`].
pub async fn say_to<S, V, G, L, C>(
    accept: &Accept<'_, S, L, C>,
    attempt: &Attempt<'_, S, V, G, L, C>,
    principal: &Principal,
    number: String,
    body: String,
    key: Option<&IdempotencyKey>,
) -> Result<Accepted, AppFailure>
where
    S: Directory
        + Contacts
        + Acceptances
        + Messages
        + Pointers
        + Inbox
        + Audits
        + ProviderTemplates
        + Rows,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    let draft = Draft::text(number, body);
    let accepted = accept.run(principal, draft, key).await?;
    outcome(accept, attempt, principal, accepted).await
}

async fn outcome<S, V, G, L, C>(
    accept: &Accept<'_, S, L, C>,
    attempt: &Attempt<'_, S, V, G, L, C>,
    principal: &Principal,
    mut accepted: Accepted,
) -> Result<Accepted, AppFailure>
where
    S: Directory + Contacts + Messages + Pointers + Inbox + Audits + ProviderTemplates + Rows,
    V: Vault,
    G: Gate,
    L: Lanes,
    C: Clock,
{
    let id = accepted.message.id;
    if accepted.wants_attempt() {
        match attempt.run(principal.tenant(), id).await {
            Ok(
                Worked::Attempted(message) | Worked::Reconciled(message) | Worked::Polled(message),
            ) => {
                accepted.message = *message;
                note(accept, principal, &accepted.message).await;
            }
            Ok(Worked::Nothing(_) | Worked::Held | Worked::Raced | Worked::Missing) => {}
            Err(failure) => {
                warn!(message.id = %id, error = %failure, "the attempt of `{id}` broke off; the sweep makes up for it");
            }
        }
    }
    match accepted.message.status() {
        Status::Failed => Err(not_taken(&accepted.message)),
        Status::Queued
        | Status::Pending
        | Status::Sent
        | Status::Delivered
        | Status::Read
        | Status::Replied
        | Status::Cancelled => Ok(accepted),
    }
}

/// What the provider did not take, told with the message that stands in the thread all the same.
fn not_taken(message: &Message) -> AppFailure {
    let failed = message.facts.failed.get(&message.sending.attempt);
    let (code, reason) = failed.map_or(("FAILED", "The provider did not take it."), |failed| {
        (failed.code.as_str(), failed.reason.as_str())
    });
    AppFailure::not_taken(reason.to_owned())
        .with_detail("reason", code)
        .with_detail("message_id", message.id.to_string())
        .with_detail("conversation_id", message.conversation.to_string())
        .with_detail("status", message.status().as_str())
}

/// Notes what became of a message (S4.50, S4.51). The message itself is the truth: a line that cannot
/// be written is logged, and nothing is undone for it.
async fn note<S, L, C>(accept: &Accept<'_, S, L, C>, principal: &Principal, message: &Message)
where
    S: Audits,
    C: Clock,
{
    let failed = message.facts.failed.get(&message.sending.attempt);
    let status = message.status();
    let action = match status {
        Status::Failed => "send_failed",
        // Whether it went out is being found out.
        Status::Queued | Status::Pending | Status::Cancelled => "send_unconfirmed",
        Status::Sent | Status::Delivered | Status::Read | Status::Replied => "send_success",
    };
    let now = accept.clock.now();
    let mut entry = AuditEntry::new(principal.user(), "messages", action, message.id, now)
        .with("conversation", message.conversation)
        .with("status", status.as_str());
    if let Some(failed) = failed.filter(|_| status == Status::Failed) {
        entry = entry.with("error", format!("{}: {}", failed.code, failed.reason));
    }
    if let Err(failure) = accept.store.note(message.tenant, &entry).await {
        error!(message.id = %message.id, error = %failure, "what became of `{}` is not in the audit log", message.id);
    }
}
