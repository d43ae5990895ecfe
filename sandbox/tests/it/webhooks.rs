//! How webhooks are delivered: retries, addresses, duplicates, order.

use std::time::Duration;

use sandbox::journal::DeliveryState;
use serde_json::json;

use crate::support::{TOKEN, World, eventually};

fn statuses_at_once() -> serde_json::Value {
    json!(["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word})))
}

#[tokio::test]
async fn anything_but_200_is_repeated_and_recorded() {
    let world = World::with(json!({"auto": [{"after_ms": 0, "action": "sent"}]})).await;
    world.receiver.plan([500, 204, 302]);
    world.send_text().await;
    assert_eq!(world.statuses().await, ["sent"; 4]);
    let webhooks = world.sandbox.webhooks(Some(TOKEN));
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].state, DeliveryState::Delivered);
    let answers: Vec<_> = webhooks[0]
        .tries
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    assert_eq!(answers, [Some(500), Some(204), Some(302), Some(200)]);
}

#[tokio::test]
async fn repeats_are_bounded_and_hold_up_no_other_webhook() {
    let retry = json!({"step_ms": 1, "tries": 3});
    let world = World::with(json!({"auto": statuses_at_once(), "retry": retry})).await;
    world.receiver.plan([500]);
    world.send_text().await;
    world.received().await;
    let states: Vec<_> = world
        .sandbox
        .webhooks(None)
        .iter()
        .map(|w| w.tries.len())
        .collect();
    assert_eq!(states, [2, 1, 1]);

    world.receiver.plan([500; 9]);
    world.send_text().await;
    world.received().await;
    for webhook in &world.sandbox.webhooks(None)[3..] {
        assert_eq!(
            (webhook.state, webhook.tries.len()),
            (DeliveryState::GivenUp, 3)
        );
    }
}

#[tokio::test]
async fn an_unreachable_receiver_is_recorded_as_an_error() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let retry = json!({"step_ms": 1, "tries": 2});
    let world = World::with(json!({"webhook": {"url": url}, "echoes": true, "retry": retry})).await;
    world.send_text().await;
    world.received().await;
    let webhook = &world.sandbox.webhooks(None)[0];
    assert_eq!(webhook.state, DeliveryState::GivenUp);
    assert!(
        webhook
            .tries
            .iter()
            .all(|attempt| attempt.status.is_none() && attempt.error.is_some())
    );
}

#[tokio::test]
async fn a_webhook_can_go_to_another_address_under_its_own_host() {
    let world = World::with(json!({})).await;
    for (url, host) in [
        (
            "https://abc.lambda-url.us-east-1.on.aws/w/1?x=%20y",
            "abc.lambda-url.us-east-1.on.aws",
        ),
        (
            "http://api.execute-api.localhost:4566/w/1?x=%20y",
            "api.execute-api.localhost:4566",
        ),
    ] {
        let channel = json!({
            "token": TOKEN,
            "channel_id": "TESTER-AB123",
            "phone": "97300000009",
            "echoes": true,
            "webhook": {"url": url, "connect_to": world.receiver.address},
        });
        assert_eq!(world.control("PUT", "/channels", &channel).await.0, 200);
        world.send_text().await;
        world.received().await;
        let taken = world.receiver.all();
        let last = taken.last().unwrap();
        assert_eq!(last.headers["host"], host);
        assert_eq!(last.headers.get_all("host").iter().count(), 1);
        assert_eq!(last.path, "/w/1?x=%20y");
    }
    // Production's own registration keeps the connection's address.
    let patch = json!({"webhooks": [{"url": "https://hooks.example.com/new"}]});
    world
        .call("PATCH", "/settings", Some(&patch))
        .await
        .unwrap();
    world.send_text().await;
    world.received().await;
    let last = world.receiver.all().pop().unwrap();
    assert_eq!(
        (last.path.as_str(), &last.headers["host"]),
        ("/new", &"hooks.example.com".parse().unwrap())
    );
}

#[tokio::test]
async fn webhooks_can_be_duplicated() {
    let world = World::with(json!({"auto": statuses_at_once(), "echoes": true})).await;
    world
        .fault(json!({"kind": "duplicate_webhooks", "n": 2, "event": "statuses"}))
        .await;
    world.send_text().await;
    assert_eq!(
        world.statuses().await,
        ["sent", "sent", "sent", "delivered", "read"]
    );
    assert_eq!(world.receiver.all().len(), 6);
}

#[tokio::test]
async fn webhooks_can_arrive_in_reverse() {
    let world = World::with(json!({"auto": statuses_at_once(), "echoes": true})).await;
    world
        .fault(json!({"kind": "reorder_webhooks", "window": 3, "event": "statuses"}))
        .await;
    world.send_text().await;
    assert_eq!(world.statuses().await, ["read", "delivered", "sent"]);
    world.send_text().await;
    assert_eq!(world.statuses().await[3..], ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn different_messages_can_be_reordered_together() {
    let world = World::with(json!({"echoes": true})).await;
    world
        .fault(json!({"kind": "reorder_webhooks", "window": 4}))
        .await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(world.send_text().await);
        let posted = ids.len();
        eventually(|| world.sandbox.webhooks(None).len() == posted).await;
    }
    ids.reverse();
    let received = world.received().await;
    let arrived: Vec<_> = received
        .iter()
        .map(|body| body["messages"][0]["id"].clone())
        .collect();
    assert_eq!(arrived, ids);
}

#[tokio::test]
async fn an_incomplete_window_is_released_in_time() {
    let world = World::with(json!({"auto": statuses_at_once()})).await;
    world
        .fault(json!({"kind": "reorder_webhooks", "window": 9, "hold_ms": 150}))
        .await;
    world.send_text().await;
    eventually(|| world.sandbox.webhooks(None).len() == 3).await;
    let held = world.sandbox.webhooks(None);
    assert!(
        held.iter()
            .all(|webhook| webhook.state == DeliveryState::Held)
    );
    assert_eq!(world.statuses().await, ["read", "delivered", "sent"]);
}

#[tokio::test]
async fn a_reset_stops_steps_and_repeats() {
    let retry = json!({"step_ms": 60_000, "max_ms": 60_000});
    let steps = json!([{"after_ms": 0, "action": "sent"}, {"after_ms": 60_000, "action": "read"}]);
    let world = World::with(json!({"auto": steps, "retry": retry})).await;
    world.receiver.plan([500]);
    world.send_text().await;
    eventually(|| {
        world
            .sandbox
            .webhooks(None)
            .iter()
            .any(|w| !w.tries.is_empty())
    })
    .await;
    assert!(!world.sandbox.idle(Duration::from_millis(20)).await);
    assert_eq!(
        world
            .control("POST", "/reset?keep_channels=true", &json!({}))
            .await
            .0,
        200
    );
    assert!(world.sandbox.messages(None).is_empty());
    assert!(world.sandbox.requests(None).is_empty());
    assert!(
        world.sandbox.idle(Duration::from_secs(5)).await,
        "the reset left work behind"
    );
    world.send_text().await;
    assert_eq!(world.control("POST", "/reset", &json!({})).await.0, 200);
    assert_eq!(world.call("GET", "/health", None).await.unwrap().0, 401);
}
