//! What answers that are no success mean: the status decides, or the one the body itself names where
//! the answer is a 200 that says "no".

use std::borrow::Cow;

use domain::{failure::ProviderFailure, provider::WireResponse};
use serde_json::Value;

use crate::{
    lenient::{self, Fields},
    scrub,
};

/// An answer nobody can read.
pub(super) fn unreadable() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    }
}

/// Whether it is an error as the first version writes it.
pub(super) fn has_error_code(body: Fields<'_>) -> bool {
    body.text_or_number("errorCode").is_some() || body.text("errorDescription").is_some()
}

/// The failure that an answer stands for which is no success.
pub(super) fn of(response: &WireResponse) -> ProviderFailure {
    let value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let body = Fields::of(&value);
    let decisive = match response.status {
        200..=299 => named(body),
        status => Some(status),
    };
    let (code, sentence) = match decisive {
        Some(400 | 422) => (
            "INVALID_REQUEST",
            "360Messenger does not take this message as it is: check the number and the text.",
        ),
        Some(401 | 403) => (
            "CHANNEL_UNAUTHORIZED",
            "360Messenger does not accept the channel's key: store the channel's current key, and check that its phone is connected.",
        ),
        Some(402) => (
            "NO_CREDIT",
            "The channel's 360Messenger account has no credit left: extend it.",
        ),
        Some(404) => (
            "NOT_FOUND_AT_PROVIDER",
            "360Messenger does not know the channel or the recipient: check the key and the number.",
        ),
        Some(413) => (
            "TOO_LARGE",
            "The message or its file is too large for 360Messenger: send a smaller file.",
        ),
        Some(429) => {
            return ProviderFailure::RateLimited {
                retry_after: lenient::wait(response),
            };
        }
        // 408: how much of the request arrived is not known.
        Some(405..=407 | 409..=499) | None => ("REFUSED", "360Messenger refused the message."),
        Some(status) => {
            return ProviderFailure::OutcomeUnknown {
                what: format!("http {status}").into(),
            };
        }
    };
    let said = match said(body) {
        Some(said) => format!("360Messenger: {said}"),
        None => "360Messenger send failed".into(),
    };
    ProviderFailure::Rejected {
        code: Cow::Borrowed(code),
        reason: format!("{sentence} ({said})"),
    }
}

/// The status a body itself names; one that is a success means nothing beside a "no".
fn named(body: Fields<'_>) -> Option<u16> {
    let code: u16 = body.text_or_number("statusCode")?.parse().ok()?;
    (code >= 300).then_some(code)
}

fn said(body: Fields<'_>) -> Option<String> {
    let text = ["message", "errorDescription", "error"]
        .into_iter()
        .find_map(|name| body.text(name))
        .or_else(|| body.at("error").text("message"));
    text.and_then(sentence).or_else(|| {
        let code = body.text_or_number("errorCode")?;
        Some(format!("code {}", scrub::word(&code)))
    })
}

/// Shortest word of letters and digits that may be a key: keys stand in paths here, and how long they
/// are is not documented (X23).
const KEY: usize = 10;

/// What the provider said, fit to be shown, without anything that could be the channel's key.
pub(super) fn sentence(text: &str) -> Option<String> {
    let words = scrub::sentence(text)?;
    let words: Vec<_> = words.split(' ').map(hide).collect();
    Some(words.join(" "))
}

fn hide(word: &str) -> &str {
    let mixed = word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_alphabetic());
    if mixed && word.len() >= KEY {
        "[hidden]"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X23: the key stands in the address, and an error may quote it.
    #[test]
    fn what_could_be_a_key_is_not_shown() {
        for (said, shown) in [
            ("invalid key k3yOfTenAnd", "invalid key [hidden]"),
            ("at /sendMessage/k3y", "at [hidden]"),
            ("error 42 in field text2", "error 42 in field text2"),
            ("unauthorized", "unauthorized"),
        ] {
            assert_eq!(sentence(said).as_deref(), Some(shown), "{said}");
        }
    }
}
