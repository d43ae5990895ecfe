//! Meta's JSON shapes, as its published schema and documents have them.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{specs::NumberSpec, validate::phone};
use crate::orders::set;

/// A message id. It never repeats, not even between runs, and has neither `/` nor `+`.
pub(super) fn new_message_id(person: &str) -> String {
    let unique = Uuid::now_v7().simple().to_string().to_uppercase();
    let mut bytes = vec![0x1c, 0x18, u8::try_from(person.len()).unwrap_or_default()];
    bytes.extend(person.bytes());
    bytes.extend([0x15, 0x02, 0x00, 0x11, 0x18, 0x20]);
    bytes.extend(unique.bytes());
    bytes.push(0);
    format!("wamid.{}", BASE64_STANDARD.encode(bytes))
}

/// A webhook body with these changes of one account.
pub(super) fn envelope(waba_id: &str, changes: Vec<Value>) -> Value {
    body(vec![entry(waba_id, changes)])
}

pub(super) fn entry(waba_id: &str, changes: Vec<Value>) -> Value {
    json!({"id": waba_id, "time": Timestamp::now().as_second(), "changes": changes})
}

pub(super) fn body(entries: Vec<Value>) -> Value {
    json!({"object": "whatsapp_business_account", "entry": entries})
}

pub(super) fn change(field: &str, value: Value) -> Value {
    json!({"field": field, "value": value})
}

/// The value of a change about one number, with `parts` beside its metadata.
pub(super) fn value(number: &NumberSpec, parts: &[(&str, Value)]) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": digits(number),
            "phone_number_id": number.phone_number_id,
        },
    });
    for (key, part) in parts {
        set(&mut value, key, part.clone());
    }
    value
}

/// The number's digits.
pub(super) fn digits(number: &NumberSpec) -> String {
    let shown = &number.display_phone_number;
    phone(shown, None).unwrap_or_else(|| shown.clone())
}

/// One of a webhook's `contacts`.
pub(super) fn contact(
    name: Option<&str>,
    wa_id: Option<&str>,
    user_id: Option<&str>,
    parent: Option<&str>,
) -> Value {
    let mut contact = json!({});
    if let Some(name) = name {
        set(&mut contact, "profile", json!({"name": name}));
    }
    for (key, id) in [
        ("wa_id", wa_id),
        ("user_id", user_id),
        ("parent_user_id", parent),
    ] {
        if let Some(id) = id {
            set(&mut contact, key, id);
        }
    }
    contact
}

/// A number as Graph shows it, with every field it has.
pub(super) fn number(number: &NumberSpec) -> Value {
    let mut shown = json!({
        "id": number.phone_number_id,
        "verified_name": number.verified_name,
        "display_phone_number": number.display_phone_number,
        "quality_rating": number.quality_rating,
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "messaging_limit_tier": "TIER_1K",
    });
    crate::orders::change(&mut shown, &number.fields);
    shown
}

/// The fields of a number that come without being asked for.
pub(super) const NUMBER_FIELDS: [&str; 7] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "id",
];

#[cfg(test)]
mod tests {
    use super::new_message_id;

    #[test]
    fn message_ids_differ_and_fit_into_a_path() {
        for person in ["97333000001", "973330000012345", "BH.7700112233445566zZ"] {
            let (id, other) = (new_message_id(person), new_message_id(person));
            assert_ne!(id, other);
            assert!(id.starts_with("wamid.H"), "{id}");
            assert!(!id.contains(['/', '+']), "{id}");
        }
    }
}
