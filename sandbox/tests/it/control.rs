//! The orders of the control plane.

use serde_json::{Value, json};

use crate::support::{CUSTOMER, TOKEN, World, question};

#[tokio::test]
async fn statuses_go_out_as_ordered_even_backwards_and_unknown() {
    let world = World::with(json!({})).await;
    let id = world.send_text().await;
    let path = format!("/messages/{id}/status");
    let errors = json!([{"code": 131, "message": "not on WhatsApp"}]);
    for order in [
        json!({"status": "read", "timestamp": 1_700_000_000}),
        json!({"status": "delivered", "timestamp": "1700000001", "repeat": 2}),
        json!({"status": "seen-twice"}),
        json!({"status": "failed", "errors": errors}),
    ] {
        let (status, answer) = world.control("POST", &path, &order).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["message_id"], id);
        world.received().await;
    }
    let received = world.received().await;
    let items: Vec<&Value> = received.iter().map(|body| &body["statuses"][0]).collect();
    let words: Vec<_> = items.iter().map(|item| &item["status"]).collect();
    assert_eq!(
        words,
        ["read", "delivered", "delivered", "seen-twice", "failed"]
    );
    assert_eq!(items[0]["timestamp"], "1700000000");
    assert_eq!(items[1]["timestamp"], "1700000001");
    assert_eq!(items[4]["errors"], errors);
    let message = &world.sandbox.messages(Some(TOKEN))[0];
    assert_eq!(message.state, "read");
}

#[tokio::test]
async fn buttons_and_rows_are_pressed_in_every_way() {
    let world = World::with(json!({})).await;
    let (_, answer) = world.send("/messages/interactive", &question()).await;
    let id = answer["message"]["id"].as_str().unwrap();
    let path = format!("/messages/{id}/press");
    for order in [
        json!({"button": 0, "from_name": "Layla"}),
        json!({"button": 1, "as": "reply", "without_context": true}),
        json!({"button": 1, "as": "title"}),
    ] {
        assert_eq!(world.control("POST", &path, &order).await.0, 200);
        world.received().await;
    }
    assert_eq!(
        world.control("POST", &path, &json!({"button": 2})).await.0,
        404
    );
    let list = json!({"to": CUSTOMER, "type": "list", "body": {"text": "When?"}, "action": {"list": {
        "label": "Choose", "sections": [
            {"title": "Day", "rows": [{"id": "noon", "title": "Noon", "description": ""}]},
            {"title": "Night", "rows": [{"id": "late", "title": "Late", "description": ""}]},
        ],
    }}});
    let (status, answer) = world.send("/messages/interactive", &list).await;
    assert_eq!(status, 200, "{answer}");
    let path = format!(
        "/messages/{}/press",
        answer["message"]["id"].as_str().unwrap()
    );
    world.control("POST", &path, &json!({"button": 1})).await;

    let received = world.received().await;
    let items: Vec<&Value> = received.iter().map(|body| &body["messages"][0]).collect();
    assert_eq!(items[0]["reply"]["buttons_reply"]["id"], "ButtonsV3:yes");
    assert_eq!(items[0]["from_name"], "Layla");
    assert_eq!(items[0]["context"]["quoted_id"], id);
    assert_eq!(items[1]["reply"]["buttons_reply"]["id"], "ButtonsV3:no");
    assert_eq!(items[1].get("context"), None);
    assert_eq!(
        (&items[2]["type"], &items[2]["text"]["body"]),
        (&json!("text"), &json!("Not today"))
    );
    assert_eq!(items[3]["reply"]["type"], "list_reply");
    assert_eq!(items[3]["reply"]["list_reply"]["id"], "ListV3:late");
}

