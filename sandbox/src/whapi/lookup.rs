//! Looking up messages and their statuses.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::error;
use crate::{answer::Answer, messages::MessageEntry, state::Handle};

/// `GET /messages/{MessageID}`
pub(super) fn message(handle: &Handle, token: &str, id: &str) -> Answer {
    match own(handle, token, id) {
        Some(message) => Answer::json(200, &message.wire),
        None => error(404, "Specified message not found"),
    }
}

/// `GET /statuses/{MessageID}`
pub(super) fn statuses(handle: &Handle, token: &str, id: &str) -> Answer {
    match own(handle, token, id) {
        Some(message) if message.from_me => {
            Answer::json(200, &json!({"statuses": message.statuses}))
        }
        Some(_) => error(403, "View statuses available only for outgoing messages"),
        None => error(404, "Specified message not found"),
    }
}

/// Another channel's message does not exist.
fn own(handle: &Handle, token: &str, id: &str) -> Option<MessageEntry> {
    let message = handle.memory().messages.get(id).cloned();
    message.filter(|message| message.key == token)
}

/// `GET /messages/list` and `GET /messages/list/{ChatID}`: newest first unless
/// `sort=asc`. `normal_types` and `author` are accepted and ignored.
pub(super) fn list(
    handle: &Handle,
    token: &str,
    chat: Option<&str>,
    query: &HashMap<String, String>,
) -> Answer {
    let page = match Page::parse(query) {
        Ok(page) => page,
        Err(problem) => return error(400, &problem),
    };
    if chat.is_some_and(|chat| !is_chat_id(chat)) {
        return error(400, "Wrong request parameters: /ChatID must match pattern");
    }
    let memory = handle.memory();
    let in_chat = |message: &&MessageEntry| chat.is_none_or(|chat| message.chat_id == chat);
    let all: Vec<&MessageEntry> = memory.messages.of(Some(token)).filter(in_chat).collect();
    if chat.is_some() && all.is_empty() {
        return error(404, "Specified chat not found");
    }
    let mut matching: Vec<&MessageEntry> = all
        .into_iter()
        .filter(|message| page.wants(message))
        .collect();
    if !page.ascending {
        matching.reverse();
    }
    let shown: Vec<&Value> = matching
        .iter()
        .skip(page.offset)
        .take(page.count)
        .map(|message| &message.wire)
        .collect();
    let body = json!({
        "messages": shown,
        "count": page.count,
        "total": matching.len(),
        "offset": page.offset,
        "first": page.offset,
        "last": page.offset + shown.len().saturating_sub(1),
    });
    Answer::json(200, &body)
}

struct Page {
    count: usize,
    offset: usize,
    time_from: i64,
    time_to: i64,
    from_me: Option<bool>,
    ascending: bool,
}

impl Page {
    fn parse(query: &HashMap<String, String>) -> Result<Self, String> {
        let problem = |key: &str| format!("Wrong request parameters: /{key} is out of range");
        let number = |key: &str, absent: i64| {
            let given = query.get(key).map(|text| text.parse::<i64>());
            given.unwrap_or(Ok(absent)).map_err(|_| problem(key))
        };
        let count = number("count", 100)?;
        if !(1..=500).contains(&count) {
            return Err(problem("count"));
        }
        let size = |key: &str, number: i64| usize::try_from(number).map_err(|_| problem(key));
        let from_me = match query.get("from_me").map(String::as_str) {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => return Err(problem("from_me")),
        };
        let ascending = match query.get("sort").map(String::as_str) {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err(problem("sort")),
        };
        Ok(Self {
            count: size("count", count)?,
            offset: size("offset", number("offset", 0)?)?,
            time_from: number("time_from", i64::MIN)?,
            time_to: number("time_to", i64::MAX)?,
            from_me,
            ascending,
        })
    }

    fn wants(&self, message: &MessageEntry) -> bool {
        let time = message.wire.get("timestamp").and_then(Value::as_i64);
        let time = time.unwrap_or_else(|| message.at.as_second());
        (self.time_from..=self.time_to).contains(&time)
            && self
                .from_me
                .is_none_or(|from_me| from_me == message.from_me)
    }
}

/// `^[\d-]{10,31}@[\w\.]{1,}$`
fn is_chat_id(chat: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    chat.split_once('@').is_some_and(|(number, server)| {
        (10..=31).contains(&number.len())
            && number
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
            && !server.is_empty()
            && server.chars().all(word)
    })
}
