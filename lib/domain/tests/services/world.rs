//! A small world: two companies, a provider that takes everything, and hands to move it with.

use domain::{
    failure::AppFailure,
    ids::{JobId, MessageId},
    job::Totals,
    message::Message,
    ports::Task,
    principal::Role,
    provider::{ProviderKind, RawWebhook, WireResponse},
    service::{
        accept::{Accept, Accepted, Draft, IdempotencyKey},
        attempt::{Attempt, Worked},
        bulk::Expand,
        change::Change,
        happening::Happening,
        ingest::{Ingest, Ingested},
        lane::{Lane, Paced},
        linked::Linked,
        media::Copying,
        notify::Notify,
        outbox, projections,
        send::{self, FirstAttempt},
        sweep::{Sweep, Swept},
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    builders::{Company, WEBHOOK_SECRET},
    fakes::{FakeClock, FakeFiles, FakeGate, FakeLanes, FakeMailer, FakePacer, FakeVault},
    memory::MemoryStore,
};

pub struct World {
    pub store: MemoryStore,
    pub lanes: FakeLanes,
    pub vault: FakeVault,
    pub gate: FakeGate,
    pub files: FakeFiles,
    pub mailer: FakeMailer,
    pub pacer: FakePacer,
    pub clock: FakeClock,
    pub acme: Company,
    pub other: Company,
}

pub fn answer(status: u16, body: &Value) -> WireResponse {
    WireResponse {
        status,
        retry_after_seconds: None,
        body: body.to_string().into_bytes(),
    }
}

/// What the provider calls the n-th message it takes.
pub fn provider_id(n: usize) -> String {
    format!("aB3dE{n:04}-wAbCdEf")
}

pub fn taken(n: usize) -> WireResponse {
    answer(
        200,
        &json!({"sent": true, "message": {"id": provider_id(n), "status": "pending", "type": "interactive",
            "chat_id": "97300000001@s.whatsapp.net", "from_me": true, "timestamp": 1_795_170_600, "source": "api"}}),
    )
}

impl World {
    pub fn new() -> Self {
        let world = Self {
            store: MemoryStore::new(),
            lanes: FakeLanes::default(),
            vault: FakeVault,
            gate: FakeGate::answering(|request, count| {
                if request.path.starts_with("/messages/list") {
                    return Ok(answer(
                        200,
                        &json!({"messages": [], "count": 100, "total": 0}),
                    ));
                }
                Ok(taken(count))
            }),
            files: FakeFiles::default(),
            mailer: FakeMailer::default(),
            pacer: FakePacer::default(),
            clock: FakeClock::at("2026-11-20T10:30:00Z"),
            acme: Company::named("acme"),
            other: Company::named("other"),
        };
        for company in [&world.acme, &world.other] {
            let mut state = world.store.state();
            let tenant = company.tenant.id;
            state.tenants.insert(tenant, company.tenant.clone());
            state
                .channels
                .insert((tenant, company.channel.id), company.channel.clone());
        }
        world
    }

    pub fn accept(&self) -> Accept<'_, MemoryStore, FakeLanes, FakeClock> {
        Accept {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn attempt(&self) -> Attempt<'_, MemoryStore, FakeVault, FakeGate, FakeLanes, FakeClock> {
        Attempt {
            store: &self.store,
            vault: &self.vault,
            gate: &self.gate,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn ingest(&self) -> Ingest<'_, MemoryStore, MemoryStore, FakeLanes, FakeClock> {
        Ingest {
            store: &self.store,
            files: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn change(&self) -> Change<'_, MemoryStore, FakeClock> {
        Change {
            store: &self.store,
            clock: &self.clock,
        }
    }

    /// Accepts a draft of Acme's manager and attempts it at once.
    pub async fn send(&self, draft: Draft) -> Result<Accepted, AppFailure> {
        self.send_with(draft, None, FirstAttempt::Here).await
    }

    pub async fn send_with(
        &self,
        draft: Draft,
        key: Option<&IdempotencyKey>,
        first: FirstAttempt,
    ) -> Result<Accepted, AppFailure> {
        let manager = self.acme.user(Role::Manager);
        send::send(&self.accept(), &self.attempt(), &manager, draft, key, first).await
    }

    pub async fn work(&self, id: MessageId) -> Worked {
        self.attempt().run(self.acme.tenant.id, id).await.unwrap()
    }

    pub async fn sweep(&self) -> Swept {
        let sweep = Sweep {
            store: &self.store,
            lanes: &self.lanes,
            ingest: self.ingest(),
            clock: &self.clock,
        };
        sweep.run().await.unwrap()
    }

    /// Does everything that waits in the lanes.
    pub async fn drain(&self) {
        while let Some(task) = self.lanes.take() {
            self.task(&task).await;
        }
    }

    pub async fn task(&self, task: &Task) {
        let gate = Linked {
            gate: &self.gate,
            files: &self.store,
        };
        let gate = Paced {
            gate: &gate,
            pacer: &self.pacer,
        };
        let lane = Lane {
            happening: Happening {
                accept: self.accept(),
                documents: &self.files,
                files: &self.store,
            },
            attempt: Attempt {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                lanes: &self.lanes,
                clock: &self.clock,
                adapters: providers::adapter,
            },
            notify: Notify {
                store: &self.store,
                mailer: &self.mailer,
                clock: &self.clock,
            },
            expand: Expand {
                store: &self.store,
                lanes: &self.lanes,
                clock: &self.clock,
            },
            copying: Copying {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                files: &self.files,
                media: &self.store,
                clock: &self.clock,
                adapters: providers::adapter,
            },
        };
        // A failing task comes again by its due time.
        let _ = lane.work(&task.clone()).await;
    }

    /// Minutes go by: the sweep runs in each, and the lanes are worked.
    pub async fn minutes(&self, minutes: u32) {
        for _ in 0..minutes {
            self.clock.advance(SignedDuration::from_mins(1));
            self.sweep().await;
            self.drain().await;
        }
    }

    pub async fn webhook(&self, body: &Value) -> Ingested {
        self.webhook_with(body.to_string().into_bytes(), Some(WEBHOOK_SECRET))
            .await
            .unwrap()
    }

    pub async fn webhook_with(
        &self,
        body: Vec<u8>,
        secret: Option<&str>,
    ) -> Result<Ingested, AppFailure> {
        let key = &self.acme.channel.key;
        let raw = RawWebhook {
            key: Some(key.clone()),
            headers: secret
                .map(|s| ("x-webhook-secret".to_owned(), s.as_bytes().to_vec()))
                .into_iter()
                .collect(),
            body,
        };
        self.ingest()
            .run(&self.vault, ProviderKind::Whapi, Some(key), &raw)
            .await
    }

    pub async fn status(&self, id: &str, status: &str) -> Ingested {
        self.webhook(&statuses(&[(id, status)])).await
    }

    pub async fn project(&self) {
        let changes = self.store.drain_stream();
        projections::project(&self.store, &changes).await.unwrap();
    }

    pub async fn totals(&self, job: JobId) -> Totals {
        self.project().await;
        outbox::job(&self.store, &self.acme.user(Role::Viewer), job)
            .await
            .unwrap()
            .totals
    }

    pub fn message(&self, id: MessageId) -> Message {
        self.store.state().messages[&(self.acme.tenant.id, id)].clone()
    }

    /// How many sends the provider saw (look-ups aside).
    pub fn sends(&self) -> usize {
        self.gate
            .sent()
            .iter()
            .filter(|(_, request)| !request.path.starts_with("/messages/list"))
            .count()
    }

    /// Everything countable agrees with the messages.
    pub async fn assert_consistent(&self) {
        self.project().await;
        let state = self.store.state();
        for ((tenant, day), used) in &state.usage {
            let counted = state
                .messages
                .values()
                .filter(|m| {
                    m.tenant == *tenant && m.usage_day == *day && m.facts.cancelled.is_none()
                })
                .count();
            assert_eq!(*used as usize, counted, "usage drift");
        }
        for message in state.messages.values() {
            let number = message.row / domain::job::BOARD_ROWS;
            let board = &state.boards[&(message.tenant, message.job, number)].0;
            assert_eq!(board.status(message.row), message.status(), "counter drift");
        }
    }
}

pub fn statuses(items: &[(&str, &str)]) -> Value {
    let items: Vec<_> = items
        .iter()
        .map(|(id, status)| {
            json!({"id": id, "status": status, "code": 3, "recipient_id": "97300000001@s.whatsapp.net",
                "timestamp": "1795170660"})
        })
        .collect();
    json!({"statuses": items, "event": {"type": "statuses", "event": "post"}, "channel_id": "FALCON-T35T1"})
}

pub fn messages(items: &[Value]) -> Value {
    json!({"messages": items, "event": {"type": "messages", "event": "post"}, "channel_id": "FALCON-T35T1"})
}

pub fn inbound(id: &str, mut rest: Value) -> Value {
    let base = json!({"id": id, "from_me": false, "chat_id": "97300000001@s.whatsapp.net",
        "timestamp": 1_795_170_700, "source": "mobile", "from": "97300000001", "from_name": "Ada Example"});
    for (name, value) in base.as_object().unwrap() {
        rest.as_object_mut()
            .unwrap()
            .entry(name.clone())
            .or_insert_with(|| value.clone());
    }
    rest
}

pub fn press(id: &str, quoted: Option<&str>, button: &str, title: &str) -> Value {
    let mut press = json!({"type": "reply", "reply": {"type": "buttons_reply",
        "buttons_reply": {"id": format!("ButtonsV3:{button}"), "title": title}}});
    if let Some(quoted) = quoted {
        press["context"] = json!({"quoted_id": quoted, "quoted_type": "hsm"});
    }
    inbound(id, press)
}

pub fn text(id: &str, body: &str) -> Value {
    inbound(id, json!({"type": "text", "text": {"body": body}}))
}
