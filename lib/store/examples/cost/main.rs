//! What operations cost in DynamoDB's capacity units, measured by running the real services on the
//! embedded database with every request metered. `cargo xtask measure cost` runs it; it fails when a
//! bar of design.md §14 is missed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program: its figures go to standard output, and a broken step stops it"
)]

mod bulk;
mod inbox;
mod life;

use std::process::ExitCode;

use domain::{
    message::Message,
    principal::{Principal, Role},
    provider::{ProviderKind, RawWebhook, WireResponse},
    service::{
        accept::{Accept, Draft, IdempotencyKey},
        attempt::Attempt,
        ingest::Ingest,
        projections::{MessageChange, project},
    },
};
use serde_json::{Value, json};
use store::Store;
use testkit::{
    builders::{Company, WEBHOOK_SECRET},
    database::Database,
    fakes::{FakeClock, FakeGate, FakeLanes, FakeVault},
    memory::MemoryStore,
    meter::Meter,
};

/// Write units from accept to sent, everything counted.
const BAR_SENT: u32 = 30;
/// Write units of each later status, everything counted.
const BAR_STATUS: u32 = 3;

/// Write units of a bulk message's whole life, and of the same without the journal.
const BAR_BULK: f64 = 16.0;
const BAR_BULK_BARE: f64 = 12.0;

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
                let id = life::provider_id(n);
                let body = json!({"sent": true, "message": {"id": id, "status": "pending"}});
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

    fn ingest(&self) -> Ingest<'_, Store, MemoryStore, FakeLanes, FakeClock> {
        Ingest {
            store: &self.store,
            files: &self.files,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    fn manager(&self) -> Principal {
        self.acme.user(Role::Manager)
    }

    async fn accept(&self, draft: Draft, key: Option<&str>) -> Message {
        let key = key.map(|key| IdempotencyKey::parse("POST /v1/messages", key, b"{}").unwrap());
        let accept = Accept {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        };
        accept
            .run(&self.manager(), draft, key.as_ref())
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
        let key = Some(self.acme.channel.key.clone());
        let raw = RawWebhook {
            key: key.clone(),
            headers: vec![("x-webhook-secret".into(), WEBHOOK_SECRET.into())],
            body: body.to_string().into_bytes(),
        };
        let taken = self
            .ingest()
            .run(&self.vault, ProviderKind::Whapi, key.as_ref(), &raw)
            .await
            .unwrap();
        assert!(!taken.unapplied, "{:?}", taken.verdicts);
    }

    fn units(&self, step: &str) -> u32 {
        self.meter.of(step).writes()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let database = Database::start().await;
    let world = World::start(&database).await;
    let (to_sent, later) = life::life(&world).await;
    life::others(&world).await;
    inbox::inbox(&world).await;
    let (bulk, journal) = bulk::bulk(&world).await;
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
    let each = |units: u32| f64::from(units) / f64::from(bulk::ROWS);
    let (whole_life, bare_life) = (each(bulk), each(bulk - journal));
    println!("A message of a bulk job, from accepted to read with three webhooks:");
    println!("  everything       {whole_life:>6.2} write units (bar {BAR_BULK})");
    println!("  without journal  {bare_life:>6.2} write units (bar {BAR_BULK_BARE})");
    let differing = world.meter.disagreements();
    for line in &differing {
        println!("the emulator counts differently: {line}");
    }
    let kept = to_sent <= BAR_SENT
        && later.iter().all(|(_, units)| *units <= BAR_STATUS)
        && whole_life <= BAR_BULK
        && bare_life <= BAR_BULK_BARE;
    if kept && differing.is_empty() {
        ExitCode::SUCCESS
    } else {
        println!("a bar is missed");
        ExitCode::FAILURE
    }
}
