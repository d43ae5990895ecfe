//! The life of one message, and what else is done to messages and jobs.

use domain::{
    ports::Clock,
    service::{change::Change, outbox, sweep::Sweep},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::World;

/// What the provider calls the n-th message.
pub fn provider_id(n: usize) -> String {
    format!("aB3dE{n:04}xYz-wAbCdEfGhIj")
}

pub fn status(id: &str, word: &str) -> Value {
    json!({"statuses": [{"id": id, "code": 3, "status": word, "recipient_id": "97300000001@s.whatsapp.net",
        "timestamp": "1795170660"}], "event": {"type": "statuses", "event": "post"}, "channel_id": "FALCON-T35T1"})
}

fn press(id: &str) -> Value {
    json!({"messages": [{"id": "in-1-aBcDeF", "from_me": false, "type": "reply", "timestamp": 1_795_170_700,
        "chat_id": "97300000001@s.whatsapp.net", "from": "97300000001", "from_name": "Ada Example",
        "reply": {"type": "buttons_reply", "buttons_reply": {"id": "ButtonsV3:btn1", "title": "Confirmed"}},
        "context": {"quoted_id": id}}],
        "event": {"type": "messages", "event": "post"}, "channel_id": "FALCON-T35T1"})
}

/// The whole life of one interactive message to somebody new, with an idempotency key.
pub async fn life(world: &World) -> (u32, Vec<(&'static str, u32)>) {
    let meter = &world.meter;
    meter.step("accept");
    let message = world
        .accept(interactive_draft(RECIPIENT), Some("order-1"))
        .await;
    meter.step("attempt: claim, pointer, record");
    let sent = world.attempt(&message).await;
    meter.step("projector: pending");
    let mut pending = sent.clone();
    pending.version = 2;
    pending.facts.accepted.clear();
    pending.sending.phase = domain::message::Phase::Calling {
        lease: world.clock.now(),
    };
    world.project(&pending).await;
    meter.step("projector: sent");
    world.project(&sent).await;
    let steps = [
        "accept",
        "attempt: claim, pointer, record",
        "projector: pending",
        "projector: sent",
    ];
    let to_sent = steps.iter().map(|step| world.units(step)).sum();

    let id = provider_id(1);
    let mut later = Vec::new();
    for word in ["sent", "delivered", "read"] {
        meter.step(word);
        world.webhook(&status(&id, word)).await;
        let now = world.read(&message).await;
        if now.status() != domain::message::Status::Sent {
            // The stream tells the projector of shown statuses that changed; a `sent` is none.
            world.project(&now).await;
        }
        later.push((word, world.units(word)));
    }
    meter.step("press: inbound message, reply, journal, projector");
    world.webhook(&press(&id)).await;
    let now = world.read(&message).await;
    world.project(&now).await;
    (to_sent, later)
}

/// Everything else this table is asked for.
pub async fn others(world: &World) {
    let meter = &world.meter;
    let manager = world.manager();
    // Later than the press: a message older than its conversation's last one is written a second time,
    // without moving the conversation.
    world.clock.advance(SignedDuration::from_mins(5));
    meter.step("accept: known contact, no key");
    let message = world.accept(text_draft(RECIPIENT, "Hello"), None).await;
    meter.step("a repeated status");
    world.webhook(&status(&provider_id(1), "read")).await;
    meter.step("a status before its pointer (parked)");
    world
        .webhook(&status("nobody-knows-yet", "delivered"))
        .await;
    let mut later = text_draft(RECIPIENT, "Later");
    later.scheduled_for = Some((world.clock.now() + SignedDuration::from_hours(2)).to_string());
    meter.step("accept: scheduled");
    let scheduled = world.accept(later, None).await;
    meter.step("cancel");
    let change = Change {
        store: &world.store,
        clock: &world.clock,
    };
    change.cancel(&manager, scheduled.id).await.unwrap();
    meter.step("sweep: one lost hand-over found");
    world.clock.advance(SignedDuration::from_mins(2));
    let sweep = Sweep {
        store: &world.store,
        lanes: &world.lanes,
        ingest: world.ingest(),
        clock: &world.clock,
    };
    let swept = sweep.run().await.unwrap();
    assert_eq!(swept.handed_over, 1, "{swept:?}");
    meter.step("read a job with totals");
    outbox::job(&world.store, &manager, message.job)
        .await
        .unwrap();
    meter.step("read a page of jobs");
    outbox::jobs(&world.store, &manager, None, 20)
        .await
        .unwrap();
    meter.step("read a job's messages");
    outbox::job_messages(&world.store, &manager, message.job, None, 0, 20)
        .await
        .unwrap();
    meter.step("read a message");
    outbox::message(&world.store, &manager, message.id)
        .await
        .unwrap();
    meter.step("read a payload");
    outbox::payload(&world.store, providers::adapter, &manager, message.id)
        .await
        .unwrap();
}
