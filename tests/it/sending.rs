//! The main job: accepted, sent, delivered, answered.

use std::sync::Arc;

use domain::{ports::Acceptances, principal::Role, service::accept::Accept};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::json;
use testkit::fakes::FakeLanes;

use crate::{
    Case,
    world::{Company, World, interactive, text},
};

const TO: &str = "+97300000101";

pub fn cases() -> Vec<Case> {
    vec![
        (
            "sending::a_message_is_sent_delivered_and_answered",
            answered,
        ),
        ("sending::a_message_left_to_its_lane_is_sent", from_the_lane),
        (
            "sending::a_scheduled_message_leaves_by_the_sweep",
            scheduled,
        ),
        (
            "sending::a_lost_hand_over_is_found_by_the_sweep",
            lost_hand_over,
        ),
        (
            "sending::a_status_before_the_answer_is_not_lost",
            early_status,
        ),
        ("sending::the_same_key_makes_one_message", idempotent),
        ("sending::a_queued_message_is_cancelled", cancelled),
        ("sending::jobs_are_listed_newest_first_in_pages", listed),
    ]
}

/// S0.1–S0.12, S0.31–S0.35, S0.40, S0.41: the whole way, over HTTP.
fn answered(world: Arc<World>) {
    world.clone().block_on(async {
        let automatic = json!([
            {"after_ms": 50, "action": "sent"}, {"after_ms": 150, "action": "delivered"},
            {"after_ms": 250, "action": "read"}, {"after_ms": 350, "action": "press:0"},
        ]);
        let acme = world.company("acme", automatic).await;
        let sent = acme.send(&interactive(TO)).await;
        assert_eq!(sent["status"], "sent", "{sent}");
        let id = sent["id"].as_str().unwrap();
        let totals = acme
            .until_total(sent["job_id"].as_str().unwrap(), "replied")
            .await;
        assert_eq!(totals["queued"], 0);

        let shown = acme.shown(id).await;
        assert_eq!(shown["status"], "replied");
        assert_eq!(shown["last_reply"]["title"], "Confirmed");
        assert_eq!(shown["last_reply"]["button_id"], "btn1");
        assert_eq!(shown["last_reply_at"], shown["last_reply"]["at"]);
        for time in ["accepted_at", "sent_at", "delivered_at", "read_at"] {
            assert!(shown[time].is_string(), "{time}: {shown}");
        }
        // The stored payload is what the provider received, under the channel's own token.
        let requests = world.sandbox.requests(Some(&acme.seeded.token));
        let send = requests.iter().find(|r| r.method == "POST").unwrap();
        assert_eq!(send.path, "/messages/interactive");
        assert_eq!(shown["payload"]["body"], send.body);
        assert_eq!(
            acme.taken()[0].id,
            shown["provider_message_id"].as_str().unwrap()
        );

        let timeline = acme.get(&format!("/v1/messages/{id}/timeline")).await;
        let events: Vec<_> = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["event"].clone())
            .collect();
        for event in ["queued", "accepted", "sent", "delivered", "read", "replied"] {
            assert!(events.contains(&json!(event)), "{events:?}");
        }
    });
}

/// S0.44, S0.45: what a program sends (a chatbot's answer, say) goes the same way as what a person
/// sends, with the channel's own token. Sending in bulk is a later issue's.
fn from_the_lane(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("lane", json!([])).await;
        let mut body = text(TO, "Through the lane");
        body["trigger"] = json!("auto");
        let sent = acme.send_to_lane(&body).await;
        assert_eq!(sent["status"], "queued");
        acme.until_status(sent["id"].as_str().unwrap(), "sent")
            .await;
        assert_eq!(acme.taken().len(), 1);
    });
}

/// S2.42: not before its time, and then without anybody asking.
fn scheduled(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("later", json!([])).await;
        let at = Timestamp::now() + SignedDuration::from_hours(3);
        let mut body = text(TO, "Later");
        body["scheduled_for"] = json!(at.to_string());
        let sent = acme.send(&body).await;
        let id = sent["id"].as_str().unwrap();
        world.sweep().await;
        assert_eq!(acme.shown(id).await["status"], "queued");
        acme.age(id, SignedDuration::from_hours(3)).await;
        world.sweep().await;
        let shown = acme.until_status(id, "sent").await;
        assert_eq!(shown["trigger"], "scheduled");
        assert_eq!(acme.taken().len(), 1);
    });
}

