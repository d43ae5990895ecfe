//! Whether a channel's token is taken, and the state of its number.

use domain::{
    channel::{AuthStatus, Channel},
    failure::ProviderFailure,
    phone::PhoneNumber,
    provider::{Health, WireRequest, WireResponse},
};
use serde_json::Value;

use super::{errors, path};
use crate::{lenient::Fields, scrub};

const FIELDS: &str = "id,display_phone_number,verified_name,quality_rating,platform_type,status";

/// The request that reads the channel's number.
pub(super) fn build(channel: &Channel) -> Result<WireRequest, ProviderFailure> {
    let path = path(channel, &channel.provider_ref)?;
    Ok(WireRequest::get(format!("{path}?fields={FIELDS}")))
}

/// What the answer shows. It must be about the channel's own number.
pub(super) fn read(channel: &Channel, response: &WireResponse) -> Result<Health, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(unknown_number(errors::failure(response)));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    if body.at("error").is_object() {
        return Err(unknown_number(errors::failure(response)));
    }
    let id = body.text_or_number("id").ok_or_else(unreadable)?;
    if id != channel.provider_ref {
        return Err(ProviderFailure::Rejected {
            code: "CHANNEL_MISMATCH".into(),
            reason: "Meta answered for another number than the channel's: check the phone number id and the token.".into(),
        });
    }
    let status = body.some("status", 48).map(|s| s.to_ascii_uppercase());
    let status = status.as_deref();
    Ok(Health {
        auth: Some(auth(status)),
        phone: body
            .text("display_phone_number")
            .and_then(|number| PhoneNumber::parse(number).ok()),
        word: word(body, status),
    })
}

/// Meta took the token, so the number can send unless its state says otherwise.
fn auth(status: Option<&str>) -> AuthStatus {
    match status {
        Some("BANNED" | "DELETED" | "DISCONNECTED" | "MIGRATED") => AuthStatus::Disconnected,
        Some("PENDING" | "UNVERIFIED") => AuthStatus::Pending,
        // CONNECTED, FLAGGED, RESTRICTED and RATE_LIMITED send; a word never seen stops nobody.
        Some(_) | None => AuthStatus::Authorized,
    }
}

fn word(body: Fields<'_>, status: Option<&str>) -> String {
    let mut words = vec![scrub::word(status.unwrap_or("CONNECTED"))];
    if let Some(quality) = body.text("quality_rating").filter(|q| *q != "UNKNOWN") {
        words.push(format!("quality {}", scrub::word(quality)));
    }
    if let Some(platform) = body.text("platform_type").filter(|p| *p != "CLOUD_API") {
        words.push(format!("platform {}", scrub::word(platform)));
    }
    words.join(", ")
}

/// About a message, "invalid parameter" blames its content; about a number, the number.
fn unknown_number(failure: ProviderFailure) -> ProviderFailure {
    if !matches!(&failure, ProviderFailure::Rejected { code, .. } if code == "INVALID_REQUEST") {
        return failure;
    }
    ProviderFailure::Rejected {
        code: "NOT_FOUND_AT_PROVIDER".into(),
        reason: "Meta does not know this phone number id, or the token may not see it: check both."
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::meta_cloud::tests::channel;

    const SAMPLE: &str = include_str!("../../../../fixtures/meta/answer_health.json");

    fn answer(status: u16, body: impl ToString) -> Result<Health, ProviderFailure> {
        let response = WireResponse {
            status,
            retry_after_seconds: None,
            body: body.to_string().into_bytes(),
        };
        read(&channel(), &response)
    }

    #[test]
    fn the_channels_number_is_asked_for() {
        assert_eq!(
            build(&channel()).unwrap(),
            WireRequest::get(
                "/v22.0/301700000000001?fields=id,display_phone_number,verified_name,quality_rating,platform_type,status"
            )
        );
    }

    #[test]
    fn a_number_that_answers_can_send() {
        assert_eq!(
            answer(200, SAMPLE),
            Ok(Health {
                auth: Some(AuthStatus::Authorized),
                phone: Some(PhoneNumber::parse("+97333000000").unwrap()),
                word: "CONNECTED, quality GREEN".into(),
            })
        );
        let bare = answer(200, json!({"id": "301700000000001"})).unwrap();
        assert_eq!(
            (bare.auth, bare.phone),
            (Some(AuthStatus::Authorized), None)
        );
    }

    #[test]
    fn a_state_that_cannot_send_says_so() {
        let check = |status: &str, auth| {
            let body =
                json!({"id": "301700000000001", "status": status, "platform_type": "ON_PREMISE"});
            let health = answer(200, body).unwrap();
            assert_eq!(health.auth, Some(auth), "{status}");
            assert!(health.word.contains("platform ON_PREMISE"));
        };
        for word in ["BANNED", "deleted", "DISCONNECTED", "MIGRATED"] {
            check(word, AuthStatus::Disconnected);
        }
        check("PENDING", AuthStatus::Pending);
        for word in ["CONNECTED", "FLAGGED", "RESTRICTED", "HOLOGRAM"] {
            check(word, AuthStatus::Authorized);
        }
    }

    #[test]
    fn another_number_and_a_refused_token_are_no_proof() {
        let code = |result: Result<Health, ProviderFailure>| match result.unwrap_err() {
            ProviderFailure::Rejected { code, .. } => code.into_owned(),
            other => format!("{other:?}"),
        };
        let error = |number: u32| json!({"error": {"code": number, "message": "x"}});
        assert_eq!(code(answer(200, json!({"id": "42"}))), "CHANNEL_MISMATCH");
        assert_eq!(code(answer(401, error(190))), "CHANNEL_UNAUTHORIZED");
        assert_eq!(code(answer(200, error(190))), "CHANNEL_UNAUTHORIZED");
        assert_eq!(code(answer(400, error(100))), "NOT_FOUND_AT_PROVIDER");
        for (status, body) in [(200, ""), (200, "{}"), (200, "[]"), (500, ""), (302, "")] {
            let refused = answer(status, body);
            assert!(
                matches!(refused, Err(ProviderFailure::OutcomeUnknown { .. })),
                "{status} {body}: {refused:?}"
            );
        }
    }
}
