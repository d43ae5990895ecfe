//! A lenient view on what providers send: their samples, their schemas and their answers differ in many
//! small ways, and one odd value must never cost the values beside it.

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use domain::provider::{Address, Item, RawWebhook, WireResponse};
use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::{
    moment::{self, Written},
    scrub,
};

/// Most items of one webhook: three megabytes of braces would be a million.
pub(crate) const MOST_ITEMS: usize = 5_000;

/// Most kinds of unknown keys that are counted.
const MOST_UNKNOWN: usize = 32;

/// Longest id that is taken. Real ones have some 40 to 120 characters.
pub(crate) const LONGEST_ID: usize = 512;

/// Longest text of a message; what people type on a phone ends there too.
pub(crate) const TEXT: usize = 65_536;
/// Longest name, type or id of a file.
pub(crate) const NAME: usize = 256;
/// Longest link.
pub(crate) const LINK: usize = 2_048;
/// Longest title kept of an answer: it is shown as a pill.
pub(crate) const TITLE: usize = 80;
/// Longest name of a person.
pub(crate) const PERSON: usize = 128;

/// Longest wait that a provider may ask for.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// The keys of an object with their values unread, in order, repeated ones included. Reading the
/// values one by one keeps a number too large, a lone surrogate or a deep nest inside the value it
/// stands in: the values beside it are still read.
pub(crate) struct Envelope<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Envelope<'a> {
    /// Splits an object; none when the text is no JSON object.
    pub(crate) fn open(text: &'a str) -> Option<Self> {
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()
    }

    /// Every value of a key, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            entries.push((key.0, value));
        }
        Ok(Envelope(entries))
    }
}

/// Borrowed where the key holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A lenient view on a value: whatever is missing or of another type reads as nothing.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(Option<&'a Value>);

impl<'a> Fields<'a> {
    pub(crate) const fn of(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// A field, to look into.
    pub(crate) fn at(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    /// A text, as it stands.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.at(name).own_text()
    }

    /// A text that is not blank, cut to this many characters.
    pub(crate) fn some(self, name: &str, most: usize) -> Option<String> {
        let text = self.text(name)?;
        (!text.trim().is_empty()).then(|| cut(text, most))
    }

    /// The value itself as a text.
    pub(crate) fn own_text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str)
    }

    /// A text, or a number as it was written.
    pub(crate) fn text_or_number(self, name: &str) -> Option<String> {
        match self.at(name).0? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// True or false; the words count too.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.at(name).0? {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The items of a list.
    pub(crate) fn items(self, name: &str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        let list = self.at(name).0.and_then(Value::as_array);
        list.into_iter().flatten().map(Fields::of)
    }

    pub(crate) fn is_list(self) -> bool {
        self.0.is_some_and(Value::is_array)
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    /// The moment a field names as a number, see [`moment::number`].
    pub(crate) fn moment(self, name: &str) -> Result<Timestamp, &'static str> {
        moment::number(self.at(name).0)
    }

    /// The moment a field names in any spelling, see [`moment::written`].
    pub(crate) fn written_moment(self, name: &str) -> Option<Written> {
        moment::written(self.at(name).0)
    }

    /// What a provider calls a message: opaque and case-sensitive.
    pub(crate) fn id(self, name: &str) -> Result<String, &'static str> {
        let id = self.text_or_number(name).unwrap_or_default();
        if id.trim().is_empty() {
            Err("it has no id")
        } else if id.len() > LONGEST_ID {
            Err("its id is too long")
        } else {
            Ok(id)
        }
    }
}

/// The first characters of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// An https link of usable length; anything else is no link.
pub(crate) fn link(text: &str) -> Option<String> {
    (text.starts_with("https://") && text.chars().count() <= LINK).then(|| text.to_owned())
}

/// An item's value, if it is an object. Numbers too large, lone surrogates, nests too deep: refused
/// here, and only for this item.
pub(crate) fn object(item: &RawValue) -> Result<Value, &'static str> {
    match serde_json::from_str::<Value>(item.get()) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err("it is no object"),
        Err(_) => Err("it is no usable JSON"),
    }
}

/// The item that says where something unreadable stood and what was wrong, without its content.
pub(crate) fn unreadable(place: &str, why: &str) -> Item {
    Item::Unreadable {
        why: format!("{place}: {why}"),
    }
}

/// Counts a key nobody knew.
pub(crate) fn unknown(counts: &mut BTreeMap<String, u32>, key: &str) {
    let key = scrub::word(key);
    if counts.len() < MOST_UNKNOWN || counts.contains_key(&key) {
        let count = counts.entry(key).or_insert(0);
        *count = count.saturating_add(1);
    }
}

/// The body of a webhook that is always for the channel whose URL it came to.
pub(crate) fn whole(raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8> {
    if keep(&Address::Here) {
        raw.body.clone()
    } else {
        Vec::new()
    }
}

/// How long an answer asks us to wait.
pub(crate) fn wait(response: &WireResponse) -> Option<Duration> {
    let seconds = response.retry_after_seconds?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_keeps_odd_values_apart() {
        let nest = "[".repeat(5_000) + &"]".repeat(5_000);
        let text = format!(r#"{{"a":1e400,"b":"\ud800","c":{nest},"a":2}}"#);
        let envelope = Envelope::open(&text).unwrap();
        let keys: Vec<_> = envelope.0.iter().map(|(key, _)| key.as_ref()).collect();
        assert_eq!(keys, ["a", "b", "c", "a"]);
    }
}
