//! Bulk jobs as they are stored: rows, the opening transaction, runs.

mod rows;

use domain::{
    bulk::{FrozenRow, Run, RunState},
    ids::{ChannelId, JobId, MessageId, TenantId, UserId},
    job::Job,
    message::{Content, Context, Kind, Message, MessageType, RetryPolicy, Trigger},
    ports::{
        Acceptances, DUE_SHARDS, Due, DueThing, IdempotencyRecord, Opened, Opening, Outbox, Rows,
        Runs, Saved,
    },
};
use jiff::{SignedDuration, Timestamp};

use crate::world::{World, audit, later, start};

const LIMIT: u32 = 1_000;

fn row(n: u32) -> FrozenRow {
    FrozenRow {
        to: format!("+9733300{n:04}"),
        name: Some(format!("Person {n}")),
        parameters: [("city".to_owned(), format!("Town {n}"))].into(),
    }
}

pub fn some_rows(from: u32, until: u32) -> Vec<FrozenRow> {
    (from..until).map(row).collect()
}

impl World {
    pub fn opening(&self, size: u32) -> Opening {
        let job = JobId::fresh();
        Opening {
            job: Job {
                id: job,
                tenant: self.tenant,
                channel: self.channel,
                size,
                bulk: true,
                kind: Kind::Text,
                message_type: MessageType::Promotion,
                trigger: Trigger::Manual,
                created_at: start(),
                created_by: UserId::new("user-1"),
            },
            run: Run {
                job,
                tenant: self.tenant,
                channel: self.channel,
                state: RunState::Running,
                size,
                priority: 3,
                created_at: start(),
                scheduled_for: Some(later(60)),
                adopted: false,
                next: 0,
                settled: 0,
                usage_day: "2026-11-20".parse().unwrap(),
                cycle: "2026-11-01".parse().unwrap(),
                kind: Kind::Text,
                message_type: MessageType::Promotion,
                trigger: Trigger::Manual,
                policy: RetryPolicy::MANUAL,
                polled: true,
                context: Some(Context {
                    kind: "campaign".into(),
                    id: "spring".into(),
                }),
                left_out: 2,
                report: Some("jobs/report.csv".into()),
                due: Some(start()),
                version: 0,
            },
            content: Content::Text {
                body: "Dear {name}, we open in {city}.".into(),
            },
            daily_limit: LIMIT,
            bulk_limit: LIMIT,
            idempotency: None,
            audit: audit(start()),
        }
    }

    /// A stored job.
    pub async fn opened(&self, size: u32) -> Run {
        let opening = self.opening(size);
        let job = opening.run.job;
        for (chunk, from) in (0_u32..).zip((0..size).step_by(100)) {
            let some = some_rows(from, (from + 100).min(size));
            let kept = self
                .store
                .keep_rows(self.tenant, job, chunk, &some, later(3_600));
            kept.await.unwrap();
        }
        assert_eq!(self.store.open(&opening).await.unwrap(), Opened::Done);
        Run {
            version: 1,
            ..opening.run
        }
    }

    /// The message of a row, as a pass makes it.
    pub fn row_of(&self, run: &Run, row: u32) -> Message {
        let mut message = self.message(later(1));
        message.id = MessageId::of_row(run.job, row);
        (message.job, message.row) = (run.job, row);
        message.kind = Kind::Text;
        message.sending.due = None;
        message
    }

    async fn due(&self, now: Timestamp) -> Vec<DueThing> {
        let mut things = Vec::new();
        for shard in 0..DUE_SHARDS {
            things.extend(Due::due(&self.store, shard, now, 100).await.unwrap());
        }
        things
    }
}

/// S2.38–S2.45: what is stored is what is read, and both limits are taken at once.
#[tokio::test]
async fn a_job_is_opened_whole() {
    let world = World::start().await;
    let run = world.opened(250).await;
    let (tenant, job) = (world.tenant, run.job);
    assert_eq!(
        world.store.run(tenant, job).await.unwrap(),
        Some(run.clone())
    );
    let stored = Outbox::job(&world.store, tenant, job)
        .await
        .unwrap()
        .unwrap();
    assert!(stored.bulk && stored.size == 250);
    assert_eq!(world.store.used(tenant, run.usage_day).await.unwrap(), 250);
    assert_eq!(world.store.used_bulk(tenant, run.cycle).await.unwrap(), 250);
    assert_eq!(world.due(later(1)).await, [DueThing::Job(tenant, job)]);
    assert_eq!(
        world.store.rows(tenant, job, 2).await.unwrap(),
        some_rows(200, 250)
    );
    assert_eq!(world.store.rows(tenant, job, 3).await.unwrap(), []);
    let frozen = world.store.frozen(tenant, job, 117).await.unwrap().unwrap();
    assert_eq!((frozen.row, frozen.run), (row(117), run));
    assert_eq!(world.store.frozen(tenant, job, 250).await.unwrap(), None);
    assert_eq!(
        world.store.frozen(tenant, JobId::fresh(), 0).await.unwrap(),
        None
    );
    let other = TenantId::fresh();
    assert_eq!(world.store.run(other, job).await.unwrap(), None);
    assert_eq!(world.store.rows(other, job, 0).await.unwrap(), []);
}

