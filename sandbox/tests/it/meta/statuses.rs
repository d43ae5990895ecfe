//! Statuses and presses.

use serde_json::{Value, json};

use super::{Meta, NUMBER, OWN, PERSON, WABA, items, question, text, words};

#[tokio::test]
async fn every_status_echoes_the_opaque_word_and_names_the_number() {
    let steps = ["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word}));
    let meta = Meta::with(json!({"auto": steps})).await;
    let mut content = text();
    content["biz_opaque_callback_data"] = json!("m-0199");
    let id = meta.sent(content).await;
    let bodies = meta.world.received().await;
    for body in &bodies {
        assert_eq!(body["object"], "whatsapp_business_account");
        assert_eq!(body["entry"][0]["id"], WABA);
        assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
        let metadata = json!({"display_phone_number": OWN, "phone_number_id": NUMBER});
        assert_eq!(
            body["entry"][0]["changes"][0]["value"]["metadata"],
            metadata
        );
    }
    let statuses = meta.statuses().await;
    assert_eq!(words(&statuses), ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!(status["id"], id);
        assert_eq!(status["recipient_id"], PERSON);
        assert_eq!(status["biz_opaque_callback_data"], "m-0199");
        assert!(status["timestamp"].is_string());
        assert_eq!(status.get("conversation"), None);
    }
    let priced: Vec<bool> = statuses
        .iter()
        .map(|s| s.get("pricing").is_some())
        .collect();
    assert_eq!(priced, [true, true, false]);
    assert_eq!(meta.world.sandbox.messages(Some(NUMBER))[0].state, "read");
}

#[tokio::test]
async fn conversation_and_pricing_come_and_go() {
    let meta = Meta::with(json!({"conversation": true, "pricing": false})).await;
    let id = meta.sent(text()).await;
    let path = format!("/messages/{id}/status");
    for order in [
        json!({"status": "sent"}),
        json!({"status": "read", "timestamp": 1_700_000_000}),
        json!({"status": "delivered", "repeat": 2, "change": {"conversation": null,
            "recipient_id": "97333000002"}}),
        json!({"status": "failed", "code": 131_049}),
        json!({"status": "failed", "errors": [{"code": 77, "title": "?"}]}),
        json!({"status": "deleted-soon", "repeat": 0}),
    ] {
        meta.world.order("POST", &path, &order).await;
        meta.world.received().await;
    }
    let statuses = meta.statuses().await;
    let told = ["sent", "read", "delivered", "delivered", "failed", "failed"];
    assert_eq!(words(&statuses), told);
    assert!(statuses[0]["conversation"]["expiration_timestamp"].is_string());
    assert_eq!(statuses[1]["timestamp"], "1700000000");
    assert_eq!(statuses[2].get("conversation"), None);
    assert_eq!(statuses[2]["recipient_id"], "97333000002");
    assert_eq!(statuses[4]["errors"][0]["code"], 131_049);
    assert!(statuses[4]["errors"][0]["error_data"]["details"].is_string());
    assert_eq!(statuses[5]["errors"], json!([{"code": 77, "title": "?"}]));
    assert!(
        statuses
            .iter()
            .all(|status| status.get("pricing").is_none())
    );
    // What was reported last does not undo what was reached.
    assert_eq!(meta.world.sandbox.messages(Some(NUMBER))[0].state, "read");
}

#[tokio::test]
async fn buttons_rows_and_quick_replies_are_pressed() {
    let meta = Meta::with(json!({"auto": [
        {"after_ms": 0, "action": "failed:131026"},
        {"after_ms": 0, "action": "press:1"},
        {"after_ms": 1, "action": "press_title:0"},
        {"after_ms": 2, "action": "text:see you"},
    ]}))
    .await;
    let id = meta.sent(question()).await;
    let values = meta.values().await;
    assert_eq!(items(&values, "statuses")[0]["errors"][0]["code"], 131_026);
    let messages = items(&values, "messages");
    let reply = json!({"type": "button_reply", "button_reply": {"id": "no", "title": "Not today"}});
    assert_eq!(
        (&messages[0]["type"], &messages[0]["interactive"]),
        (&json!("interactive"), &reply)
    );
    assert_eq!(messages[0]["context"], json!({"from": OWN, "id": id}));
    assert_eq!(messages[0]["from"], PERSON);
    assert_eq!(messages[1]["text"]["body"], "I will come");
    assert_eq!(messages[1].get("context"), None);
    assert_eq!(messages[2]["text"]["body"], "see you");

    let meta = Meta::with(json!({})).await;
    let rows = json!([{"id": "noon", "title": "Noon"}, {"id": "late", "title": "Late"}]);
    let list = json!({"type": "interactive", "interactive": {
        "type": "list", "body": {"text": "When?"},
        "action": {"button": "Choose", "sections": [{"rows": rows}]}}});
    let list = meta.sent(list).await;
    meta.template("ready", "APPROVED").await;
    let template = meta
        .sent(json!({"type": "template", "template": {
        "name": "ready", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "7"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
                "parameters": [{"type": "payload", "payload": "thanks-7"}]}]}}))
        .await;
    for (id, order) in [
        (&list, json!({"button": 1, "from_name": "Layla"})),
        (&template, json!({"button": 0})),
        (&template, json!({"button": 0, "without_context": true})),
    ] {
        meta.world
            .order("POST", &format!("/messages/{id}/press"), &order)
            .await;
        meta.world.received().await;
    }
    let path = format!("/messages/{template}/press");
    let refused = meta
        .world
        .control("POST", &path, &json!({"button": 1}))
        .await;
    assert_eq!(refused.0, 404);
    let values = meta.values().await;
    let messages = items(&values, "messages");
    assert_eq!(
        messages[0]["interactive"]["list_reply"],
        json!({"id": "late", "title": "Late"})
    );
    assert_eq!(items(&values, "contacts")[0]["profile"]["name"], "Layla");
    assert_eq!(messages[1]["type"], "button");
    assert_eq!(
        messages[1]["button"],
        json!({"payload": "thanks-7", "text": "Thanks"})
    );
    assert_eq!(messages[1]["context"]["id"], *template);
    assert_eq!(messages[2]["button"]["payload"], "thanks-7");
    assert_eq!(messages[2].get("context"), None);
}

#[tokio::test]
async fn what_was_reported_can_be_looked_up() {
    let meta = Meta::with(json!({"auto": [
        {"after_ms": 0, "action": "sent"}, {"after_ms": 0, "action": "delivered"}]}))
    .await;
    let id = meta.sent(text()).await;
    let other = meta.sent(text()).await;
    meta.world.received().await;
    let path = format!("{NUMBER}/message_history");
    let (status, found) = meta.get(&format!("{path}?message_id={id}")).await;
    assert_eq!(status, 200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["message_id"], id);
    let events = found["data"][0]["events"]["data"]
        .as_array()
        .unwrap()
        .clone();
    let words: Vec<&Value> = events
        .iter()
        .map(|event| &event["delivery_status"])
        .collect();
    assert_eq!(words, [&json!("SENT"), &json!("DELIVERED")]);
    assert!(
        events
            .iter()
            .all(|event| event["webhook_update_state"] == "DELIVERED"
                && event["timestamp"].is_i64()
                && event["application"]["id"] == super::APP)
    );
    let (_, unknown) = meta.get(&format!("{path}?message_id=wamid.X")).await;
    assert_eq!(unknown, json!({"data": []}));
    let (_, first) = meta.get(&format!("{path}?limit=1")).await;
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, second) = meta.get(&format!("{path}?limit=1&after={after}")).await;
    assert_eq!(second["data"][0]["message_id"], other);
}
