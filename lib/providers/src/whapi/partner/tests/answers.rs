//! Answers: successes in every shape, refusals by their status, doubt where there is doubt.

use domain::{managed::LoginCode, partner::NoticeRead, phone::PhoneNumber};

use super::*;

fn with(changes: Value) -> Value {
    let mut channel: Value = CHANNEL.parse().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        channel[key] = value.clone();
    }
    channel
}

/// S3.7–S3.11: reference, token, number, state and times.
#[test]
fn a_channel_is_read_as_it_is_shown() {
    let wrapped = json!({"channel": with(json!({}))}).to_string();
    for body in [CHANNEL, &wrapped] {
        let channel = read_channel(&answer(200, body)).unwrap();
        assert_eq!(channel.provider_ref, "HERON-7TEST");
        assert_eq!(channel.name, "Pearl Shop 0192f0c1");
        let token = channel.token.unwrap();
        assert_eq!(token.expose_secret(), "invented-token-of-heron-0001");
        assert_eq!(channel.created_at.unwrap().as_second(), 1_764_000_000);
        assert_eq!(channel.active_till.unwrap().as_second(), 1_764_432_000);
        assert_eq!((channel.trial, channel.stopped), (true, false));
        assert_eq!((channel.status.as_str(), channel.phone), ("active", None));
    }
    let odd = with(json!({
        "phone": 97_333_000_001_u64, "token": "", "activeTill": "1764432000000", "mode": "live",
        "stopped": "true", "name": null, "creationTS": -7,
    }));
    let channel = read_channel(&answer(201, odd)).unwrap();
    assert_eq!(channel.phone, PhoneNumber::parse("+97333000001").ok());
    assert!(channel.token.is_none() && channel.created_at.is_none());
    assert_eq!(channel.active_till.unwrap().as_second(), 1_764_432_000);
    assert!(channel.stopped && !channel.trial && channel.name.is_empty());
}

/// A success that shows no channel leaves open whether one was made.
#[test]
fn a_creation_without_a_channel_is_doubt() {
    for body in ["", "{}", "[]", "<html>", r#"{"id":""}"#, r#"{"id":{}}"#] {
        let Err(ProviderFailure::OutcomeUnknown { .. }) = read_channel(&answer(200, body)) else {
            panic!("{body}");
        };
    }
}

#[test]
fn lists_come_bare_or_wrapped() {
    for body in [
        json!([{"id": "p-1", "name": "One"}, {"id": 2}, {"name": "none"}, 7]),
        json!({"projects": [{"id": "p-1"}, {"_id": "2"}]}),
        json!({"data": ["p-1", "2"]}),
    ] {
        assert_eq!(
            read_projects(&answer(200, &body)).unwrap(),
            ["p-1", "2"],
            "{body}"
        );
    }
    let none = read_projects(&answer(200, "{}"));
    assert_eq!(none, Err(unreadable()));
}

/// X30: what a lost answer may have made is found by its exact name, the earliest of them.
#[test]
fn a_channel_is_found_by_its_name_alone() {
    let twice = with(json!({"id": "LATER-1", "creationTS": 1_764_000_001_000_i64}));
    let other = with(json!({"id": "OTHER-1", "name": "Pearl Shop 0192f0c"}));
    for list in [
        json!([other, twice, with(json!({}))]),
        json!({"channels": [twice, with(json!({})), other], "total": 9}),
        json!({"data": [7, with(json!({})), {}]}),
    ] {
        let found = read_list(&answer(200, &list), "Pearl Shop 0192f0c1").unwrap();
        assert_eq!(found.unwrap().provider_ref, "HERON-7TEST", "{list}");
    }
    for whole in [
        json!([]),
        json!([other]),
        json!({"channels": [other], "total": 1}),
    ] {
        assert!(
            read_list(&answer(200, &whole), "nobody").unwrap().is_none(),
            "{whole}"
        );
    }
    // Absence means nothing where not everything could be seen.
    for part in [
        json!({"channels": [other], "total": 2}),
        json!([other, {"name": "nobody"}]),
        json!({}),
    ] {
        assert!(read_list(&answer(200, &part), "nobody").is_err(), "{part}");
    }
}

