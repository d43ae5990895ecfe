use std::collections::BTreeMap;

use domain::{
    message::{Button, ButtonValue, Row, Section},
    phone::PhoneNumber,
    provider::{Credential, Encoding, Method},
    webhook::Pointer,
};
use serde_json::json;

use super::*;
use crate::meta_cloud::tests::channel;

const USER: &str = "BH.7HeronReed0001";

fn to() -> Recipient {
    Recipient::Phone(PhoneNumber::parse("+97333000001").unwrap())
}

/// The sample of a request, and what is built for this content.
macro_rules! is_sample {
    ($name:literal, $to:expr, $content:expr) => {{
        let sample = include_str!(concat!(
            "../../../../../fixtures/meta/request_",
            $name,
            ".json"
        ));
        let sample: Value = serde_json::from_str(sample).unwrap();
        let request = build(&channel(), &$to, &$content).unwrap();
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.path, "/v22.0/301700000000001/messages");
        assert_eq!(request.encoding, Encoding::Json);
        assert_eq!(request.credential, Credential::Bearer);
        assert_eq!(request.body, Some(sample));
    }};
}

fn media(source: MediaSource, caption: Option<&str>, filename: Option<&str>) -> Media {
    Media {
        source,
        caption: caption.map(Into::into),
        filename: filename.map(Into::into),
    }
}

fn link(link: &str) -> MediaSource {
    MediaSource::Link(link.into())
}

fn text() -> Content {
    Content::Text {
        body: "Your order is ready.".into(),
    }
}

/// S2.61, X11: the number has its plus; without one Meta may prepend the business's own country.
#[test]
fn a_text_has_exactly_this_body() {
    is_sample!("text", to(), text());
}

/// X13: somebody without a number is written to by Meta's name for them.
#[test]
fn a_person_without_a_number_is_a_recipient_by_name() {
    is_sample!("text_to_user", Recipient::User(USER.into()), text());
    let long = format!("BH.{}", "7".repeat(129));
    for odd in [
        "",
        "BH",
        "BH.",
        "bh.7Heron",
        "BHR.7Heron",
        "BH.7 Heron",
        "BH.ENT.",
        "97333000001@lid",
        &long,
        "BH.7Heron\u{202e}",
    ] {
        let refused = build(&channel(), &Recipient::User(odd.into()), &text());
        assert!(
            matches!(refused, Err(ProviderFailure::Unsupported { .. })),
            "{odd}"
        );
    }
    assert!(is_user("BH.ENT.7Heron"));
}

#[test]
fn buttons_and_lists_have_exactly_these_bodies() {
    let button = |id: &str, title: &str| Button {
        id: id.into(),
        title: title.into(),
    };
    let content = Content::Interactive(Interactive {
        header: Some("Heron & Reed".into()),
        body: "When shall we come?".into(),
        footer: Some("Open until six".into()),
        buttons: vec![button("btn1", "Today"), button("btn2", "Tomorrow")],
    });
    is_sample!("buttons", to(), content);
    let row = |id: &str, title: &str, description: Option<&str>| Row {
        id: id.into(),
        title: title.into(),
        description: description.map(Into::into),
    };
    let section = |title: &str, rows| Section {
        title: Some(title.into()),
        rows,
    };
    let content = Content::List(List {
        header: Some("Heron & Reed".into()),
        body: "What is it about?".into(),
        footer: Some("Open until six".into()),
        label: "Choose".into(),
        sections: vec![
            section(
                "Orders",
                vec![
                    row("row1", "New order", None),
                    row("row2", "Delivery", Some("When and where")),
                ],
            ),
            section("Money", vec![row("row3", "Billing", None)]),
        ],
    });
    is_sample!("list", to(), content);
}

#[test]
fn files_go_by_link_or_by_id() {
    let image = media(
        link("https://files.example/1.jpg"),
        Some("The part"),
        Some("1.jpg"),
    );
    is_sample!("image_by_link", to(), Content::Image(image));
    let id = MediaSource::Id("401700000000003".into());
    let document = media(id, Some("Invoice"), Some("1.pdf"));
    is_sample!("document_by_id", to(), Content::Document(document));
    let long = media(
        link("https://files.example/1.jpg"),
        Some(&"a".repeat(1_025)),
        None,
    );
    let refused = build(&channel(), &to(), &Content::Image(long));
    assert!(matches!(refused, Err(ProviderFailure::Unsupported { .. })));
}

fn template(
    header: Option<HeaderValue>,
    body: Parameters,
    buttons: Vec<ButtonValue>,
) -> TemplateUse {
    TemplateUse {
        name: "order_ready".into(),
        language: "en_US".into(),
        header,
        body,
        buttons,
    }
}

/// S2.62, S2.72: header, body and button parameters, the buttons with sub type and index.
#[test]
fn a_template_has_exactly_this_body() {
    let file = media(
        link("https://files.example/1.pdf"),
        Some("lost"),
        Some("1.pdf"),
    );
    let button = |index, value| ButtonValue { index, value };
    let content = template(
        Some(HeaderValue::Document(file)),
        Parameters::Positional(vec!["Mona".into(), "A, B, C".into()]),
        vec![
            button(
                0,
                ButtonAction::QuickReply {
                    payload: "confirm-7".into(),
                },
            ),
            button(
                1,
                ButtonAction::Url {
                    text: "orders/7".into(),
                },
            ),
            button(
                2,
                ButtonAction::CopyCode {
                    code: "REED7".into(),
                },
            ),
        ],
    );
    is_sample!("template", to(), Content::Template(content));
}

