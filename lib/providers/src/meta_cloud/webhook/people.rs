//! Who writes, what they prefer, and by which other names they are known.

use std::collections::HashMap;

use domain::{
    phone::PhoneNumber,
    provider::{IdentityItem, Item, PreferenceItem},
};

use super::Read;
use crate::{
    lenient::{Fields, PERSON},
    scrub,
};

/// Longest name of Meta's for a person.
const LONGEST_USER: usize = 160;

/// A person as one change shows them. Either way of naming them may be missing, not both.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    /// Their number.
    pub(super) phone: Option<PhoneNumber>,
    /// Meta's name for them.
    pub(super) user: Option<String>,
    /// The name they show.
    pub(super) name: Option<String>,
}

/// The people beside the items of a change.
#[derive(Default)]
pub(super) struct People {
    known: Vec<Person>,
    by_phone: HashMap<PhoneNumber, usize>,
    by_user: HashMap<String, usize>,
}

impl People {
    pub(super) fn add(&mut self, contact: Fields<'_>) {
        let profile = contact.at("profile");
        let person = Person {
            phone: phone(contact, "wa_id"),
            user: user(contact, "user_id"),
            name: profile
                .some("name", PERSON)
                .or_else(|| profile.some("username", PERSON)),
        };
        let index = self.known.len();
        if let Some(phone) = person.phone.clone() {
            self.by_phone.insert(phone, index);
        }
        if let Some(user) = person.user.clone() {
            self.by_user.insert(user, index);
        }
        self.known.push(person);
    }

    /// Completes what an item says of a person by what stands beside it. Two people in one batch must
    /// never become one: only somebody named the same is taken, and the only one there is for an
    /// item that names nobody.
    pub(super) fn complete(&self, said: Person) -> Option<Person> {
        let by_user = said.user.as_ref().and_then(|user| self.by_user.get(user));
        let by_phone = || {
            let phone = said.phone.as_ref()?;
            self.by_phone.get(phone)
        };
        let named = by_user.or_else(by_phone).and_then(|i| self.known.get(*i));
        let nobody = said.phone.is_none() && said.user.is_none();
        let known = match (named, self.known.as_slice()) {
            (Some(known), _) => Some(known),
            (None, [only]) if nobody => Some(only),
            (None, _) => None,
        };
        let known = known.cloned().unwrap_or_default();
        let person = Person {
            phone: said.phone.or(known.phone),
            user: said.user.or(known.user),
            name: said.name.or(known.name),
        };
        (person.phone.is_some() || person.user.is_some()).then_some(person)
    }

    /// Who wrote a message.
    pub(super) fn writer(&self, message: Fields<'_>) -> Option<Person> {
        let from = phone(message, "from");
        // Where no number is shown, the name may stand in its place.
        let named = || {
            let odd = from.is_none();
            odd.then(|| user(message, "from")).flatten()
        };
        let user = user(message, "from_user_id").or_else(named);
        self.complete(Person {
            phone: from,
            user,
            name: None,
        })
    }
}

/// A number as Meta writes it: digits.
pub(super) fn phone(fields: Fields<'_>, name: &str) -> Option<PhoneNumber> {
    let number = fields.text_or_number(name)?;
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| PhoneNumber::parse(digits).ok()).flatten()
}

/// A name of Meta's for a person.
pub(super) fn user(fields: Fields<'_>, name: &str) -> Option<String> {
    let user = fields.text(name)?;
    let fits = !user.trim().is_empty() && user.len() <= LONGEST_USER;
    fits.then(|| user.to_owned())
}

/// Items of `user_preferences`.
pub(super) fn preference(item: Fields<'_>, people: &People) -> Read {
    let category = item.text("category").unwrap_or("marketing_messages");
    let value = item.text("value").unwrap_or_default();
    let marketing = match value.trim().to_ascii_lowercase().as_str() {
        "stop" => false,
        "resume" | "signup" => true,
        _ => return ignored(&format!("user_preferences {value}")),
    };
    if category != "marketing_messages" {
        return ignored(&format!("user_preferences {category}"));
    }
    let said = Person {
        phone: phone(item, "wa_id"),
        user: user(item, "user_id"),
        name: None,
    };
    let person = people.complete(said).ok_or("it does not say who")?;
    Ok(vec![Item::Preference(PreferenceItem {
        phone: person.phone,
        user: person.user,
        at: item.moment("timestamp")?,
        marketing,
    })])
}

/// Items of `user_id_update`: somebody has another name at Meta.
pub(super) fn identity(item: Fields<'_>, people: &People) -> Read {
    let names = item.at("user_id");
    let before = user(names, "previous")
        .or_else(|| user(names, "old"))
        .or_else(|| user(item, "previous_user_id"))
        .or_else(|| user(item, "old_user_id"));
    let now = user(names, "current")
        .or_else(|| user(names, "new"))
        .or_else(|| user(item, "current_user_id"))
        .or_else(|| user(item, "new_user_id"))
        .or_else(|| user(item, "user_id"));
    let said = Person {
        phone: phone(item, "wa_id"),
        user: before.or_else(|| now.clone()),
        name: None,
    };
    // The people beside it may carry the new name already: only the number is theirs to give.
    let phone = said.phone.clone();
    let phone = phone.or_else(|| {
        people
            .complete(said.clone())
            .and_then(|person| person.phone)
    });
    let before = said.user.filter(|user| Some(user) != now.as_ref());
    renamed(IdentityItem {
        phone,
        user: before,
        new_phone: None,
        new_user: now,
    })
    .map(|item| vec![item])
}

/// The item that ties two names to one person, if it names both.
pub(super) fn renamed(identity: IdentityItem) -> Result<Item, &'static str> {
    let before = identity.phone.is_some() || identity.user.is_some();
    let after = identity.new_phone.is_some() || identity.new_user.is_some();
    if before && after {
        Ok(Item::Identity(identity))
    } else {
        Err("it does not say who became whom")
    }
}

fn ignored(name: &str) -> Read {
    Ok(vec![Item::Ignored {
        name: scrub::word(name),
    }])
}