/// S3.34, S0.43: a job that does not fit leaves nothing behind.
#[tokio::test]
async fn a_limit_or_a_used_key_stores_nothing() {
    let world = World::start().await;
    let before = world.count().await;
    for (daily, bulk, answer) in [
        (99, 100, Opened::DailyLimit),
        (100, 99, Opened::BulkLimit),
        (0, 100, Opened::DailyLimit),
    ] {
        let opening = Opening {
            daily_limit: daily,
            bulk_limit: bulk,
            ..world.opening(100)
        };
        assert_eq!(world.store.open(&opening).await.unwrap(), answer);
    }
    assert_eq!(world.count().await, before);
    let mut first = world.opening(600);
    let record = IdempotencyRecord {
        key: "spring".into(),
        request: "hash".into(),
        job: first.job.id,
        message: MessageId::of_row(first.job.id, 0),
        expires_at: later(3_600),
    };
    first.idempotency = Some(record.clone());
    assert_eq!(world.store.open(&first).await.unwrap(), Opened::Done);
    assert_eq!(
        world.store.open(&first).await.unwrap(),
        Opened::Done,
        "our own try"
    );
    let again = Opening {
        idempotency: Some(IdempotencyRecord {
            job: JobId::fresh(),
            ..record.clone()
        }),
        ..world.opening(10)
    };
    assert_eq!(
        world.store.open(&again).await.unwrap(),
        Opened::Repeated(record)
    );
    let more = world.store.open(&world.opening(401)).await.unwrap();
    assert_eq!(more, Opened::DailyLimit, "600 are used");
    assert_eq!(
        world
            .store
            .used(world.tenant, first.run.usage_day)
            .await
            .unwrap(),
        600
    );
}

/// Rows expire unless a job takes them up.
#[tokio::test]
async fn adopted_rows_do_not_expire() {
    let world = World::start().await;
    let run = world.opened(10).await;
    let ttl = async || {
        let items = world.database.items().await;
        items
            .iter()
            .filter(|item| item["sk"].as_s().unwrap() == "P" && item.contains_key("ttl"))
            .count()
    };
    assert_eq!(ttl().await, 1);
    world
        .store
        .adopt_rows(run.tenant, run.job, 0)
        .await
        .unwrap();
    assert_eq!(ttl().await, 0);
    assert_eq!(
        world.store.rows(run.tenant, run.job, 0).await.unwrap(),
        some_rows(0, 10)
    );
    world
        .store
        .adopt_rows(run.tenant, run.job, 9)
        .await
        .unwrap();
    assert_eq!(world.store.rows(run.tenant, run.job, 9).await.unwrap(), []);
}

/// S2.41, S2.45, S2.76: a channel's queue by priority, then by age; one writer wins.
#[tokio::test]
async fn a_run_moves_and_queues() {
    let world = World::start().await;
    let mut low = world.opened(10).await;
    let mut urgent = world.opening(10);
    urgent.run.priority = 9;
    world.store.open(&urgent).await.unwrap();
    let mut elder = world.opening(10);
    elder.run.created_at = start() - SignedDuration::from_secs(9);
    world.store.open(&elder).await.unwrap();
    let mut elsewhere = world.opening(10);
    elsewhere.run.channel = ChannelId::fresh();
    world.store.open(&elsewhere).await.unwrap();
    let queue = async || {
        let runs = world.store.open_runs(world.tenant, world.channel, 20).await;
        runs.unwrap().iter().map(|run| run.job).collect::<Vec<_>>()
    };
    assert_eq!(queue().await, [urgent.job.id, elder.job.id, low.job]);

    let mut stale = low.clone();
    (low.next, low.settled, low.due) = (10, 4, None);
    assert_eq!(world.store.save_run(&mut low).await.unwrap(), Saved::Done);
    assert_eq!(low.version, 2);
    assert_eq!(
        world.store.save_run(&mut stale).await.unwrap(),
        Saved::Stale
    );
    let changed = world
        .store
        .change_run(&mut stale, 10, &audit(later(5)))
        .await;
    assert_eq!(changed.unwrap(), Saved::Stale);
    assert_eq!(
        queue().await,
        [urgent.job.id, elder.job.id],
        "nothing left to claim"
    );
    let due = world.due(later(9)).await;
    assert!(!due.contains(&DueThing::Job(world.tenant, low.job)));
    assert_eq!(
        world
            .store
            .used_bulk(world.tenant, low.cycle)
            .await
            .unwrap(),
        40
    );

    let mut cancelled = Run {
        version: 1,
        ..elder.run
    };
    cancelled.cancel(later(7)).unwrap();
    let line = audit(later(7));
    let saved = world.store.change_run(&mut cancelled, 10, &line);
    assert_eq!(saved.await.unwrap(), Saved::Done);
    assert_eq!(
        world
            .store
            .used_bulk(world.tenant, low.cycle)
            .await
            .unwrap(),
        30
    );
    assert_eq!(
        world.store.used(world.tenant, low.usage_day).await.unwrap(),
        30
    );
    assert_eq!(queue().await, [urgent.job.id]);
}
