//! The gate without faults: sends, their webhooks, look-ups, health and settings.

use serde_json::{Value, json};

use crate::support::{CUSTOMER, TOKEN, World, question, silent, statuses, text};

#[tokio::test]
async fn a_send_is_answered_echoed_delivered_read_and_pressed() {
    let world = World::with(json!({"echoes": true, "auto": [
        {"after_ms": 20, "action": "sent"},
        {"after_ms": 20, "action": "delivered"},
        {"after_ms": 25, "action": "read"},
        {"after_ms": 30, "action": "press:1"},
        {"after_ms": 35, "action": "press_title:0"},
        {"after_ms": 40, "action": "text:see you"},
    ]}))
    .await;
    let (status, answer) = world.send("/messages/interactive", &question()).await;
    assert_eq!(status, 200);
    assert_eq!(answer["sent"], true);
    let message = &answer["message"];
    assert_eq!(message["chat_id"], format!("{CUSTOMER}@s.whatsapp.net"));
    for (key, wanted) in [
        ("type", json!("interactive")),
        ("from_me", json!(true)),
        ("source", json!("api")),
        ("status", json!("pending")),
        ("from", json!("97300000009")),
    ] {
        assert_eq!(message[key], wanted, "{key}");
    }
    assert!(
        message["timestamp"].is_u64() && message["device_id"].is_u64(),
        "{message}"
    );

    let received = world.received().await;
    let id = &message["id"];
    let channel = json!("TESTER-AB123");
    assert!(received.iter().all(|body| body["channel_id"] == channel));
    let [echo, sent, delivered, read, pressed, titled, written] = received.as_slice() else {
        panic!("{received:#?}");
    };
    assert_eq!(echo["event"], json!({"type": "messages", "event": "post"}));
    assert_eq!(&echo["messages"][0]["id"], id);
    assert_eq!(echo["messages"][0]["from_me"], true);
    assert_eq!(sent["event"], json!({"type": "statuses", "event": "post"}));
    assert_eq!(&sent["statuses"][0]["id"], id);
    assert_eq!(delivered["statuses"][0]["code"], 3);
    assert!(delivered["statuses"][0]["timestamp"].is_string());
    assert_eq!(read["statuses"][0]["code"], 4);

    let press = &pressed["messages"][0];
    assert_eq!(press["type"], "reply");
    assert_eq!(press["from_me"], false);
    assert_eq!(press["from"], CUSTOMER);
    let reply = json!({
        "type": "buttons_reply",
        "buttons_reply": {"id": "ButtonsV3:no", "title": "Not today"},
    });
    assert_eq!(press["reply"], reply);
    assert_eq!(&press["context"]["quoted_id"], id);
    assert_eq!(press["context"]["quoted_type"], "hsm");
    assert_eq!(press["context"]["quoted_content"]["body"], "Will you come?");
    assert_eq!(
        press["context"]["quoted_content"]["buttons"][0]["id"],
        "ButtonsV3:yes"
    );
    assert_eq!(titled["messages"][0]["text"]["body"], "I will come");
    assert_eq!(titled["messages"][0].get("context"), None);
    assert_eq!(written["messages"][0]["text"]["body"], "see you");

    let taken = world.receiver.all();
    assert!(taken.iter().all(|webhook| {
        webhook.path == "/hooks/whapi?v=1"
            && webhook.headers["x-webhook-token"] == "hook-secret"
            && webhook.headers["content-type"] == "application/json"
    }));
}

#[tokio::test]
async fn a_quiet_channel_posts_nothing() {
    let world = World::with(json!({})).await;
    world.send_text().await;
    assert!(world.received().await.is_empty());
}

#[tokio::test]
async fn wrong_sends_are_refused_and_not_kept() {
    let world = World::with(json!({})).await;
    let nested = json!({"to": CUSTOMER, "body": {"text": "?"}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": "yes", "title": "Yes"}},
    ]}});
    let mut many = question();
    many["action"]["buttons"] = json!(
        [0, 1, 2, 3].map(|id| json!({"type": "quick_reply", "title": "Yes", "id": id.to_string()}))
    );
    let mut long = question();
    long["action"]["buttons"][0]["title"] = "x".repeat(26).into();
    for (path, body) in [
        ("/messages/interactive", nested),
        ("/messages/interactive", many),
        ("/messages/interactive", long),
        ("/messages/text", json!({"to": "+97300000001", "body": "x"})),
        ("/messages/text", json!({"to": CUSTOMER})),
        ("/messages/image", json!({"to": CUSTOMER, "caption": "x"})),
        ("/messages/document", json!({"to": CUSTOMER})),
        ("/messages/text", json!("no object")),
    ] {
        let (status, answer) = world.send(path, &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert_eq!(answer["error"]["code"], 400, "{answer}");
        assert!(answer["error"]["message"].is_string(), "{answer}");
    }
    assert!(world.sandbox.messages(None).is_empty());
    assert_eq!(world.sandbox.requests(Some(TOKEN)).len(), 8);
}

