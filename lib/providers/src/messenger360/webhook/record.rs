//! One webhook as a flat set of fields, whether it came as JSON or as a form, without what must not be
//! kept.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::lenient::{self, Envelope, Fields};

/// Most fields of a form that are looked at.
const MOST_FIELDS: usize = 200;

/// May name the API key: never kept.
const HASH: &str = "hash";

/// The file itself, for as long as a message is read: not kept, and counted so that the journal shows it.
const FILE: &str = "mediabase64";

/// Keys that receivers read, in lower case: their spelling differs between JSON and forms.
const KNOWN: [&str; 36] = [
    "id",
    "type",
    "from",
    "to",
    "chat",
    "caption",
    "mediatype",
    "mediamime",
    "medianame",
    "mediaurl",
    "createdat",
    "datatype",
    "groupid",
    "fromme",
    "name",
    "sendername",
    "url",
    "file",
    "fileurl",
    "latitude",
    "longitude",
    "lat",
    "lng",
    "delivery",
    "tracking_code",
    "status",
    "statusinfo",
    "executedat",
    "phonenumber",
    "success",
    "statuscode",
    "notify-from",
    "notify-to",
    "notify-dlr-status",
    "notify-msgid",
    "notify-error-code",
];

/// The fields of one webhook by their lower-case names.
pub(super) struct Record {
    fields: Value,
    unknown: Vec<String>,
    has_file: bool,
}

impl Record {
    /// Value by value, so that a number too large or a lone surrogate costs no more than itself.
    pub(super) fn of_json(envelope: &Envelope<'_>) -> Self {
        let pairs = envelope.0.iter().map(|(key, value)| {
            // The file is not even read.
            let skipped = key.eq_ignore_ascii_case(FILE) && value.get().len() > 2;
            let value = if skipped {
                Value::Bool(true)
            } else {
                serde_json::from_str(value.get()).unwrap_or(Value::Null)
            };
            (key.to_ascii_lowercase(), value)
        });
        Self::of(pairs)
    }

    pub(super) fn of_form(body: &str) -> Self {
        let pairs = form_urlencoded::parse(body.as_bytes())
            .take(MOST_FIELDS)
            .map(|(key, value)| (key.to_ascii_lowercase(), value.into_owned().into()));
        Self::of(pairs)
    }

    fn of(pairs: impl Iterator<Item = (String, Value)>) -> Self {
        let mut fields = Map::new();
        let mut unknown = Vec::new();
        let mut has_file = false;
        for (key, value) in pairs {
            if key == HASH {
                continue;
            }
            if key == FILE {
                has_file |= !matches!(&value, Value::Null) && value.as_str() != Some("");
            } else if KNOWN.contains(&key.as_str()) {
                // The first that says something counts.
                let slot = fields.entry(key).or_insert(Value::Null);
                if is_blank(slot) {
                    *slot = value;
                }
            } else {
                unknown.push(key);
            }
        }
        Self {
            fields: fields.into(),
            unknown,
            has_file,
        }
    }

    pub(super) const fn fields(&self) -> Fields<'_> {
        Fields::of(&self.fields)
    }

    /// Whether nothing in it is known: it is something else.
    pub(super) fn is_foreign(&self) -> bool {
        self.fields.as_object().is_none_or(Map::is_empty)
    }

    /// Counts what is not looked at. Keys of something else altogether may be its content, and are not.
    pub(super) fn count_unknown(&self, counts: &mut BTreeMap<String, u32>) {
        if self.is_foreign() {
            return;
        }
        for key in &self.unknown {
            lenient::unknown(counts, key);
        }
        if self.has_file {
            lenient::unknown(counts, "MediaBase64");
        }
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}
