//! Look-ups read from answers of every shape.

use domain::{
    contact::Recipient,
    message::{Button, Content, Interactive, List, Media, MediaSource, Row, Section},
    phone::PhoneNumber,
    provider::Method,
};
use serde_json::json;

use super::*;
use crate::whapi::send;

const SINCE: i64 = 1_764_000_000;
const CHAT: &str = "97339000001@s.whatsapp.net";

fn since() -> Timestamp {
    Timestamp::from_second(SINCE).unwrap()
}

fn to() -> Recipient {
    Recipient::Phone(PhoneNumber::parse("+97339000001").unwrap())
}

fn text() -> WireRequest {
    send::build(
        &to(),
        &Content::Text {
            body: "Hello  there".into(),
        },
    )
    .unwrap()
}

fn buttons() -> WireRequest {
    let button = |n: u8| Button {
        id: format!("btn{n}"),
        title: format!("Button {n}"),
    };
    let content = Content::Interactive(Interactive {
        header: Some("Header".into()),
        body: "Body".into(),
        footer: None,
        buttons: vec![button(1), button(2)],
    });
    send::build(&to(), &content).unwrap()
}

fn look(request: &WireRequest, answer: &Value) -> Sightings {
    let response = WireResponse {
        status: 200,
        retry_after_seconds: None,
        body: answer.to_string().into_bytes(),
    };
    read(&response, request, since()).unwrap()
}

fn own_text(id: &str, at: i64, body: &str) -> Value {
    json!({"id": id, "from_me": true, "type": "text", "timestamp": at, "source": "api",
        "chat_id": CHAT, "text": {"body": body}})
}

/// Parameter names as in WHAPI's published schema 1.8.7: count, `time_from`, `from_me`, sort.
#[test]
fn the_lookup_asks_for_own_messages_since_the_attempt() {
    let request = build(since());
    assert_eq!(request.method, Method::Get);
    assert_eq!(
        request.path,
        "/messages/list?count=500&time_from=1763999990&from_me=true&sort=desc"
    );
}

#[test]
fn a_sent_message_is_recognised_among_others() {
    let found = look(
        &text(),
        &json!({"messages": [
            own_text("id-2", SINCE + 5, "Hello there"),
            own_text("id-1", SINCE, "Something else"),
            own_text("id-0", SINCE - 60, "Hello there"),
            {"id": "in-1", "from_me": false, "type": "text", "timestamp": SINCE, "text": {"body": "Hello there"}},
        ], "count": 100, "total": 4}),
    );
    let seen: Vec<_> = found
        .seen
        .iter()
        .map(|s| (s.provider_id.as_str(), s.same_content))
        .collect();
    assert_eq!(seen, [("id-2", true), ("id-1", false)]);
    assert!(found.complete);
}

#[test]
fn the_same_words_to_somebody_else_are_another_message() {
    let to = |chat: &str| {
        json!({"messages": [{"id": "id-1", "from_me": true, "type": "text", "timestamp": SINCE,
            "chat_id": chat, "text": {"body": "Hello there"}}]})
    };
    for elsewhere in ["97339000002@s.whatsapp.net", "1203630@g.us"] {
        let found = look(&text(), &to(elsewhere));
        assert!(!found.seen[0].same_content && found.complete, "{elsewhere}");
    }
    // A chat without a number may be theirs: no proof either way.
    let found = look(&text(), &to("77001234567@lid"));
    assert!(!found.seen[0].same_content && !found.complete);
}

#[test]
fn a_text_with_a_link_may_come_back_as_a_preview() {
    let shown = json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "link_preview",
        "timestamp": SINCE, "link_preview": {"body": "Hello there", "title": "A page"}}]});
    assert!(look(&text(), &shown).seen[0].same_content);
}

#[test]
fn buttons_are_recognised_in_each_of_their_shapes() {
    let shapes = [
        json!({"type": "interactive", "interactive": {"header": {"text": "Header"}, "body": {"text": "Body"},
            "action": {"buttons": [{"type": "quick_reply", "title": "Button 1"}, {"type": "quick_reply", "title": "Button 2"}]}}}),
        json!({"type": "hsm", "hsm": {"header": "Header", "body": "Body",
            "buttons": [{"text": "Button 1"}, {"text": "Button 2"}]}}),
        json!({"type": "hsm", "hsm": {"header": {"type": "text", "text": {"body": "Header"}}, "body": "Body"}}),
        json!({"type": "buttons", "buttons": {"text": "Body", "buttons": [{"text": "Button 1"}, {"text": "Button 2"}]}}),
    ];
    for mut shape in shapes {
        shape["id"] = json!("id-1");
        shape["from_me"] = json!(true);
        shape["chat_id"] = json!(CHAT);
        shape["timestamp"] = json!(SINCE);
        let found = look(&buttons(), &json!({"messages": [shape]}));
        assert!(found.seen[0].same_content && found.complete, "{shape}");
    }
}

#[test]
fn other_buttons_are_another_message() {
    let other = json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "hsm", "timestamp": SINCE,
        "hsm": {"header": "Header", "body": "Body", "buttons": [{"text": "Yes"}, {"text": "No"}]}}]});
    let found = look(&buttons(), &other);
    assert!(!found.seen[0].same_content && found.complete);
}