#[test]
fn a_template_with_names_has_exactly_this_body() {
    let named = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(n, v)| ((*n).into(), (*v).into()));
        Parameters::Named(pairs.collect::<BTreeMap<_, _>>())
    };
    let mut content = template(
        Some(HeaderValue::Text {
            values: named(&[("shop", "Heron & Reed")]),
        }),
        named(&[("order", "7"), ("name", "Mona")]),
        vec![],
    );
    content.language = "en".into();
    is_sample!("template_named", to(), Content::Template(content));
    let mut content = template(None, Parameters::default(), vec![]);
    content.name = "hello".into();
    content.language = "ar".into();
    is_sample!("template_bare", to(), Content::Template(content));
}

#[test]
fn a_templates_header_may_be_a_picture_or_a_video() {
    let file = || media(MediaSource::Id("401".into()), None, Some("x"));
    for (header, r#type) in [
        (HeaderValue::Image(file()), "image"),
        (HeaderValue::Video(file()), "video"),
    ] {
        let content = template(Some(header), Parameters::default(), vec![]);
        let request = build(&channel(), &to(), &Content::Template(content)).unwrap();
        assert_eq!(
            request.body.unwrap()["template"]["components"],
            json!([{"type": "header", "parameters": [{"type": r#type, (r#type): {"id": "401"}}]}])
        );
    }
}

/// S2.116, X46: more than Meta takes, and values that it refuses whole messages for.
#[test]
fn what_meta_would_refuse_is_never_sent() {
    let refused = |content: Content| {
        let refused = build(&channel(), &to(), &content);
        assert!(
            matches!(refused, Err(ProviderFailure::Unsupported { .. })),
            "{content:?}"
        );
    };
    refused(Content::Text {
        body: "a".repeat(4_097),
    });
    refused(Content::Interactive(Interactive {
        header: None,
        body: "Body".into(),
        footer: None,
        buttons: vec![Button {
            id: "btn1".into(),
            title: "a".repeat(21),
        }],
    }));
    refused(Content::Image(media(
        link("http://plain.example"),
        None,
        None,
    )));
    let lines = Parameters::Positional(vec!["A\nB".into()]);
    refused(Content::Template(template(None, lines, vec![])));
    let channel = Channel {
        provider_ref: "me/x".into(),
        ..channel()
    };
    assert!(build(&channel, &to(), &text()).is_err());
}

#[test]
fn the_stamp_comes_back_from_a_status() {
    let channel = channel();
    let at = Pointer {
        message: domain::ids::MessageId::fresh(),
        attempt: 3,
    };
    let token = CallbackToken::seal(&channel, at);
    let plain = build(&channel, &to(), &text()).unwrap();
    let sent = stamp(plain.clone(), &token);
    let mut body = sent.body.clone().unwrap();
    assert_eq!(body[CALLBACK], token.as_str());
    assert!(stamped(Fields::of(&body)).is_some_and(|back| back == token.as_str()));
    body.as_object_mut().unwrap().remove(CALLBACK);
    assert_eq!(
        plain,
        WireRequest {
            body: Some(body),
            ..sent.clone()
        }
    );
    // A second attempt has a stamp of its own.
    let again = CallbackToken::seal(&channel, Pointer { attempt: 4, ..at });
    assert_eq!(stamp(sent, &again), stamp(plain, &again));
    let get = WireRequest::get("/v22.0/1");
    assert_eq!(stamp(get.clone(), &again), get);
}

fn answer(status: u16, body: &str) -> Result<Receipt, ProviderFailure> {
    read(&WireResponse {
        status,
        retry_after_seconds: None,
        body: body.into(),
    })
}

/// S2.65: 200 with an id is "taken", also while Meta holds a template back at first.
#[test]
fn a_taken_message_has_an_id() {
    for sample in [
        include_str!("../../../../../fixtures/meta/answer_sent.json"),
        include_str!("../../../../../fixtures/meta/answer_held.json"),
        include_str!("../../../../../fixtures/meta/answer_paused.json"),
    ] {
        let receipt = answer(200, sample).unwrap();
        assert_eq!(
            receipt.provider_id.as_deref(),
            Some("wamid.SampleOurMessage0001")
        );
    }
}

/// S2.64: an error is one under any status. What says neither "taken" nor "no" is doubt.
#[test]
fn what_is_neither_yes_nor_no_is_doubt() {
    let long = format!(r#"{{"messages":[{{"id":"{}"}}]}}"#, "x".repeat(600));
    for body in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        r#"{"messages":[]}"#,
        r#"{"messages":[{}]}"#,
        r#"{"messages":{"id":"x"}}"#,
        r#"{"messages":[{"id":""}]}"#,
        r#"{"messages":[{"id":"x"}],"error":{"code":131047}}"#,
        &long,
    ] {
        let read = answer(200, body);
        assert!(
            matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
            "{body:.80}"
        );
    }
    let limited = include_str!("../../../../../fixtures/meta/answer_error_rate.json");
    for status in [200, 400, 429, 500] {
        let read = answer(status, limited);
        assert!(
            matches!(read, Err(ProviderFailure::RateLimited { .. })),
            "{status}"
        );
    }
}
