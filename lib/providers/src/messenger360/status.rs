//! The status of one message, asked for: `GET /v2/message/status`. A message that failed is answered with
//! success and HTTP 200; one that is not registered yet with 404.

use domain::{
    failure::ProviderFailure,
    provider::{Observation, ProviderStatus, WireRequest, WireResponse},
};
use form_urlencoded::Serializer;
use jiff::Timestamp;
use serde_json::Value;

use super::refusal;
use crate::{
    lenient::{self, Fields},
    moment::Written,
    scrub,
};

/// The question for one message.
pub(super) fn build(provider_id: &str) -> WireRequest {
    let query = Serializer::new(String::new())
        .append_pair("id", provider_id)
        .finish();
    WireRequest::get(format!("/v2/message/status?{query}"))
}

/// What is known of the message; nothing yet is empty.
pub(super) fn read(response: &WireResponse) -> Result<Vec<Observation>, ProviderFailure> {
    if response.status == 404 {
        return Ok(Vec::new());
    }
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let value: Value =
        serde_json::from_slice(&response.body).map_err(|_not_json| refusal::unreadable())?;
    let body = Fields::of(&value);
    if body.flag("success") == Some(false) {
        let unregistered = body.text_or_number("statusCode").as_deref() == Some("404");
        return if unregistered {
            Ok(Vec::new())
        } else {
            Err(refusal::of(response))
        };
    }
    // The documents are said to call it `result`; the service sends `data`.
    let status = [body.at("data"), body.at("result")]
        .into_iter()
        .find(|place| place.is_object())
        .and_then(seen);
    match status {
        Some(Seen::Pending) => Ok(Vec::new()),
        Some(Seen::Known(observation)) => Ok(vec![observation]),
        None => Err(refusal::unreadable()),
    }
}

enum Seen {
    Pending,
    Known(Observation),
}

fn seen(data: Fields<'_>) -> Option<Seen> {
    let status = data.text("status")?.trim().to_ascii_lowercase();
    let delivery = word(data, "delivery");
    let info = word(data, "statusInfo");
    let absent = [status.as_str(), &delivery, &info]
        .iter()
        .any(|said| said.contains("user not found") || *said == "not found");
    let status = match status.as_str() {
        "pending" => return Some(Seen::Pending),
        "ok" => match delivery.as_str() {
            "read" => ProviderStatus::Read,
            "device" => ProviderStatus::Delivered,
            "error" => failed(data, absent),
            _ => ProviderStatus::Sent,
        },
        "error" => failed(data, absent),
        _ if absent => failed(data, absent),
        other => ProviderStatus::Unmapped {
            word: scrub::word(other),
        },
    };
    Some(Seen::Known(Observation {
        at: time(data, &status),
        status,
    }))
}

fn word(data: Fields<'_>, name: &str) -> String {
    let word = data.text(name).unwrap_or_default();
    word.trim().to_ascii_lowercase()
}

/// When it was executed is when it was sent or failed; when it was delivered or read is not said.
fn time(data: Fields<'_>, status: &ProviderStatus) -> Option<Timestamp> {
    match status {
        ProviderStatus::Sent | ProviderStatus::Failed { .. } => {
            match data.written_moment("executedAt")? {
                Written::Exact(at) => Some(at),
                Written::Bare(_) => None,
            }
        }
        ProviderStatus::Delivered | ProviderStatus::Read | ProviderStatus::Unmapped { .. } => None,
    }
}

