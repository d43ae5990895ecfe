//! What a failed call to a provider means for the message.

use jiff::{SignedDuration, Timestamp};

use tracing::info;

use crate::{
    failure::ProviderFailure,
    message::{AttemptNumber, Message, Outcome},
};

/// How long a rate-limited message waits when the provider does not say.
const DEFAULT_DEFERRAL: SignedDuration = SignedDuration::from_secs(60);

/// The outcome of a call that failed so, now.
pub(super) fn of(failure: &ProviderFailure, now: Timestamp) -> Outcome {
    match failure {
        ProviderFailure::NotSent { .. } => Outcome::NotSent {
            code: "NOT_SENT".into(),
            reason: failure.to_string(),
        },
        ProviderFailure::RateLimited { retry_after } => {
            let wait = retry_after
                .and_then(|d| SignedDuration::try_from(d).ok())
                .unwrap_or(DEFAULT_DEFERRAL)
                .min(SignedDuration::from_hours(24));
            Outcome::Deferred { until: now + wait }
        }
        ProviderFailure::Rejected { code, reason } => Outcome::Rejected {
            code: code.to_string(),
            reason: reason.clone(),
        },
        ProviderFailure::Unsupported { .. } | ProviderFailure::Unverified => Outcome::Rejected {
            code: "UNSUPPORTED".into(),
            reason: failure.to_string(),
        },
        ProviderFailure::OutcomeUnknown { .. } => Outcome::Ambiguous,
    }
}

/// Tells what came of an attempt: one line for each, with its `outcome`. The template's alarm on the
/// failure rate counts these lines, so the words are part of it.
pub(super) fn tell(
    message: &Message,
    attempt: AttemptNumber,
    outcome: &Outcome,
    failure: Option<&ProviderFailure>,
) {
    let outcome = word(outcome);
    match failure {
        None => info!(
            message.id = %message.id, tenant.id = %message.tenant, attempt, outcome,
            "attempt {attempt} of message `{}` went through", message.id
        ),
        Some(failure) => info!(
            message.id = %message.id, tenant.id = %message.tenant, attempt, outcome,
            error = %failure,
            "attempt {attempt} of message `{}` did not go through", message.id
        ),
    }
}

/// The word of an outcome in the log.
const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Refused { .. } => "refused",
        Outcome::Deferred { .. } => "deferred",
        Outcome::NotSent { .. } => "not_sent",
        Outcome::Ambiguous => "unknown",
    }
}
