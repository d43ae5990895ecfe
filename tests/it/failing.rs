//! When the provider fails: tried again, or told and mailed, never sent twice.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;

use crate::{
    Case,
    world::{World, interactive, text},
};

const TO: &str = "+97300000202";

pub fn cases() -> Vec<Case> {
    vec![
        (
            "failing::a_server_error_is_looked_up_and_tried_again",
            server_error,
        ),
        (
            "failing::a_lost_answer_is_found_and_not_sent_again",
            lost_answer,
        ),
        ("failing::a_terminal_failure_is_one_mail", mailed),
        ("failing::a_rate_limit_defers", rate_limited),
        ("failing::a_failed_message_is_sent_again_by_hand", by_hand),
        (
            "failing::a_poisoned_record_does_not_stop_the_lanes",
            poisoned,
        ),
    ]
}

/// Provider 500, then retry: unknown, proven absent by the look-up, tried again by the policy.
fn server_error(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("wobbly", json!([])).await;
        acme.fault(json!({"kind": "status", "code": 500, "path": "/messages/text"}))
            .await;
        let sent = acme.send(&text(TO, "Try again")).await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(sent["status"], "pending", "{sent}");
        acme.age(id, SignedDuration::from_mins(2)).await;
        world.sweep().await;
        let failed = acme.until_status(id, "failed").await;
        assert_eq!(failed["error"]["code"], "NOT_ACCEPTED");
        assert!(failed["next_attempt_at"].is_string(), "{failed}");
        acme.age(id, SignedDuration::from_mins(40)).await;
        world.sweep().await;
        let shown = acme.until_status(id, "sent").await;
        assert_eq!(
            (shown["retry_count"].as_u64(), acme.taken().len()),
            (Some(1), 1)
        );
        acme.until_total(sent["job_id"].as_str().unwrap(), "sent")
            .await;
    });
}

/// Timeouts after acceptance: the worst case. It was sent; it must not be sent again.
fn lost_answer(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("silent", json!([])).await;
        acme.fault(json!({"kind": "reset_after_accept"})).await;
        let sent = acme.send(&interactive(TO)).await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(sent["status"], "pending", "{sent}");
        acme.age(id, SignedDuration::from_mins(2)).await;
        world.sweep().await;
        let shown = acme.until_status(id, "sent").await;
        assert_eq!(shown["provider_message_id"], acme.taken()[0].id.as_str());
        assert_eq!(acme.requests(), 1);
    });
}

/// S1.149, S1.150.
fn mailed(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("refused", json!([])).await;
        acme.fault(json!({"kind": "status", "code": 400, "message": "wrong parameters"}))
            .await;
        let sent = acme.send(&interactive(TO)).await;
        assert_eq!(
            (&sent["status"], &sent["error"]["code"]),
            (&json!("failed"), &json!("INVALID_REQUEST"))
        );
        let address = "failures@refused.example";
        let mails = world
            .until("the failure is mailed", async || {
                let mails = world.mails(address).await;
                (!mails.is_empty()).then_some(mails)
            })
            .await;
        let mail = mails[0].to_string();
        assert!(
            mail.contains("WhatsApp Message Failed - Interactive"),
            "{mail}"
        );
        let fields = [
            "Customer: Ada Example",
            "WhatsApp: +97300000202",
            "Message Type: Interactive",
            "Trigger: Manual",
            "Failure Reason: ",
            "Timestamp: ",
            "Retry Count: 0",
        ];
        let places: Vec<_> = fields
            .iter()
            .map(|field| mail.find(field).expect(field))
            .collect();
        assert!(places.is_sorted(), "{mail}");
        for _ in 0..2 {
            world.sweep().await;
        }
        assert_eq!(world.mails(address).await.len(), 1);
    });
}

fn rate_limited(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("hurried", json!([])).await;
        acme.fault(json!({"kind": "status", "code": 429, "retry_after": 120}))
            .await;
        let sent = acme.send(&text(TO, "Slowly")).await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(
            (&sent["status"], &sent["retry_count"]),
            (&json!("queued"), &json!(0))
        );
        acme.age(id, SignedDuration::from_mins(3)).await;
        world.sweep().await;
        let shown = acme.until_status(id, "sent").await;
        assert_eq!(shown["retry_count"], 0);
    });
}

fn by_hand(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("stubborn", json!([])).await;
        acme.fault(json!({"kind": "status", "code": 403})).await;
        let mut body = text(TO, "Once more");
        body["retry"] = json!(false);
        let sent = acme.send(&body).await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(sent["status"], "failed");
        let retried = acme
            .api
            .post(&format!("/v1/messages/{id}/retry"), &json!({}))
            .await
            .unwrap();
        assert_eq!(retried.status, 202, "{}", retried.body);
        acme.until_status(id, "sent").await;
        let again = acme
            .api
            .post(&format!("/v1/messages/{id}/retry"), &json!({}))
            .await
            .unwrap();
        assert_eq!(
            (again.status, &again.body["error"]["details"]["reason"]),
            (409, &json!("ALREADY_SENT"))
        );
        assert_eq!(acme.requests(), 2);
    });
}

/// hazards.md, "Bad inputs", queue: bodies nobody understands, in front of a good one in its own lane.
/// They are put aside for people and block nobody.
fn poisoned(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("poison", json!([])).await;
        let lane = format!("{}-0", acme.seeded.channel.id.key());
        let bodies = ["{", "{\"v\":99,\"task\":\"message\"}", "\u{fffd}", "[]"];
        for (n, body) in bodies.iter().enumerate() {
            world
                .put_into_lane(&lane, &format!("poison-{n}"), body)
                .await;
        }
        let sent = acme.send_to_lane(&text(TO, "Behind the poison")).await;
        acme.until_status(sent["id"].as_str().unwrap(), "sent")
            .await;
        world
            .until("all four are put aside", async || {
                (world.dead_letters().await == bodies.len()).then_some(())
            })
            .await;
    });
}
