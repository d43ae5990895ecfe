use std::{fs, path::PathBuf};

use domain::{
    channel::AuthStatus,
    message::{InboundContent, ReplyKind},
    phone::PhoneNumber,
    provider::{Address, AnswerItem, Delivery, InboundItem, Item, ProviderStatus, RawWebhook},
};
use jiff::Timestamp;

use super::read;

const OURS: &str = "OurMessageAbcdefgh1234-wSampleChat01";
const T: i64 = 1_764_000_000;

fn of_body(body: impl Into<Vec<u8>>) -> Delivery {
    read(&RawWebhook {
        key: None,
        headers: vec![],
        body: body.into(),
    })
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/whapi");
    fs::read(folder.join(format!("webhook_{name}.json"))).unwrap()
}

fn only(name: &str) -> Item {
    let delivery = of_body(fixture(name));
    assert!(delivery.unknown.is_empty(), "{name}");
    let [item] = <[Item; 1]>::try_from(items(delivery)).unwrap();
    item
}

/// The items of a webhook: all are for the channel whose URL it came to.
fn items(delivery: Delivery) -> Vec<Item> {
    let here = |(address, item)| {
        assert_eq!(address, Address::Here);
        item
    };
    delivery.items.into_iter().map(here).collect()
}

fn inbound(name: &str) -> InboundItem {
    match only(name) {
        Item::Inbound(item) => *item,
        other => panic!("{name}: {other:?}"),
    }
}

fn ignored(name: &str) -> String {
    match only(name) {
        Item::Ignored { name } => name,
        other => panic!("{name}: {other:?}"),
    }
}

fn text(body: &str) -> InboundContent {
    InboundContent::Text { body: body.into() }
}

#[test]
fn a_text_is_read_with_its_writer() {
    let item = inbound("text");
    assert_eq!(item.provider_id, "SampleTextAbcdefgh1234-wSampleChat01");
    assert_eq!(
        item.phone,
        Some(PhoneNumber::parse("+97333000001").unwrap())
    );
    assert_eq!(item.user, None);
    assert_eq!(item.name.as_deref(), Some("Mona Example"));
    assert_eq!(item.at, Timestamp::from_second(T).unwrap());
    assert_eq!(item.content, text("Good morning, is my order ready?"));
    assert_eq!(item.answer, None);
    assert_eq!(
        inbound("link_preview").content,
        text("This one: https://shop.example/7")
    );
}

/// A press comes with its button's id behind a prefix, or as nothing but its title.
#[test]
fn a_pressed_button_answers_the_message_it_belongs_to() {
    let press = |quoted: Option<&str>, kind, id: &str, title: &str| {
        Some(AnswerItem {
            quoted: quoted.map(Into::into),
            kind,
            button_id: Some(id.into()),
            title: title.into(),
        })
    };
    let item = inbound("button_press");
    assert_eq!(item.content, text("Tomorrow"));
    assert_eq!(
        item.answer,
        press(Some(OURS), ReplyKind::Button, "btn2", "Tomorrow")
    );
    assert_eq!(
        inbound("button_press_without_context").answer,
        press(None, ReplyKind::Button, "btn1", "Today")
    );
    assert_eq!(
        inbound("list_choice").answer,
        press(Some(OURS), ReplyKind::ListRow, "billing", "Billing")
    );
    let as_text = inbound("button_press_as_text");
    assert_eq!((as_text.content, as_text.answer), (text("Today"), None));
}

#[test]
fn a_text_that_quotes_ours_is_an_answer_and_one_that_quotes_itself_is_none() {
    assert_eq!(
        inbound("text_quoting").answer,
        Some(AnswerItem {
            quoted: Some(OURS.into()),
            kind: ReplyKind::Text,
            button_id: None,
            title: "Yes please, at four".into(),
        })
    );
    assert_eq!(inbound("text_quoting_oneself").answer, None);
}

#[test]
fn everything_else_people_send_is_visible() {
    let previews = [
        ("image", "The broken part"),
        ("document_without_link", "order.pdf"),
        ("voice", "[voice]"),
        ("sticker", "[sticker]"),
        ("location", "Example Souq"),
        ("reaction", "👍"),
        ("contact", "Ali Example"),
        ("edited_by_action", "Good evening, is my order ready?"),
        ("revoked", "[deleted]"),
        ("unknown_type", "[hologram]"),
    ];
    for (name, preview) in previews {
        assert_eq!(inbound(name).content.preview(), preview, "{name}");
    }
}

#[test]
fn a_writer_without_a_number_has_a_name_of_the_provider() {
    let item = inbound("text_from_lid");
    assert_eq!(item.phone, None);
    assert_eq!(item.user.as_deref(), Some("123456789012345@lid"));
}

#[test]
fn our_own_messages_come_back_as_echoes() {
    for (name, through_api) in [("echo_api", true), ("echo_phone", false)] {
        let Item::Echo(item) = only(name) else {
            panic!("{name}");
        };
        assert_eq!(item.through_api, through_api, "{name}");
        assert_eq!(
            item.phone,
            Some(PhoneNumber::parse("+97333000001").unwrap())
        );
    }
}

#[test]
fn what_is_of_no_consequence_is_named() {
    for (name, word) in [
        ("protocol_notice", "notice unknown"),
        ("group_text", "group message"),
        ("edited", "messages_updates"),
        ("call", "calls"),
        ("chat", "chats"),
        ("presence", "presences"),
    ] {
        assert_eq!(ignored(name), word);
    }
}