#[tokio::test]
async fn an_absent_or_unknown_token_is_unauthorized() {
    let world = World::with(json!({})).await;
    let send = |header: Option<&'static str>| {
        let mut request = world
            .client
            .post(world.url("/messages/text"))
            .body(text().to_string());
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        request.send()
    };
    let by_query = world
        .client
        .get(world.url(&format!("/health?token={TOKEN}")))
        .send();
    let answers = [
        send(None).await,
        send(Some("Bearer not-a-channel-token")).await,
        send(Some("Basic channel-token-of-shop-7fQ2")).await,
        by_query.await,
    ];
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 401);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], 401);
    }
}

#[tokio::test]
async fn tokens_are_masked_in_what_the_control_plane_shows() {
    let world = World::with(json!({"auto": [{"after_ms": 0, "action": "sent"}]})).await;
    world.send_text().await;
    world
        .get(&format!("/health?token={TOKEN}&wakeup=false"))
        .await;
    world.received().await;
    world
        .fault(json!({"kind": "garbage_body", "token": TOKEN}))
        .await;
    for path in ["/requests", "/messages", "/webhooks", "/faults"] {
        let (_, shown) = world.control("GET", path, &Value::Null).await;
        let shown = shown.to_string();
        assert!(!shown.contains(TOKEN), "{path} {shown}");
        assert!(!shown.contains("hook-secret"), "{path} {shown}");
        assert!(shown.contains("****7fQ2"), "{path} {shown}");
        let (_, filtered) = world
            .control("GET", &format!("{path}?token={TOKEN}"), &Value::Null)
            .await;
        assert_eq!(filtered.to_string(), shown, "{path}");
    }
    let (_, requests) = world.control("GET", "/requests", &Value::Null).await;
    let request = &requests["requests"][0];
    assert_eq!(request["headers"]["authorization"], "Bearer ****7fQ2");
    assert_eq!(request["method"], "POST");
    assert_eq!(request["path"], "/messages/text");
    assert_eq!(request["body"], text());
    assert_eq!(request["status"], 200);
    assert_eq!(request["outcome"], "answered");
    assert_eq!(
        requests["requests"][1]["query"],
        "token=****7fQ2&wakeup=false"
    );
}

#[tokio::test]
async fn messages_and_statuses_can_be_looked_up_by_their_channel_only() {
    let world = World::with(json!({"auto": [
        {"after_ms": 0, "action": "sent"}, {"after_ms": 1, "action": "delivered"},
    ]}))
    .await;
    let id = world.send_text().await;
    let (_, written) = world
        .control(
            "POST",
            "/inbound",
            &json!({"token": TOKEN, "from": CUSTOMER, "type": "text", "text": "hello"}),
        )
        .await;
    let inbound = written["message_id"].as_str().unwrap();
    world.received().await;

    let (status, message) = world.get(&format!("/messages/{id}")).await;
    assert_eq!((status, &message["status"]), (200, &json!("delivered")));
    let (status, found) = world.get(&format!("/statuses/{id}")).await;
    assert_eq!(status, 200);
    let words: Vec<_> = found["statuses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["status"])
        .collect();
    assert_eq!(words, ["sent", "delivered"]);
    assert_eq!(world.get(&format!("/statuses/{inbound}")).await.0, 403);
    assert_eq!(world.get("/statuses/ABCDEF-1234").await.0, 404);
    assert_eq!(world.get("/messages/ABCDEF-1234").await.0, 404);

    let list = |query: &str| format!("/messages/list/{CUSTOMER}%40s.whatsapp.net{query}");
    let (status, listed) = world.get(&list("")).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&listed["total"], &listed["count"]),
        (&json!(2), &json!(100))
    );
    assert_eq!(listed["messages"][0]["id"], inbound);
    let (_, own) = world
        .get(&list("?from_me=true&sort=asc&count=1&time_from=1"))
        .await;
    assert_eq!(own["messages"][0]["id"], id);
    let (_, none) = world.get(&list("?time_to=1")).await;
    assert_eq!(none["messages"], json!([]));
    let (_, second) = world.get(&list("?offset=1")).await;
    assert_eq!(second["messages"][0]["id"], id);
    for bad in [
        "?count=0",
        "?count=501",
        "?offset=-1",
        "?sort=up",
        "?from_me=1",
        "?time_from=x",
    ] {
        assert_eq!(world.get(&list(bad)).await.0, 400, "{bad}");
    }
    assert_eq!(
        world
            .get("/messages/list/97300000099@s.whatsapp.net")
            .await
            .0,
        404
    );
    assert_eq!(world.get("/messages/list/97300000099").await.0, 400);
    assert_eq!(world.get("/messages/list").await.1["total"], 2);

    world
        .sandbox
        .register(silent("another-channel-token"))
        .unwrap();
    let other = world
        .client
        .get(world.url(&format!("/messages/{id}")))
        .bearer_auth("another-channel-token");
    assert_eq!(other.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_channel_that_is_not_logged_in_shows_a_code_and_refuses_sends() {
    let world = World::with(json!({"health": "QR"})).await;
    let (status, answer) = world.send("/messages/text", &text()).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!(401)));
    let (status, code) = world.get("/users/login?wakeup=true").await;
    assert_eq!((status, &code["status"]), (200, &json!("OK")));
    let (_, health) = world.get("/health?wakeup=false").await;
    assert_eq!(health["status"], json!({"code": 3, "text": "QR"}));
    assert_eq!(health.get("user"), None);

    let order = json!({"token": TOKEN, "text": "AUTH"});
    assert_eq!(world.control("POST", "/state", &order).await.0, 200);
    let mut events: Vec<String> = world
        .received()
        .await
        .iter()
        .map(|body| body["event"]["type"].to_string())
        .collect();
    events.sort();
    assert_eq!(events, ["\"channel\"", "\"users\""]);
    assert_eq!(world.get("/users/login").await.0, 409);
    let (_, health) = world.get("/health").await;
    assert_eq!(health["status"]["text"], "AUTH");
    assert_eq!(health["user"]["id"], "97300000009");
    world.send_text().await;
}

