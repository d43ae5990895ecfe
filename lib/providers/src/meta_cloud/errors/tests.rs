use serde_json::json;

use super::*;

fn answer(status: u16, body: impl ToString) -> WireResponse {
    WireResponse {
        status,
        retry_after_seconds: None,
        body: body.to_string().into_bytes(),
    }
}

fn error(number: u32) -> Value {
    json!({"error": {"message": format!("(#{number}) Sample"), "code": number,
        "error_data": {"details": "A sample"}}})
}

/// What follows from a failure, in a word.
fn what(failure: &ProviderFailure) -> String {
    match failure {
        ProviderFailure::Rejected { code, .. } => code.to_string(),
        ProviderFailure::RateLimited { retry_after } => match retry_after {
            Some(wait) => format!("wait {}", wait.as_secs()),
            None => "wait".into(),
        },
        ProviderFailure::NotSent { what } => format!("not sent: {what}"),
        ProviderFailure::OutcomeUnknown { what } => format!("doubt: {what}"),
        ProviderFailure::Unsupported { .. } | ProviderFailure::Unverified => "odd".into(),
    }
}

/// X10, providers.md 2.2: every number that Meta documents for sending, and what follows from it.
#[test]
fn every_number_of_the_catalogue_decides() {
    let cases: &[(u32, &str)] = &[
        (0, "CHANNEL_UNAUTHORIZED"),
        (1, "doubt: META_UNKNOWN"),
        (2, "not sent: META_UNAVAILABLE"),
        (3, "PERMISSION_MISSING"),
        (4, "wait 300"),
        (10, "PERMISSION_MISSING"),
        (33, "CHANNEL_GONE_AT_PROVIDER"),
        (100, "INVALID_REQUEST"),
        (190, "CHANNEL_UNAUTHORIZED"),
        (200, "PERMISSION_MISSING"),
        (250, "PERMISSION_MISSING"),
        (299, "PERMISSION_MISSING"),
        (368, "ACCOUNT_BLOCKED"),
        (80_007, "wait 300"),
        (130_403, "BLOCKED_BY_BUSINESS"),
        (130_429, "wait 10"),
        (130_472, "IN_EXPERIMENT"),
        (130_497, "COUNTRY_RESTRICTED"),
        (131_000, "not sent: META_UNAVAILABLE"),
        (131_005, "PERMISSION_MISSING"),
        (131_008, "INVALID_REQUEST"),
        (131_009, "INVALID_REQUEST"),
        (131_016, "not sent: META_UNAVAILABLE"),
        (131_021, "RECIPIENT_IS_SENDER"),
        (131_026, "NOT_ON_WHATSAPP"),
        (131_030, "NOT_IN_TEST_LIST"),
        (131_031, "ACCOUNT_LOCKED"),
        (131_037, "DISPLAY_NAME_MISSING"),
        (131_042, "PAYMENT_ISSUE"),
        (131_045, "NUMBER_NOT_REGISTERED"),
        (131_047, "WINDOW_CLOSED"),
        (131_048, "SPAM_RESTRICTED"),
        (131_049, "ENGAGEMENT_LIMIT"),
        (131_050, "MARKETING_STOPPED"),
        (131_051, "UNSUPPORTED_TYPE"),
        (131_052, "MEDIA_UNREADABLE"),
        (131_053, "MEDIA_REFUSED"),
        (131_056, "wait 60"),
        (131_057, "wait 120"),
        (131_060, "UNSUPPORTED_TYPE"),
        (131_062, "USER_ID_UNSUPPORTED"),
        (131_063, "MARKETING_API"),
        (131_064, "wait 3600"),
        (132_000, "TEMPLATE_VALUES"),
        (132_001, "TEMPLATE_MISSING"),
        (132_005, "TEMPLATE_TOO_LONG"),
        (132_007, "TEMPLATE_POLICY"),
        (132_008, "TEMPLATE_VALUES"),
        (132_012, "TEMPLATE_VALUES"),
        (132_015, "TEMPLATE_PAUSED"),
        (132_016, "TEMPLATE_DISABLED"),
        (132_018, "TEMPLATE_VALUES"),
        (132_068, "FLOW_BLOCKED"),
        (132_069, "wait 600"),
        (133_000, "NUMBER_NOT_REGISTERED"),
        (133_004, "not sent: META_UNAVAILABLE"),
        (133_005, "NUMBER_NOT_REGISTERED"),
        (133_006, "NUMBER_NOT_REGISTERED"),
        (133_008, "NUMBER_NOT_REGISTERED"),
        (133_009, "NUMBER_NOT_REGISTERED"),
        (133_010, "NUMBER_NOT_REGISTERED"),
        (133_015, "NUMBER_NOT_REGISTERED"),
        (133_016, "NUMBER_NOT_REGISTERED"),
        (134_011, "PAYMENT_ISSUE"),
        (134_100, "MARKETING_API"),
        (134_101, "MARKETING_API"),
        (134_102, "MARKETING_API"),
        (135_000, "not sent: META_UNAVAILABLE"),
        (137_000, "IDENTITY_CHANGED"),
    ];
    for (number, expected) in cases {
        // The number decides, whatever the status around it says.
        for status in [200, 400, 401, 403, 404, 500, 503] {
            let failure = failure(&answer(status, error(*number)));
            assert_eq!(what(&failure), *expected, "{number} under {status}");
        }
    }
    for row in table::ROWS {
        let named = cases
            .iter()
            .any(|(number, _)| (row.first..=row.last).contains(number));
        assert!(named, "{} has no case", row.first);
    }
}

