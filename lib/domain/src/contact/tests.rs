//! Whom a contact is, and whether they may be written to.

use proptest::prelude::*;

use super::*;

const ALL: [Consent; 4] = [
    Consent::Unasked,
    Consent::Given,
    Consent::NoMarketing,
    Consent::Stopped,
];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn contact() -> Contact {
    let phone = PhoneNumber::parse("+97333000017").unwrap();
    Contact::met(TenantId::fresh(), &phone, None)
}

fn after(words: &[(Consent, i64)]) -> Contact {
    let mut contact = contact();
    for (consent, second) in words {
        contact.consents(*consent, at(*second));
    }
    contact
}

#[test]
fn the_stricter_of_two_is_the_one_that_allows_less() {
    for (place, one) in ALL.into_iter().enumerate() {
        for (other_place, other) in ALL.into_iter().enumerate() {
            let stricter = one.stricter(other);
            assert_eq!(stricter, other.stricter(one));
            assert_eq!(stricter, ALL[place.max(other_place)]);
        }
        assert_eq!(Consent::parse(one.as_str()), Some(one));
    }
    assert_eq!(Consent::parse("Stopped"), None);
}

#[test]
fn a_change_is_told_once() {
    let mut contact = contact();
    assert!(contact.consents(Consent::Stopped, at(5)));
    assert!(!contact.consents(Consent::Stopped, at(5)));
    assert!(!contact.consents(Consent::Given, at(4)));
    assert!(contact.consents(Consent::Stopped, at(9)), "said again");
    assert!(!contact.consents(Consent::Given, at(8)));
    assert_eq!(
        (contact.consent, contact.consent_at),
        (Consent::Stopped, Some(at(9)))
    );
}

#[test]
fn what_was_noted_by_hand_counts_at_once_and_later_words_after_it() {
    for (known, now) in [(5, 9), (9, 5), (5, 5)] {
        let mut contact = after(&[(Consent::Stopped, known)]);
        contact.noted(Consent::Given, at(now));
        assert_eq!(contact.consent, Consent::Given);
        assert!(!contact.consents(Consent::Stopped, at(known)), "again");
        assert_eq!(contact.consent, Consent::Given);
        contact.consents(Consent::Stopped, at(20));
        assert_eq!(contact.consent, Consent::Stopped);
    }
    let mut new = contact();
    new.noted(Consent::NoMarketing, at(1));
    assert_eq!(
        (new.consent, new.consent_at),
        (Consent::NoMarketing, Some(at(1)))
    );
}

/// X13: a number, else Meta's name, is written to; neither is shown in full anywhere but where it goes.
#[test]
fn a_recipient_is_read_as_it_was_written() {
    for text in [
        "+97333000017",
        "BH.7HeronReed0001",
        "97333000017",
        "+12",
        "",
    ] {
        let recipient = Recipient::read(text);
        assert_eq!(recipient.as_str(), text);
        assert_eq!(Recipient::read(recipient.as_str()), recipient);
        assert_eq!(
            recipient.phone().is_some(),
            text == "+97333000017",
            "{text}"
        );
        assert_eq!(recipient.alias().recipient(), recipient);
        let shown = format!("{recipient:?} {:?}", recipient.alias());
        assert!(text.len() < 4 || !shown.contains(text), "{shown}");
    }
}

#[test]
fn stored_aliases_are_read_and_nothing_else() {
    for known in ["tel:+97333000017", "uid:BH.7HeronReed0001", "uid:"] {
        assert_eq!(Alias::stored(known).unwrap().as_str(), known);
    }
    for odd in ["", "tel:97333000017", "+97333000017", "mail:x", "UID:x"] {
        assert_eq!(Alias::stored(odd), None, "{odd}");
    }
    let mut contact = contact();
    assert_eq!(contact.recipient().unwrap().as_str(), "+97333000017");
    contact.phone = None;
    contact.aliases = vec![Alias::provider_user("BH.7HeronReed0001")];
    assert_eq!(contact.recipient().unwrap().as_str(), "BH.7HeronReed0001");
    contact.aliases.clear();
    assert_eq!(contact.recipient(), None);
}

fn words() -> impl Strategy<Value = Vec<(Consent, i64)>> {
    let word = prop_oneof![Just(Consent::Given), Just(Consent::Stopped)];
    prop::collection::vec((word, 0_i64..6), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// S2.48: stops and starts come to the same in any order, repeated or not: the latest counts, and
    /// of one second the stop.
    #[test]
    fn stops_and_starts_commute(words in words(), seed in any::<prop::sample::Index>()) {
        let mut turned = words.clone();
        turned.rotate_left(seed.index(words.len()));
        turned.extend(words.iter().rev());
        let last = words.iter().map(|(_, second)| *second).max().unwrap();
        let stopped = words.contains(&(Consent::Stopped, last));
        let expected = if stopped { Consent::Stopped } else { Consent::Given };
        for order in [&words, &turned] {
            let contact = after(order);
            prop_assert_eq!((contact.consent, contact.consent_at), (expected, Some(at(last))));
        }
    }

    /// Nothing about marketing ever lifts a stop.
    #[test]
    fn a_stop_outlives_every_marketing_wish(before in words(), second in 0_i64..99) {
        let mut contact = after(&before);
        contact.consents(Consent::Stopped, at(50));
        contact.consents(Consent::NoMarketing, at(second));
        prop_assert_eq!(contact.consent, Consent::Stopped);
    }
}
