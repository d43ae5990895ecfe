//! What comes in, and delivery webhooks.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{KEY, M360, OWN, PERSON, answer};
use crate::support::Receiver;

#[tokio::test]
async fn people_write_in_pascal_case() {
    let m360 = M360::with(json!({})).await;
    for order in [
        json!({"type": "chat", "text": "hello", "repeat": 2}),
        json!({"type": "file", "text": "receipt", "base64": "UE5H", "mime_type": "image/png"}),
        json!({"type": "location", "text": "26.2,50.5", "group_id": "g1"}),
        json!({"type": "chat", "text": "typed on the phone", "from_me": true, "id": "77",
            "change": {"dataType": null, "Extra": 1}}),
    ] {
        let mut inbound = json!({"key": KEY, "from": PERSON});
        for (key, value) in order.as_object().unwrap() {
            inbound[key] = value.clone();
        }
        m360.world.order("POST", "/m360/inbound", &inbound).await;
        m360.world.received().await;
    }
    let [chat, again, file, location, own] = m360.world.received().await.try_into().unwrap();
    assert_eq!(chat, again);
    for (key, wanted) in [
        ("Type", "chat"),
        ("From", PERSON),
        ("To", OWN),
        ("Chat", "hello"),
        ("dataType", "message"),
        ("Hash", KEY),
        ("GroupId", ""),
        ("MediaBase64", ""),
    ] {
        assert_eq!(chat[key], wanted, "{key}");
    }
    assert!(chat["ID"].is_string() && chat["createdAt"].is_string());
    assert_eq!(
        (&file["Caption"], &file["Chat"]),
        (&json!("receipt"), &json!(""))
    );
    assert_eq!(
        (&file["MediaMime"], &file["MediaBase64"]),
        (&json!("image/png"), &json!("UE5H"))
    );
    assert_eq!(
        (&location["Chat"], &location["GroupId"]),
        (&json!("26.2,50.5"), &json!("g1"))
    );
    assert_eq!(
        (&own["From"], &own["To"], &own["ID"]),
        (&json!(OWN), &json!(PERSON), &json!("77"))
    );
    assert_eq!((own.get("dataType"), &own["Extra"]), (None, &json!(1)));
    // The key goes out, and is not shown.
    let shown = m360
        .world
        .order("GET", "/webhooks", &Value::Null)
        .await
        .to_string();
    assert!(
        !shown.contains(KEY) && shown.contains("****6c5b"),
        "{shown}"
    );
    let unknown = json!({"key": "none", "from": PERSON, "type": "chat"});
    assert_eq!(
        m360.world
            .control("POST", "/m360/inbound", &unknown)
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn webhooks_can_be_forms_and_go_elsewhere() {
    let m360 = M360::with(json!({"form_webhooks": true})).await;
    let inbound = json!({"key": KEY, "from": PERSON, "type": "chat", "text": "été & more"});
    m360.world.order("POST", "/m360/inbound", &inbound).await;
    assert!(m360.world.sandbox.idle(crate::support::PATIENCE).await);
    let received = m360.world.receiver.all().pop().unwrap();
    assert_eq!(
        received.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let fields: HashMap<_, _> = form_urlencoded::parse(&received.body).collect();
    assert_eq!((&*fields["Chat"], &*fields["From"]), ("été & more", PERSON));

    let other = Receiver::start().await;
    let mut elsewhere = inbound.clone();
    elsewhere["url"] = json!(format!("http://{}/else", other.address));
    elsewhere["form"] = json!(false);
    m360.world.order("POST", "/m360/inbound", &elsewhere).await;
    assert!(m360.world.sandbox.idle(crate::support::PATIENCE).await);
    assert_eq!(other.all()[0].path, "/else");
    assert_eq!(other.bodies()[0]["Chat"], "été & more");
    assert_eq!(m360.world.receiver.all().len(), 1);
}

#[tokio::test]
async fn the_address_is_set_by_the_provider_itself() {
    let m360 = M360::with(json!({"webhook": null})).await;
    let inbound = json!({"key": KEY, "from": PERSON, "type": "chat", "text": "x"});
    m360.world.order("POST", "/m360/inbound", &inbound).await;
    let url = format!("http://{}/set?s=1", m360.world.receiver.address);
    let set = async |url: &str| {
        let request = m360
            .request("POST", "v2/settings/webhook/set")
            .bearer_auth(KEY);
        let body = json!({"url": url}).to_string();
        answer(
            request
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    };
    assert_eq!(set("no url").await.0, 400);
    assert_eq!(set(&url).await.1["success"], true);
    m360.world.order("POST", "/m360/inbound", &inbound).await;
    m360.world.received().await;
    let taken = m360.world.receiver.all();
    assert_eq!((taken.len(), taken[0].path.as_str()), (1, "/set?s=1"));
    let first = format!(
        "webhook/set/{KEY}?url=http://{}/first",
        m360.world.receiver.address
    );
    assert_eq!(answer(m360.request("GET", &first)).await.0, 200);
    m360.world.order("POST", "/m360/inbound", &inbound).await;
    m360.world.received().await;
    assert_eq!(m360.world.receiver.all()[1].path, "/first");

    // What the test said about the connection stays.
    let account = json!({"key": KEY, "phone": OWN,
        "webhook": {"connect_to": m360.world.receiver.address}});
    m360.world.order("PUT", "/m360/accounts", &account).await;
    set("https://hooks.falcon.example/second").await;
    m360.world.order("POST", "/m360/inbound", &inbound).await;
    m360.world.received().await;
    let last = m360.world.receiver.all().pop().unwrap();
    assert_eq!(
        (last.path.as_str(), &last.headers["host"]),
        ("/second", &"hooks.falcon.example".parse().unwrap())
    );
}

#[tokio::test]
async fn deliveries_are_posted_when_wanted() {
    let steps = ["sent", "delivered", "read", "failed"];
    let steps = steps.map(|word| json!({"after_ms": 0, "action": word}));
    let m360 = M360::with(json!({"delivery_webhooks": true, "auto": steps})).await;
    m360.world.receiver.plan([500]);
    let id = m360.sent().await;
    let mut received = m360.world.received().await;
    received.dedup();
    received.sort_by_key(|body| body["Delivery"].as_u64());
    received.dedup();
    assert_eq!(
        received,
        [1, 2, 3].map(|step| json!({"ID": id, "Delivery": step}))
    );

    let m360 = M360::with(json!({})).await;
    m360.world
        .fault(json!({"kind": "duplicate_webhooks", "event": "delivery", "channel": KEY}))
        .await;
    let order =
        json!({"key": KEY, "message_id": "542", "delivery": "3", "change": {"tracking_code": "t"}});
    m360.world.order("POST", "/m360/delivery", &order).await;
    let body = json!({"ID": "542", "Delivery": "3", "tracking_code": "t"});
    assert_eq!(m360.world.received().await, [body.clone(), body]);
    let raw = json!({"channel": KEY, "body": "ID=1&Delivery=", "headers": {"content-type": "text/plain"}});
    assert_eq!(m360.world.order("POST", "/raw", &raw).await["status"], 200);
    let last = m360.world.receiver.all().pop().unwrap();
    assert_eq!(last.headers["content-type"], "text/plain");
    assert_eq!(last.body.as_ref(), b"ID=1&Delivery=");
}
