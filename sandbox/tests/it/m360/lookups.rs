//! Statuses, lists, the account.

use serde_json::{Value, json};

use super::{KEY, M360, OWN, PERSON, answer};

#[tokio::test]
async fn a_status_appears_late_and_advances_by_order() {
    let m360 = M360::with(json!({"late_status": 2})).await;
    let id = m360.sent().await;
    for _ in 0..2 {
        let (status, late) = m360.get(&format!("message/status?id={id}")).await;
        assert_eq!(status, 404);
        assert_eq!(
            (&late["success"], &late["statusCode"]),
            (&json!(false), &json!(404))
        );
    }
    let first = m360.status(&id).await;
    assert_eq!(
        (&first["status"], &first["id"]),
        (&json!("PENDING"), &json!(id))
    );
    assert_eq!(first["phonenumber"], PERSON);
    assert_eq!(first["createdAt"].as_str().unwrap().len(), 19);
    assert_eq!((first.get("executedAt"), first.get("text")), (None, None));
    let path = format!("/messages/{id}/status");
    for (order, status, delivery) in [
        (json!({"status": "sent"}), "OK", "sent"),
        (json!({"status": "delivered"}), "OK", "device"),
        (json!({"status": "read"}), "OK", "read"),
        (json!({"status": "failed"}), "ERROR", "error"),
        (json!({"status": "not_found"}), "NOT FOUND", "error"),
        (
            json!({"status": "failed", "change": {"status": "error"}}),
            "error",
            "error",
        ),
    ] {
        m360.world.order("POST", &path, &order).await;
        let shown = m360.status(&id).await;
        assert_eq!(
            (&shown["status"], &shown["delivery"]),
            (&json!(status), &json!(delivery))
        );
        assert!(shown["executedAt"].is_string());
    }
    assert_eq!(m360.get("message/status?id=none").await.0, 404);
    assert_eq!(m360.get("message/status").await.0, 404);
    assert!(
        m360.world.received().await.is_empty(),
        "statuses are polled"
    );
    let press = format!("/messages/{id}/press");
    let order = json!({"button": 0});
    let pressed = m360.world.control("POST", &press, &order);
    assert_eq!(pressed.await.0, 400);
}

#[tokio::test]
async fn statuses_advance_by_themselves_and_of_absent_numbers_they_fail() {
    let m360 = M360::with(json!({
        "auto": [{"after_ms": 0, "action": "sent"}, {"after_ms": 1, "action": "delivered"},
            {"after_ms": 2, "action": "text:thanks"}],
        "absent": ["97333000002"],
    }))
    .await;
    let id = m360.sent().await;
    let fields = [
        ("phonenumber", "97333000002"),
        ("url", "https://files.example.com/a.pdf"),
    ];
    let (status, sent) = m360.post("sendMessage", &fields).await;
    assert_eq!(status, 201);
    let received = m360.world.received().await;
    assert_eq!(m360.status(&id).await["delivery"], "device");
    let failed = m360.status(sent["data"]["id"].as_str().unwrap()).await;
    assert_eq!(
        (&failed["status"], &failed["statusInfo"]),
        (&json!("NOT FOUND"), &json!("user not found"))
    );
    assert_eq!(
        (received.len(), &received[0]["Chat"]),
        (1, &json!("thanks"))
    );
    for (number, exists) in [(PERSON, true), ("97333000002", false)] {
        let (_, found) = m360.post("checkPhone", &[("phonenumber", number)]).await;
        assert_eq!(found["data"]["exists"], exists);
    }
    assert_eq!(m360.post("checkPhone", &[]).await.0, 400);
}

#[tokio::test]
async fn another_accounts_messages_do_not_exist() {
    let m360 = M360::with(json!({})).await;
    let id = m360.sent().await;
    let other = json!({"key": "k360-of-another", "phone": "97333000007"});
    m360.world.order("PUT", "/m360/accounts", &other).await;
    let path = format!("v2/message/status?id={id}");
    let request = m360.request("GET", &path).bearer_auth("k360-of-another");
    assert_eq!(answer(request).await.0, 404);
    let request = m360
        .request("GET", "v2/message/sentMessages")
        .bearer_auth("k360-of-another");
    assert_eq!(answer(request).await.1["data"]["total"], 0);
}

#[tokio::test]
async fn messages_are_listed_in_pages_and_by_number() {
    let m360 = M360::with(json!({"page_size": 2, "credit": 7})).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(m360.sent().await);
    }
    let fields = [("phonenumber", "97333000002"), ("text", "x")];
    m360.post("sendMessage", &fields).await;
    let inbound =
        json!({"key": KEY, "from": PERSON, "type": "file", "link": "https://files.example.com/b"});
    m360.world.order("POST", "/m360/inbound", &inbound).await;

    let list = async |query: String| {
        let (status, answer) = m360.get(&format!("message/sentMessages{query}")).await;
        assert_eq!(status, 200, "{answer}");
        answer["data"].clone()
    };
    let first = list(String::new()).await;
    assert_eq!(
        (&first["total"], &first["totalPages"]),
        (&json!(4), &json!(2))
    );
    let of = |page: &Value| -> Vec<Value> {
        page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["id"].clone())
            .collect()
    };
    let second = list("?page=2".into()).await;
    assert_eq!(of(&second), [json!(ids[1]), json!(ids[0])]);
    let own = list(format!("?phonenumber={PERSON}")).await;
    assert_eq!(of(&own), [json!(ids[2]), json!(ids[1])]);
    assert_eq!(own["messages"][0]["text"], "Your order is ready");
    assert_eq!(m360.get("message/sentMessages?page=0").await.0, 400);
    let (_, received) = m360.get("message/receivedMessages").await;
    let file = &received["data"]["messages"][0];
    assert_eq!(
        (&file["From"], &file["url"]),
        (&json!(PERSON), &inbound["link"])
    );
    let (_, account) = m360.get("account").await;
    assert_eq!(
        (&account["data"]["credit"], &account["data"]["phonenumber"]),
        (&json!(7), &json!(OWN))
    );
}
