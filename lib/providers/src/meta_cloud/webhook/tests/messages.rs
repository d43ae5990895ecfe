use domain::{
    message::{InboundContent, ReplyKind},
    provider::{AnswerItem, IdentityItem},
};
use jiff::Timestamp;

use super::*;

fn text(body: &str) -> InboundContent {
    InboundContent::Text { body: body.into() }
}

#[test]
fn a_text_is_read_with_its_writer() {
    let item = inbound("text");
    assert_eq!(item.provider_id, "wamid.SampleText0001");
    assert_eq!(item.phone, phone("+97333000001"));
    assert_eq!(item.user, None);
    assert_eq!(item.name.as_deref(), Some("Mona Example"));
    assert_eq!(item.at, Timestamp::from_second(T).unwrap());
    assert_eq!(item.content, text("Good morning, is my order ready?"));
    assert_eq!(item.answer, None);
    for (name, body) in [
        ("text_forwarded", "Look at this"),
        ("text_from_advertisement", "Is this still there?"),
    ] {
        let item = inbound(name);
        assert_eq!((item.content, item.answer), (text(body), None), "{name}");
    }
}

/// X13: a writer has a number, a name of Meta's, or both; the number may be missing.
#[test]
fn a_writer_without_a_number_has_a_name_of_metas() {
    let check = |name: &str, number, shown: &str| {
        let item = inbound(name);
        assert_eq!(item.phone, number, "{name}");
        assert_eq!(item.user.as_deref(), Some(USER), "{name}");
        assert_eq!(item.name.as_deref(), Some(shown), "{name}");
    };
    check(
        "text_user_and_number",
        phone("+97333000001"),
        "Mona Example",
    );
    check("text_user_without_number", None, "Mona Example");
    check("text_user_beside_only", None, "mona.example");
}

/// Two people in one batch must never become one.
#[test]
fn only_a_person_of_the_same_name_completes_a_writer() {
    let contacts = json!([
        {"wa_id": "97333000001", "user_id": USER, "profile": {"name": "Mona"}},
        {"user_id": NEW_USER, "profile": {"name": "Sami"}},
    ]);
    let message = |who: Value| {
        let mut message = json!({"id": "wamid.a", "timestamp": "1764000000", "type": "text",
            "text": {"body": "x"}});
        message
            .as_object_mut()
            .unwrap()
            .extend(who.as_object().unwrap().clone());
        message
    };
    let read = |contacts: &Value, who: Value| {
        let value = json!({"metadata": {"phone_number_id": "301700000000001"},
            "contacts": contacts, "messages": [message(who)]});
        let [(_, item)] = <[_; 1]>::try_from(of_body(body("messages", &value)).items).unwrap();
        match item {
            Item::Inbound(item) => Some((item.phone, item.user, item.name)),
            Item::Unreadable { .. } => None,
            other => panic!("{other:?}"),
        }
    };
    let some = |text: &str| Some(text.to_owned());
    let mona = Some((phone("+97333000001"), some(USER), some("Mona")));
    assert_eq!(read(&contacts, json!({"from": "97333000001"})), mona);
    assert_eq!(read(&contacts, json!({"from": "+97333000001"})), mona);
    assert_eq!(read(&contacts, json!({"from_user_id": USER})), mona);
    // Where no number is shown, the name may stand in its place.
    assert_eq!(read(&contacts, json!({"from": USER})), mona);
    let sami = Some((None, some(NEW_USER), some("Sami")));
    assert_eq!(read(&contacts, json!({"from_user_id": NEW_USER})), sami);
    let stranger = Some((phone("+97333000003"), None, None));
    assert_eq!(read(&contacts, json!({"from": "97333000003"})), stranger);
    assert_eq!(read(&contacts, json!({})), None);
    let alone = json!([{"wa_id": "97333000001", "profile": {"name": "Mona"}}]);
    assert_eq!(read(&alone, json!({"from": "97333000003"})), stranger);
    let only = Some((phone("+97333000001"), None, some("Mona")));
    assert_eq!(read(&alone, json!({})), only);
    assert_eq!(read(&json!([]), json!({})), None);
}

