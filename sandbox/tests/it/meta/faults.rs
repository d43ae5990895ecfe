//! Faults with Meta's answers.

use std::time::Duration;

use sandbox::messages::SendAnswer;
use serde_json::{Value, json};

use super::{BEARER, Meta, NUMBER, PERSON, items, text, to, words};
use crate::support::eventually;

const PATH: &str = "710001/messages";

async fn send(meta: &Meta) -> Result<(u16, String), reqwest::Error> {
    meta.call("POST", PATH, Some(&to(text()))).await
}

#[tokio::test]
async fn any_code_comes_with_any_status() {
    let meta = Meta::with(json!({})).await;
    for (order, status, wanted) in [
        (
            json!({"code": 130_429}),
            400,
            json!({"message": "(#130429) Rate limit hit"}),
        ),
        (
            json!({"code": 131_056, "http": 429}),
            429,
            json!({"code": 131_056}),
        ),
        (
            json!({"code": 131_026}),
            400,
            json!({"message": "(#131026) Message undeliverable"}),
        ),
        (json!({"code": 190}), 401, json!({"code": 190})),
        (
            json!({"code": 2, "transient": true}),
            503,
            json!({"is_transient": true}),
        ),
        (
            json!({"code": 999_999, "message": "New"}),
            400,
            json!({"message": "(#999999) New"}),
        ),
        (
            json!({"code": 100, "subcode": 33}),
            400,
            json!({"error_subcode": 33}),
        ),
    ] {
        let mut fault = json!({"kind": "meta_error", "channel": NUMBER});
        for (key, value) in order.as_object().unwrap() {
            fault[key] = value.clone();
        }
        meta.world.fault(fault).await;
        let (answered, answer) = meta.send(text()).await;
        assert_eq!(answered, status, "{answer}");
        for (key, value) in wanted.as_object().unwrap() {
            assert_eq!(&answer["error"][key], value, "{answer}");
        }
        assert_eq!(
            answer["error"]["error_data"]["messaging_product"],
            "whatsapp"
        );
    }
    assert_eq!(meta.kept(), 0);
    let details = json!({"kind": "meta_error", "code": 131_047, "details": "too late",
        "retry_after": 9, "path": "/meta/v23.0/710001/*", "to": PERSON});
    meta.world.fault(details).await;
    let url = meta.world.url("/meta/v23.0/710001/messages");
    let request = meta
        .world
        .client
        .post(url)
        .bearer_auth(BEARER)
        .body(to(text()).to_string());
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "9");
    let answer: Value = response.text().await.unwrap().parse().unwrap();
    assert_eq!(answer["error"]["error_data"]["details"], "too late");
    // A look-up meets a refusal, but nothing that needs an acceptance.
    meta.world
        .fault(json!({"kind": "meta_error", "code": 131_000, "after_accept": true}))
        .await;
    meta.world
        .fault(json!({"kind": "meta_error", "code": 80_007, "method": "GET"}))
        .await;
    assert_eq!(meta.get(NUMBER).await.1["error"]["code"], 80_007);
    assert_eq!(meta.get(NUMBER).await.0, 200);
    assert_eq!(meta.send(text()).await.1["error"]["code"], 131_000);
    assert_eq!(meta.kept(), 1);
    let wrong = json!({"kind": "meta_error", "code": 1, "http": 99});
    assert_eq!(meta.world.control("POST", "/faults", &wrong).await.0, 400);
}

#[tokio::test]
async fn a_plain_status_is_worded_as_meta_does_or_as_a_proxy() {
    let meta = Meta::with(json!({})).await;
    let status = async |order: Value| {
        meta.world.fault(order).await;
        send(&meta).await.unwrap()
    };
    let (code, body) = status(json!({"kind": "status", "code": 503})).await;
    let body: Value = body.parse().unwrap();
    assert_eq!((code, &body["error"]["code"]), (503, &json!(131_016)));
    let html = json!({"kind": "status", "code": 502, "body_shape": "html"});
    let (code, body) = status(html).await;
    assert_eq!(code, 502);
    assert!(body.starts_with("<html>"), "{body}");
    let empty = json!({"kind": "status", "code": 500, "body_shape": "empty"});
    assert_eq!(status(empty).await, (500, String::new()));
    assert_eq!(meta.kept(), 0);
}

#[tokio::test]
async fn an_accepted_message_may_be_answered_in_every_wrong_way() {
    for (order, wanted, told) in [
        (
            json!({"kind": "ok_without_id"}),
            Some(200),
            SendAnswer::WithoutId,
        ),
        (
            json!({"kind": "garbage_body"}),
            Some(200),
            SendAnswer::Garbage,
        ),
        (
            json!({"kind": "error_after_accept", "code": 500}),
            Some(500),
            SendAnswer::Error,
        ),
        (
            json!({"kind": "meta_error", "code": 131_000, "after_accept": true}),
            Some(500),
            SendAnswer::Error,
        ),
        (
            json!({"kind": "reset_after_accept"}),
            None,
            SendAnswer::Reset,
        ),
        (
            json!({"kind": "timeout_after_accept", "ms": 20}),
            None,
            SendAnswer::Withheld,
        ),
        (
            json!({"kind": "latency", "ms": 20}),
            Some(200),
            SendAnswer::Answered,
        ),
    ] {
        let meta = Meta::with(json!({"auto": [{"after_ms": 0, "action": "sent"}]})).await;
        meta.world.fault(order.clone()).await;
        let answer = send(&meta).await.ok();
        assert_eq!(answer.map(|(status, _)| status), wanted, "{order}");
        assert_eq!(words(&meta.statuses().await), ["sent"], "{order}");
        let kept = meta.world.sandbox.messages(Some(NUMBER));
        assert_eq!(kept[0].answer, told, "{order}");
    }
}

#[tokio::test]
async fn a_refused_connection_accepts_nothing() {
    let meta = Meta::with(json!({})).await;
    for kind in ["reset_before_accept", "timeout_before_accept"] {
        meta.world.fault(json!({"kind": kind, "ms": 10})).await;
        assert!(send(&meta).await.is_err(), "{kind}");
    }
    assert_eq!(meta.kept(), 0);
    meta.world
        .fault(json!({"kind": "timeout_after_accept"}))
        .await;
    let url = meta.world.url("/meta/v23.0/710001/messages");
    let request = meta
        .world
        .client
        .post(url)
        .bearer_auth(BEARER)
        .body(to(text()).to_string());
    let error = request
        .timeout(Duration::from_millis(100))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    eventually(|| meta.kept() == 1).await;
}

#[tokio::test]
async fn statuses_can_come_before_the_answer_twice_and_backwards() {
    let steps = ["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word}));
    let meta = Meta::with(json!({"auto": steps, "head_start_ms": 100})).await;
    meta.world
        .fault(json!({"kind": "early_status", "statuses": ["sent"]}))
        .await;
    meta.world
        .fault(json!({"kind": "duplicate_webhooks", "event": "statuses"}))
        .await;
    let id = meta.sent(text()).await;
    let early = super::values(&meta.world.receiver.bodies());
    let early = items(&early, "statuses");
    assert!(early.iter().all(|status| status["id"] == id));
    assert!(words(&early).contains(&"sent"));
    assert_eq!(
        words(&meta.statuses().await),
        ["sent", "sent", "delivered", "read"]
    );

    meta.world
        .fault(json!({"kind": "reorder_webhooks", "window": 3, "channel": NUMBER}))
        .await;
    meta.sent(text()).await;
    assert_eq!(
        words(&meta.statuses().await)[4..],
        ["read", "delivered", "sent"]
    );
}
