//! Many items in one body.

use serde_json::{Value, json};

use super::{Meta, NUMBER, SECRET, is_signed, items, text, values, words};

async fn posted(meta: &Meta, order: &Value) -> Value {
    meta.world.order("POST", "/meta/batch", order).await;
    meta.world.received().await.pop().unwrap()
}

#[tokio::test]
async fn a_poisoned_item_lies_among_the_others() {
    let meta = Meta::with(json!({})).await;
    let order = json!({"phone_number_id": NUMBER, "texts": 4, "text": "hi",
        "poison": {"at": 2, "item": {"id": 7, "type": ["?"]}}});
    let body = posted(&meta, &order).await;
    let values = values(std::slice::from_ref(&body));
    assert_eq!(values.len(), 1);
    let messages = items(&values, "messages");
    assert_eq!(messages.len(), 5);
    assert_eq!(messages[2], json!({"id": 7, "type": ["?"]}));
    assert_eq!(items(&values, "contacts").len(), 4);
    let people: std::collections::BTreeSet<_> = messages
        .iter()
        .filter_map(|message| message["from"].as_str())
        .collect();
    assert_eq!(people.len(), 4);
    assert_eq!(meta.kept(), 4);
}

#[tokio::test]
async fn items_are_spread_as_ordered() {
    let meta = Meta::with(json!({})).await;
    let first = meta
        .sent(json!({"text": {"body": "a"}, "biz_opaque_callback_data": "one"}))
        .await;
    let second = meta.sent(text()).await;
    let list = json!([
        {"status": {"message_id": first, "status": "read"}},
        {"status": {"message_id": second, "status": "failed", "code": 131_026}},
        {"message": {"from": "97333000005", "type": "text", "text": "hi"}},
        {"change": {"field": "weather", "value": {"sunny": true}}},
        {"poison": "no object"},
    ]);
    for (spread, entries, changes) in [("items", 1, 3), ("changes", 1, 5), ("entries", 5, 5)] {
        let order = json!({"phone_number_id": NUMBER, "items": list, "spread": spread});
        let body = posted(&meta, &order).await;
        assert_eq!(body["entry"].as_array().unwrap().len(), entries, "{spread}");
        let values = values(std::slice::from_ref(&body));
        assert_eq!(values.len(), changes, "{spread}");
        let statuses = items(&values, "statuses");
        assert_eq!(words(&statuses), ["read", "failed"]);
        assert_eq!(statuses[0]["biz_opaque_callback_data"], "one");
        assert_eq!(statuses[1]["errors"][0]["code"], 131_026);
        assert_eq!(items(&values, "messages").len(), 2);
        assert!(values.contains(&json!({"sunny": true})));
    }
    let unknown = json!({"phone_number_id": NUMBER, "items": [
        {"status": {"message_id": "wamid.X", "status": "read"}}]});
    assert_eq!(
        meta.world.control("POST", "/meta/batch", &unknown).await.0,
        404
    );
}

#[tokio::test]
async fn a_body_may_have_three_megabytes() {
    let meta = Meta::with(json!({})).await;
    let order =
        json!({"phone_number_id": NUMBER, "texts": 1_000, "text_length": 2_700, "text": "ab"});
    let body = posted(&meta, &order).await;
    assert_eq!(items(&values(&[body]), "messages").len(), 1_000);
    let received = meta.world.receiver.all().pop().unwrap();
    let length = received.body.len();
    assert!((2_900_000..3_145_728).contains(&length), "{length}");
    assert!(is_signed(&received, SECRET));
}
