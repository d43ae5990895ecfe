//! Both ways, for each provider: a message goes out, its statuses come back in disorder and twice, the
//! person answers, an agent answers from the inbox, and everything that counts it agrees.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sandbox::{m360::M360Inbound, meta::MetaInbound, orders::StatusSpec};
use serde_json::{Value, json};

use crate::{
    Case,
    world::{Company, World, interactive, text},
};

const PERSON: &str = "97300000606";
const TO: &str = "+97300000606";

pub fn cases() -> Vec<Case> {
    vec![
        ("two_way::whapi_there_and_back", whapi),
        ("two_way::meta_there_and_back", meta),
        ("two_way::messenger360_there_and_back", m360),
        ("two_way::an_answer_that_fails_stays_in_the_thread", failing),
        ("two_way::who_writes_stop_is_left_alone", stopping),
    ]
}

/// A message of a company on a channel that somebody can answer by a button.
async fn asked(company: &Company, channel: &str, body: Value) -> Value {
    let mut body = body;
    body["channel_id"] = json!(channel);
    let sent = company.send(&body).await;
    assert_eq!(sent["status"], "sent", "{sent}");
    sent
}

/// What has to be true after the person answered once: counters, thread, unread; then the agent reads,
/// answers, takes and puts the conversation away, and the audit log tells all of it (S4.1–S4.8,
/// S4.41–S4.44, S4.50, S4.88–S4.91).
async fn worked(company: &Company, channel: &str, sent: &Value, replied: bool) {
    let id = sent["id"].as_str().unwrap();
    let shown = if replied { "replied" } else { "read" };
    company.until_status(id, shown).await;
    company
        .until_total(sent["job_id"].as_str().unwrap(), shown)
        .await;
    let conversation = company.conversation_with(channel, PERSON).await;
    let own = conversation["id"].as_str().unwrap();
    assert_eq!(conversation["unread_count"], 1, "{conversation}");
    let thread = company.thread(own).await;
    // The provider's time orders the thread, and it has whole seconds: within one, either may be first.
    let mut directions: Vec<_> = thread
        .iter()
        .map(|item| item["direction"].as_str())
        .collect();
    directions.sort_unstable();
    assert_eq!(
        directions,
        [Some("inbound"), Some("outbound")],
        "{thread:?}"
    );

    let path = format!("/v1/conversations/{own}");
    let read = company
        .api
        .post(&format!("{path}/read"), &json!({}))
        .await
        .unwrap();
    assert_eq!(read.status, 200, "{}", read.body);
    assert_eq!(company.get(&path).await["unread_count"], 0);
    let answered = company
        .api
        .post(
            &format!("{path}/messages"),
            &json!({"text": {"body": "At noon."}}),
        )
        .await
        .unwrap();
    assert_eq!(answered.status, 201, "{}", answered.body);
    assert_eq!(answered.data().unwrap()["status"], "sent");
    let put = async |below: &str, body: Value| {
        let answer = company.put(&format!("{path}/{below}"), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    put("assignee", json!({"assigned_to": "agent-7"})).await;
    put("status", json!({"status": "archived"})).await;
    let archived = company
        .get(&format!(
            "/v1/conversations?account_id={channel}&status=archived"
        ))
        .await;
    assert_eq!(archived["items"][0]["id"], own);
    let active = company
        .get(&format!("/v1/conversations?account_id={channel}"))
        .await;
    assert_eq!(active["items"], json!([]));
    let thread = company.thread(own).await;
    assert_eq!(thread.len(), 3, "{thread:?}");
    assert_eq!(
        (&thread[0]["direction"], &thread[0]["status"]),
        (&json!("outbound"), &json!("sent"))
    );

    let audit = company.get("/v1/audit?limit=100").await;
    let lines = audit["items"].as_array().unwrap();
    let find = |action: &str| {
        lines
            .iter()
            .find(|line| line["action"] == action)
            .unwrap_or_else(|| panic!("no `{action}` in {audit}"))
    };
    assert_eq!(find("mark_read")["before"]["unread"], "1");
    assert_eq!(find("mark_read")["entity_type"], "conversations");
    assert_eq!(find("assign")["after"]["assigned_to"], "agent-7");
    assert_eq!(find("archive")["after"]["status"], "archived");
    assert_eq!(
        find("send_success")["entity"],
        answered.data().unwrap()["id"]
    );
    let attempt = find("send_attempt");
    assert_eq!(attempt["after"]["conversation"], own);
    assert!(
        !attempt.to_string().contains(PERSON),
        "the number is masked: {attempt}"
    );
}

fn whapi(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("both-whapi", json!([])).await;
        let channel = acme.seeded.channel.id.to_string();
        let sent = asked(&acme, &channel, interactive(TO)).await;
        let id = sent["provider_message_id"].as_str().unwrap();
        for status in ["read", "sent", "delivered", "read", "sent"] {
            world.sandbox.status(id, &StatusSpec::of(status)).unwrap();
        }
        acme.control(
            &format!("/_sandbox/messages/{id}/press"),
            &json!({"button": 0}),
        )
        .await;
        worked(&acme, &channel, &sent, true).await;
    });
}

