//! Hostile texts where ids and names are read: refused or tamed, never a panic.

use proptest::prelude::*;

use crate::{
    contact::Alias,
    ids::{MessageId, UserId},
    phone::PhoneNumber,
};

const HOSTILE: [&str; 14] = [
    "",
    "\0",
    "TENANT#1#MESSAGE#2",
    "../../etc/passwd",
    "*",
    "\u{202e}67e5504410b1426f9247bb680e5fe0c8",
    "67e55044-10b1-426f-9247-bb680e5fe0c8\n",
    "6-7e55044-10b1426f-9247-bb680e5fe0c8",
    "------------------------------------",
    "--------------------------------",
    "ééééééééééééé67e504",      // 32 bytes, fewer characters
    "🦀🦀🦀🦀🦀🦀🦀🦀",         // 32 bytes
    "🦀🦀🦀🦀🦀🦀🦀🦀🦀",       // 36 bytes
    "６７ｅ５５０４４１０ｂ１", // 36 bytes of full-width digits
];

/// Any text, and texts that look almost like an id.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,300}",
        "[0-9a-fA-F-]{30,38}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9a-f]{16}[\\x00-\\x20{}é€🦀]{1,8}[0-9a-f]{0,16}",
        proptest::collection::vec(any::<u8>(), 30..40)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        proptest::sample::select(HOSTILE.as_slice()).prop_map(str::to_owned),
    ]
}

/// S0.15: reading never fails by panicking, and what is read has one identity.
fn check(text: &str) {
    if let Ok(id) = MessageId::parse(text) {
        assert_eq!(MessageId::parse(&id.key()), Ok(id));
        assert_eq!(MessageId::parse(&id.to_string()), Ok(id));
        assert!(text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
    }
    let user = UserId::new(text);
    assert!(user.as_str().len() <= 64);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    assert!(user.as_str().chars().all(plain), "{user}");
    assert_eq!(UserId::new(user.as_str()), user);
    let alias = Alias::provider_user(text);
    let name = alias.as_str().strip_prefix("uid:").unwrap();
    assert!(text.starts_with(name));
    assert!(name.chars().count() <= 128);
    if let Ok(number) = PhoneNumber::parse(text) {
        assert_ne!(Alias::phone(&number), alias, "a user id is no number");
    }
}

#[test]
fn hostile_texts_are_no_message_ids_and_panic_nowhere() {
    for text in HOSTILE {
        assert!(MessageId::parse(text).is_err(), "{text:?}");
        check(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reading_hostile_texts_never_panics(text in texts()) {
        check(&text);
    }
}
