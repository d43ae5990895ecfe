use domain::provider::ProviderKind;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{adapter, meta_cloud::tests::channel};

fn answer(status: u16, body: impl Into<Vec<u8>>) -> WireResponse {
    WireResponse {
        status,
        retry_after_seconds: None,
        body: body.into(),
    }
}

fn page(body: &Value) -> TemplatePage {
    read(&answer(200, body.to_string())).unwrap()
}

/// S2.63: the account's own list, page after page; whatever a cursor holds stays one value.
#[test]
fn the_accounts_list_is_asked_for() {
    let channel = Channel {
        account: Some("207000000000042".into()),
        ..channel()
    };
    let request = build(&channel, None).unwrap();
    let first = "/v22.0/207000000000042/message_templates?fields=name,status,category,language,components,parameter_format,quality_score,rejected_reason&limit=100";
    assert_eq!(request.path, first);
    let request = build(&channel, Some("QV&x=/?é")).unwrap();
    assert_eq!(request.path, format!("{first}&after=QV%26x%3D%2F%3F%C3%A9"));
}

/// S2.63: the words of the source, before anything is asked; other providers keep no templates.
#[test]
fn without_an_account_nothing_is_asked() {
    let alone = Channel {
        account: None,
        ..channel()
    };
    let refused = build(&alone, None).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("businessAccountId required to fetch templates")
    );
    for kind in [ProviderKind::Whapi, ProviderKind::Messenger360] {
        let channel = crate::contract::channel(kind);
        let refused = [
            adapter(kind).build_templates(&channel, None).err(),
            adapter(kind).read_templates(&answer(200, "{}")).err(),
        ];
        for refused in refused {
            assert!(matches!(refused, Some(ProviderFailure::Unsupported { .. })));
        }
    }
}

/// S2.31, S2.35, S2.36, S2.56, S2.57, S2.10, X14: everything of a template, its exact language, and how its slots are filled.
#[test]
fn a_template_is_read_with_all_its_parts() {
    let listed = page(&json!({"data": [{
        "id": "5301", "name": "order_ready", "language": "en-US", "status": "approved",
        "category": "UTILITY", "parameter_format": "NAMED", "quality_score": {"score": "GREEN"},
        "rejected_reason": "NONE",
        "components": [
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["x"]}},
            {"type": "BODY", "text": "Hi {{first_name}}"},
            {"type": "FOOTER", "text": "Heron Traders"},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Track", "url": "https://example.com/{{1}}"},
                {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+97333000042"},
                {"type": "TOMORROW", "text": "New"}]},
            {"type": "CAROUSEL", "cards": []},
        ],
    }], "paging": {"cursors": {"before": "a", "after": "b"}}}));
    let button = |kind: &str, text: &str, url: Option<&str>, phone: Option<&str>| ButtonShape {
        kind: kind.into(),
        text: text.into(),
        url: url.map(Into::into),
        phone: phone.map(Into::into),
    };
    let expected = ListedTemplate {
        name: "order_ready".into(),
        language: "en_US".into(),
        status: "APPROVED".into(),
        reason: None,
        category: Some("UTILITY".into()),
        quality: Some("GREEN".into()),
        shape: TemplateShape {
            id: Some("5301".into()),
            format: SlotFormat::Named,
            header: Some(HeaderShape::Document),
            body: Some("Hi {{first_name}}".into()),
            footer: Some("Heron Traders".into()),
            buttons: vec![
                button("URL", "Track", Some("https://example.com/{{1}}"), None),
                button("PHONE_NUMBER", "Call", None, Some("+97333000042")),
                button("TOMORROW", "New", None, None),
            ],
            others: vec!["CAROUSEL".into()],
        },
    };
    assert_eq!(listed.items, [expected]);
    assert_eq!(
        (listed.unreadable, listed.next),
        (0, None),
        "a cursor alone is the end"
    );
}

/// X18: only a link says that there is more; an odd template costs no other.
#[test]
fn pages_lead_on_and_odd_templates_are_counted() {
    let one =
        json!({"name": "a", "language": "en", "status": "REJECTED", "rejected_reason": "SCAM"});
    let odd = [
        json!(7),
        json!({"name": " ", "language": "en"}),
        json!({"name": "b"}),
        json!(null),
    ];
    let data: Vec<_> = odd.into_iter().chain([one]).collect();
    let listed = page(&json!({"data": data, "paging": {
        "cursors": {"after": "b"}, "next": "https://example.com/?access_token=x"}}));
    assert_eq!(listed.next.as_deref(), Some("b"));
    assert_eq!((listed.items.len(), listed.unreadable), (1, 4));
    assert_eq!(listed.items[0].reason.as_deref(), Some("SCAM"));
    assert_eq!(listed.items[0].category, None);
    assert_eq!(page(&json!({"data": []})), TemplatePage::default());
    let many = "c".repeat(2_000);
    for unusable in [
        json!({}),
        json!({"after": ""}),
        json!({"after": 7}),
        json!({"after": many}),
    ] {
        let body =
            json!({"data": [], "paging": {"cursors": unusable, "next": "https://example.com/"}});
        assert!(read(&answer(200, body.to_string())).is_err());
    }
}

/// S2.63: what is no list is a failure of its own kind.
#[test]
fn what_is_no_list_is_a_failure() {
    for (status, body) in [
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"data": {}}"#),
        (200, r#"{"error": {"code": 190, "message": "expired"}}"#),
        (401, r#"{"error": {"code": 190, "message": "expired"}}"#),
        (503, ""),
    ] {
        assert!(read(&answer(status, body)).is_err(), "{status} {body}");
    }
}

proptest! {
    #[test]
    fn whatever_is_answered_is_read_or_refused(body in any::<Vec<u8>>(), text in ".*") {
        let _ = read(&answer(200, body));
        let component = json!({"type": text, "format": text, "text": text, "buttons": [text, {"type": text, "url": text}]});
        let item = json!({"id": text, "name": text, "language": text, "status": text, "category": text,
            "parameter_format": text, "quality_score": {"score": text}, "rejected_reason": text,
            "components": [component, text]});
        let _ = read(&answer(200, json!({"data": [item, text]}).to_string()));
    }
}