/// Outside of 24 hours Meta takes no free text: the person writes first.
async fn opened(company: &Company, number: &str, channel: &str) -> String {
    let hello = MetaInbound::text(number, PERSON, "Hello?");
    company.world.sandbox.meta_inbound(&hello).unwrap();
    let conversation = company.conversation_with(channel, PERSON).await;
    let own = conversation["id"].as_str().unwrap().to_owned();
    let read = format!("/v1/conversations/{own}/read");
    company.api.post(&read, &json!({})).await.unwrap();
    own
}

/// S2.17: statuses and what people write both come in by webhook.
fn meta(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("both-meta", json!([])).await;
        let at = acme.meta_own().await;
        // X45: not without a template, and nothing is stored for it.
        let mut body = interactive(TO);
        body["channel_id"] = json!(at.channel);
        let refused = acme.api.post("/v1/messages", &body).await.unwrap();
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert_eq!(refused.body["error"]["details"]["reason"], "WINDOW_CLOSED");
        let own = opened(&acme, &at.number, &at.channel).await;
        let sent = asked(&acme, &at.channel, interactive(TO)).await;
        let id = sent["provider_message_id"].as_str().unwrap();
        for status in ["read", "sent", "delivered", "read", "sent"] {
            world.sandbox.status(id, &StatusSpec::of(status)).unwrap();
        }
        acme.control(
            &format!("/_sandbox/messages/{id}/press"),
            &json!({"button": 0}),
        )
        .await;
        acme.until_status(sent["id"].as_str().unwrap(), "replied")
            .await;
        let thread = acme.thread(&own).await;
        assert_eq!(thread.len(), 3, "{thread:?}");
        let answered = acme
            .api
            .post(
                &format!("/v1/conversations/{own}/messages"),
                &json!({"text": {"body": "At noon."}}),
            )
            .await
            .unwrap();
        assert_eq!(answered.status, 201, "{}", answered.body);
        let conversation = acme.get(&format!("/v1/conversations/{own}")).await;
        assert_eq!(conversation["unread_count"], 1);
        acme.until_total(sent["job_id"].as_str().unwrap(), "replied")
            .await;
        let audit = acme.get("/v1/audit?limit=100").await.to_string();
        for action in ["create", "mark_read", "send_attempt", "send_success"] {
            assert!(
                audit.contains(&format!("\"{action}\"")),
                "no {action} in {audit}"
            );
        }
        assert!(!audit.contains(&at.token) && !audit.contains(&at.app_secret));
    });
}

fn m360(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("both-360", json!([])).await;
        let at = acme.m360().await;
        let sent = asked(
            &acme,
            &at.channel,
            text(TO, "Your parcel arrives tomorrow."),
        )
        .await;
        let id = sent["provider_message_id"].as_str().unwrap();
        // No webhook tells it: the provider is asked when the time has come.
        for status in ["sent", "delivered", "read"] {
            world.sandbox.status(id, &StatusSpec::of(status)).unwrap();
        }
        let own = sent["id"].as_str().unwrap();
        acme.age(own, SignedDuration::from_mins(5)).await;
        world.sweep().await;
        acme.until_status(own, "read").await;
        let answer = M360Inbound::chat(&at.key, PERSON, "Thank you");
        world.sandbox.m360_inbound(&answer).unwrap();
        world.sandbox.m360_inbound(&answer).unwrap();
        let inbox = acme.conversation_with(&at.channel, PERSON).await;
        let first = inbox["id"].as_str().unwrap().to_owned();
        world
            .until("both came", async || {
                (acme.thread(&first).await.len() == 3).then_some(())
            })
            .await;
        // Two different messages of the sandbox; a repeated one counts once.
        let read = format!("/v1/conversations/{first}/read");
        acme.api.post(&read, &json!({})).await.unwrap();
        let repeated = M360Inbound {
            repeat: Some(3),
            ..M360Inbound::chat(&at.key, PERSON, "Once")
        };
        world.sandbox.m360_inbound(&repeated).unwrap();
        let shown = world
            .until("the repeated one came", async || {
                let shown = acme.get(&format!("/v1/conversations/{first}")).await;
                (shown["unread_count"] != 0).then_some(shown)
            })
            .await;
        assert!(world.sandbox.idle(std::time::Duration::from_secs(60)).await);
        assert_eq!(shown["unread_count"], 1);
        assert_eq!(acme.thread(&first).await.len(), 4);
        let answered = acme
            .api
            .post(
                &format!("/v1/conversations/{first}/messages"),
                &json!({"text": {"body": "At noon."}}),
            )
            .await
            .unwrap();
        assert_eq!(answered.status, 201, "{}", answered.body);
        acme.until_total(sent["job_id"].as_str().unwrap(), "read")
            .await;
        assert!(
            !acme
                .get("/v1/audit?limit=100")
                .await
                .to_string()
                .contains(&at.key)
        );
    });
}

