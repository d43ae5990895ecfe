//! What operations cost in DynamoDB's capacity units, measured by running the real services on the
//! embedded database with every request metered. `cargo xtask measure cost` runs it; it fails when a
//! bar of design.md §14 is missed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program: its figures go to standard output, and a broken step stops it"
)]

use std::process::ExitCode;

use domain::{
    message::Message,
    ports::Clock,
    principal::Role,
    provider::{ProviderKind, RawWebhook, WireResponse},
    service::{
        accept::{Accept, Draft, IdempotencyKey},
        attempt::Attempt,
        change::Change,
        ingest::Ingest,
        outbox,
        projections::{MessageChange, project},
        sweep::Sweep,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Store;
use testkit::{
    builders::{Company, RECIPIENT, WEBHOOK_SECRET, interactive_draft, text_draft},
    database::Database,
    fakes::{FakeClock, FakeGate, FakeLanes, FakeVault},
    memory::MemoryStore,
    meter::Meter,
};

/// Write units from accept to sent, everything counted.
const BAR_SENT: u32 = 30;
/// Write units of each later status, everything counted.
const BAR_STATUS: u32 = 3;

struct World {
    meter: Meter,
    store: Store,
    files: MemoryStore,
    vault: FakeVault,
    gate: FakeGate,
    lanes: FakeLanes,
    clock: FakeClock,
    acme: Company,
}

impl World {
    async fn start(database: &Database) -> Self {
        let acme = Company::named("acme");
        let plain = database.store();
        plain.put_tenant(&acme.tenant).await.unwrap();
        plain.put_channel(&acme.channel).await.unwrap();
        let meter = Meter::start(database);
        Self {
            store: meter.store(database),
            meter,
            files: MemoryStore::new(),
            vault: FakeVault,
            gate: FakeGate::answering(|_, n| {
                let body =
                    json!({"sent": true, "message": {"id": provider_id(n), "status": "pending"}});
                Ok(WireResponse {
                    status: 200,
                    retry_after_seconds: None,
                    body: body.to_string().into_bytes(),
                })
            }),
            lanes: FakeLanes::default(),
            clock: FakeClock::at("2026-11-20T10:30:00Z"),
            acme,
        }
    }

    fn ingest(&self) -> Ingest<'_, Store, MemoryStore, FakeClock> {
        Ingest {
            store: &self.store,
            files: &self.files,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    async fn accept(&self, draft: Draft, key: Option<&str>) -> Message {
        let key = key.map(|key| IdempotencyKey::parse("POST /v1/messages", key, b"{}").unwrap());
        let accept = Accept {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        };
        let manager = self.acme.user(Role::Manager);
        accept
            .run(&manager, draft, key.as_ref())
            .await
            .unwrap()
            .message
    }

    async fn attempt(&self, message: &Message) -> Message {
        let attempt = Attempt {
            store: &self.store,
            vault: &self.vault,
            gate: &self.gate,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        };
        attempt.run(message.tenant, message.id).await.unwrap();
        self.read(message).await
    }

    async fn read(&self, message: &Message) -> Message {
        let unmetered = domain::ports::Messages::message(&self.store, message.tenant, message.id);
        unmetered.await.unwrap().unwrap()
    }

    /// The projector's write for one change, alone in its batch: the dearest case.
    async fn project(&self, message: &Message) {
        let change = MessageChange {
            tenant: message.tenant,
            job: message.job,
            row: domain::job::RowChange {
                row: message.row,
                version: message.version,
                status: message.status(),
            },
        };
        project(&self.store, &[change]).await.unwrap();
    }

    async fn webhook(&self, body: &Value) {
        let raw = RawWebhook {
            headers: vec![("x-webhook-secret".into(), WEBHOOK_SECRET.into())],
            body: body.to_string().into_bytes(),
        };
        let taken = self
            .ingest()
            .run(ProviderKind::Whapi, &self.acme.channel.key, &raw)
            .await
            .unwrap();
        assert!(!taken.unapplied, "{:?}", taken.verdicts);
    }

    fn units(&self, step: &str) -> u32 {
        self.meter.of(step).writes()
    }
}

fn provider_id(n: usize) -> String {
    format!("aB3dE{n:04}xYz-wAbCdEfGhIj")
}

fn status(id: &str, word: &str) -> Value {
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
async fn life(world: &World) -> (u32, Vec<(&'static str, u32)>) {
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
async fn others(world: &World) {
    let meter = &world.meter;
    let manager = world.acme.user(Role::Manager);
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
    outbox::payload(&world.store, &manager, message.id)
        .await
        .unwrap();
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let database = Database::start().await;
    let world = World::start(&database).await;
    let (to_sent, later) = life(&world).await;
    others(&world).await;
    println!("{}", world.meter.table());
    println!("A single interactive message to a new contact, with an idempotency key:");
    println!("  accept to sent   {to_sent:>3} write units (bar {BAR_SENT})");
    for (word, units) in &later {
        println!("  {word:<16} {units:>3} write units (bar {BAR_STATUS})");
    }
    let whole: u32 = to_sent + later.iter().map(|(_, units)| units).sum::<u32>();
    println!(
        "  accept to read   {whole:>3} write units; the floor is 4 (one item, four durable facts)"
    );
    let differing = world.meter.disagreements();
    for line in &differing {
        println!("the emulator counts differently: {line}");
    }
    let kept = to_sent <= BAR_SENT && later.iter().all(|(_, units)| *units <= BAR_STATUS);
    if kept && differing.is_empty() {
        ExitCode::SUCCESS
    } else {
        println!("a bar is missed");
        ExitCode::FAILURE
    }
}
