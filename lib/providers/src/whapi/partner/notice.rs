//! The notice that the partner's days run low. The names of its keys are not documented (providers.md
//! 1.8), so every plausible one is read, wherever it stands; the raw body is kept beside it.

use domain::partner::NoticeRead;
use jiff::Timestamp;
use serde_json::Value;

/// How many days are left; the first name that holds a number wins.
const CURRENT: [&str; 10] = [
    "currentdays",
    "livedays",
    "daysleft",
    "leftdays",
    "remainingdays",
    "daysremaining",
    "dayscount",
    "balance",
    "current",
    "days",
];
/// Below how many it is told.
const LIMIT: [&str; 6] = [
    "dayslimit",
    "limitdays",
    "limit",
    "threshold",
    "dayslimitvalue",
    "mindays",
];
/// What a notice calls itself.
const IDS: [&str; 5] = [
    "eventid",
    "noticeid",
    "notificationid",
    "deliveryid",
    "messageid",
];
/// Objects whose `id` is the notice's.
const EVENTS: [&str; 4] = ["event", "notice", "notification", "delivery"];
/// When it was so.
const TIMES: [&str; 8] = [
    "timestamp",
    "time",
    "date",
    "sentat",
    "createdat",
    "updatedat",
    "occurredat",
    "eventtime",
];
/// Longer names are none.
const LONGEST_ID: usize = 128;
/// Counts from here on are milliseconds: in seconds it would be the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;
/// Objects in objects that are looked into.
const DEEPEST: usize = 6;
/// Fields that are looked at in all.
const MOST: usize = 1_000;
/// More days than this are no days: a thousand channels for a century.
const MOST_DAYS: i64 = 36_500_000;

/// What a notice says. Nothing is refused: what cannot be read is none.
#[must_use]
pub fn notice(body: &[u8]) -> NoticeRead {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return NoticeRead::default();
    };
    let mut fields = Vec::new();
    collect(&value, DEEPEST, &mut fields);
    let read = |names: &[&str]| {
        names.iter().find_map(|wanted| {
            let named = fields.iter().filter(|(name, _)| name == wanted);
            named.map(|(_, days)| *days).next()
        })
    };
    let mut named = Named::default();
    name(&value, "", DEEPEST, &mut named);
    NoticeRead {
        current_days: read(&CURRENT),
        days_limit: read(&LIMIT),
        id: named.id,
        at: named.at,
    }
}

/// What tells one notice from another.
#[derive(Default)]
struct Named {
    id: Option<String>,
    at: Option<Timestamp>,
    looked: usize,
}

/// Looks for the notice's own id and time; the outermost wins.
fn name(value: &Value, parent: &str, depth: usize, into: &mut Named) {
    let nested: Vec<(String, &Value)> = match value {
        Value::Object(object) => {
            for (key, value) in object {
                into.looked += 1;
                if into.looked > MOST {
                    return;
                }
                let key = plain(key);
                // Any other `id` may be the partner's, and the same in every notice.
                if IDS.contains(&key.as_str()) || key == "id" && EVENTS.contains(&parent) {
                    into.id = into.id.take().or_else(|| id(value));
                }
                if TIMES.contains(&key.as_str()) {
                    into.at = into.at.or_else(|| time(value));
                }
            }
            object
                .iter()
                .map(|(key, value)| (plain(key), value))
                .collect()
        }
        Value::Array(list) => list.iter().map(|one| (parent.to_owned(), one)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
    };
    if depth == 0 {
        return;
    }
    for (key, value) in nested {
        name(value, &key, depth - 1, into);
    }
}

fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (1..=LONGEST_ID).contains(&id.len()).then_some(id)
}

/// Seconds or milliseconds since 1970, as a number or a text, or a time as people write it.
fn time(value: &Value) -> Option<Timestamp> {
    let count = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => match text.trim().parse() {
            Ok(count) => count,
            Err(_) => return text.trim().parse().ok(),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if count >= MILLISECONDS {
        Timestamp::from_millisecond(count).ok()
    } else {
        Timestamp::from_second(count).ok()
    }
}

/// Every field that holds a number of days, outermost first, its name without case and marks.
fn collect(value: &Value, depth: usize, into: &mut Vec<(String, i64)>) {
    let nested: Vec<&Value> = match value {
        Value::Object(object) => {
            for (name, value) in object {
                if into.len() >= MOST {
                    return;
                }
                if let Some(days) = days(value) {
                    into.push((plain(name), days));
                }
            }
            object.values().collect()
        }
        Value::Array(list) => list.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
    };
    if depth == 0 {
        return;
    }
    for value in nested {
        collect(value, depth - 1, into);
    }
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphabetic);
    letters.take(32).map(|c| c.to_ascii_lowercase()).collect()
}

/// A whole number of days, written as a number or as a text.
fn days(value: &Value) -> Option<i64> {
    let days = match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let days = number.as_f64()?;
            // Cut down to whole days, and only where the cast keeps them.
            (days.abs() <= MOST_DAYS as f64).then_some(days as i64)
        })?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (-MOST_DAYS..=MOST_DAYS).contains(&days).then_some(days)
}
