//! Tokens and subscriptions.

use serde_json::{Value, json};

use super::{CLIENT, PLAN, PayPal, SECRET};

#[tokio::test]
async fn a_token_needs_the_secret_and_can_end() {
    let paypal = PayPal::start().await;
    let (status, answer) = paypal.ask_token("wrong").await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
    let id = paypal.subscribed("one").await;
    let path = format!("/v1/billing/subscriptions/{id}");
    assert_eq!(paypal.get(&path).await.0, 200);
    let end = format!("/paypal/apps/{CLIENT}/end-tokens");
    paypal.world.order("POST", &end, &Value::Null).await;
    let (status, answer) = paypal.get(&path).await;
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_token")));
    // Neither the secret nor a token is shown to those who read the journal.
    let shown = paypal
        .world
        .order("GET", "/requests?provider=paypal", &Value::Null)
        .await
        .to_string();
    assert!(shown.contains("oauth2") && !shown.contains(SECRET));
    assert!(!shown.contains(&paypal.token), "{shown}");
}

#[tokio::test]
async fn a_subscription_is_made_once_for_a_request_id() {
    let paypal = PayPal::start().await;
    let (status, made) = paypal.subscribe("request-1").await.unwrap();
    assert_eq!((status, &made["status"]), (201, &json!("APPROVAL_PENDING")));
    let rel = |link: &&Value| link["rel"] == "approve";
    let approve = made["links"].as_array().unwrap().iter().find(rel).unwrap();
    assert!(approve["href"].as_str().unwrap().contains("ba_token=BA-"));
    let (status, again) = paypal.subscribe("request-1").await.unwrap();
    assert_eq!((status, &again), (200, &made));
    let other = paypal.subscribed("request-2").await;
    assert_ne!(made["id"], other);
    assert_eq!(paypal.world.sandbox.paypal_subscriptions().len(), 2);
    assert_eq!(paypal.events().await, ["BILLING.SUBSCRIPTION.CREATED"; 2]);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_answered_the_second_time() {
    let paypal = PayPal::start().await;
    let fault = json!({"kind": "reset_after_accept", "channel": CLIENT,
        "path": "/paypal/v1/billing/subscriptions"});
    paypal.world.fault(fault).await;
    assert_eq!(paypal.subscribe("request-1").await, None);
    let kept = paypal.world.sandbox.paypal_subscriptions();
    let (status, answer) = paypal.subscribe("request-1").await.unwrap();
    assert_eq!((status, &answer["id"]), (200, &json!(kept[0].id)));
    assert_eq!((kept.len(), paypal.world.sandbox.faults().len()), (1, 0));

    // Before it was accepted, nothing is there.
    let fault = json!({"kind": "status", "code": 503, "channel": CLIENT});
    paypal.world.fault(fault).await;
    let (status, answer) = paypal.subscribe("request-2").await.unwrap();
    assert_eq!(
        (status, &answer["name"]),
        (503, &json!("SERVICE_UNAVAILABLE"))
    );
    assert_eq!(paypal.world.sandbox.paypal_subscriptions().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let paypal = PayPal::start().await;
    for (body, status) in [
        (json!({"custom_id": "one"}), 400),
        (json!({"plan_id": "P-NOBODYS"}), 404),
        (json!({"plan_id": PLAN, "custom_id": "x".repeat(128)}), 400),
    ] {
        let path = "/v1/billing/subscriptions";
        let answer = paypal.post(path, "odd", body.to_string()).await.unwrap();
        assert_eq!(answer.0, status, "{body} {}", answer.1);
    }
    assert_eq!(paypal.get("/v1/billing/subscriptions/I-NONE").await.0, 404);
    assert_eq!(paypal.get("/v1/billing/plans").await.0, 404);
    assert!(paypal.world.sandbox.paypal_subscriptions().is_empty());
}

#[tokio::test]
async fn only_what_runs_can_be_cancelled() {
    let paypal = PayPal::start().await;
    let id = paypal.subscribed("one").await;
    let path = format!("/v1/billing/subscriptions/{id}/cancel");
    let cancel = async |reason: &str| {
        let body = json!({"reason": reason}).to_string();
        paypal.post(&path, "cancel-1", body).await.unwrap()
    };
    let (status, answer) = cancel("No longer needed").await;
    let issue = &answer["details"][0]["issue"];
    assert_eq!(
        (status, issue),
        (422, &json!("SUBSCRIPTION_STATUS_INVALID"))
    );
    paypal.order(&id, "approve", json!({})).await;
    assert_eq!(cancel("").await.0, 400);
    assert_eq!(cancel("No longer needed").await.0, 204);
    assert_eq!(cancel("No longer needed").await.0, 422);
    assert_eq!(
        paypal.events().await,
        [
            "BILLING.SUBSCRIPTION.CREATED",
            "BILLING.SUBSCRIPTION.ACTIVATED",
            "PAYMENT.SALE.COMPLETED",
            "BILLING.SUBSCRIPTION.CANCELLED",
        ]
    );
}
