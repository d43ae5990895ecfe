//! Look-ups read from lists of every shape.

use domain::{message::Content, phone::PhoneNumber};
use serde_json::json;

use super::{super::Version, *};

const SINCE: i64 = 1_764_000_000;
const BARE: &str = "2025-11-24 16:00:05";

fn to() -> Recipient {
    Recipient::Phone(PhoneNumber::parse("+97333000001").unwrap())
}

fn wanted() -> WireRequest {
    let content = Content::Text {
        body: "Your order  is ready.".into(),
    };
    send::build(Version::Second, &to(), &content).unwrap()
}

fn look(answer: &Value) -> Result<Sightings, ProviderFailure> {
    let response = WireResponse {
        status: 200,
        retry_after_seconds: None,
        body: answer.to_string().into_bytes(),
    };
    read(&response, &wanted(), Timestamp::from_second(SINCE).unwrap())
}

fn item(id: &str, at: impl Into<Value>, text: &str) -> Value {
    json!({"id": id, "createdAt": at.into(), "text": text, "phonenumber": "97333000001"})
}

const OURS: &str = "Your order is ready.";

fn check(answer: Value, seen: &[(&str, bool)], complete: bool) {
    let found = look(&answer).unwrap();
    let shown: Vec<_> = found
        .seen
        .iter()
        .map(|s| (s.provider_id.as_str(), s.same_content))
        .collect();
    assert_eq!(shown, seen, "{answer}");
    assert_eq!(found.complete, complete, "{answer}");
}

/// S1.88: what was sent is asked for by its number.
#[test]
fn the_newest_page_of_the_number_is_asked_for() {
    assert_eq!(
        build(&to()).unwrap(),
        WireRequest::get("/v2/message/sentMessages?page=1&phonenumber=97333000001")
    );
    assert!(build(&Recipient::User("1@lid".into())).is_err());
}

#[test]
fn the_sample_shows_our_message() {
    let sample: Value = serde_json::from_str(include_str!(
        "../../../../../fixtures/messenger360/response_sent_messages.json"
    ))
    .unwrap();
    check(
        sample,
        &[
            ("0b6f2c1e-5a77-4f7e-9d55-3f1c8f0a9e11", true),
            ("0b6f2c1e-5a77-4f7e-9d55-3f1c8f0a9e10", false),
        ],
        false,
    );
}

#[test]
fn a_list_is_found_wherever_it_stands() {
    let list = json!([item("id-1", SINCE + 5, OURS), item("id-0", SINCE - 60, "x")]);
    for answer in [
        list.clone(),
        json!({"success": true, "data": list.clone()}),
        json!({"success": true, "result": list.clone()}),
        json!({"success": true, "data": {"messages": list.clone(), "page": 1}}),
        json!({"messages": list.clone()}),
    ] {
        check(answer, &[("id-1", true)], true);
    }
    for answer in [
        json!({}),
        json!(7),
        json!({"data": {}}),
        json!({"data": {"messages": list.clone(), "others": []}}),
        json!({"data": null, "success": true}),
    ] {
        assert!(look(&answer).is_err(), "{answer}");
    }
}

#[test]
fn absence_counts_only_when_the_list_reaches_back() {
    check(json!({"data": []}), &[], false);
    check(json!({"data": {"messages": [], "total": 0}}), &[], true);
    check(
        json!({"data": [item("a", SINCE + 5, "x")]}),
        &[("a", false)],
        false,
    );
    check(
        json!({"data": {"messages": [item("a", SINCE + 5, "x")], "total": 1}}),
        &[("a", false)],
        true,
    );
    check(
        json!({"data": {"messages": [item("a", SINCE + 5, "x")], "total": 2}}),
        &[("a", false)],
        false,
    );
    check(
        json!({"data": {"messages": [item("a", SINCE + 5, "x")], "totalPages": 1}}),
        &[("a", false)],
        true,
    );
    // Oldest first: what is new may stand on another page.
    check(
        json!([
            item("a", SINCE - 90, "x"),
            item("b", SINCE - 60, "x"),
            item("c", SINCE, "x")
        ]),
        &[("c", false)],
        false,
    );
    // No order at all: what is new may stand on another page too.
    check(
        json!([
            item("a", SINCE - 90, "x"),
            item("c", SINCE, "x"),
            item("b", SINCE - 60, "x")
        ]),
        &[("c", false)],
        false,
    );
    for unreadable in [
        json!(7),
        json!({"id": "a", "text": OURS}),
        json!({"createdAt": SINCE, "text": OURS}),
    ] {
        check(json!([unreadable, item("b", SINCE - 60, "x")]), &[], false);
    }
}

/// The zone is not documented: an hour between two zones is no proof of anything.
#[test]
fn a_time_without_a_zone_proves_no_absence_near_the_moment() {
    let day_before = "2025-11-23 01:00:00";
    check(
        json!([item("a", BARE, OURS), item("b", day_before, "x")]),
        &[("a", true)],
        true,
    );
    // As UTC this is three hours earlier; in Brazil it is now.
    let earlier = "2025-11-24 13:00:05";
    check(
        json!([item("a", earlier, OURS), item("b", day_before, "x")]),
        &[],
        false,
    );
    check(
        json!([item("a", earlier, "x"), item("b", day_before, "x")]),
        &[],
        true,
    );
    check(json!([item("a", earlier, "x")]), &[], false);
}

#[test]
fn the_same_words_to_somebody_else_are_another_message() {
    let mut other = item("a", SINCE, OURS);
    other["phonenumber"] = json!("+973 3300 0002");
    let before = item("b", SINCE - 60, "x");
    check(json!([other, before]), &[("a", false)], true);
    let mut mine = item("a", SINCE, OURS);
    mine["phonenumber"] = json!("+973 3300 0001");
    check(json!([mine, before]), &[("a", true)], true);
}

#[test]
fn what_is_not_shown_proves_nothing() {
    let before = item("b", SINCE - 60, "x");
    let bare = json!({"id": "a", "createdAt": SINCE});
    check(json!([bare, before]), &[("a", false)], false);
    let mut file = item("a", SINCE, OURS);
    file["url"] = json!("https://files.example/1.pdf");
    check(json!([file, before]), &[("a", false)], false);
}

#[test]
fn a_refusal_is_no_empty_list() {
    for (status, body) in [
        (401, ""),
        (404, ""),
        (500, ""),
        (200, ""),
        (200, r#"{"success":false,"data":[]}"#),
        (200, r#"{"errorCode":1,"data":[]}"#),
    ] {
        let response = WireResponse {
            status,
            retry_after_seconds: None,
            body: body.into(),
        };
        let read = read(&response, &wanted(), Timestamp::MIN);
        assert!(read.is_err(), "{status} {body}");
    }
}
