//! Webhooks through the function URL.

use std::sync::Arc;

use serde_json::json;

use crate::{
    Case,
    world::{World, interactive, text},
};

const TO: &str = "+97300000303";

pub fn cases() -> Vec<Case> {
    vec![
        ("webhooks::duplicates_and_disorder_change_nothing", disorder),
        ("webhooks::a_plain_title_is_a_press", title),
        (
            "webhooks::no_wrong_or_doubled_secret_is_refused",
            unauthenticated,
        ),
        (
            "webhooks::another_channels_secret_or_name_is_refused",
            foreign,
        ),
        (
            "webhooks::hostile_bodies_are_taken_and_change_nothing",
            hostile,
        ),
    ]
}

fn disorder(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("chaos", json!([])).await;
        acme.fault(json!({"kind": "duplicate_webhooks", "n": 2, "times": 4}))
            .await;
        let sent = acme.send(&interactive(TO)).await;
        let provider_id = sent["provider_message_id"].as_str().unwrap().to_owned();
        acme.control(
            &format!("/_sandbox/messages/{provider_id}/press"),
            &json!({"button": 1}),
        )
        .await;
        for status in ["read", "sent", "delivered", "read"] {
            let path = format!("/_sandbox/messages/{provider_id}/status");
            acme.control(&path, &json!({"status": status})).await;
        }
        let id = sent["id"].as_str().unwrap();
        world
            .until("every webhook was taken", async || {
                let shown = acme.shown(id).await;
                let all = ["sent_at", "delivered_at", "read_at", "last_reply_at"];
                all.iter()
                    .all(|time| shown[*time].is_string())
                    .then_some(())
            })
            .await;
        let shown = acme.shown(id).await;
        assert_eq!(
            (&shown["status"], &shown["last_reply"]["title"]),
            (&json!("replied"), &json!("Reschedule"))
        );
        acme.until_total(sent["job_id"].as_str().unwrap(), "replied")
            .await;
    });
}

fn title(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("title", json!([])).await;
        let sent = acme.send(&interactive(TO)).await;
        let provider_id = sent["provider_message_id"].as_str().unwrap();
        let path = format!("/_sandbox/messages/{provider_id}/press");
        acme.control(&path, &json!({"button": 0, "as": "title"}))
            .await;
        let shown = acme
            .until_status(sent["id"].as_str().unwrap(), "replied")
            .await;
        assert_eq!(shown["last_reply"]["button_id"], "btn1");
    });
}

fn read_status(channel: &str, id: &str) -> Vec<u8> {
    json!({"statuses": [{"id": id, "code": 4, "status": "read", "recipient_id": "97300000303@s.whatsapp.net",
        "timestamp": "1795170660"}], "event": {"type": "statuses", "event": "post"}, "channel_id": channel})
    .to_string()
    .into_bytes()
}

fn unauthenticated(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("guarded", json!([])).await;
        let sent = acme.send(&text(TO, "Hello")).await;
        let body = read_status(
            &acme.seeded.channel.provider_ref,
            sent["provider_message_id"].as_str().unwrap(),
        );
        let secret = acme.seeded.webhook_secret.as_str();
        let upper = secret.to_uppercase();
        let attempts: [&[(&str, &str)]; 6] = [
            &[],
            &[("x-webhook-secret", "")],
            &[("x-webhook-secret", "wrong")],
            &[("x-webhook-secret", &secret[1..])],
            &[("x-webhook-secret", &upper)],
            &[("x-webhook-secret", secret), ("x-webhook-secret", secret)],
        ];
        for headers in attempts {
            let answer = acme.webhook(&body, headers).await;
            assert_eq!(
                (answer.status, &answer.body["error"]["code"]),
                (401, &json!("UNAUTHORIZED"))
            );
        }
        assert_eq!(
            acme.shown(sent["id"].as_str().unwrap()).await["status"],
            "sent"
        );
        let good = acme.webhook(&body, &[("x-webhook-secret", secret)]).await;
        assert_eq!(good.status, 200);
        assert_eq!(
            acme.shown(sent["id"].as_str().unwrap()).await["status"],
            "read"
        );
    });
}

