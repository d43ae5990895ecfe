//! A body divided: what of it is addressed to some, and nothing else of it.

use domain::provider::{Address, RawWebhook};
use serde_json::value::RawValue;

use super::{OBJECT, open, route::Entry};

/// The body with only those changes that are for these. It is made of pieces of the one that came, so
/// reading it gives the same items; ids and times stay, keys nobody knows do not.
pub(in super::super) fn part(raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8> {
    let body = String::from_utf8_lossy(&raw.body);
    let Ok(envelope) = open(&body) else {
        return if keep(&Address::Here) {
            raw.body.clone()
        } else {
            Vec::new()
        };
    };
    let mut kept = format!(r#"{{"object":"{OBJECT}""#);
    for entries in envelope.all("entry") {
        match serde_json::from_str::<Vec<&RawValue>>(entries.get()) {
            Ok(entries) => {
                let entries = entries.iter().filter_map(|entry| of_entry(entry, keep));
                let entries: Vec<_> = entries.collect();
                kept.push_str(&format!(r#","entry":[{}]"#, entries.join(",")));
            }
            Err(_no_list) if keep(&Address::Here) => {
                kept.push_str(&format!(r#","entry":{entries}"#));
            }
            Err(_no_list) => {}
        }
    }
    kept.push('}');
    kept.into_bytes()
}

/// What of an entry is for them.
fn of_entry(entry: &RawValue, keep: &dyn Fn(&Address) -> bool) -> Option<String> {
    let opened = match Entry::open(entry) {
        Ok(opened) => opened,
        // It cannot be divided; its one item says so.
        Err((address, _why)) => return keep(&address).then(|| entry.get().to_owned()),
    };
    let changes = opened.changes.iter();
    let changes: Vec<_> = changes
        .filter(|change| keep(&opened.route(change).address))
        .map(|change| change.get())
        .collect();
    if changes.is_empty() {
        return None;
    }
    let id = opened.account().map(|id| format!(r#""id":"{id}","#));
    let time = opened.time.map(|time| format!(r#""time":{time},"#));
    Some(format!(
        r#"{{{}{}"changes":[{}]}}"#,
        id.unwrap_or_default(),
        time.unwrap_or_default(),
        changes.join(",")
    ))
}
