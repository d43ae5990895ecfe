mod odd;

use std::{fs, path::PathBuf};

use domain::{
    message::InboundContent,
    phone::PhoneNumber,
    provider::{Address, Delivery, InboundItem, Item, ProviderStatus, RawWebhook, StatusItem},
};
use jiff::Timestamp;

use super::read;

const OURS: &str = "0b6f2c1e-5a77-4f7e-9d55-3f1c8f0a9e11";
const T: i64 = 1_764_000_000;
const FORM: &str = "application/x-www-form-urlencoded";

fn of_body(kind: Option<&str>, body: impl Into<Vec<u8>>) -> Delivery {
    let kind = kind.map(|kind| ("content-type".to_owned(), kind.as_bytes().to_vec()));
    read(&RawWebhook {
        key: None,
        headers: kind.into_iter().collect(),
        body: body.into(),
    })
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/messenger360");
    fs::read(folder.join(format!("webhook_{name}"))).unwrap()
}

/// The items of a webhook: all are for the channel whose URL it came to.
fn items(delivery: Delivery) -> Vec<Item> {
    let here = |(address, item)| {
        assert_eq!(address, Address::Here);
        item
    };
    delivery.items.into_iter().map(here).collect()
}

fn only(name: &str) -> Item {
    let read = items(of_body(None, fixture(name)));
    let [item] = <[Item; 1]>::try_from(read).unwrap();
    item
}

fn inbound(name: &str) -> InboundItem {
    match only(name) {
        Item::Inbound(item) => *item,
        other => panic!("{name}: {other:?}"),
    }
}

fn text(body: &str) -> InboundContent {
    InboundContent::Text { body: body.into() }
}

#[test]
fn a_text_is_read_with_its_writer() {
    let item = inbound("text.json");
    assert_eq!(item.provider_id, "830001");
    assert_eq!(item.phone, PhoneNumber::parse("+97333000001").ok());
    assert_eq!((item.user, item.name, item.answer), (None, None, None));
    assert_eq!(item.at, Timestamp::from_second(T).unwrap());
    assert_eq!(item.content, text("Good morning, is my order ready?"));
    let item = inbound("text_with_server.json");
    assert_eq!(item.phone, PhoneNumber::parse("+97333000001").ok());
    let item = inbound("text_from_lid.json");
    assert_eq!(item.phone, None);
    assert_eq!(item.user.as_deref(), Some("123456789012345@lid"));
}

/// The header says how a body is written; read again from the journal it has none.
#[test]
fn a_form_is_read_like_json() {
    let body = fixture("text_form.txt");
    for kind in [
        Some(FORM),
        Some("application/x-www-form-urlencoded; charset=UTF-8"),
        Some("text/plain"),
        None,
    ] {
        let read = items(of_body(kind, body.clone()));
        let [Item::Inbound(item)] = read.as_slice() else {
            panic!("{kind:?}: {read:?}");
        };
        assert_eq!(item.content, text("Fish & chips = 2 pieces, 50% + ü"));
        assert_eq!(item.provider_id, "830002");
    }
    // JSON under the wrong name is JSON all the same.
    let read = items(of_body(Some(FORM), fixture("text.json")));
    assert!(matches!(read.as_slice(), [Item::Inbound(_)]), "{read:?}");
}

/// providers.md 3.3: dedupe on the id, else on sender, text and time.
#[test]
fn a_message_without_an_id_has_one_of_its_own() {
    let first = inbound("text_without_id.json");
    assert!(first.provider_id.starts_with("hash:") && first.provider_id.len() == 69);
    assert_eq!(
        first.provider_id,
        inbound("text_without_id.json").provider_id
    );
    let body = String::from_utf8(fixture("text_without_id.json")).unwrap();
    for other in [
        body.replace("Are you open?", "Are you open"),
        body.replace("16:00:00", "16:00:01"),
        body.replace("97333000001", "97333000002"),
    ] {
        let read = items(of_body(None, other));
        let [Item::Inbound(other)] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_ne!(other.provider_id, first.provider_id);
    }
}

/// A message must never be lost: a time from the future counts as the moment it came.
#[test]
fn a_message_without_a_usable_time_is_read() {
    assert_eq!(inbound("text_without_time.json").at, Timestamp::MAX);
    let body = String::from_utf8(fixture("text.json")).unwrap();
    let at = |written: &str| {
        let read = items(of_body(None, body.replace("2025-11-24 16:00:00", written)));
        match read.as_slice() {
            [Item::Inbound(item)] => item.at,
            other => panic!("{written}: {other:?}"),
        }
    };
    for written in ["1764000000", "1764000000000", "2025-11-24T19:00:00+03:00"] {
        assert_eq!(at(written).as_second(), T, "{written}");
    }
    for written in ["", "soon", "0", "24/11/2025", "9999-12-31 23:59:59"] {
        assert_eq!(at(written), Timestamp::MAX, "{written}");
    }
}

