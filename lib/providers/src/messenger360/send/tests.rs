//! The exact forms, and answers of every shape.

use std::time::Duration;

use domain::{
    message::{Button, Interactive},
    phone::PhoneNumber,
    provider::Method,
};
use serde_json::json;

use super::*;

fn to() -> Recipient {
    Recipient::Phone(PhoneNumber::parse("+97333000001").unwrap())
}

fn text(body: &str) -> Content {
    Content::Text { body: body.into() }
}

fn media(source: MediaSource, caption: Option<&str>) -> Media {
    Media {
        source,
        caption: caption.map(Into::into),
        filename: Some("1.pdf".into()),
    }
}

fn linked(caption: Option<&str>) -> Media {
    media(
        MediaSource::Link("https://files.example/1.pdf".into()),
        caption,
    )
}

/// S1.13, S1.84, S1.86, X11, X23: a form, the number without its plus, the key's mark in the path.
#[test]
fn the_two_versions_differ_in_path_and_credential_alone() {
    let first = build(Version::First, &to(), &text("Hi & bye")).unwrap();
    assert_eq!(first.path, "/sendMessage/{key}");
    assert_eq!(first.credential, Credential::Path);
    let second = build(Version::Second, &to(), &text("Hi & bye")).unwrap();
    assert_eq!(second.path, "/v2/sendMessage");
    assert_eq!(second.credential, Credential::Bearer);
    for request in [first, second] {
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.encoding, Encoding::Form);
        assert_eq!(
            request.body,
            Some(json!({"phonenumber": "97333000001", "text": "Hi & bye"}))
        );
    }
}

/// S1.89: a file is a link in the same form as a text, in both versions.
#[test]
fn files_go_out_as_links_with_their_text() {
    let sample: Value = serde_json::from_str(include_str!(
        "../../../../../fixtures/messenger360/request_document.json"
    ))
    .unwrap();
    for content in [
        Content::Document(linked(Some("Your invoice"))),
        Content::Image(linked(Some("Your invoice"))),
    ] {
        for version in [Version::First, Version::Second] {
            let request = build(version, &to(), &content).unwrap();
            assert_eq!(request.body, Some(sample.clone()));
        }
    }
    let bare = build(Version::Second, &to(), &Content::Image(linked(None))).unwrap();
    assert_eq!(
        bare.body,
        Some(json!({"phonenumber": "97333000001", "url": "https://files.example/1.pdf"}))
    );
}

#[test]
fn what_it_cannot_carry_is_not_built() {
    let buttons = Content::Interactive(Interactive {
        header: None,
        body: "Body".into(),
        footer: None,
        buttons: vec![Button {
            id: "btn1".into(),
            title: "Yes".into(),
        }],
    });
    for content in [
        buttons,
        Content::Image(media(MediaSource::Id("id-1".into()), None)),
        text(&"x".repeat(4097)),
        text(" "),
    ] {
        let refused = build(Version::Second, &to(), &content);
        assert!(
            matches!(refused, Err(ProviderFailure::Unsupported { .. })),
            "{content:?}"
        );
    }
    let name = Recipient::User("123456789012345@lid".into());
    let refused = build(Version::Second, &name, &text("Hi"));
    assert!(matches!(refused, Err(ProviderFailure::Unsupported { .. })));
}

fn answer(status: u16, body: &str) -> Result<Receipt, ProviderFailure> {
    read(&WireResponse {
        status,
        retry_after_seconds: None,
        body: body.into(),
    })
}