#[test]
fn statuses_are_read_with_times_of_either_type() {
    let check = |name: &str, second, expected| {
        let Item::Status(item) = only(name) else {
            panic!("{name}");
        };
        assert_eq!(item.provider_id, OURS);
        assert_eq!(item.at, Timestamp::from_second(T + second).unwrap());
        assert_eq!(item.status, expected, "{name}");
    };
    check("status_sent", 0, ProviderStatus::Sent);
    check("status_delivered", 1, ProviderStatus::Delivered);
    check("status_read", 2, ProviderStatus::Read);
    check("status_played", 3, ProviderStatus::Read);
    check(
        "status_failed",
        4,
        ProviderStatus::Failed {
            code: "DELIVERY_FAILED".into(),
            reason: "WhatsApp could not send the message on: check the number. (WHAPI: recipient [number] is not on WhatsApp)".into(),
        },
    );
}

#[test]
fn a_status_nobody_knows_changes_nothing() {
    let words: Vec<_> = items(of_body(fixture("status_pending_and_deleted")))
        .into_iter()
        .map(|item| match item {
            Item::Status(status) => status.status,
            other => panic!("{other:?}"),
        })
        .collect();
    let unmapped = |word: &str| ProviderStatus::Unmapped { word: word.into() };
    assert_eq!(words, [unmapped("pending"), unmapped("deleted")]);
}

/// Reconnects of a normal day pass through INIT, LAUNCH and ERROR: none of them is a logout.
#[test]
fn only_words_that_say_so_change_a_login() {
    let check = |name: &str, auth, phone: Option<&str>| {
        let Item::Channel(item) = only(name) else {
            panic!("{name}");
        };
        assert_eq!(item.auth, auth, "{name}");
        assert_eq!(item.phone, phone.map(|p| PhoneNumber::parse(p).unwrap()));
    };
    let number = Some("+97333000000");
    check("health_auth", Some(AuthStatus::Authorized), number);
    check("health_qr", Some(AuthStatus::QrGenerated), None);
    check("health_stop", Some(AuthStatus::Disconnected), None);
    for name in [
        "health_init",
        "health_launch",
        "health_error",
        "health_sync_error",
    ] {
        check(name, None, None);
    }
    check("qr", Some(AuthStatus::QrGenerated), None);
    check("qr_timeout", None, None);
    check("user_login", Some(AuthStatus::Authorized), number);
    check("user_logout", Some(AuthStatus::Disconnected), number);
}

/// hazards.md, "Bad inputs": each is one unreadable item, and the good one after it is read.
#[test]
fn one_bad_item_never_costs_its_neighbour() {
    let good = r#"{"id":"good-id-1234","code":3,"status":"delivered","timestamp":"1764000000"}"#;
    let nest = "[".repeat(50_000) + &"]".repeat(50_000);
    let long = "x".repeat(10_240);
    let bad = [
        "7".to_owned(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        r#"{"id":"a-b","status":"read","timestamp":1e400}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":"1e400"}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":0}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":-5}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":253402300799}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":true}"#.into(),
        r#"{"id":"a-b","timestamp":"1764000000"}"#.into(),
        r#"{"id":"\ud800","status":"read","timestamp":"1764000000"}"#.into(),
        r#"{"id":"","status":"read","timestamp":"1764000000"}"#.into(),
        format!(r#"{{"id":"{long}","status":"read","timestamp":"1764000000"}}"#),
        format!(r#"{{"id":"a-b","status":"read","timestamp":"1764000000","x":{nest}}}"#),
    ];
    for bad in bad {
        let body = format!(r#"{{"channel_id":"C","statuses":[{bad},{good}]}}"#);
        let items = items(of_body(body));
        assert!(
            matches!(items.as_slice(), [Item::Unreadable { .. }, Item::Status(_)]),
            "{bad:.80}: {items:?}"
        );
    }
}

#[test]
fn what_is_unreadable_is_said_without_its_content() {
    let body = r#"{"messages":[{"id":"a-b","from_me":false,"text":{"body":"private"},"from":"97333000001"}]}"#;
    let why = "messages[0]: it has no chat".to_owned();
    assert_eq!(items(of_body(body)), [Item::Unreadable { why }]);
}

#[test]
fn repeated_keys_are_all_read_and_unknown_ones_are_counted() {
    let status = r#"[{"id":"a-b","status":"read","timestamp":1764000000}]"#;
    let body = format!(
        r#"{{"statuses":{status},"statuses":{status},"holograms":[],"holograms":1,"97333000001":1}}"#
    );
    let delivery = of_body(body);
    assert_eq!(delivery.items.len(), 2);
    assert_eq!(
        delivery.unknown,
        [("holograms".to_owned(), 2), ("unnamed".to_owned(), 1)].into()
    );
}

#[test]
fn a_body_that_is_no_object_is_one_unreadable_item() {
    for body in ["", "null", "[]", "\"x\"", "{", "{}x", "\u{0}", r#"{"a":}"#] {
        let items = items(of_body(body));
        assert!(
            matches!(items.as_slice(), [Item::Unreadable { .. }]),
            "{body:?}: {items:?}"
        );
    }
    assert_eq!(of_body("{}"), Delivery::default());
    assert_eq!(of_body("\u{feff}{}"), Delivery::default());
}

#[test]
fn invalid_utf8_spoils_one_text_and_nothing_else() {
    let mut body = fixture("text");
    let place = body.windows(4).position(|w| w == b"Good").unwrap();
    body[place] = 0xff;
    let items = items(of_body(body));
    assert!(matches!(items.as_slice(), [Item::Inbound(_)]), "{items:?}");
}

#[test]
fn a_million_braces_are_bounded() {
    let body = format!(r#"{{"messages":[{}{{}}]}}"#, "{},".repeat(1_000_000));
    assert_eq!(of_body(body).items.len(), 5_001);
}