/// S4.45–S4.55, S4.84, S4.89: the bubble is there, the failure is told, nothing is tried again by itself,
/// and a person's retry sends it once.
fn failing(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("bubble", json!([])).await;
        let channel = acme.seeded.channel.id.to_string();
        acme.send(&text(TO, "Hello")).await;
        let conversation = acme.conversation_with(&channel, PERSON).await;
        let own = conversation["id"].as_str().unwrap();
        acme.fault(json!({"kind": "status", "code": 403})).await;
        let path = format!("/v1/conversations/{own}/messages");
        let failed = acme
            .api
            .post(&path, &json!({"text": {"body": "At noon."}}))
            .await
            .unwrap();
        let error = &failed.body["error"];
        assert_eq!(
            (failed.status, &error["code"], &error["retryable"]),
            (503, &json!("PROVIDER_ERROR"), &json!(true))
        );
        let id = error["details"]["message_id"].as_str().unwrap();
        let thread = acme.thread(own).await;
        assert_eq!(
            (&thread[0]["id"], &thread[0]["status"]),
            (&json!(id), &json!("failed"))
        );
        world.sweep().await;
        assert_eq!(acme.shown(id).await["status"], "failed");
        assert_eq!(acme.requests(), 2, "nothing is tried again by itself");
        let audit = acme.get("/v1/audit?limit=100").await.to_string();
        assert!(audit.contains("\"send_failed\""), "{audit}");
        let retried = acme
            .api
            .post(&format!("/v1/messages/{id}/retry"), &json!({}))
            .await
            .unwrap();
        assert_eq!(retried.status, 202, "{}", retried.body);
        acme.until_status(id, "sent").await;
        assert_eq!(acme.taken().len(), 2);
        let empty = acme
            .api
            .post(&path, &json!({"text": {"body": " "}}))
            .await
            .unwrap();
        assert_eq!(
            (empty.status, &empty.body["error"]["code"]),
            (422, &json!("VALIDATION"))
        );
    });
}

/// S2.48 and providers.md 2.9: a word alone ends it, for templates and texts alike, until they start.
fn stopping(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("stopping", json!([])).await;
        let channel = acme.seeded.channel.id.to_string();
        acme.send(&text(TO, "Hello")).await;
        let says = async |words: &str, later: i64, consent: &str| {
            // What is said later counts; the provider's clock has whole seconds.
            let at = Timestamp::now().as_second() + later;
            let order = json!({"token": acme.seeded.token, "from": PERSON, "type": "text",
                "text": words, "timestamp": at});
            acme.control("/_sandbox/inbound", &order).await;
            world
                .until(&format!("the consent is {consent}"), async || {
                    let found = acme.conversation_with(&channel, PERSON).await;
                    let id = found["contact"]["id"].as_str().unwrap().to_owned();
                    let contact = acme.get(&format!("/v1/contacts/{id}")).await;
                    (contact["consent"] == consent).then_some(())
                })
                .await;
        };
        says("STOP", 0, "stopped").await;
        let refused = acme
            .api
            .post("/v1/messages", &text(TO, "Once more"))
            .await
            .unwrap();
        assert_eq!(
            (refused.status, &refused.body["error"]["details"]["reason"]),
            (409, &json!("CONSENT_STOPPED"))
        );
        says("Start", 5, "given").await;
        acme.send(&text(TO, "Welcome back")).await;
        assert_eq!(acme.taken().len(), 2);
    });
}