#[tokio::test]
async fn only_a_waking_probe_launches_a_stopped_channel() {
    let world = World::with(json!({"health": "STOP"})).await;
    for (path, text) in [("/health?wakeup=false", "STOP"), ("/health", "LAUNCH")] {
        assert_eq!(world.get(path).await.1["status"]["text"], text, "{path}");
    }
}

#[tokio::test]
async fn settings_replace_the_webhooks_and_filter_events() {
    let world =
        World::with(json!({"auto": [{"after_ms": 0, "action": "sent"}], "echoes": true})).await;
    let hook = json!({
        "url": format!("http://{}/other", world.receiver.address),
        "mode": "body",
        "headers": {"x-webhook-token": "new-secret"},
        "events": [{"type": "statuses", "method": "post"}],
    });
    let patch = json!({"webhooks": [hook], "callback_persist": false});
    let (status, text) = world
        .call("PATCH", "/settings", Some(&patch))
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["changes"], json!(["callback_persist", "webhooks"]));
    assert_eq!(answer["before_update"]["callback_persist"], true);
    assert_eq!(answer["after_update"]["webhooks"][0]["url"], hook["url"]);
    let (_, settings) = world.get("/settings").await;
    assert_eq!(settings["webhooks"], json!([hook]));

    world.send_text().await;
    assert_eq!(statuses(&world.received().await), ["sent"]);
    let taken = world.receiver.all();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].path, "/other");
    assert_eq!(taken[0].headers["x-webhook-token"], "new-secret");

    let six: Value = (0..6).map(|n| (format!("x-{n}"), json!("v"))).collect();
    for bad in [
        json!([]),
        json!({"webhooks": [{"mode": "body"}]}),
        json!({"webhooks": [{"url": "not a url"}]}),
        json!({"webhooks": [{"url": "http://a.example", "mode": "path"}]}),
        json!({"webhooks": [{"url": "http://a.example", "headers": six}]}),
        json!({"callback_backoff_delay_ms": 1}),
    ] {
        let (status, _) = world.call("PATCH", "/settings", Some(&bad)).await.unwrap();
        assert_eq!(status, 400, "{bad}");
    }
}

#[tokio::test]
async fn many_sends_at_once_keep_each_messages_webhooks_in_order() {
    let steps = ["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word}));
    let world = World::with(json!({"auto": steps})).await;
    let body = text();
    let sends = (0..60).map(|_| world.call("POST", "/messages/text", Some(&body)));
    let answers = futures::future::join_all(sends).await;
    let answered: Vec<u16> = answers
        .into_iter()
        .map(|answer| answer.unwrap().0)
        .collect();
    assert_eq!(answered, [200; 60]);
    let received = world.received().await;
    for message in world.sandbox.messages(Some(TOKEN)) {
        let of = |body: &&Value| body["statuses"][0]["id"] == message.id;
        let own: Vec<Value> = received.iter().filter(of).cloned().collect();
        assert_eq!(statuses(&own), ["sent", "delivered", "read"]);
    }
}
