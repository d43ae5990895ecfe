//! The exact bodies, and answers of every shape.

use std::time::Duration;

use domain::{
    message::{Button, Row, Section, TemplateUse},
    phone::PhoneNumber,
    provider::Method,
};
use serde_json::json;

use super::*;

fn to() -> Recipient {
    phone("+97339116526")
}

fn phone(number: &str) -> Recipient {
    Recipient::Phone(PhoneNumber::parse(number).unwrap())
}

fn built(content: &Content) -> (String, Value) {
    let request = build(&to(), content).unwrap();
    assert_eq!(request.method, Method::Post);
    (request.path, request.body.unwrap())
}

fn buttons(count: usize) -> Vec<Button> {
    (1..=count)
        .map(|n| Button {
            id: format!("btn{n}"),
            title: format!("Button {n}"),
        })
        .collect()
}

/// S0.2, S0.6–S0.12, X11: path, flat buttons, fixed ids, number without its plus.
#[test]
fn an_interactive_message_has_exactly_this_body() {
    let (path, body) = built(&Content::Interactive(Interactive {
        header: Some("Header".into()),
        body: "Body".into(),
        footer: Some("Footer".into()),
        buttons: buttons(3),
    }));
    assert_eq!(path, "/messages/interactive");
    assert_eq!(
        body,
        json!({
            "header": {"text": "Header"},
            "body": {"text": "Body"},
            "footer": {"text": "Footer"},
            "action": {"buttons": [
                {"type": "quick_reply", "title": "Button 1", "id": "btn1"},
                {"type": "quick_reply", "title": "Button 2", "id": "btn2"},
                {"type": "quick_reply", "title": "Button 3", "id": "btn3"},
            ]},
            "type": "button",
            "to": "97339116526",
        })
    );
}

#[test]
fn the_samples_are_what_is_built_and_read() {
    let sample: Value = serde_json::from_str(include_str!(
        "../../../../../fixtures/whapi/request_interactive.json"
    ))
    .unwrap();
    let title = |n: usize| sample["action"]["buttons"][n]["title"].as_str().unwrap();
    let button = |n: usize| Button {
        id: format!("btn{}", n + 1),
        title: title(n).into(),
    };
    let content = Content::Interactive(Interactive {
        header: Some("Example Trading".into()),
        body: "When shall we come?".into(),
        footer: Some("Reply within a day".into()),
        buttons: (0..3).map(button).collect(),
    });
    let to = phone("97333000001");
    assert_eq!(build(&to, &content).unwrap().body, Some(sample));
    let sent = answer(
        200,
        include_str!("../../../../../fixtures/whapi/response_sent.json"),
    );
    assert!(sent.unwrap().provider_id.is_some());
    for refused in [
        include_str!("../../../../../fixtures/whapi/response_error_nested.json"),
        include_str!("../../../../../fixtures/whapi/response_error_flat.json"),
    ] {
        // The code in the body is definite, whatever the status.
        let refused = answer(500, refused).unwrap_err();
        assert!(refused.to_string().contains("eed channel authorization"));
    }
}

/// S0.6, S0.8: header and footer are optional, and absent when not given.
#[test]
fn what_is_not_given_is_not_sent() {
    let (_, body) = built(&Content::Interactive(Interactive {
        header: None,
        body: "Body".into(),
        footer: None,
        buttons: buttons(1),
    }));
    assert!(body.get("header").is_none() && body.get("footer").is_none());
    let (path, body) = built(&Content::Text { body: "Hi".into() });
    assert_eq!(path, "/messages/text");
    assert_eq!(body, json!({"to": "97339116526", "body": "Hi"}));
}

#[test]
fn files_go_out_as_links() {
    let media = Media {
        source: MediaSource::Link("https://files.example/1.pdf".into()),
        caption: Some("Invoice".into()),
        filename: Some("1.pdf".into()),
    };
    let (path, body) = built(&Content::Document(media.clone()));
    assert_eq!(path, "/messages/document");
    assert_eq!(
        body,
        json!({"to": "97339116526", "media": "https://files.example/1.pdf", "filename": "1.pdf", "caption": "Invoice"})
    );
    let (path, body) = built(&Content::Image(Media {
        caption: None,
        ..media
    }));
    assert_eq!(path, "/messages/image");
    assert_eq!(
        body,
        json!({"to": "97339116526", "media": "https://files.example/1.pdf"})
    );
}