#[test]
fn the_catalogue_names_each_number_once_and_every_sentence_is_one() {
    for (index, row) in table::ROWS.iter().enumerate() {
        assert!(row.first <= row.last, "{}", row.first);
        for other in table::ROWS.iter().skip(index + 1) {
            assert!(
                row.last < other.first,
                "{} after {}",
                other.first,
                row.first
            );
        }
        assert!(row.sentence.ends_with('.'), "{}", row.code);
        assert_eq!(
            row.delay_seconds > 0,
            row.class == Class::Slow,
            "{}",
            row.code
        );
        let code = row.code.bytes();
        assert!(
            code.into_iter()
                .all(|b| b.is_ascii_uppercase() || b == b'_')
        );
    }
}

/// X9: what is known not sent may be sent again, doubt never, and a refusal is for people.
#[test]
fn only_what_is_known_not_sent_is_retryable() {
    for row in table::ROWS {
        let failure = failure(&answer(400, error(row.first)));
        let expected = match row.class {
            Class::Slow | Class::Outage => true,
            Class::Account | Class::Recipient | Class::Content | Class::Doubt => false,
        };
        assert_eq!(failure.retryable(), expected, "{}", row.first);
    }
}

#[test]
fn a_refusal_says_what_to_do_and_what_meta_said() {
    let sample = include_str!("../../../../../fixtures/meta/answer_error_window.json");
    assert_eq!(
        failure(&answer(400, sample)),
        ProviderFailure::Rejected {
            code: "WINDOW_CLOSED".into(),
            reason: "The person last wrote more than 24 hours ago: send a template. (Meta 131047: More than 24 hours have passed since the person last wrote.)".into(),
        }
    );
    let token = include_str!("../../../../../fixtures/meta/answer_error_token.json");
    assert_eq!(what(&failure(&answer(401, token))), "CHANNEL_UNAUTHORIZED");
    let quoting = json!({"error": {"code": 131_026,
        "message": "to 97333000001 with EAAGsampletokensampletokensample"}});
    let ProviderFailure::Rejected { reason, .. } = failure(&answer(400, quoting)) else {
        panic!("not refused");
    };
    assert!(
        reason.ends_with("(Meta 131026: to [number] with [hidden])"),
        "{reason}"
    );
}

/// Without a number that says anything the status decides, and what is no clear no is doubt.
#[test]
fn an_answer_without_a_known_number_is_judged_by_its_status() {
    let check = |status, body: &str, expected: &str| {
        let failure = failure(&answer(status, body));
        assert_eq!(what(&failure), expected, "{status} {body}");
    };
    let unknown = r#"{"error":{"code":999999,"message":"Hologram jammed"}}"#;
    let passing = r#"{"error":{"code":999999,"is_transient":true}}"#;
    for body in [
        "",
        "<html>",
        "{}",
        "[]",
        "null",
        "\u{0}",
        r#"{"error":"x"}"#,
        unknown,
    ] {
        check(400, body, "REFUSED");
        check(401, body, "CHANNEL_UNAUTHORIZED");
        check(404, body, "REFUSED");
        check(408, body, "doubt: http 408");
        check(429, body, "wait");
        check(302, body, "doubt: http 302");
        for status in [500, 502, 503, 504] {
            check(status, body, &format!("doubt: http {status}"));
        }
    }
    check(400, passing, "not sent: META_UNAVAILABLE");
    check(500, passing, "doubt: http 500");
    check(429, r#"{"error":{"code":1}}"#, "wait");
    check(400, r#"{"error":{"code":"131047"}}"#, "WINDOW_CLOSED");
    check(400, r#"{"error":{"code":-1}}"#, "REFUSED");
    check(400, r#"{"error":{"code":131047.5}}"#, "REFUSED");
}

/// The wait that Meta names goes before ours.
#[test]
fn a_named_wait_counts() {
    let mut response = answer(429, error(130_429));
    response.retry_after_seconds = Some(7);
    assert_eq!(what(&failure(&response)), "wait 7");
    response.retry_after_seconds = Some(u64::MAX);
    assert_eq!(what(&failure(&response)), "wait 86400");
}
