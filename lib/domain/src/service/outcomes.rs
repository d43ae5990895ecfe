//! What a failed call to a provider means for the message.

use jiff::{SignedDuration, Timestamp};

use crate::{failure::ProviderFailure, message::Outcome};

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
