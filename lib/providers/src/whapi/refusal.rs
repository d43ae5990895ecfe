//! What WHAPI's answers that are no success mean: the status decides, the body explains.

use std::borrow::Cow;

use domain::{failure::ProviderFailure, provider::WireResponse};
use serde_json::Value;

use crate::{
    lenient::{self, Fields},
    scrub,
};

/// The failure that an answer outside of 2xx stands for.
pub(super) fn of(response: &WireResponse) -> ProviderFailure {
    let said = Said::read(&response.body);
    let decisive = match response.status {
        // Some answers wrap a definite refusal in a server error; without one, a server error says
        // nothing about what became of the message.
        500..=599 => said.definite().unwrap_or(response.status),
        status => status,
    };
    let (code, sentence) = match decisive {
        400 | 422 => (
            "INVALID_REQUEST",
            "WHAPI does not take this message as it is: check the number, the texts and the buttons.",
        ),
        401 => (
            "CHANNEL_UNAUTHORIZED",
            "The channel is not logged in at WhatsApp, or its WHAPI token is no longer valid: scan the QR code again, or store the channel's current token.",
        ),
        402 => (
            "TRIAL_LIMIT",
            "The channel's WHAPI trial limit is used up: extend the channel.",
        ),
        403 => (
            "FORBIDDEN_RECIPIENT",
            "WHAPI may not send to this recipient from this channel.",
        ),
        404 => (
            "NOT_FOUND_AT_PROVIDER",
            "WHAPI does not know the channel, the recipient or the file: check that the channel still exists.",
        ),
        413 => (
            "TOO_LARGE",
            "The message or its file is too large for WHAPI: send a smaller file.",
        ),
        415 => (
            "UNSUPPORTED_MEDIA",
            "WHAPI does not take this type of file: send a PDF, JPG or PNG.",
        ),
        429 => {
            return ProviderFailure::RateLimited {
                retry_after: lenient::wait(response),
            };
        }
        // 408: the provider, or something before it, waited for the rest of the request; how much of
        // it arrived is not known.
        405..=407 | 409..=499 => ("REFUSED", "WHAPI refused the message."),
        status => {
            return ProviderFailure::OutcomeUnknown {
                what: format!("http {status}").into(),
            };
        }
    };
    rejected(code, sentence, &said)
}

/// A definite no: our sentence with what to do, then what the provider said.
pub(super) fn rejected(code: &'static str, sentence: &str, said: &Said) -> ProviderFailure {
    let said = match &said.text {
        Some(text) => format!("WHAPI: {text}"),
        None => "WHAPI send failed".into(),
    };
    ProviderFailure::Rejected {
        code: Cow::Borrowed(code),
        reason: format!("{sentence} ({said})"),
    }
}

/// What the body of an answer says of an error. The schema nests it, `{error:{code,message,details}}`;
/// answers seen by others are flat, `{code,error:"text"}`.
pub(super) struct Said {
    code: Option<u16>,
    text: Option<String>,
}

impl Said {
    /// Reads a body of any kind.
    pub(super) fn read(body: &[u8]) -> Self {
        let value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let flat = Fields::of(&value);
        let nested = flat.at("error");
        let code = nested
            .text_or_number("code")
            .or_else(|| flat.text_or_number("code"));
        let text = nested
            .own_text()
            .or_else(|| nested.text("message"))
            .or_else(|| nested.text("details"))
            .or_else(|| flat.text("message"))
            .and_then(scrub::sentence);
        Self {
            code: code.and_then(|code| code.parse().ok()),
            text,
        }
    }

    /// What it says, fit to be shown.
    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The status that the body itself names, where that is a definite refusal.
    fn definite(&self) -> Option<u16> {
        let unauthorized = self.text.as_ref().is_some_and(|text| {
            text.to_ascii_lowercase()
                .contains("need channel authorization")
        });
        match self.code {
            Some(code @ (400..=407 | 409..=499)) => Some(code),
            Some(_) | None => unauthorized.then_some(401),
        }
    }
}