#[test]
fn a_channel_that_whapi_does_not_know_is_none() {
    assert!(
        read_shown(&answer(404, ""), "HERON-7TEST")
            .unwrap()
            .is_none()
    );
    let shown = read_shown(&answer(200, CHANNEL), "HERON-7TEST").unwrap();
    assert!(shown.is_some());
    assert!(read_shown(&answer(200, CHANNEL), "OTHER-1").is_err());
}

/// S3.13, S3.14: gone is gone, whoever deleted it.
#[test]
fn deleting_what_is_gone_is_fine() {
    for (status, done) in [
        (200, true),
        (204, true),
        (404, true),
        (401, false),
        (500, false),
    ] {
        assert_eq!(read_delete(&answer(status, "")).is_ok(), done, "{status}");
    }
}

/// S3.17: until when it is active, where the answer says so.
#[test]
fn an_extension_tells_until_when() {
    let till = |body: &str| read_extend(&answer(200, body));
    assert_eq!(till(CHANNEL).unwrap().unwrap().as_second(), 1_764_432_000);
    assert_eq!(till(""), Ok(None));
    assert_eq!(till(r#"{"success":true}"#), Ok(None));
    assert_eq!(till("<html>"), Err(unreadable()));
}

/// S3.30, S3.31: the status decides; nothing that may have been done is taken for a refusal.
#[test]
fn refusals_are_told_apart_by_their_status() {
    let nested = r#"{"error":{"code":1,"message":"Some words of WHAPI"}}"#;
    let flat = r#"{"code":1,"error":"Some words of WHAPI"}"#;
    for body in [nested, flat, "", "<html>"] {
        for (status, expected) in [
            (400, "INVALID_REQUEST"),
            (401, "PARTNER_TOKEN"),
            (402, "PARTNER_BALANCE"),
            (403, "PARTNER_TOKEN"),
            (404, "NOT_FOUND_AT_PROVIDER"),
            (409, "REFUSED"),
        ] {
            let Err(ProviderFailure::Rejected { code, reason }) =
                read_channel(&answer(status, body))
            else {
                panic!("{status}");
            };
            assert_eq!(code, expected, "{status}");
            let banner =
                "WHAPI Partner Token missing or invalid — please update integration settings.";
            assert_eq!(reason == banner, expected == "PARTNER_TOKEN", "{reason}");
        }
        for status in [302, 408, 500, 502, 503] {
            let Err(ProviderFailure::OutcomeUnknown { .. }) = read_extend(&answer(status, body))
            else {
                panic!("{status}");
            };
        }
        let slow = read_channel(&answer(429, body));
        assert!(matches!(slow, Err(ProviderFailure::RateLimited { .. })));
    }
}

/// S3.21, S3.22: a data URI with its seconds, in whichever spelling it came.
#[test]
fn a_code_becomes_a_data_uri() {
    let uri = "data:image/png;base64,iVBORw0KGgo=";
    for (body, expires_in) in [
        (json!({"status": "OK", "base64": uri, "expire": 20}), 20),
        (
            json!({"status": "OK", "base64": "iVBORw0KGgo=", "expire": "45"}),
            45,
        ),
        (
            json!({"status": "OK", "base64": "iVBORw\n0KGgo=", "expire": 19.7}),
            19,
        ),
        (json!({"qr": uri, "expires_in": 60}), 60),
        (json!({"qr": uri}), 60),
        (json!({"qr": uri, "expires_in": -1e9}), 1),
        (json!({"qr": uri, "expires_in": 1e9}), 600),
    ] {
        let image = uri.to_owned();
        let code = LoginCode::Code { image, expires_in };
        assert_eq!(read_login(&answer(200, &body)), Ok(code), "{body}");
    }
    for hostile in [
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "\"><script>",
        &"A".repeat(200_001),
    ] {
        let body = json!({"status": "OK", "base64": hostile});
        assert_eq!(read_login(&answer(200, &body)), Err(unreadable()));
    }
}

/// S3.24: a number that is logged in needs no code; a channel that starts has none yet.
#[test]
fn without_a_code_it_is_said_why() {
    let waiting = Ok(LoginCode::NotReady { retry_in: 5 });
    for (status, body, read) in [
        (409, "", Ok(LoginCode::Authorized)),
        (422, "", waiting.clone()),
        (200, r#"{"status":"WAITING"}"#, waiting.clone()),
        (200, r#"{"status":"TIMEOUT","base64":""}"#, waiting),
        (200, "{}", Err(unreadable())),
        (200, "", Err(unreadable())),
    ] {
        assert_eq!(read_login(&answer(status, body)), read, "{status} {body}");
    }
    for (status, expected) in [
        (401, "CHANNEL_TOKEN"),
        (404, "NOT_FOUND_AT_PROVIDER"),
        (406, "NO_QR"),
    ] {
        let Err(ProviderFailure::Rejected { code, .. }) = read_login(&answer(status, "")) else {
            panic!("{status}");
        };
        assert_eq!(code, expected);
    }
}

/// S3.51: whatever the keys are called, as long as they mean days.
#[test]
fn a_notice_is_read_in_any_spelling() {
    for (body, current_days, days_limit) in [
        (
            json!({"current_days": 12, "days_limit": 30}),
            Some(12),
            Some(30),
        ),
        (
            json!({"days": {"currentDays": "12", "daysLimit": 30.0}}),
            Some(12),
            Some(30),
        ),
        (
            json!({"partner": {"liveDays": 12}, "limit": 30}),
            Some(12),
            Some(30),
        ),
        (
            json!([{"event": {"type": "days"}, "days": 12}]),
            Some(12),
            None,
        ),
        (json!({"days": 12, "current-days": 7}), Some(7), None),
        (
            json!({"current_days": -3, "days_limit": 0}),
            Some(-3),
            Some(0),
        ),
        (
            json!({"current_days": 1e300, "days_limit": true}),
            None,
            None,
        ),
        (json!({"left": 12}), None, None),
        (json!("12"), None, None),
    ] {
        let read = NoticeRead {
            current_days,
            days_limit,
            ..NoticeRead::default()
        };
        assert_eq!(notice(body.to_string().as_bytes()), read, "{body}");
    }
    assert_eq!(notice(b"\xff{"), NoticeRead::default());
}

/// S3.51: a notice is known by an id of its own, and counts from its own time; an `id` that may be
/// anybody's is none.
#[test]
fn a_notice_is_known_by_its_own_id_and_time() {
    let at = |text: &str| text.parse().ok();
    let noon = at("2026-11-21T12:00:00Z");
    for (body, id, time) in [
        (
            json!({"event_id": "evt-7", "timestamp": 1_795_262_400}),
            Some("evt-7"),
            noon,
        ),
        (json!({"event": {"type": "days", "id": 7}}), Some("7"), None),
        (
            json!({"notifications": [{"notificationId": " n-1 "}]}),
            Some("n-1"),
            None,
        ),
        (
            json!([{"notification": [{"id": "n-2"}]}]),
            Some("n-2"),
            None,
        ),
        (
            json!({"id": "partner-7", "partner": {"id": "p"}, "channel_id": "c"}),
            None,
            None,
        ),
        (
            json!({"event_id": "", "event": {"id": "e"}}),
            Some("e"),
            None,
        ),
        (
            json!({"event_id": "x".repeat(129), "time": "yesterday"}),
            None,
            None,
        ),
        (json!({"days": {"sent_at": "1795262400000"}}), None, noon),
        (json!({"date": "2026-11-21T15:00:00+03:00"}), None, noon),
        (
            json!({"timestamp": -1e300, "time": {"time": 1_795_262_400.5}}),
            None,
            None,
        ),
        (json!({"timestamp": i64::MAX}), None, None),
    ] {
        let read = notice(body.to_string().as_bytes());
        assert_eq!((read.id.as_deref(), read.at), (id, time), "{body}");
    }
}