#[test]
fn a_list_is_recognised_by_its_text_and_its_rows() {
    let list = Content::List(List {
        header: None,
        body: "Body".into(),
        footer: None,
        label: "Open".into(),
        sections: vec![Section {
            title: None,
            rows: vec![Row {
                id: "row1".into(),
                title: "Yes".into(),
                description: None,
            }],
        }],
    });
    let wanted = send::build(&to(), &list).unwrap();
    let check = |shape: Value, same, complete| {
        let mut shown = json!({"id": "id-1", "from_me": true, "chat_id": CHAT, "timestamp": SINCE});
        shown["type"] = json!("list");
        shown["list"] = shape;
        let found = look(&wanted, &json!({"messages": [shown]}));
        assert_eq!(
            (found.seen[0].same_content, found.complete),
            (same, complete),
            "{shown}"
        );
    };
    let rows = |title| json!([{"rows": [{"id": "row1", "title": title}]}]);
    check(
        json!({"body": "Body", "label": "Open", "sections": rows("Yes")}),
        true,
        true,
    );
    check(
        json!({"body": {"text": "Body"}, "action": {"list": {"sections": rows("Yes")}}}),
        true,
        true,
    );
    check(json!({"body": "Body"}), true, true);
    check(
        json!({"body": "Another", "sections": rows("Yes")}),
        false,
        true,
    );
    // How a list comes back is not documented: rows that look different prove nothing.
    check(
        json!({"body": "Body", "sections": rows("Open")}),
        false,
        false,
    );
}

#[test]
fn a_message_to_a_name_is_looked_for_in_the_chat_of_that_name() {
    let text = Content::Text {
        body: "Hello there".into(),
    };
    let wanted = send::build(&Recipient::User("77001234567890@lid".into()), &text).unwrap();
    let check = |chat: &str, same, complete| {
        let shown = json!({"messages": [{"id": "id-1", "from_me": true, "type": "text",
            "timestamp": SINCE, "chat_id": chat, "text": {"body": "Hello there"}}]});
        let found = look(&wanted, &shown);
        assert_eq!(
            (found.seen[0].same_content, found.complete),
            (same, complete),
            "{chat}"
        );
    };
    check("77001234567890@lid", true, true);
    check("1203630@g.us", false, true);
    // Both may be the same person by another name.
    check("97339000001@s.whatsapp.net", false, false);
    check("77009999999999@lid", false, false);
}

#[test]
fn files_are_told_apart_by_kind_caption_and_name() {
    let media = Media {
        source: MediaSource::Link("https://files.example/1.pdf".into()),
        caption: Some("Invoice 1".into()),
        filename: Some("1.pdf".into()),
    };
    let document = send::build(&to(), &Content::Document(media.clone())).unwrap();
    let image = send::build(&to(), &Content::Image(media)).unwrap();
    let shown = |caption: &str| {
        json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "document", "timestamp": SINCE,
            "document": {"id": "pdf-1", "caption": caption, "file_name": "1.pdf"}}]})
    };
    assert!(look(&document, &shown("Invoice 1")).seen[0].same_content);
    assert!(!look(&document, &shown("Invoice 2")).seen[0].same_content);
    assert!(!look(&image, &shown("Invoice 1")).seen[0].same_content);
}

/// A false "absent" would send twice: whatever was not read or not listed makes the answer incomplete.
#[test]
fn absence_counts_only_when_everything_was_seen() {
    let page = |from: i64, step: i64| {
        let messages: Vec<_> = (0..500)
            .map(|n| own_text(&format!("id-{n}"), from + n * step, "x"))
            .collect();
        json!({"messages": messages, "count": 500})
    };
    let check = |answer: Value, complete| {
        assert_eq!(look(&text(), &answer).complete, complete, "{answer:.60}");
    };
    check(json!({"messages": []}), true);
    check(page(SINCE + 1_000, -1), false);
    check(page(SINCE + 450, -1), true);
    check(page(SINCE - 50, 1), false);
    check(
        json!({"messages": [own_text("a", SINCE, "x")], "count": 1}),
        false,
    );
    check(
        json!({"messages": [{"id": "a", "from_me": true, "timestamp": SINCE, "type": "unknown"}]}),
        false,
    );
    check(
        json!({"messages": [{"from_me": true, "timestamp": SINCE, "type": "text", "text": {"body": "x"}}]}),
        false,
    );
    check(
        json!({"messages": [{"id": "a", "from_me": true, "type": "text", "text": {"body": "x"}}]}),
        false,
    );
    check(json!({"messages": [7]}), false);
}

#[test]
fn an_answer_that_shows_no_list_is_no_proof() {
    for (status, body) in [
        (200, "{}"),
        (200, "[]"),
        (200, ""),
        (200, r#"{"messages":null}"#),
        (200, "\u{0}"),
        (
            404,
            r#"{"error":{"code":404,"message":"Specified chat not found"}}"#,
        ),
        (500, ""),
    ] {
        let response = WireResponse {
            status,
            retry_after_seconds: None,
            body: body.into(),
        };
        assert!(
            read(&response, &text(), since()).is_err(),
            "{status} {body}"
        );
    }
}
