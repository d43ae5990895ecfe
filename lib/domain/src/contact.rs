//! Contacts: people as one tenant knows them, found by any of their aliases (X13).

use std::fmt;

use serde::{Deserialize, Serialize};

use jiff::{SignedDuration, Timestamp};

use crate::{
    ids::{ContactId, TenantId},
    phone::PhoneNumber,
};

/// Whom a message goes to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A telephone number.
    Phone(PhoneNumber),
    /// A person who shows no number, by the provider's own name for them: BSUID, LID (X13).
    User(String),
}

impl Recipient {
    /// The alias that leads to the contact.
    #[must_use]
    pub fn alias(&self) -> Alias {
        match self {
            Self::Phone(phone) => Alias::phone(phone),
            Self::User(name) => Alias::provider_user(name),
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::User(_) => None,
        }
    }

    /// As people and answers write it: the number with its plus, or the provider's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::User(name) => name,
        }
    }

    /// Reads what [`Recipient::as_str`] wrote. A name of a provider never looks like a number with a plus.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match PhoneNumber::parse(text) {
            Ok(phone) if text.starts_with('+') => Self::Phone(phone),
            Ok(_) | Err(_) => Self::User(text.to_owned()),
        }
    }

    /// Enough for a person to recognise it, too little to be used.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::User(name) => format!("{}…", name.chars().take(3).collect::<String>()),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.masked())
    }
}

/// One name a provider may call a person by. The stored form is prefixed, so a user id that looks
/// like a number never meets one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alias(String);

impl Alias {
    /// A telephone number.
    #[must_use]
    pub fn phone(number: &PhoneNumber) -> Self {
        Self(format!("tel:{}", number.as_str()))
    }

    /// A provider's own name for a person who shows no number: BSUID, LID.
    #[must_use]
    pub fn provider_user(name: &str) -> Self {
        Self(format!(
            "uid:{}",
            name.chars().take(128).collect::<String>()
        ))
    }

    /// The stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alias(…)")
    }
}

impl Alias {
    /// The alias with this stored form.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let known = text.starts_with("tel:+") || text.starts_with("uid:");
        known.then(|| Self(text.to_owned()))
    }

    /// Whom a message to this alias goes to.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        match self.0.strip_prefix("tel:") {
            Some(number) => Recipient::read(number),
            None => Recipient::User(self.0.strip_prefix("uid:").unwrap_or(&self.0).to_owned()),
        }
    }
}

/// Whether a person may be written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nothing was said: allowed.
    #[default]
    Unasked,
    /// They asked for messages.
    Given,
    /// They asked for no marketing: campaigns and marketing templates are not sent.
    NoMarketing,
    /// They asked to stop: nothing is sent.
    Stopped,
}

impl Consent {
    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Given => "given",
            Self::NoMarketing => "no_marketing",
            Self::Stopped => "stopped",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Unasked, Self::Given, Self::NoMarketing, Self::Stopped]
            .into_iter()
            .find(|consent| consent.as_str() == name)
    }

    /// The one that allows less: what counts when two contacts turn out to be one person.
    #[must_use]
    pub const fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stopped, _) | (_, Self::Stopped) => Self::Stopped,
            (Self::NoMarketing, _) | (_, Self::NoMarketing) => Self::NoMarketing,
            (Self::Given, _) | (_, Self::Given) => Self::Given,
            (Self::Unasked, Self::Unasked) => Self::Unasked,
        }
    }
}

/// A person as a tenant knows them. The contact's id follows from its first alias, so (tenant, alias)
/// is unique by key, and looking an alias up is one read. Every further alias has a slot of its own
/// that leads to the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Follows from the first alias.
    pub id: ContactId,
    /// Whose contact it is.
    pub tenant: TenantId,
    /// The number, when one is known.
    pub phone: Option<PhoneNumber>,
    /// The name they show or the tenant gave them.
    pub name: Option<String>,
    /// Everything providers call them; the first is what the id follows from.
    pub aliases: Vec<Alias>,
    /// Whether they may be written to.
    pub consent: Consent,
    /// Since when that is so: what was said later counts, in whichever order it comes.
    pub consent_at: Option<Timestamp>,
    /// Raised by the store at every change; a write with an old version is refused.
    pub version: u32,
}

/// Most aliases of one contact.
pub const MOST_ALIASES: usize = 16;

impl Contact {
    /// A contact first met by this alias.
    #[must_use]
    pub fn met_as(tenant: TenantId, alias: &Alias, name: Option<String>) -> Self {
        let phone = alias.recipient().phone().cloned();
        Self {
            id: ContactId::of_alias(tenant, alias.as_str()),
            tenant,
            phone,
            name,
            aliases: vec![alias.clone()],
            consent: Consent::Unasked,
            consent_at: None,
            version: 0,
        }
    }

    /// A contact first met by this number.
    #[must_use]
    pub fn met(tenant: TenantId, phone: &PhoneNumber, name: Option<String>) -> Self {
        Self::met_as(tenant, &Alias::phone(phone), name)
    }

    /// Whom messages to this person go to: the number, else the name that a provider calls them.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        match &self.phone {
            Some(phone) => Some(Recipient::Phone(phone.clone())),
            None => self.aliases.first().map(Alias::recipient),
        }
    }

    /// Notes what somebody of the tenant says of the person: it counts from now on, whatever was known,
    /// and whatever is known comes once more.
    pub fn noted(&mut self, consent: Consent, now: Timestamp) {
        let second = SignedDuration::from_secs(1);
        let known = self.consent_at.map(|known| known.saturating_add(second));
        self.consent = consent;
        self.consent_at = Some(
            known
                .and_then(Result::ok)
                .map_or(now, |known| known.max(now)),
        );
    }

    /// Notes what the person said about messages, unless something later is known. Answers whether
    /// anything changed.
    ///
    /// No marketing is less than nothing at all: it neither lifts a stop nor comes before one, whichever
    /// of the two arrives first.
    pub fn consents(&mut self, consent: Consent, at: Timestamp) -> bool {
        use Consent::{NoMarketing, Stopped};
        let (mut now, mut since) = (consent, Some(at));
        match self.consent_at {
            _ if matches!(
                (self.consent, consent),
                (Stopped, NoMarketing) | (NoMarketing, Stopped)
            ) =>
            {
                now = Stopped;
                since = since.max(self.consent_at);
            }
            Some(known) if known > at => return false,
            // Of two words in one second the stricter counts, whichever came first.
            Some(known) if known == at => now = self.consent.stricter(consent),
            // Said again, it counts from then on: a word from in between comes too late.
            Some(_) | None => {}
        }
        let changed = (self.consent, self.consent_at) != (now, since);
        self.consent = now;
        self.consent_at = since;
        changed
    }
}

#[cfg(test)]
mod tests {
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
}
