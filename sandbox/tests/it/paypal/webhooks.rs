//! Signed events, and whether they can be verified.

use serde_json::{Value, json};

use super::{CLIENT, PayPal, WEBHOOK};
use crate::support::Received;

/// Asks PayPal about a webhook as it was received, with `webhook_event` as the bytes say.
async fn verdict(paypal: &PayPal, received: &Received, event: &str, webhook: &str) -> Value {
    let header = |name: &str| {
        let value = received.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    };
    let body = format!(
        r#"{{"auth_algo":{:?},"cert_url":{:?},"transmission_id":{:?},"transmission_sig":{:?},"transmission_time":{:?},"webhook_id":{webhook:?},"webhook_event":{event}}}"#,
        header("paypal-auth-algo"),
        header("paypal-cert-url"),
        header("paypal-transmission-id"),
        header("paypal-transmission-sig"),
        header("paypal-transmission-time"),
    );
    let path = "/v1/notifications/verify-webhook-signature";
    let (status, answer) = paypal.post(path, "verify", body).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer["verification_status"].clone()
}

#[tokio::test]
async fn only_the_very_bytes_are_verified() {
    let paypal = PayPal::start().await;
    paypal.subscribed("one").await;
    paypal.world.received().await;
    let received = paypal.world.receiver.all().pop().unwrap();
    let text = String::from_utf8(received.body.to_vec()).unwrap();
    assert_eq!(verdict(&paypal, &received, &text, WEBHOOK).await, "SUCCESS");
    let value: Value = serde_json::from_str(&text).unwrap();
    let anew = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(verdict(&paypal, &received, &anew, WEBHOOK).await, "FAILURE");
    assert_eq!(
        verdict(&paypal, &received, &text, "9OTHER").await,
        "FAILURE"
    );
}

#[tokio::test]
async fn what_is_forged_is_not_verified() {
    let paypal = PayPal::start().await;
    for signature in ["valid", "forged", "other_webhook", "other_body", "missing"] {
        let event = json!({"client_id": CLIENT, "signature": signature,
            "body": "{\"event_type\": \"BILLING.SUBSCRIPTION.ACTIVATED\", \"n\": 1.0}"});
        let told = paypal.world.order("POST", "/paypal/events", &event).await;
        assert_eq!(told["status"], 200, "{signature}");
        let received = paypal.world.receiver.all().pop().unwrap();
        let text = String::from_utf8(received.body.to_vec()).unwrap();
        let wanted = if signature == "valid" {
            "SUCCESS"
        } else {
            "FAILURE"
        };
        let answer = verdict(&paypal, &received, &text, WEBHOOK).await;
        assert_eq!(answer, wanted, "{signature}");
    }
}

#[tokio::test]
async fn payments_name_the_subscription_and_its_custom_id() {
    let paypal = PayPal::start().await;
    let id = paypal.subscribed("ours-1").await;
    paypal
        .order(&id, "approve", json!({"payment_first": true}))
        .await;
    paypal
        .order(&id, "renew", json!({"sale_id": "5SALE2"}))
        .await;
    paypal.order(&id, "refund", json!({})).await;
    paypal
        .order(&id, "reverse", json!({"sale_id": "5SALE2"}))
        .await;
    paypal.order(&id, "fail_payment", json!({})).await;
    paypal.order(&id, "suspend", json!({})).await;
    paypal
        .order(&id, "expire", json!({"change": {"custom_id": null}}))
        .await;
    let bodies = paypal.world.received().await;
    let kinds: Vec<_> = bodies.iter().map(|body| &body["event_type"]).collect();
    assert_eq!(
        kinds,
        [
            "BILLING.SUBSCRIPTION.CREATED",
            "PAYMENT.SALE.COMPLETED",
            "BILLING.SUBSCRIPTION.ACTIVATED",
            "PAYMENT.SALE.COMPLETED",
            "PAYMENT.SALE.REFUNDED",
            "PAYMENT.SALE.REVERSED",
            "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
            "BILLING.SUBSCRIPTION.SUSPENDED",
            "BILLING.SUBSCRIPTION.EXPIRED",
        ]
    );
    let [created, first, active, second, refund, .., expired] = &bodies[..] else {
        panic!("{bodies:?}");
    };
    assert_eq!(created["resource"]["status"], "APPROVAL_PENDING");
    assert_eq!(
        (&active["resource"]["id"], &active["resource_type"]),
        (&json!(id), &json!("subscription"))
    );
    assert_eq!(active["resource"]["custom_id"], "ours-1");
    assert_eq!(first["resource"]["billing_agreement_id"], json!(id));
    assert_eq!(first["resource"]["amount"]["total"], "26.50");
    assert_ne!(first["resource"]["id"], second["resource"]["id"]);
    assert_eq!(refund["resource"]["sale_id"], "5SALE2");
    assert_eq!(expired["resource"].get("custom_id"), None);
    let path = "/paypal/subscriptions/I-NONE/renew";
    let unknown = paypal.world.control("POST", path, &json!({})).await;
    assert_eq!(unknown.0, 404);
}

#[tokio::test]
async fn events_come_twice_and_the_other_way_round_when_told() {
    let paypal = PayPal::start().await;
    let id = paypal.subscribed("one").await;
    paypal.world.received().await;
    for fault in [
        json!({"kind": "duplicate_webhooks", "channel": CLIENT, "event": "BILLING.SUBSCRIPTION.ACTIVATED"}),
        json!({"kind": "reorder_webhooks", "channel": CLIENT, "window": 3}),
    ] {
        paypal.world.fault(fault).await;
    }
    paypal.order(&id, "approve", json!({})).await;
    assert_eq!(
        paypal.events().await[1..],
        [
            "PAYMENT.SALE.COMPLETED",
            "BILLING.SUBSCRIPTION.ACTIVATED",
            "BILLING.SUBSCRIPTION.ACTIVATED",
        ]
    );
}