fn pressed(quoted: Option<&str>, kind: ReplyKind, id: &str, title: &str) -> Option<AnswerItem> {
    Some(AnswerItem {
        quoted: quoted.map(Into::into),
        kind,
        button_id: Some(id.into()),
        title: title.into(),
    })
}

/// A press comes from a message of ours, from a list, or from a template, which may not be named.
#[test]
fn a_pressed_button_answers_the_message_it_belongs_to() {
    let check = |name: &str, title: &str, answer| {
        let item = inbound(name);
        assert_eq!((item.content, item.answer), (text(title), answer), "{name}");
    };
    let ours = Some(OURS);
    check(
        "button_press",
        "Tomorrow",
        pressed(ours, ReplyKind::Button, "btn2", "Tomorrow"),
    );
    check(
        "list_choice",
        "Billing",
        pressed(ours, ReplyKind::ListRow, "row3", "Billing"),
    );
    check(
        "template_button",
        "Confirm",
        pressed(ours, ReplyKind::Button, "confirm-7", "Confirm"),
    );
    let stop = "Stop promotions";
    check(
        "template_button_without_context",
        stop,
        pressed(None, ReplyKind::Button, stop, stop),
    );
}

#[test]
fn what_quotes_ours_is_an_answer_and_what_quotes_itself_is_none() {
    let check = |name: &str, title: &str| {
        let answer = AnswerItem {
            quoted: Some(OURS.into()),
            kind: ReplyKind::Text,
            button_id: None,
            title: title.into(),
        };
        assert_eq!(inbound(name).answer, Some(answer), "{name}");
    };
    check("text_quoting", "Yes please, at four");
    check("text_about_product", "In green, too?");
    check("form", "day: Monday, guests: 4");
    assert_eq!(inbound("text_quoting_oneself").answer, None);
}

#[test]
fn everything_else_people_send_is_visible() {
    let previews = [
        ("image", "The broken part"),
        ("video", "[video]"),
        ("document", "order.pdf"),
        ("audio", "[audio]"),
        ("voice", "[voice]"),
        ("sticker", "[sticker]"),
        ("location", "Example Souq"),
        ("contacts", "Rami Reed, Lulu Reed"),
        ("order", "3 × REED-1, 1 × REED-2, Soon, please"),
        ("reaction", "👍"),
        ("reaction_removed", ""),
        ("unsupported", "[unsupported]"),
        ("edited", "Good evening, is my order ready?"),
        ("edited_caption", "The mended part"),
        ("revoked", "[deleted]"),
        ("unknown_type", "[hologram]"),
    ];
    for (name, preview) in previews {
        let item = inbound(name);
        assert_eq!(item.content.preview(), preview, "{name}");
        assert_eq!(item.answer, None, "{name}");
    }
    let image = inbound("image").content;
    assert_eq!(
        image,
        InboundContent::Media {
            media: "image".into(),
            media_id: Some("401700000000001".into()),
            link: Some("https://lookaside.heron.example/whatsapp/401700000000001".into()),
            mime_type: Some("image/jpeg".into()),
            filename: None,
            caption: Some("The broken part".into()),
        }
    );
    let of = "wamid.SampleText0001".to_owned();
    assert_eq!(inbound("revoked").content, InboundContent::Revoke { of });
}

/// X13: a new number or name is told to the contacts, and to whoever reads the conversation.
#[test]
fn a_person_with_a_new_name_is_still_that_person() {
    let check = |name: &str, identity: IdentityItem, words: &str| {
        let items = items(name, &ours());
        let [Item::Inbound(notice), Item::Identity(found)] = items.as_slice() else {
            panic!("{name}: {items:?}");
        };
        assert_eq!(found, &identity, "{name}");
        assert_eq!(
            (&notice.phone, &notice.user),
            (&identity.phone, &identity.user)
        );
        let InboundContent::Notice { text } = &notice.content else {
            panic!("{name}: {notice:?}");
        };
        assert!(text.contains(words), "{text}");
        assert_eq!(notice.answer, None);
    };
    let moved = IdentityItem {
        phone: phone("+97333000001"),
        user: Some(USER.into()),
        new_phone: phone("+97333000002"),
        new_user: Some(NEW_USER.into()),
    };
    check("number_changed", moved.clone(), "+97333000002");
    let renamed = IdentityItem {
        phone: None,
        new_phone: None,
        ..moved
    };
    check("user_id_changed", renamed, "another user id");
    let notice = inbound("identity_changed");
    assert!(matches!(notice.content, InboundContent::Notice { .. }));
}