fn failed(data: Fields<'_>, absent: bool) -> ProviderStatus {
    let (code, sentence) = if absent {
        (
            "NOT_ON_WHATSAPP",
            "This number is not on WhatsApp: check it.",
        )
    } else {
        (
            "DELIVERY_FAILED",
            "WhatsApp could not send the message on: check the number and the channel's phone.",
        )
    };
    let said = data.text("statusInfo").and_then(refusal::sentence);
    let said = said.unwrap_or_else(|| "no reason given".into());
    ProviderStatus::Failed {
        code: code.into(),
        reason: format!("{sentence} (360Messenger: {})", lenient::cut(&said, 160)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(status: u16, body: &str) -> Result<Vec<Observation>, ProviderFailure> {
        read(&WireResponse {
            status,
            retry_after_seconds: None,
            body: body.into(),
        })
    }

    fn one(data: Value) -> Observation {
        let body = json!({"success": true, "data": data}).to_string();
        let [seen] = <[Observation; 1]>::try_from(asked(200, &body).unwrap()).unwrap();
        seen
    }

    #[test]
    fn an_id_is_asked_for_as_one_value() {
        assert_eq!(
            build("id-1&phonenumber=2 3"),
            WireRequest::get("/v2/message/status?id=id-1%26phonenumber%3D2+3")
        );
    }

    #[test]
    fn the_samples_are_read() {
        let read = include_str!("../../../../fixtures/messenger360/response_status_read.json");
        assert_eq!(
            asked(200, read),
            Ok(vec![Observation {
                status: ProviderStatus::Read,
                at: None,
            }])
        );
        let failed = include_str!("../../../../fixtures/messenger360/response_status_failed.json");
        assert_eq!(
            asked(200, failed),
            Ok(vec![Observation {
                status: ProviderStatus::Failed {
                    code: "DELIVERY_FAILED".into(),
                    reason: "WhatsApp could not send the message on: check the number and the channel's phone. (360Messenger: sending failed)".into(),
                },
                at: None,
            }])
        );
        let unknown = include_str!("../../../../fixtures/messenger360/response_not_found.json");
        assert_eq!(asked(404, unknown), Ok(vec![]));
        assert_eq!(asked(200, unknown), Ok(vec![]));
    }

    #[test]
    fn words_become_ours() {
        for (status, delivery, expected) in [
            ("OK", "read", ProviderStatus::Read),
            ("ok", "DEVICE", ProviderStatus::Delivered),
            ("OK", "server", ProviderStatus::Sent),
            ("OK", "", ProviderStatus::Sent),
            (
                "HELD",
                "read",
                ProviderStatus::Unmapped {
                    word: "held".into(),
                },
            ),
        ] {
            let seen = one(json!({"status": status, "delivery": delivery}));
            assert_eq!(seen.status, expected, "{status} {delivery}");
        }
        let pending = r#"{"success":true,"result":{"status":"PENDING"}}"#;
        assert_eq!(asked(200, pending), Ok(vec![]));
    }

    #[test]
    fn a_number_that_is_not_on_whatsapp_is_named_so() {
        for data in [
            json!({"status": "ERROR", "statusInfo": "user not found"}),
            json!({"status": "error", "statusInfo": "NOT FOUND"}),
            json!({"status": "NOT FOUND"}),
            json!({"status": "OK", "delivery": "error", "statusInfo": "User not found"}),
        ] {
            let ProviderStatus::Failed { code, .. } = one(data.clone()).status else {
                panic!("{data}");
            };
            assert_eq!(code, "NOT_ON_WHATSAPP", "{data}");
        }
    }

    /// The zone of its times is not documented: a time without one is none.
    #[test]
    fn only_a_time_that_names_its_zone_is_a_time() {
        let at = |executed: Value| one(json!({"status": "OK", "executedAt": executed})).at;
        let t = Timestamp::from_second(1_764_000_000).ok();
        assert_eq!(at(json!("2025-11-24T16:00:00Z")), t);
        assert_eq!(at(json!("2025-11-24T19:00:00+03:00")), t);
        assert_eq!(at(json!(1_764_000_000)), t);
        for other in ["2025-11-24 16:00:00", "2025-11-24T16:00:00", "soon", ""] {
            assert_eq!(at(json!(other)), None, "{other}");
        }
        let read = one(json!({"status": "OK", "delivery": "read", "executedAt": 1_764_000_000}));
        assert_eq!(read.at, None, "executed is not read");
    }

    #[test]
    fn an_answer_that_tells_no_status_is_a_failure() {
        for (status, body) in [
            (200, ""),
            (200, "{}"),
            (200, r#"{"success":true}"#),
            (200, r#"{"success":true,"data":{}}"#),
            (200, r#"{"success":true,"data":{"status":7}}"#),
            (500, ""),
        ] {
            let read = asked(status, body);
            assert!(
                matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
                "{status} {body}: {read:?}"
            );
        }
        assert!(matches!(
            asked(401, ""),
            Err(ProviderFailure::Rejected { .. })
        ));
        assert!(matches!(
            asked(429, ""),
            Err(ProviderFailure::RateLimited { .. })
        ));
    }
}
