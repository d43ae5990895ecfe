//! What answers of the manager that are no success mean. Its error bodies are not documented: the status
//! decides, and the body only explains.

use std::borrow::Cow;

use domain::{
    copy::PARTNER_BANNER, failure::ProviderFailure, partner::PARTNER_TOKEN, provider::WireResponse,
};

use crate::{lenient, whapi::refusal::Said};

/// The failure of a call with the partner's token.
pub(super) fn of(response: &WireResponse) -> ProviderFailure {
    judge(response, |status| match status {
        401 | 403 => (PARTNER_TOKEN, PARTNER_BANNER),
        402 => (
            "PARTNER_BALANCE",
            "The platform's balance at WHAPI has not enough days: top it up.",
        ),
        404 => (
            "NOT_FOUND_AT_PROVIDER",
            "WHAPI does not know this channel, project or partner: check the integration settings.",
        ),
        400 | 422 => (
            "INVALID_REQUEST",
            "WHAPI does not take this request: check the project id and the name.",
        ),
        _ => ("REFUSED", "WHAPI refused the request."),
    })
}

/// The failure of a call with a channel's own token.
pub(super) fn of_channel(response: &WireResponse) -> ProviderFailure {
    judge(response, |status| match status {
        401 | 403 => (
            "CHANNEL_TOKEN",
            "WHAPI refuses the channel's token: the channel may be stopped or gone.",
        ),
        402 => (
            "TRIAL_LIMIT",
            "The channel's WHAPI trial limit is used up: extend the channel.",
        ),
        404 => (
            "NOT_FOUND_AT_PROVIDER",
            "WHAPI does not know the channel: check that it still exists.",
        ),
        406 => (
            "NO_QR",
            "This channel logs in on a phone, not with a QR code.",
        ),
        _ => ("REFUSED", "WHAPI refused the request."),
    })
}

/// Definite refusals are told apart by the caller; what may have been done is never taken for one.
fn judge(
    response: &WireResponse,
    word: impl FnOnce(u16) -> (&'static str, &'static str),
) -> ProviderFailure {
    match response.status {
        429 => ProviderFailure::RateLimited {
            retry_after: lenient::wait(response),
        },
        // 408: how much of the request arrived is not known.
        status @ (400..=407 | 409..=499) => {
            let (code, sentence) = word(status);
            ProviderFailure::Rejected {
                code: Cow::Borrowed(code),
                reason: explained(code, sentence, response),
            }
        }
        status => ProviderFailure::OutcomeUnknown {
            what: format!("http {status}").into(),
        },
    }
}

/// Our sentence, then what WHAPI said. The banner stands alone: it is shown word for word (S3.31).
fn explained(code: &str, sentence: &str, response: &WireResponse) -> String {
    match Said::read(&response.body).text() {
        Some(text) if code != PARTNER_TOKEN => format!("{sentence} (WHAPI: {text})"),
        Some(_) | None => sentence.to_owned(),
    }
}