/// Accepted, and then the process died: nobody was told. The sweep finds it.
fn lost_hand_over(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("lost", json!([])).await;
        let store = &world.worlds.store;
        let nowhere = FakeLanes::default();
        let accept = Accept {
            store,
            lanes: &nowhere,
            clock: &testkit::fakes::FakeClock::at(&Timestamp::now().to_string()),
            adapters: providers_of_the_stack,
        };
        let manager = domain::principal::Principal::verified(
            acme.seeded.tenant.id,
            domain::ids::UserId::new("crashed"),
            Role::Manager,
        );
        let draft = testkit::builders::text_draft(TO, "Nobody was told");
        let message = accept.run(&manager, draft, None).await.unwrap().message;
        let id = message.id.to_string();
        acme.age(&id, SignedDuration::from_mins(2)).await;
        world.sweep().await;
        acme.until_status(&id, "sent").await;
        assert_eq!(acme.taken().len(), 1);
        let used = store
            .used(acme.seeded.tenant.id, message.usage_day)
            .await
            .unwrap();
        assert_eq!(used, 1);
    });
}

fn providers_of_the_stack(
    kind: domain::provider::ProviderKind,
) -> &'static dyn domain::provider::Adapter {
    providers::adapter(kind)
}

fn early_status(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("early", json!([])).await;
        acme.fault(json!({"kind": "early_status", "statuses": ["sent", "delivered"]}))
            .await;
        let sent = acme.send(&text(TO, "Early")).await;
        acme.until_status(sent["id"].as_str().unwrap(), "delivered")
            .await;
    });
}

async fn send_with_key(
    acme: &Company,
    key: &str,
    body: &serde_json::Value,
) -> xtask::client::Answer {
    acme.api
        .call(
            Method::POST,
            "/v1/messages",
            &[("idempotency-key", key)],
            Some(body.to_string()),
        )
        .await
        .unwrap()
}

fn idempotent(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("twice", json!([])).await;
        let body = text(TO, "Once");
        let first = send_with_key(&acme, "order-1", &body).await;
        assert_eq!((first.status, first.replayed), (201, false));
        let again = send_with_key(&acme, "order-1", &body).await;
        assert_eq!((again.status, again.replayed), (200, true));
        assert_eq!(first.body["data"]["id"], again.body["data"]["id"]);
        let other = send_with_key(&acme, "order-1", &text(TO, "Another")).await;
        assert_eq!(
            (other.status, &other.body["error"]["code"]),
            (409, &json!("CONFLICT"))
        );
        assert_eq!(acme.taken().len(), 1);

        // At once, from many sides.
        let body = text(TO, "At once");
        let calls = (0..8).map(|_| send_with_key(&acme, "order-2", &body));
        let mut ids = Vec::new();
        for answer in join_all(calls).await {
            ids.push(answer.body["data"]["id"].clone());
        }
        ids.dedup();
        assert_eq!((ids.len(), acme.taken().len()), (1, 2));
    });
}

fn cancelled(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("withdrawn", json!([])).await;
        let mut body = text(TO, "Never");
        body["scheduled_for"] =
            json!((Timestamp::now() + SignedDuration::from_hours(5)).to_string());
        let sent = acme.send(&body).await;
        let id = sent["id"].as_str().unwrap();
        let answer = acme
            .api
            .post(&format!("/v1/messages/{id}/cancel"), &json!({}))
            .await
            .unwrap();
        assert_eq!(answer.data().unwrap()["status"], "cancelled");
        acme.until_total(sent["job_id"].as_str().unwrap(), "cancelled")
            .await;
        let refused = acme
            .api
            .post(&format!("/v1/messages/{id}/retry"), &json!({}))
            .await
            .unwrap();
        assert_eq!(
            (refused.status, &refused.body["error"]["details"]["reason"]),
            (409, &json!("CANCELLED"))
        );
    });
}

fn listed(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("pages", json!([])).await;
        let mut jobs = Vec::new();
        for n in 0..5 {
            jobs.push(acme.send(&text(TO, &format!("Message {n}"))).await["job_id"].clone());
        }
        jobs.reverse();
        let mut seen = Vec::new();
        let mut path = "/v1/jobs?limit=2".to_owned();
        loop {
            let page = acme.get(&path).await;
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|j| j["id"].clone()),
            );
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/jobs?limit=2&cursor={next}");
        }
        assert_eq!(seen, jobs);
        let job = jobs[0].as_str().unwrap();
        let messages = acme.get(&format!("/v1/jobs/{job}/messages")).await;
        assert_eq!(messages["items"].as_array().unwrap().len(), 1);

        let answer = acme
            .api
            .get(&format!("/v1/jobs/{job}/messages"))
            .await
            .unwrap();
        let etag = answer.etag.unwrap();
        let known = acme
            .api
            .call(
                Method::GET,
                &format!("/v1/jobs/{job}/messages"),
                &[("if-none-match", &etag)],
                None,
            )
            .await
            .unwrap();
        assert_eq!(known.status, 304);
    });
}