#[tokio::test]
async fn people_can_write_anything() {
    let world = World::with(json!({})).await;
    let id = world.send_text().await;
    let order = |kind: &str, rest: Value| {
        let mut order =
            json!({"token": TOKEN, "from": CUSTOMER, "from_name": "Layla", "type": kind});
        order
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        order
    };
    let link = "https://files.example.com/a";
    let button = json!({"id": "yes", "title": "I will come"});
    let orders = [
        order("text", json!({"text": "hello", "quoted_id": id})),
        order("reply", json!({"button": button})),
        order("image", json!({"link": link, "caption": "receipt"})),
        order(
            "document",
            json!({"link": link, "filename": "a.pdf", "mime_type": "application/pdf"}),
        ),
        order("hologram", json!({"content": {"depth": 3}})),
        order(
            "text",
            json!({"text": "typed on the phone", "from_me": true, "timestamp": 1}),
        ),
        order("text", json!({"text": "again", "id": "REPEATED.ID-1234"})),
        order("text", json!({"text": "again", "id": "REPEATED.ID-1234"})),
    ];
    for order in &orders {
        let (status, answer) = world.control("POST", "/inbound", order).await;
        assert_eq!(status, 200, "{answer}");
        world.received().await;
    }
    let received = world.received().await;
    let items: Vec<&Value> = received.iter().map(|body| &body["messages"][0]).collect();
    assert_eq!(items[0]["text"]["body"], "hello");
    assert_eq!(items[0]["context"]["quoted_id"], id);
    assert_eq!(
        (&items[0]["from"], &items[0]["from_name"]),
        (&json!(CUSTOMER), &json!("Layla"))
    );
    assert_eq!(items[1]["reply"]["buttons_reply"]["id"], "ButtonsV3:yes");
    assert_eq!(items[2]["image"]["link"], link);
    assert_eq!(items[2]["image"]["caption"], "receipt");
    assert_eq!(items[3]["document"]["filename"], "a.pdf");
    assert_eq!(items[4]["hologram"], json!({"depth": 3}));
    assert_eq!(
        (&items[5]["from_me"], &items[5]["source"]),
        (&json!(true), &json!("mobile"))
    );
    assert_eq!(
        (&items[5]["from"], &items[5]["timestamp"]),
        (&json!("97300000009"), &json!(1))
    );
    assert_eq!(items[6]["id"], items[7]["id"]);
    assert_eq!(world.sandbox.messages(None).len(), 8);
}

#[tokio::test]
async fn raw_bodies_are_posted_as_they_are() {
    let world = World::with(json!({})).await;
    world.receiver.plan([401, 200]);
    let broken =
        json!({"token": TOKEN, "body": "{\"messages\":[", "headers": {"x-webhook-token": null}});
    let (status, answer) = world.control("POST", "/raw", &broken).await;
    assert_eq!((status, &answer["status"]), (200, &json!(401)));
    let spoofed =
        json!({"token": TOKEN, "body": {"a": 1}, "headers": {"X-Webhook-Token": "guess"}});
    let (_, answer) = world.control("POST", "/raw", &spoofed).await;
    assert_eq!(answer["status"], 200);
    assert!(world.sandbox.idle(crate::support::PATIENCE).await);
    let taken = world.receiver.all();
    assert_eq!(taken.len(), 2, "a raw webhook is tried once");
    assert_eq!(taken[0].body.as_ref(), b"{\"messages\":[");
    assert_eq!(taken[0].headers.get("x-webhook-token"), None);
    assert_eq!(taken[1].headers["x-webhook-token"], "guess");
    assert_eq!(taken[1].body.as_ref(), b"{\"a\":1}");
}

#[tokio::test]
async fn registering_again_keeps_the_messages() {
    let world = World::with(json!({})).await;
    let id = world.send_text().await;
    let channel = json!({"token": TOKEN, "channel_id": "TESTER-EF789", "phone": "97300000009"});
    assert_eq!(world.control("PUT", "/channels", &channel).await.0, 200);
    world
        .control(
            "POST",
            &format!("/messages/{id}/status"),
            &json!({"status": "sent"}),
        )
        .await;
    let received = world.received().await;
    assert_eq!(received[0]["channel_id"], "TESTER-EF789");
}

#[tokio::test]
async fn senseless_orders_are_refused() {
    let world = World::with(json!({})).await;
    for (method, path, order, wanted) in [
        ("PUT", "/channels", json!({"token": "t"}), 400),
        (
            "PUT",
            "/channels",
            json!({"token": " ", "channel_id": "c", "phone": "1"}),
            400,
        ),
        (
            "PUT",
            "/channels",
            json!({"token": "t", "channel_id": "c", "phone": "1", "auto": [{"after_ms": 1, "action": "dance"}]}),
            400,
        ),
        (
            "POST",
            "/messages/none/status",
            json!({"status": "sent"}),
            404,
        ),
        ("POST", "/messages/none/press", json!({"button": 0}), 404),
        (
            "POST",
            "/inbound",
            json!({"token": "none", "from": CUSTOMER, "type": "text", "text": "x"}),
            404,
        ),
        (
            "POST",
            "/inbound",
            json!({"token": TOKEN, "from": CUSTOMER, "type": "text"}),
            400,
        ),
        ("POST", "/raw", json!({"token": "none", "body": {}}), 404),
        ("POST", "/faults", json!({"kind": "earthquake"}), 400),
        (
            "POST",
            "/faults",
            json!({"kind": "status", "code": 99}),
            400,
        ),
        ("GET", "/idle?timeout_ms=soon", json!({}), 400),
        ("GET", "/nothing", json!({}), 404),
    ] {
        let (status, answer) = world.control(method, path, &order).await;
        assert_eq!(status, wanted, "{path} {order} {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    let (status, idle) = world
        .control("GET", "/idle?timeout_ms=50", &json!({}))
        .await;
    assert_eq!((status, idle), (200, json!({"idle": true, "open": 0})));
    assert_eq!(
        world.control("GET", "/health", &json!({})).await.1,
        json!({"ok": true})
    );
}
