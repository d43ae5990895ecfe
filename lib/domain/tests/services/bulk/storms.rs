//! A campaign from a file, while storage fails at random, lanes lose tasks and people pause it.

use domain::{
    failure::StoreFailureKind,
    ports::Files,
    principal::Role,
    service::bulk::{BulkDraft, Recipients, upload_key},
};
use jiff::SignedDuration;
use testkit::memory::FailWhen;
use uuid::Uuid;

use super::{of, world};
use crate::world::World;

/// What a pass and the people call, and an attempt before its claim.
const OPERATIONS: [&str; 8] = [
    "runs.save_run",
    "runs.add_row",
    "runs.rows",
    "runs.adopt_rows",
    "runs.open_runs",
    "rows.run",
    "outbox.messages",
    "runs.change_run",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A file with a wrong row after every `good` / `bad` good ones.
fn file(good: u32, bad: u32) -> String {
    let mut file = "to,name,city\n".to_owned();
    for n in 0..good {
        file += &format!("+97333{n:06},Person {n},Town {n}\n");
        if n % (good / bad) == 0 {
            file += match n % 3 {
                0 => "12,Nobody,Nowhere\n",
                1 => "+97333000000,Twice,Somewhere\n",
                _ => "+97334000000,Nameless,\n",
            };
        }
    }
    file
}

async fn minute(world: &World, dice: &mut Dice, job: domain::ids::JobId) {
    let manager = world.acme.user(Role::Manager);
    for _ in 0..dice.below(4) {
        let operation = OPERATIONS[dice.below(OPERATIONS.len() as u64) as usize];
        let when = [FailWhen::Before, FailWhen::After][dice.below(2) as usize];
        let skip = dice.below(90) as u32;
        let kind = StoreFailureKind::Unavailable;
        world.store.fail_after(operation, skip, 1, when, kind);
    }
    match dice.below(8) {
        0 => drop(world.control().pause(&manager, job).await),
        1..4 => drop(world.control().resume(&manager, job).await),
        _ => {}
    }
    world.clock.advance(SignedDuration::from_mins(1));
    world.sweep().await;
    while let Some(task) = world.lanes.take() {
        if dice.below(40) > 0 {
            world.task(&task).await;
        }
    }
    world.store.calm();
    world.summed(job).await;
}

async fn storm(seed: u64, good: u32, bad: u32) {
    let (world, mut dice) = (world(), Dice(seed));
    let upload = Uuid::now_v7();
    let key = upload_key(world.acme.tenant.id, upload);
    world.store.put(&key, file(good, bad).into()).await.unwrap();
    let draft = BulkDraft {
        recipients: Recipients::Upload(upload),
        keep_good_rows: true,
        ..of(0)
    };
    let run = world.open(draft).await.unwrap().run;
    assert_eq!((run.size, run.left_out), (good, bad), "seed {seed}");
    for _ in 0..good / 80 + 4 {
        minute(&world, &mut dice, run.job).await;
    }
    let manager = world.acme.user(Role::Manager);
    let _ = world.control().resume(&manager, run.job).await;
    world.minutes(good / 100 + 40).await;
    let totals = world.summed(run.job).await;
    assert_eq!(totals.sent, good, "seed {seed}: {totals:?}");
    let mut said = world.said();
    assert_eq!(said.len(), good as usize, "seed {seed}: nobody twice");
    said.sort();
    said.dedup();
    assert_eq!(said.len(), good as usize, "seed {seed}: everybody");
    assert_eq!(world.run_of(run.job).shown(), "done", "seed {seed}");
    assert_eq!(world.used(&run), (good, good));
}

/// design.md §4 and §14: everybody exactly once, and totals sum after every minute.
#[tokio::test]
async fn whatever_fails_each_good_recipient_is_written_to_once() {
    for seed in 1..=12 {
        storm(seed * 7_919, 300, 5).await;
    }
}

/// The campaign of ten thousand with fifty wrong rows.
#[tokio::test]
async fn ten_thousand_with_fifty_wrong_rows() {
    storm(4_711, 10_000, 50).await;
}
