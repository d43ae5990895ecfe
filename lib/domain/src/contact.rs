//! Contacts: people as one tenant knows them, found by any of their aliases (X13).

use std::{collections::BTreeSet, fmt};

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

    /// What the tenant's own system calls a person. It leads to them, and nothing can be sent to it.
    #[must_use]
    pub fn customer(id: &str) -> Self {
        Self(format!("cus:{}", id.chars().take(128).collect::<String>()))
    }

    /// The id in the tenant's own system, if it is one.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.0.strip_prefix("cus:")
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
        let known = ["tel:+", "uid:", "cus:"]
            .iter()
            .any(|form| text.starts_with(form));
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
    /// IANA zone they live in, if somebody said so; else the number's country tells.
    pub zone: Option<String>,
    /// Words of the tenant's own for groups of people.
    pub tags: BTreeSet<String>,
    /// Whether they may be written to.
    pub consent: Consent,
    /// Since when that is so: what was said later counts, in whichever order it comes.
    pub consent_at: Option<Timestamp>,
    /// Raised by the store at every change; a write with an old version is refused.
    pub version: u32,
}

/// Most tags of one contact.
pub const MOST_TAGS: usize = 20;

/// A tenant's word for a group of people, as it is kept: 1 to 40 characters in small letters. None when
/// it can be no such word.
#[must_use]
pub fn tag(text: &str) -> Option<String> {
    let tag = text.trim().to_lowercase();
    let fits = (1..=40).contains(&tag.chars().count());
    let plain = tag.chars().all(|c| !c.is_control() && c != ',');
    (fits && plain).then_some(tag)
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
            zone: None,
            tags: BTreeSet::new(),
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

    /// What the tenant's own system calls them.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.aliases.iter().find_map(Alias::customer_id)
    }

    /// Whom messages to this person go to: the number, else the name that a provider calls them.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient> {
        match &self.phone {
            Some(phone) => Some(Recipient::Phone(phone.clone())),
            None => self
                .aliases
                .iter()
                .find(|alias| alias.customer_id().is_none())
                .map(Alias::recipient),
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
mod tests;
