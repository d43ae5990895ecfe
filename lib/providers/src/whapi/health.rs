//! The state of a channel, asked for: `GET /health`. Without `wakeup=false` the question itself would
//! start a channel that was stopped.

use domain::{
    channel::{AuthStatus, Channel},
    failure::ProviderFailure,
    provider::{Health, WireRequest, WireResponse},
};
use serde_json::Value;

use super::{refusal, shown};
use crate::{lenient::Fields, scrub};

pub(super) fn build() -> WireRequest {
    WireRequest::get("/health?wakeup=false")
}

/// What WHAPI's words for a channel's state say about sending. Its words in WHAPI's help desk:
///
/// | word | says | here |
/// |---|---|---|
/// | `AUTH` | connected | authorized |
/// | `QR` | waits for a scan: the login is gone | QR code shown |
/// | `STOP` | deactivated: subscription over, or stopped by hand; stays so until somebody acts | disconnected |
/// | `INIT`, `LAUNCH` | starting | nothing |
/// | `ERROR`, `NOT_INIT` | passed through by the reconnects of a normal day; AUTH or QR follows | nothing |
/// | `SYNC_ERROR` | can still send | nothing |
///
/// Taking an `ERROR` for a logout would stop a tenant's sending at every reconnect; not taking it for
/// one costs at worst calls that WHAPI refuses with 401, which say what to do.
pub(super) fn auth(word: &str) -> Option<AuthStatus> {
    match word.trim().to_ascii_uppercase().as_str() {
        "AUTH" => Some(AuthStatus::Authorized),
        "QR" => Some(AuthStatus::QrGenerated),
        "STOP" => Some(AuthStatus::Disconnected),
        // Numbers beside the words differ between sources and are not looked at.
        _ => None,
    }
}

/// The word of a health object, wherever it stands.
pub(super) fn word(health: Fields<'_>) -> Option<&str> {
    let status = health.at("status");
    status.text("text").or_else(|| status.own_text())
}

/// What the answer shows.
pub(super) fn read(channel: &Channel, response: &WireResponse) -> Result<Health, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    let said = word(body).ok_or_else(unreadable)?;
    if body
        .text("channel_id")
        .is_some_and(|id| id != channel.provider_ref)
    {
        return Err(ProviderFailure::Rejected {
            code: "CHANNEL_MISMATCH".into(),
            reason: "This token belongs to another WHAPI channel: store the token of this one, or correct the channel's WHAPI id.".into(),
        });
    }
    let auth = auth(said);
    let phone = (auth == Some(AuthStatus::Authorized))
        .then(|| body.at("user").text_or_number("id"))
        .flatten();
    let meaning = match auth {
        Some(AuthStatus::Authorized) => "connected",
        Some(AuthStatus::QrGenerated) => "nobody is logged in; scan the QR code",
        Some(AuthStatus::Disconnected) => "stopped at WHAPI; extend or start the channel there",
        Some(AuthStatus::Pending) | None => "no clear state; look again in a minute",
    };
    Ok(Health {
        auth,
        phone: phone.and_then(|id| shown::number(&id)),
        word: format!("{}: {meaning}", scrub::word(said)),
    })
}

#[cfg(test)]
mod tests {
    use domain::{phone::PhoneNumber, provider::ProviderKind};

    use super::*;
    use crate::contract;

    fn asked(status: u16, body: &str) -> Result<Health, ProviderFailure> {
        let response = WireResponse {
            status,
            retry_after_seconds: None,
            body: body.into(),
        };
        read(&contract::channel(ProviderKind::Whapi), &response)
    }

    /// `wakeup` is true unless said otherwise, and starts a stopped channel.
    #[test]
    fn asking_changes_nothing() {
        assert_eq!(build(), WireRequest::get("/health?wakeup=false"));
    }

    #[test]
    fn a_connected_channel_shows_its_number() {
        let health = asked(
            200,
            include_str!("../../../../fixtures/whapi/response_health_auth.json"),
        )
        .unwrap();
        assert_eq!(health.auth, Some(AuthStatus::Authorized));
        assert_eq!(health.phone, PhoneNumber::parse("+97333000000").ok());
        assert_eq!(health.word, "AUTH: connected");
    }

    #[test]
    fn only_words_that_say_so_are_a_state() {
        for (word, auth) in [
            ("QR", Some(AuthStatus::QrGenerated)),
            ("qr", Some(AuthStatus::QrGenerated)),
            ("STOP", Some(AuthStatus::Disconnected)),
            ("INIT", None),
            ("LAUNCH", None),
            ("ERROR", None),
            ("SYNC_ERROR", None),
            ("A NEW ONE", None),
        ] {
            // The number beside the word is not looked at, nor is the number of who is no longer in.
            let body = format!(
                r#"{{"status":{{"code":4,"text":"{word}"}},"user":{{"id":"97333000000"}}}}"#
            );
            let health = asked(200, &body).unwrap();
            assert_eq!((health.auth, health.phone), (auth, None), "{word}");
        }
    }

    #[test]
    fn a_refused_or_another_channels_token_is_a_refusal() {
        for (status, body, expected) in [
            (
                401,
                r#"{"error":{"message":"Unauthorized"}}"#,
                "CHANNEL_UNAUTHORIZED",
            ),
            (
                200,
                r#"{"channel_id":"OTHER-7TEST","status":{"text":"AUTH"}}"#,
                "CHANNEL_MISMATCH",
            ),
        ] {
            let Err(ProviderFailure::Rejected { code, .. }) = asked(status, body) else {
                panic!("{status} {body}");
            };
            assert_eq!(code, expected);
        }
    }

    #[test]
    fn an_answer_without_a_word_says_nothing() {
        for (status, body) in [(200, ""), (200, "{}"), (200, r#"{"status":7}"#), (500, "")] {
            let read = asked(status, body);
            assert!(
                matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
                "{status} {body}"
            );
        }
    }
}
