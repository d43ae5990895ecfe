//! The account, asked for: `GET /v2/account`. What it holds beside credit is not documented, so all that
//! it proves is that the key counts.

use domain::{
    failure::ProviderFailure,
    provider::{Health, WireRequest, WireResponse},
};
use serde_json::Value;

use super::refusal;
use crate::lenient::Fields;

pub(super) fn build() -> WireRequest {
    WireRequest::get("/v2/account")
}

/// What the answer shows. Whether the phone is connected shows at the first message alone, and a number
/// in it may be the owner's.
pub(super) fn read(response: &WireResponse) -> Result<Health, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let value: Value =
        serde_json::from_slice(&response.body).map_err(|_not_json| refusal::unreadable())?;
    let body = Fields::of(&value);
    if !body.is_object() {
        return Err(refusal::unreadable());
    }
    if body.flag("success") == Some(false) || refusal::has_error_code(body) {
        return Err(refusal::of(response));
    }
    Ok(Health {
        auth: None,
        phone: None,
        word:
            "account: the key is valid; whether the phone is connected shows when a message is sent"
                .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, body: &str) -> Result<Health, ProviderFailure> {
        read(&WireResponse {
            status,
            retry_after_seconds: None,
            body: body.into(),
        })
    }

    #[test]
    fn an_account_proves_the_key_and_nothing_else() {
        let answer = include_str!("../../../../fixtures/messenger360/response_account.json");
        let health = asked(200, answer).unwrap();
        assert_eq!((health.auth, health.phone), (None, None));
        assert!(health.word.starts_with("account: the key is valid"));
    }

    #[test]
    fn a_refused_key_is_a_refusal_and_anything_else_says_nothing() {
        for (status, body) in [
            (401, ""),
            (403, "{}"),
            (200, r#"{"success":false,"statusCode":401}"#),
        ] {
            let Err(ProviderFailure::Rejected { code, .. }) = asked(status, body) else {
                panic!("{status} {body}");
            };
            assert_eq!(code, "CHANNEL_UNAUTHORIZED");
        }
        for (status, body) in [(200, ""), (200, "[]"), (200, "null"), (500, "")] {
            let read = asked(status, body);
            assert!(
                matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
                "{status} {body}"
            );
        }
    }
}