#[test]
fn created_is_success_and_gives_the_id_if_it_has_one() {
    let id = |id: Option<&str>| {
        Ok(Receipt {
            provider_id: id.map(Into::into),
        })
    };
    let sent = include_str!("../../../../../fixtures/messenger360/response_sent.json");
    assert_eq!(
        answer(201, sent),
        id(Some("0b6f2c1e-5a77-4f7e-9d55-3f1c8f0a9e11"))
    );
    assert!(answer(200, sent).is_ok());
    assert_eq!(answer(201, r#"{"id":"id-1"}"#), id(Some("id-1")));
    assert_eq!(
        answer(200, r#"{"success":true,"result":{"id":7}}"#),
        id(Some("7"))
    );
    assert_eq!(answer(201, ""), id(None));
    assert_eq!(answer(201, "sent"), id(None));
    assert_eq!(answer(200, r#"{"success":true}"#), id(None));
}

/// X9: an answer that could be either is never taken for one of them.
#[test]
fn an_answer_that_cannot_be_read_is_doubt() {
    for (status, body) in [
        (200, ""),
        (200, "<html>"),
        (200, "{}"),
        (200, "[]"),
        (200, r#"{"id":"id-1"}"#),
        (200, r#"{"success":false,"data":{"id":"id-1"}}"#),
        (200, r#"{"success":true,"errorCode":1}"#),
        (200, r#"{"success":false,"statusCode":500}"#),
        (201, r#"{"success":false}"#),
        (201, r#"{"errorCode":"1"}"#),
        (202, ""),
        (302, ""),
        (408, ""),
        (500, ""),
        (500, r#"{"success":false,"statusCode":400}"#),
        (503, "<html>"),
    ] {
        let read = answer(status, body);
        assert!(
            matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
            "{status} {body}: {read:?}"
        );
    }
}

#[test]
fn a_refusal_has_a_code_and_the_providers_words() {
    let first = include_str!("../../../../../fixtures/messenger360/response_v1_error.json");
    for (status, body, code, words) in [
        (200, first, "REFUSED", "(360Messenger: the text is empty)"),
        (
            200,
            r#"{"errorCode":3}"#,
            "REFUSED",
            "(360Messenger: code 3)",
        ),
        (
            200,
            r#"{"success":false,"statusCode":400,"message":"bad phonenumber"}"#,
            "INVALID_REQUEST",
            "(360Messenger: bad phonenumber)",
        ),
        (
            200,
            r#"{"success":false}"#,
            "REFUSED",
            "(360Messenger send failed)",
        ),
        (
            200,
            r#"{"success":false,"statusCode":401}"#,
            "CHANNEL_UNAUTHORIZED",
            "store the channel's current key",
        ),
        (400, "", "INVALID_REQUEST", "(360Messenger send failed)"),
        (401, "{}", "CHANNEL_UNAUTHORIZED", "store the channel's"),
        (403, "null", "CHANNEL_UNAUTHORIZED", "store the channel's"),
        (404, "", "NOT_FOUND_AT_PROVIDER", "send failed"),
        (413, "", "TOO_LARGE", "send failed"),
        (409, "[1]", "REFUSED", "send failed"),
    ] {
        let Err(ProviderFailure::Rejected {
            code: found,
            reason,
        }) = answer(status, body)
        else {
            panic!("{status} {body}");
        };
        assert_eq!(found, code, "{status} {body}");
        assert!(reason.contains(words), "{reason}");
    }
}

/// X23: an error may quote the address, and with it the key.
#[test]
fn a_refusal_shows_no_number_and_no_key() {
    let body = r#"{"errorDescription":"POST /sendMessage/AbCdEfGhIjKlMnOpQrStUvWx for 97333000001 at https://api.360messenger.com/sendMessage/k"}"#;
    let Err(ProviderFailure::Rejected { reason, .. }) = answer(200, body) else {
        panic!();
    };
    for hidden in ["AbCdEf", "97333000001", "sendMessage/k"] {
        assert!(!reason.contains(hidden), "{reason}");
    }
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let limited = |status, seconds, body: &str| {
        read(&WireResponse {
            status,
            retry_after_seconds: seconds,
            body: body.into(),
        })
    };
    let wait = |retry_after| Err(ProviderFailure::RateLimited { retry_after });
    assert_eq!(limited(429, None, ""), wait(None));
    assert_eq!(
        limited(429, Some(30), ""),
        wait(Some(Duration::from_secs(30)))
    );
    assert_eq!(
        limited(200, None, r#"{"success":false,"statusCode":429}"#),
        wait(None)
    );
}
