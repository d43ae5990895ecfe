use bytes::Bytes;
use serde_json::{Value, json};

use super::super::{
    business::{Business, Medium},
    specs::{MediaSpec, NumberSpec},
};
use super::{phone, send};

pub(in crate::meta) fn check(business: &Business, cases: &[(Value, Option<u32>)]) {
    let number = NumberSpec::new("710", "820", "+973 3300 0009");
    for (changes, code) in cases {
        let mut body = json!({"messaging_product": "whatsapp", "to": "+97333000001"});
        crate::orders::change(&mut body, changes.as_object().unwrap());
        let answer = send(business, &number, &body);
        let refused = answer.as_ref().err().map(|problem| problem.code);
        assert_eq!(refused, *code, "{body} {answer:?}");
    }
}

#[test]
fn recipients_are_phones_or_user_ids() {
    let text = json!({"body": "hello"});
    let to = |to: Value| json!({"to": to, "text": text});
    let user = |id: &str| json!({"to": null, "recipient": id, "text": text});
    check(
        &Business::default(),
        &[
            (to(json!("+97333000001")), None),
            (to(json!("97333000001")), None),
            (to(json!("+973 (3300) 00-01")), None),
            (to(json!("+9733300000199999")), Some(131_009)),
            (to(json!("+97٣٣000001")), Some(131_009)),
            (to(json!("shop")), Some(131_009)),
            (to(json!("+97333000009")), Some(131_021)),
            (to(json!(97_333_000_001_u64)), Some(100)),
            (to(Value::Null), Some(100)),
            (user("BH.7700112233445566"), None),
            (user("BH.ENT.9900112233445566"), None),
            (user("BH."), Some(131_009)),
            (user("97333000001"), Some(131_009)),
        ],
    );
    assert_eq!(phone("33000001", Some("973")), Some("97333000001".into()));
    assert_eq!(phone("+33000001", Some("973")), Some("33000001".into()));
}

#[test]
fn texts_and_common_fields_keep_their_limits() {
    let text = |body: &str| json!({"text": {"body": body}});
    let with = |key: &str, value: Value| json!({"text": {"body": "x"}, key: value});
    check(
        &Business::default(),
        &[
            (text(&"é".repeat(4_096)), None),
            (text(&"é".repeat(4_097)), Some(100)),
            (text("  "), Some(100)),
            (json!({}), Some(131_008)),
            (json!({"text": "hello"}), Some(100)),
            (json!({"text": {"body": "x", "header": "y"}}), Some(100)),
            (with("messaging_product", json!("sms")), Some(100)),
            (with("messaging_product", Value::Null), Some(100)),
            (with("recipient_type", json!("individual")), None),
            (with("recipient_type", json!("group")), Some(100)),
            (with("type", json!("hologram")), Some(131_051)),
            (with("type", json!("image")), Some(131_008)),
            (with("context", json!({"message_id": "wamid.A"})), None),
            (with("context", json!({"id": "wamid.A"})), Some(100)),
            (
                with("biz_opaque_callback_data", "x".repeat(512).into()),
                None,
            ),
            (
                with("biz_opaque_callback_data", "x".repeat(513).into()),
                Some(131_009),
            ),
        ],
    );
}

#[test]
fn media_and_reactions_need_their_fields() {
    let mut business = Business::default();
    let spec = MediaSpec {
        id: "55501".into(),
        mime_type: "image/png".into(),
        base64: String::new(),
        expired: false,
    };
    let bytes = Bytes::new();
    business
        .media
        .insert("55501".into(), Medium { spec, bytes });
    let image = |image: Value| json!({"type": "image", "image": image});
    let document = |document: Value| json!({"type": "document", "document": document});
    let link = "https://files.example.com/a.pdf";
    let react = |reaction: Value| json!({"type": "reaction", "reaction": reaction});
    check(
        &business,
        &[
            (image(json!({"link": link})), None),
            (image(json!({"id": "55501", "caption": "x"})), None),
            (image(json!({"id": "55502"})), Some(100)),
            (image(json!({"id": "55501", "link": link})), Some(100)),
            (image(json!({"link": "file:///etc/passwd"})), Some(100)),
            (image(json!({"link": link, "filename": "a"})), Some(100)),
            (image(json!({})), Some(100)),
            (document(json!({"link": link, "filename": "a.pdf"})), None),
            (
                document(json!({"link": link, "caption": "x".repeat(1_025)})),
                Some(131_009),
            ),
            (react(json!({"message_id": "wamid.A", "emoji": "👍"})), None),
            (react(json!({"message_id": "wamid.A", "emoji": ""})), None),
            (react(json!({"message_id": "wamid.A"})), Some(100)),
            (react(json!({"emoji": "👍"})), Some(100)),
        ],
    );
}