#[test]
fn everything_else_people_send_is_visible() {
    for (name, preview) in [
        ("image.json", "The broken part"),
        ("file.json", "order.pdf"),
        ("file_without_link.json", "order.pdf"),
        ("voice.json", "[voice]"),
        ("video.json", "[video]"),
        ("sticker.json", "[sticker]"),
        ("location.json", "Example Souq"),
        ("location_apart.json", "[location]"),
        ("unknown_type.json", "[hologram]"),
        ("unknown_type_with_text.json", "Tea or coffee?"),
    ] {
        assert_eq!(inbound(name).content.preview(), preview, "{name}");
    }
}

#[test]
fn files_keep_what_is_needed_to_fetch_them() {
    let media =
        |media: &str, link: Option<&str>, mime: &str, name: Option<&str>| InboundContent::Media {
            media: media.into(),
            media_id: None,
            link: link.map(Into::into),
            mime_type: Some(mime.into()),
            filename: name.map(Into::into),
            caption: None,
        };
    assert_eq!(
        inbound("file.json").content,
        media(
            "document",
            Some("https://files.example/order.pdf"),
            "application/pdf",
            Some("order.pdf")
        )
    );
    assert_eq!(
        inbound("file_without_link.json").content,
        media("document", None, "application/pdf", Some("order.pdf"))
    );
    assert_eq!(
        inbound("voice.json").content,
        media(
            "voice",
            Some("https://files.example/voice.ogg"),
            "audio/ogg; codecs=opus",
            None
        )
    );
    let read = of_body(None, fixture("file_without_link.json"));
    assert_eq!(
        read.unknown,
        [("MediaBase64".to_owned(), 1)].into(),
        "the journal shows that there was a file"
    );
}

#[test]
fn a_place_keeps_the_providers_spelling() {
    for name in ["location.json", "location_apart.json"] {
        let InboundContent::Location {
            latitude,
            longitude,
            ..
        } = inbound(name).content
        else {
            panic!("{name}");
        };
        assert_eq!(
            (latitude.as_str(), longitude.as_str()),
            ("26.2235", "50.5876")
        );
    }
}

#[test]
fn our_own_messages_come_back_as_echoes() {
    for (name, through_api) in [
        ("echo_phone.json", false),
        ("echo_from_me.json", false),
        ("echo_api.json", true),
    ] {
        let Item::Echo(item) = only(name) else {
            panic!("{name}");
        };
        assert_eq!(item.phone, PhoneNumber::parse("+97333000001").ok());
        assert_eq!(item.through_api, through_api, "{name}");
    }
}

#[test]
fn what_is_of_no_consequence_is_named() {
    for (name, word) in [
        ("group_text.json", "group message"),
        ("other_data.json", "dataType ack"),
    ] {
        assert_eq!(only(name), Item::Ignored { name: word.into() });
    }
}

#[test]
fn statuses_are_read_should_they_come() {
    let check = |name: &str, id: &str, status| {
        let expected = StatusItem {
            provider_id: id.into(),
            at: Timestamp::MAX,
            status,
            token: None,
        };
        assert_eq!(only(name), Item::Status(expected), "{name}");
    };
    check("delivery_sent.json", OURS, ProviderStatus::Sent);
    check("delivery_delivered.json", OURS, ProviderStatus::Delivered);
    check("delivery_read.json", OURS, ProviderStatus::Read);
    check("delivery_word.json", OURS, ProviderStatus::Delivered);
    check(
        "delivery_unknown.json",
        OURS,
        ProviderStatus::Unmapped {
            word: "delivery 9".into(),
        },
    );
    check("notify_ok.txt", "420001", ProviderStatus::Sent);
    for (name, id, expected) in [
        ("delivery_error.json", OURS, "DELIVERY_FAILED"),
        ("notify_failed.txt", "420001", "DELIVERY_FAILED"),
        ("notify_expired.txt", "420001", "EXPIRED"),
    ] {
        let Item::Status(StatusItem {
            provider_id,
            status: ProviderStatus::Failed { code, .. },
            ..
        }) = only(name)
        else {
            panic!("{name}");
        };
        assert_eq!((provider_id.as_str(), code.as_str()), (id, expected));
    }
}

/// A message is never taken for a status alone, whatever stands beside its text.
#[test]
fn a_text_with_a_delivery_is_a_text() {
    for said in [r#""Chat":"Hello""#, r#""Caption":"Hello""#] {
        let body = format!(r#"{{"ID":"1","Delivery":1,"From":"97333000001",{said}}}"#);
        let read = items(of_body(None, body));
        let [Item::Inbound(item)] = read.as_slice() else {
            panic!("{said}: {read:?}");
        };
        assert_eq!(item.content, text("Hello"));
    }
}
