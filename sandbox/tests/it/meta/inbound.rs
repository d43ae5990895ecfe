//! Everything people can write.

use serde_json::{Value, json};

use super::{Meta, NUMBER, OWN, PERSON, items, text};

async fn written(meta: &Meta, orders: &[Value]) -> (Vec<Value>, Vec<Value>) {
    for order in orders {
        let mut inbound = json!({"phone_number_id": NUMBER, "from": PERSON});
        for (key, value) in order.as_object().unwrap() {
            inbound[key] = value.clone();
        }
        meta.world.order("POST", "/meta/inbound", &inbound).await;
        meta.world.received().await;
    }
    let values = meta.values().await;
    (items(&values, "messages"), values)
}

#[tokio::test]
async fn every_type_carries_its_object() {
    let meta = Meta::with(json!({})).await;
    let id = meta.sent(text()).await;
    let orders = [
        json!({"type": "text", "text": "hello", "context_id": id}),
        json!({"type": "image", "text": "receipt", "payload": "55501"}),
        json!({"type": "document"}),
        json!({"type": "audio"}),
        json!({"type": "location"}),
        json!({"type": "contacts"}),
        json!({"type": "order", "text": "please"}),
        json!({"type": "reaction", "about": id, "text": "👍"}),
        json!({"type": "reaction", "about": id}),
        json!({"type": "interactive", "payload": "yes", "text": "Yes", "context_id": id}),
        json!({"type": "button", "payload": "later", "text": "Later"}),
        json!({"type": "edit", "about": "wamid.OLD", "text": "I meant two"}),
        json!({"type": "revoke", "about": "wamid.OLD"}),
        json!({"type": "hologram", "content": {"depth": 3}}),
    ];
    let (messages, _) = written(&meta, &orders).await;
    for (message, order) in messages.iter().zip(&orders) {
        let kind = order["type"].as_str().unwrap();
        assert_eq!(message["type"], kind);
        assert_eq!(message["from"], PERSON);
        assert!(message["timestamp"].is_string(), "{message}");
        assert!(message.get(kind).is_some(), "{message}");
    }
    assert_eq!(messages.len(), orders.len());
    assert_eq!(messages[0]["context"], json!({"from": OWN, "id": id}));
    assert_eq!(messages[1]["image"]["id"], "55501");
    assert_eq!(messages[1]["image"]["caption"], "receipt");
    assert!(messages[2]["document"]["filename"].is_string());
    assert!(messages[4]["location"]["latitude"].is_f64());
    assert!(messages[5]["contacts"].is_array());
    assert_eq!(messages[6]["order"]["text"], "please");
    assert_eq!(
        messages[7]["reaction"],
        json!({"message_id": id, "emoji": "👍"})
    );
    assert_eq!(messages[8]["reaction"], json!({"message_id": id}));
    assert_eq!(messages[9]["interactive"]["button_reply"]["id"], "yes");
    assert_eq!(messages[10].get("context"), None);
    assert_eq!(
        messages[11]["edit"]["message"]["text"]["body"],
        "I meant two"
    );
    assert_eq!(messages[12]["revoke"]["original_message_id"], "wamid.OLD");
    assert_eq!(messages[13]["hologram"]["depth"], 3);
}

#[tokio::test]
async fn notices_and_unsupported_types_look_different() {
    let meta = Meta::with(json!({})).await;
    let (messages, values) = written(
        &meta,
        &[
            json!({"type": "system", "payload": "97333000002"}),
            json!({"type": "unsupported"}),
            json!({"type": "text", "text": "x", "change": {"timestamp": 1_700_000_000, "from": null,
                "errors": [{"code": 1}]}}),
            json!({"type": "text", "text": "again", "id": "wamid.SAME", "repeat": 2}),
        ],
    )
    .await;
    assert_eq!(messages[0]["system"]["type"], "user_changed_number");
    assert_eq!(messages[0]["system"]["wa_id"], "97333000002");
    assert_eq!(values[0].get("contacts"), None);
    assert_eq!(messages[1]["errors"][0]["code"], 131_051);
    assert_eq!(messages[1].get("unsupported"), None);
    assert_eq!(messages[2]["timestamp"], 1_700_000_000);
    assert_eq!(messages[2].get("from"), None);
    assert_eq!(messages[3], messages[4]);
}

#[tokio::test]
async fn senseless_orders_are_refused() {
    let meta = Meta::with(json!({})).await;
    for (path, order, wanted) in [
        (
            "inbound",
            json!({"phone_number_id": "1", "from": PERSON, "type": "text", "text": "x"}),
            404,
        ),
        (
            "inbound",
            json!({"phone_number_id": NUMBER, "type": "text", "text": "x"}),
            400,
        ),
        (
            "inbound",
            json!({"phone_number_id": NUMBER, "from": PERSON, "type": "text"}),
            400,
        ),
        (
            "inbound",
            json!({"phone_number_id": NUMBER, "from": PERSON, "type": "reaction"}),
            400,
        ),
        (
            "inbound",
            json!({"phone_number_id": NUMBER, "colour": "red"}),
            400,
        ),
        (
            "heard",
            json!({"phone_number_id": "1", "person": PERSON}),
            404,
        ),
        ("updates", json!({"kind": "earthquake"}), 400),
        ("batch", json!({"phone_number_id": "1", "texts": 1}), 404),
        ("raw", json!({"id": NUMBER, "base64": "?"}), 400),
    ] {
        let (status, answer) = meta
            .world
            .control("POST", &format!("/meta/{path}"), &order)
            .await;
        assert_eq!(status, wanted, "{path} {order} {answer}");
    }
    for (path, order, wanted) in [
        ("apps", json!({"app_id": "1", "app_secret": ""}), 400),
        (
            "apps",
            json!({"app_id": "1", "app_secret": "s", "webhook": {"url": "no url"}}),
            400,
        ),
        (
            "wabas",
            json!({"waba_id": "1", "app_id": "none", "tokens": []}),
            404,
        ),
        (
            "numbers",
            json!({"phone_number_id": "1", "waba_id": "none", "display_phone_number": "1"}),
            404,
        ),
        (
            "templates",
            json!({"waba_id": "none", "name": "n", "language": "en", "components": []}),
            404,
        ),
        (
            "media",
            json!({"id": "1", "mime_type": "image/png", "base64": "?"}),
            400,
        ),
    ] {
        let (status, answer) = meta
            .world
            .control("PUT", &format!("/meta/{path}"), &order)
            .await;
        assert_eq!(status, wanted, "{path} {order} {answer}");
    }
    assert!(meta.world.received().await.is_empty());
}