#[test]
fn files_uploaded_before_go_out_by_their_ids() {
    let (_, body) = built(&Content::Image(Media {
        source: MediaSource::Id("jpeg-1".into()),
        caption: None,
        filename: None,
    }));
    assert_eq!(body, json!({"to": "97339116526", "media": "jpeg-1"}));
}

fn list(sections: Vec<Section>) -> List {
    List {
        header: None,
        body: "What is it about?".into(),
        footer: None,
        label: "Open".into(),
        sections,
    }
}

fn row(n: usize, title: &str, description: Option<&str>) -> Row {
    Row {
        id: format!("row{n}"),
        title: title.into(),
        description: description.map(Into::into),
    }
}

/// S3.4: `action.list` with sections, rows and a label, flat like the buttons.
#[test]
fn a_list_has_exactly_this_body() {
    let sample: Value = serde_json::from_str(include_str!(
        "../../../../../fixtures/whapi/request_list.json"
    ))
    .unwrap();
    let section = |title: &str, rows| Section {
        title: Some(title.into()),
        rows,
    };
    let content = List {
        header: Some("Example Trading".into()),
        footer: Some("Reply within a day".into()),
        ..list(vec![
            section(
                "Orders",
                vec![
                    row(1, "Where is it?", Some("State of the delivery")),
                    row(2, "Change it", None),
                ],
            ),
            section("Other", vec![row(3, "Talk to us", None)]),
        ])
    };
    let request = build(&phone("97333000001"), &Content::List(content)).unwrap();
    assert_eq!(request.path, "/messages/interactive");
    assert_eq!(request.body, Some(sample));
    let (_, bare) = built(&Content::List(list(vec![Section {
        title: None,
        rows: vec![row(1, "Yes", None)],
    }])));
    assert_eq!(
        bare["action"],
        json!({"list": {"sections": [{"rows": [{"id": "row1", "title": "Yes"}]}], "label": "Open"}})
    );
    assert!(bare.get("header").is_none() && bare.get("footer").is_none());
}

/// X13: people without a number are written to by the name WHAPI gives their chat.
#[test]
fn a_person_without_a_number_is_written_to_by_the_name_of_the_chat() {
    let text = Content::Text { body: "Hi".into() };
    let request = build(&Recipient::User("123456789012345@lid".into()), &text).unwrap();
    assert_eq!(
        request.body,
        Some(json!({"to": "123456789012345@lid", "body": "Hi"}))
    );
    for other in ["BH.13491208655302741918", "123456789012345", "1203630@g.us"] {
        let refused = build(&Recipient::User(other.into()), &text);
        assert!(
            matches!(refused, Err(ProviderFailure::Unsupported { .. })),
            "{other}"
        );
    }
}

/// S0.7, S0.9: a body, and no fourth button.
#[test]
fn what_whapi_would_refuse_is_not_built() {
    for content in [
        Content::Text { body: " ".into() },
        Content::Text {
            body: "x".repeat(4097),
        },
        Content::Interactive(Interactive {
            header: None,
            body: "Body".into(),
            footer: None,
            buttons: buttons(4),
        }),
        Content::List(list(vec![])),
        Content::List(list(vec![Section {
            title: None,
            rows: (1..=11).map(|n| row(n, "Row", None)).collect(),
        }])),
        Content::Template(TemplateUse {
            name: "order_ready".into(),
            language: "en".into(),
            header: None,
            body: Default::default(),
            buttons: vec![],
        }),
    ] {
        let refused = build(&to(), &content);
        assert!(matches!(refused, Err(ProviderFailure::Unsupported { .. })));
    }
}

fn answer(status: u16, body: &str) -> Result<Receipt, ProviderFailure> {
    read(&WireResponse {
        status,
        retry_after_seconds: None,
        body: body.into(),
    })
}

