//! Accepting a send of either version.

use jiff::{Timestamp, civil};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{account::IdPlace, form::is_form, wire};
use crate::{
    accept::{Draft, accept},
    answer::Answer,
    dialect::Dialect,
    fault_book::Subject,
    gate::Incoming,
    messages::MessageEntry,
    orders::set,
    provider::Party,
    state::{Handle, Memory},
};

pub(super) async fn send(
    handle: &Handle,
    subject: &Subject,
    incoming: &Incoming,
    body: &Value,
) -> Answer {
    let draft = |memory: &mut Memory| {
        // A body that is no form has no fields for the receiver.
        let nothing = json!({});
        let fields = match is_form(&incoming.content_type) {
            true => body,
            false => &nothing,
        };
        let accepted = check(fields);
        accepted
            .map(|to| draft(memory, subject, fields, to))
            .map_err(|problem| wire::error(subject.dialect, 400, &problem))
    };
    accept(handle, subject, draft).await
}

fn draft(memory: &Memory, subject: &Subject, fields: &Value, to: String) -> Draft {
    let id = Uuid::now_v7().to_string();
    let (status, info, delivery) = wire::words("pending");
    let mut shown = json!({
        "id": id,
        "phonenumber": to,
        "status": status,
        "statusInfo": info,
        "delivery": delivery,
        "createdAt": wire::time(Timestamp::now()),
    });
    for key in ["text", "url", "delay"] {
        if let Some(value) = fields.get(key) {
            set(&mut shown, key, value.clone());
        }
    }
    let kind = match fields.get("url") {
        Some(_) => "file",
        None => "chat",
    };
    let account = memory.accounts.get(&subject.token);
    let place = account
        .map(|account| account.spec.id_place)
        .unwrap_or_default();
    let mut success = json!({"success": true, "statusCode": 201});
    match (subject.dialect, place) {
        (Dialect::M360V1, _) => success = json!({"success": true, "id": id}),
        (_, IdPlace::Data) => set(&mut success, "data", json!({"id": id})),
        (_, IdPlace::Result) => set(&mut success, "result", json!({"id": id})),
        (_, IdPlace::Top) => set(&mut success, "id", id.clone()),
    }
    let party = Party::m360(&subject.token);
    let mut message = MessageEntry::of(&party, &id, kind, fields.clone());
    message.chat_id.clone_from(&to);
    message.to = to;
    message.wire = shown;
    Draft {
        message,
        status: 201,
        success,
    }
}

/// The recipient of a form that can be sent.
fn check(fields: &Value) -> Result<String, String> {
    let field = |key: &str| {
        let text = fields.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let to = field("phonenumber").ok_or("The phonenumber field is required")?;
    if !is_phone(to) {
        return Err("The phonenumber must be digits with country code".into());
    }
    if field("text").is_none() && field("url").is_none() {
        return Err("The text or url field is required".into());
    }
    let scheme = |url: &str| reqwest::Url::parse(url).map(|url| url.scheme().to_owned());
    let usual = |url: &str| scheme(url).is_ok_and(|scheme| ["http", "https"].contains(&&*scheme));
    if field("url").is_some_and(|url| !usual(url)) {
        return Err("The url is invalid".into());
    }
    let is_time = |text| civil::DateTime::strptime("%m-%d-%Y %H:%M", text).is_ok();
    if field("delay").is_some_and(|delay| !is_time(delay)) {
        return Err("The delay must be MM-DD-YYYY HH:MM".into());
    }
    Ok(to.into())
}

/// Digits with country code, without `+` or `00`.
pub(super) fn is_phone(text: &str) -> bool {
    (8..=15).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with("00")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    #[test]
    fn a_form_needs_a_plain_number_and_something_to_say() {
        let to = "97333000001";
        let with = |number: &str| json!({"phonenumber": number, "text": "x"});
        let cases: [(Value, bool); 12] = [
            (with(to), true),
            (with("+97333000001"), false),
            (with("0097333000001"), false),
            (with("9733 3000001"), false),
            (with("٩٧٣٣٣٠٠٠٠٠١"), false),
            (with(""), false),
            (json!({"phonenumber": to}), false),
            (
                json!({"phonenumber": to, "url": "https://files.example.com/a"}),
                true,
            ),
            (json!({"phonenumber": to, "url": "a.pdf"}), false),
            (
                json!({"phonenumber": to, "text": "x", "delay": "12-01-2026 18:30"}),
                true,
            ),
            (
                json!({"phonenumber": to, "text": "x", "delay": "2026-12-01 18:30"}),
                false,
            ),
            (json!({}), false),
        ];
        for (fields, accepted) in cases {
            assert_eq!(check(&fields).is_ok(), accepted, "{fields}");
        }
    }
}
