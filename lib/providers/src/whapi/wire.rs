//! WHAPI's shapes: request bodies as written, and a lenient view on what comes back, since its samples,
//! its schema and its answers differ in many small ways.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

/// `POST /messages/text`.
#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) to: &'a str,
    pub(super) body: &'a str,
}

/// `POST /messages/image` and `POST /messages/document`.
#[derive(Serialize)]
pub(super) struct File<'a> {
    pub(super) to: &'a str,
    pub(super) media: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<&'a str>,
}

/// `POST /messages/interactive`.
#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) header: Option<Part<'a>>,
    pub(super) body: Part<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) footer: Option<Part<'a>>,
    pub(super) action: Action<'a>,
    pub(super) r#type: &'static str,
    pub(super) to: &'a str,
}

/// A part of an interactive message.
#[derive(Serialize)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
}

/// The buttons of an interactive message.
#[derive(Serialize)]
pub(super) struct Action<'a> {
    pub(super) buttons: Vec<QuickReply<'a>>,
}

/// A button, flat: a nested `reply` object, as Meta has it, is refused with 400.
#[derive(Serialize)]
pub(super) struct QuickReply<'a> {
    pub(super) r#type: &'static str,
    pub(super) title: &'a str,
    pub(super) id: &'a str,
}

/// The keys of an object with their values unread, in order, repeated ones included. Reading the
/// values one by one keeps a number too large, a lone surrogate or a deep nest inside the value it
/// stands in: the values beside it are still read.
pub(super) struct Envelope<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Envelope<'a> {
    /// Splits an object; none when the text is no JSON object.
    pub(super) fn open(text: &'a str) -> Option<Self> {
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()
    }

    /// Whether `channel_id` is there and every value of it is this text.
    pub(super) fn names_channel(&self, channel: &str) -> bool {
        let mut names = self.all("channel_id").peekable();
        names.peek().is_some()
            && names
                .all(|name| serde_json::from_str::<String>(name.get()).is_ok_and(|n| n == channel))
    }

    /// The verb of the event: samples call it `event`, the schema `method`.
    pub(super) fn verb(&self) -> Option<String> {
        let event: Value = serde_json::from_str(self.all("event").last()?.get()).ok()?;
        let event = Fields::of(&event);
        let verb = event.text("event").or_else(|| event.text("method"))?;
        Some(verb.to_ascii_lowercase())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
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
pub(super) struct Fields<'a>(Option<&'a Value>);

impl<'a> Fields<'a> {
    pub(super) const fn of(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// A field, to look into.
    pub(super) fn at(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    /// A text, as it stands.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.at(name).own_text()
    }

    /// A text that is not blank, cut to this many characters.
    pub(super) fn some(self, name: &str, most: usize) -> Option<String> {
        let text = self.text(name)?;
        (!text.trim().is_empty()).then(|| cut(text, most))
    }

    /// The value itself as a text.
    pub(super) fn own_text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str)
    }

    /// A text, or a number as it was written.
    pub(super) fn text_or_number(self, name: &str) -> Option<String> {
        match self.at(name).0? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// True or false; the words count too.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.at(name).0? {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(self, name: &str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        let list = self.at(name).0.and_then(Value::as_array);
        list.into_iter().flatten().map(Fields::of)
    }

    pub(super) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }

    /// The moment a field names, see [`moment`].
    pub(super) fn moment(self, name: &str) -> Result<Timestamp, &'static str> {
        moment(self.at(name).0)
    }

    /// What WHAPI calls a message: opaque and case-sensitive.
    pub(super) fn id(self, name: &str) -> Result<String, &'static str> {
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

/// Longest id that is taken. Real ones have some 40 characters.
const LONGEST_ID: usize = 512;

/// 2009-01-01, the year WhatsApp began.
const EARLIEST_MILLIS: i64 = 1_230_768_000_000;
/// 2100-01-01.
const LATEST_MILLIS: i64 = 4_102_444_800_000;
/// From this many on they are milliseconds: as seconds they would be the year 5138.
const MILLIS_FROM: f64 = 1e11;

/// Seconds since 1970 as messages have them, the same as a text as statuses have them, or milliseconds
/// as calls have them. An adapter has no clock, so plausible is every moment from WhatsApp's first
/// year to 2099; anything else is no time, and what came with it is unreadable.
fn moment(value: Option<&Value>) -> Result<Timestamp, &'static str> {
    let number = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let Some(number) = number.filter(|number: &f64| number.is_finite()) else {
        return Err("it has no timestamp");
    };
    let millis = if number < MILLIS_FROM {
        number * 1_000.0
    } else {
        number
    };
    if !(EARLIEST_MILLIS as f64..LATEST_MILLIS as f64).contains(&millis) {
        return Err("its timestamp is implausible");
    }
    // In range, so the cast keeps every whole millisecond.
    Timestamp::from_millisecond(millis as i64).map_err(|_| "its timestamp is implausible")
}

/// The first characters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, expected: Result<i64, &'static str>) {
        let read = moment(Some(&value)).map(Timestamp::as_millisecond);
        assert_eq!(read, expected, "{value}");
    }

    /// hazards.md, "Bad inputs": timestamps as text, in milliseconds, 0, negative, of the year 9999.
    #[test]
    fn times_are_read_as_they_come_and_absurd_ones_are_no_times() {
        check(json!(1_712_995_245), Ok(1_712_995_245_000));
        check(json!("1712995245"), Ok(1_712_995_245_000));
        check(json!(1_712_995_245.5), Ok(1_712_995_245_500));
        check(json!(1_713_792_453_000_i64), Ok(1_713_792_453_000));
        let absurd = Err("its timestamp is implausible");
        for value in [
            json!(0),
            json!(-1),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(253_402_300_799_i64),
            json!(253_402_300_799_000_i64),
            json!("1e300"),
            json!(1_700_000_000_000_000_i64),
        ] {
            check(value, absurd);
        }
        for value in [
            json!(null),
            json!("soon"),
            json!("NaN"),
            json!("inf"),
            json!([1]),
            json!(true),
        ] {
            check(value, Err("it has no timestamp"));
        }
    }

    #[test]
    fn an_envelope_keeps_odd_values_apart() {
        let nest = "[".repeat(5_000) + &"]".repeat(5_000);
        let text = format!(r#"{{"a":1e400,"b":"\ud800","c":{nest},"a":2}}"#);
        let envelope = Envelope::open(&text).unwrap();
        let keys: Vec<_> = envelope.0.iter().map(|(key, _)| key.as_ref()).collect();
        assert_eq!(keys, ["a", "b", "c", "a"]);
    }

    #[test]
    fn a_channel_named_twice_must_be_the_same_both_times() {
        let open = |text| Envelope::open(text).unwrap().names_channel("MANTIS");
        assert!(open(r#"{"channel_id":"MANTIS"}"#));
        assert!(!open(r#"{"channel_id":"MANTIS","channel_id":"OTHER"}"#));
        assert!(!open(r#"{"channel_id":"OTHER","channel_id":"MANTIS"}"#));
        assert!(!open(r#"{"channel_id":null}"#));
        assert!(!open("{}"));
    }
}