/// S0.38: the id is kept if there is one.
#[test]
fn a_success_gives_the_id_if_it_has_one() {
    let id = |id: &str| {
        Ok(Receipt {
            provider_id: Some(id.into()),
        })
    };
    assert_eq!(
        answer(200, r#"{"sent":true,"message":{"id":"abc-def"}}"#),
        id("abc-def")
    );
    assert_eq!(
        answer(201, r#"{"message":{"id":"abc-def"}}"#),
        id("abc-def")
    );
    let nameless = Ok(Receipt { provider_id: None });
    assert_eq!(answer(200, r#"{"sent":true}"#), nameless);
    assert_eq!(answer(200, r#"{"sent":true,"message":null}"#), nameless);
}

#[test]
fn an_answer_that_cannot_be_read_is_doubt() {
    for (status, body) in [
        (200, ""),
        (200, "<html>"),
        (200, "{}"),
        (200, "[]"),
        (200, r#"{"sent":"maybe"}"#),
        (200, r#"{"sent":false,"message":{"id":"abc-def"}}"#),
        (202, r#"{"sent":tru"#),
        (302, ""),
        (303, ""),
        (408, ""),
        (500, ""),
        (500, r#"{"error":{"code":500,"message":"internal"}}"#),
        (502, "<html>bad gateway</html>"),
        (503, r#"{"error":"busy"}"#),
        (504, ""),
    ] {
        let read = answer(status, body);
        assert!(
            matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
            "{status} {body}: {read:?}"
        );
    }
}

/// S0.37: `data?.error || 'WHAPI send failed'`, in both shapes, with our code before it.
#[test]
fn a_refusal_has_a_code_and_the_providers_words() {
    for (status, body, code, words) in [
        (
            400,
            r#"{"error":{"code":400,"message":"Wrong request parameters"}}"#,
            "INVALID_REQUEST",
            "(WHAPI: Wrong request parameters)",
        ),
        (
            400,
            r#"{"code":400,"error":"bad to"}"#,
            "INVALID_REQUEST",
            "(WHAPI: bad to)",
        ),
        (
            401,
            r#"{"error":"need channel authorization for send message"}"#,
            "CHANNEL_UNAUTHORIZED",
            "scan the QR code again",
        ),
        (402, "", "TRIAL_LIMIT", "(WHAPI send failed)"),
        (403, "null", "FORBIDDEN_RECIPIENT", "(WHAPI send failed)"),
        (404, "{}", "NOT_FOUND_AT_PROVIDER", "(WHAPI send failed)"),
        (413, "[1]", "TOO_LARGE", "(WHAPI send failed)"),
        (
            415,
            r#"{"error":{}}"#,
            "UNSUPPORTED_MEDIA",
            "(WHAPI send failed)",
        ),
        (409, "", "REFUSED", "(WHAPI send failed)"),
        (
            500,
            r#"{"error":{"code":"402","message":"Trial"}}"#,
            "TRIAL_LIMIT",
            "(WHAPI: Trial)",
        ),
        (
            500,
            r#"{"error":"Need channel authorization for send message"}"#,
            "CHANNEL_UNAUTHORIZED",
            "store the channel's current token",
        ),
        (200, r#"{"sent":false}"#, "REFUSED", "(WHAPI send failed)"),
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

#[test]
fn a_refusal_shows_no_number() {
    let body = r#"{"error":{"message":"recipient 97339116526@s.whatsapp.net is blocked"}}"#;
    let Err(ProviderFailure::Rejected { reason, .. }) = answer(403, body) else {
        panic!();
    };
    assert!(!reason.contains("9116526"), "{reason}");
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let limited = |seconds| {
        read(&WireResponse {
            status: 429,
            retry_after_seconds: seconds,
            body: vec![],
        })
    };
    let wait = |retry_after| Err(ProviderFailure::RateLimited { retry_after });
    assert_eq!(limited(None), wait(None));
    assert_eq!(limited(Some(30)), wait(Some(Duration::from_secs(30))));
    assert_eq!(
        limited(Some(u64::MAX)),
        wait(Some(Duration::from_secs(86_400)))
    );
}
