//! Webhooks about templates, quality, accounts, preferences, and the owner's own messages.

use serde_json::{Value, json};

use super::{Meta, NUMBER, OWN, PERSON, WABA};

async fn posted(meta: &Meta, update: Value) -> (String, Value) {
    meta.world.order("POST", "/meta/updates", &update).await;
    let body = meta.world.received().await.pop().unwrap();
    assert_eq!(body["entry"][0]["id"], WABA, "{body}");
    let change = &body["entry"][0]["changes"][0];
    (
        change["field"].as_str().unwrap().into(),
        change["value"].clone(),
    )
}

#[tokio::test]
async fn a_template_changes_with_its_webhook() {
    let meta = Meta::with(json!({})).await;
    meta.template("ready", "PENDING").await;
    let update = |kind: &str, rest: Value| {
        let mut update =
            json!({"kind": kind, "waba_id": WABA, "name": "ready", "language": "en_US"});
        for (key, value) in rest.as_object().unwrap() {
            update[key] = value.clone();
        }
        update
    };
    let paused = update(
        "template_status",
        json!({"event": "PAUSED", "change": {
        "other_info": {"title": "FIRST_PAUSE"}, "reason": null,
        "message_template_language": "en-US"}}),
    );
    let (field, value) = posted(&meta, paused).await;
    assert_eq!(field, "message_template_status_update");
    assert_eq!(value["event"], "PAUSED");
    assert!(value["message_template_id"].is_u64());
    assert_eq!(value["message_template_language"], "en-US");
    assert_eq!(value["other_info"]["title"], "FIRST_PAUSE");
    assert_eq!(value.get("reason"), None);
    let (field, value) = posted(
        &meta,
        update("template_category", json!({"category": "MARKETING"})),
    )
    .await;
    assert_eq!(field, "template_category_update");
    assert_eq!(
        (&value["previous_category"], &value["new_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
    let (field, value) = posted(&meta, update("template_quality", json!({"score": "RED"}))).await;
    assert_eq!(field, "message_template_quality_update");
    assert_eq!(value["new_quality_score"], "RED");

    let (_, listed) = meta.get(&format!("{WABA}/message_templates")).await;
    let template = &listed["data"][0];
    assert_eq!(
        (&template["status"], &template["category"]),
        (&json!("PAUSED"), &json!("MARKETING"))
    );
    let unknown = json!({"kind": "template_status", "waba_id": WABA, "name": "none",
        "language": "en_US", "event": "APPROVED"});
    assert_eq!(
        meta.world
            .control("POST", "/meta/updates", &unknown)
            .await
            .0,
        404
    );
    assert_eq!(meta.world.sandbox.webhooks(Some(WABA)).len(), 3);
}

#[tokio::test]
async fn numbers_accounts_and_people_are_told_about() {
    let meta = Meta::with(json!({})).await;
    let quality = json!({"kind": "phone_quality", "phone_number_id": NUMBER,
        "event": "THROUGHPUT_UPGRADE", "change": {"current_limit": "TIER_UNLIMITED"}});
    let (field, value) = posted(&meta, quality).await;
    assert_eq!(field, "phone_number_quality_update");
    let wanted = json!({"display_phone_number": OWN, "event": "THROUGHPUT_UPGRADE",
        "current_limit": "TIER_UNLIMITED"});
    assert_eq!(value, wanted);

    let account = json!({"kind": "account", "waba_id": WABA, "event": "ACCOUNT_RESTRICTION",
        "change": {"restriction_info": []}});
    let (field, value) = posted(&meta, account).await;
    assert_eq!(field, "account_update");
    assert_eq!(
        value,
        json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": []})
    );

    let stop =
        json!({"kind": "preference", "phone_number_id": NUMBER, "from": PERSON, "value": "stop"});
    let (field, value) = posted(&meta, stop).await;
    assert_eq!(field, "user_preferences");
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
    let preference = &value["user_preferences"][0];
    assert_eq!(
        (&preference["wa_id"], &preference["value"]),
        (&json!(PERSON), &json!("stop"))
    );
    assert_eq!(preference["category"], "marketing_messages");

    let echo =
        json!({"kind": "echo", "phone_number_id": NUMBER, "to": PERSON, "text": "on my way"});
    let (field, value) = posted(&meta, echo).await;
    assert_eq!(field, "smb_message_echoes");
    let echo = &value["message_echoes"][0];
    assert_eq!((&echo["from"], &echo["to"]), (&json!(OWN), &json!(PERSON)));
    assert_eq!(echo["text"]["body"], "on my way");

    let other = json!({"kind": "other", "id": WABA, "field": "weather", "value": {"sunny": true}});
    assert_eq!(
        posted(&meta, other).await,
        ("weather".into(), json!({"sunny": true}))
    );
    meta.world
        .fault(json!({"kind": "duplicate_webhooks", "event": "account_update"}))
        .await;
    let before = meta.world.receiver.all().len();
    posted(
        &meta,
        json!({"kind": "account", "waba_id": WABA, "event": "DISABLED_UPDATE"}),
    )
    .await;
    assert_eq!(meta.world.receiver.all().len(), before + 2);
}
