//! Which reader reads which change.

use domain::provider::{Address, Item};
use serde_json::value::RawValue;

use super::{
    Read, Reading, account, message,
    people::{self, People},
    route::{Change, Field},
    status, template,
};
use crate::{
    lenient::{self, Envelope, Fields},
    scrub,
};

impl Reading {
    pub(super) fn change(&mut self, address: &Address, place: &str, change: &Change<'_>) {
        let value = change.value;
        match &change.field {
            Field::Messages => self.messages(address, place, value),
            Field::Echoes => self.echoes(address, place, value),
            Field::Preferences => {
                self.people_list(
                    address,
                    place,
                    "user_preferences",
                    value,
                    people::preference,
                );
            }
            Field::UserIds => {
                self.people_list(address, place, "user_id_update", value, people::identity);
            }
            Field::TemplateStatus => self.one(address, place, value, template::status),
            Field::TemplateCategory => self.one(address, place, value, template::category),
            Field::TemplateQuality => self.one(address, place, value, template::quality),
            Field::NumberQuality => self.one(address, place, value, account::quality),
            Field::Account => self.one(address, place, value, account::update),
            Field::AccountReview => self.one(address, place, value, account::review),
            Field::AccountNews(field) => {
                self.one(address, place, value, |value| account::news(field, value));
            }
            Field::Ignored(field) => {
                let name = field.clone();
                self.push(address, place, Item::Ignored { name });
            }
            // Meta must be answered with 200 for fields never seen, too.
            Field::Unknown(field) => {
                lenient::unknown(&mut self.delivery.unknown, field);
                let name = scrub::word(field);
                self.push(address, place, Item::Ignored { name });
            }
        }
    }

    fn messages(&mut self, address: &Address, place: &str, value: &RawValue) {
        let Some(value) = Envelope::open(value.get()) else {
            return self.unreadable(address, place, "its value is no object");
        };
        let people = &self.people(address, place, &value);
        for (key, part) in &value.0 {
            let place = |name: &str| format!("{place}.{name}");
            match key.as_ref() {
                "messaging_product" | "metadata" | "contacts" => {}
                "messages" => self.each(address, &place("messages"), part, |item| {
                    message::read(item, people)
                }),
                "statuses" => self.each(address, &place("statuses"), part, status::read),
                "errors" => self.each(address, &place("errors"), part, account::error),
                other => lenient::unknown(&mut self.delivery.unknown, other),
            }
        }
    }

    fn echoes(&mut self, address: &Address, place: &str, value: &RawValue) {
        let Some(value) = Envelope::open(value.get()) else {
            return self.unreadable(address, place, "its value is no object");
        };
        let place = format!("{place}.message_echoes");
        for list in value.all("message_echoes") {
            self.each(address, &place, list, message::echo);
        }
    }

    /// What is known of people: a list under the field's own name, or the value itself.
    fn people_list(
        &mut self,
        address: &Address,
        place: &str,
        field: &str,
        value: &RawValue,
        read: fn(Fields<'_>, &People) -> Read,
    ) {
        let Some(envelope) = Envelope::open(value.get()) else {
            return self.unreadable(address, place, "its value is no object");
        };
        let people = &self.people(address, place, &envelope);
        let read = |item: Fields<'_>| read(item, people);
        let mut lists = envelope.all(field).peekable();
        if lists.peek().is_none() {
            return self.one(address, place, value, read);
        }
        for list in lists {
            self.each(address, &format!("{place}.{field}"), list, read);
        }
    }

    /// The people a change is about. One that cannot be read costs a name, not a message.
    fn people(&mut self, address: &Address, place: &str, value: &Envelope<'_>) -> People {
        let mut known = People::default();
        let place = format!("{place}.contacts");
        for list in value.all("contacts") {
            let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
                self.unreadable(address, &place, "it is no list");
                continue;
            };
            for (index, person) in list.iter().take(lenient::MOST_ITEMS).enumerate() {
                match lenient::object(person) {
                    Ok(person) => known.add(Fields::of(&person)),
                    Err(why) => self.unreadable(address, &format!("{place}[{index}]"), why),
                }
            }
        }
        known
    }
}