#[test]
fn a_notice_about_nobody_is_unreadable_and_one_of_no_known_kind_is_kept() {
    let notice = |own: Value| {
        of_body(of_messages(
            &json!([{"id": "wamid.a", "timestamp": 1_764_000_000,
            "type": "system", "system": own, "from": "97333000001"}]),
        ))
    };
    let kinds = |own: Value| -> Vec<bool> {
        let items = notice(own).items.into_iter();
        items
            .map(|(_, item)| matches!(item, Item::Inbound(_)))
            .collect()
    };
    // The old number again: nothing to tell the contacts.
    let same = json!({"type": "user_changed_number", "wa_id": "97333000001"});
    assert_eq!(kinds(same), [true]);
    // The new name beside the message is not who they were before.
    let [_, (_, Item::Identity(moved))] = <[_; 2]>::try_from(
        of_body(of_messages(
            &json!([{"id": "wamid.a", "timestamp": 1_764_000_000,
            "type": "system", "from": "97333000001", "from_user_id": NEW_USER,
            "system": {"type": "user_changed_number", "user_id": NEW_USER}}]),
        ))
        .items,
    )
    .unwrap() else {
        panic!("no identity");
    };
    assert_eq!(
        (moved.user, moved.new_user.as_deref()),
        (None, Some(NEW_USER))
    );
    // The spelling of older versions of the API.
    let older = json!({"type": "customer_changed_number", "new_wa_id": "97333000002"});
    assert_eq!(kinds(older), [true, false]);
    assert_eq!(
        kinds(json!({"type": "hologram", "body": "Glows now."})),
        [true]
    );
    assert_eq!(kinds(json!({"type": "hologram"})), [false]);
    assert_eq!(kinds(json!({})), [false]);
    let nobody = json!([{"id": "wamid.a", "timestamp": 1_764_000_000, "type": "system",
        "system": {"type": "user_changed_number", "wa_id": "97333000002"}}]);
    assert_eq!(
        reasons(of_body(of_messages(&nobody))),
        ["entry[0].changes[0].messages[0]: it does not say who wrote"]
    );
}

#[test]
fn our_own_messages_from_the_phone_come_back_as_echoes() {
    let check = |name: &str, number, preview: &str| {
        let Item::Echo(item) = only(name, &ours()) else {
            panic!("{name}");
        };
        assert!(!item.through_api, "{name}");
        assert_eq!(item.phone, number, "{name}");
        assert_eq!(item.content.preview(), preview, "{name}");
    };
    let number = || phone("+97333000001");
    check("echo_text", number(), "On my way");
    check("echo_edited", number(), "Nearly there");
    check("echo_revoked", number(), "[deleted]");
    check("echo_to_user", None, "Hello");
}

#[test]
fn what_is_of_no_consequence_is_named() {
    for (name, word) in [
        ("group_text", "group message"),
        ("welcome", "notice request_welcome"),
    ] {
        assert_eq!(ignored(name, &ours()), word);
    }
    for (name, word) in [
        ("call", "calls"),
        ("history", "history"),
        ("template_components", "message_template_components_update"),
    ] {
        assert_eq!(ignored(name, &account(None)), word);
    }
    // A field never seen is counted beside.
    let delivery = of_body(fixture("unknown_field"));
    assert_eq!(delivery.unknown, [("holograms".to_owned(), 1)].into());
    let name = "holograms".to_owned();
    assert_eq!(delivery.items, [(account(None), Item::Ignored { name })]);
}