fn foreign(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("own", json!([])).await;
        let other = world.company("foreign", json!([])).await;
        let sent = acme.send(&text(TO, "Hello")).await;
        let id = sent["provider_message_id"].as_str().unwrap();
        let acmes = acme.seeded.channel.provider_ref.as_str();
        let others_secret = [("x-webhook-secret", other.seeded.webhook_secret.as_str())];
        let acmes_secret = [("x-webhook-secret", acme.seeded.webhook_secret.as_str())];
        // Another company's secret at this address; this address's secret with another channel's name.
        assert_eq!(
            acme.webhook(&read_status(acmes, id), &others_secret)
                .await
                .status,
            401
        );
        let others = other.seeded.channel.provider_ref.as_str();
        assert_eq!(
            acme.webhook(&read_status(others, id), &acmes_secret)
                .await
                .status,
            401
        );
        // The other company's own webhook about a message that is not theirs.
        assert_eq!(
            other
                .webhook(&read_status(others, id), &others_secret)
                .await
                .status,
            200
        );
        for path in [
            "/webhooks/whapi/nothing",
            "/webhooks/whapi/",
            "/webhooks/unknown/x",
            "/",
        ] {
            let answer = acme.webhook_to(path, b"{}", &acmes_secret).await;
            assert!(
                [401, 404].contains(&answer.status),
                "{path}: {}",
                answer.status
            );
        }
        let unknown = format!("/webhooks/whapi/{}", "a1".repeat(32));
        assert_eq!(
            acme.webhook_to(&unknown, b"{}", &acmes_secret).await.status,
            401
        );
        assert_eq!(
            acme.shown(sent["id"].as_str().unwrap()).await["status"],
            "sent"
        );
    });
}

/// hazards.md, "Bad inputs", webhook.
fn hostile(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("hostile", json!([])).await;
        let sent = acme.send(&text(TO, "Hello")).await;
        let id = sent["provider_message_id"].as_str().unwrap();
        let channel = acme.seeded.channel.provider_ref.as_str();
        let secret = [("x-webhook-secret", acme.seeded.webhook_secret.as_str())];
        let envelope = |items: &str| format!(r#"{{"statuses":{items},"event":{{"type":"statuses"}},"channel_id":"{channel}"}}"#);
        let bodies = [
            String::new(),
            "null".into(),
            "[]".into(),
            "{".into(),
            "\u{0}".into(),
            "[".repeat(50_000),
            envelope("1e400"),
            envelope(r#"[{"id":"\ud800","status":"read","timestamp":1}]"#),
            envelope(&format!(r#"[{{"id":"{}","status":"read","timestamp":"1795170660"}}]"#, "x".repeat(10_000))),
            envelope(&format!(r#"[{{"id":"{id}","status":"read","timestamp":-1}}]"#)),
            envelope(&format!(r#"[{{"id":"{id}","status":"read","timestamp":"253402300799000"}}]"#)),
            envelope(&format!(r#"[{{"id":"{id}","status":"teleported","timestamp":"1795170660"}}]"#)),
        ];
        for body in bodies {
            let answer = acme.webhook(body.as_bytes(), &secret).await;
            assert_eq!(answer.status, 200, "{body:.80}");
        }
        assert_eq!(acme.shown(sent["id"].as_str().unwrap()).await["status"], "sent");
        // A bad neighbour on each side of a good one.
        let mixed = envelope(&format!(
            r#"[{{"id":7,"status":[]}},{{"id":"{id}","status":"delivered","timestamp":"1795170660"}},null,1e400]"#
        ));
        assert_eq!(acme.webhook(mixed.as_bytes(), &secret).await.status, 200);
        assert_eq!(acme.shown(sent["id"].as_str().unwrap()).await["status"], "delivered");
        let large = vec![b' '; 3_600_000];
        assert_eq!(acme.webhook(&large, &secret).await.status, 413);
    });
}
