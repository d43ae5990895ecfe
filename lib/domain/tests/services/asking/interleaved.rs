//! Sweeps, questions, repeated tasks and webhooks in any order end in the same message.

use domain::message::{Phase, Status};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use super::{Floor, delivery, hello};

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Sweep,
    /// The next task of the lane is worked.
    Work,
    /// The next task of the lane is worked twice at once.
    WorkTwice,
    /// A queue delivers the message out of turn.
    OutOfTurn,
    /// So many seconds go by.
    Later(i64),
    /// What is true becomes a little more.
    Truth,
    /// A webhook tells what is true, or was; the first one before there is anything to tell.
    Webhook(usize),
    /// A webhook tells a word that nobody knows.
    Odd,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Sweep),
        4 => Just(Step::Work),
        1 => Just(Step::WorkTwice),
        2 => Just(Step::OutOfTurn),
        4 => (1_i64..20_000).prop_map(Step::Later),
        2 => Just(Step::Truth),
        2 => (0_usize..3).prop_map(Step::Webhook),
        1 => Just(Step::Odd),
    ]
}

/// How far the truth goes: the words of the status call, and those of webhooks.
const WAYS: [&[(&str, i64)]; 5] = [
    &[("server", 1)],
    &[("server", 1), ("device", 2)],
    &[("server", 1), ("device", 2), ("read", 3)],
    &[("server", 1), ("read", 3)],
    &[("server", 1), ("error", -1)],
];

async fn run(way: &'static [(&'static str, i64)], steps: &[Step]) {
    let floor = Floor::new();
    let lane = domain::service::send::FirstAttempt::InLane;
    let queued = floor.world.send_with(hello(), None, lane).await.unwrap();
    let id = queued.message.id;
    let mut reached = 0;
    for step in steps {
        let sent = floor.sends() == 1;
        match step {
            Step::Sweep => {
                floor.world.sweep().await;
            }
            Step::Work => {
                if let Some(task) = floor.world.lanes.take() {
                    floor.world.task(&task).await;
                }
            }
            Step::WorkTwice => {
                if let Some(task) = floor.world.lanes.take() {
                    tokio::join!(floor.world.task(&task), floor.world.task(&task));
                }
            }
            Step::OutOfTurn => {
                floor.world.work(id).await;
            }
            Step::Later(seconds) => {
                let later = SignedDuration::from_secs(*seconds);
                floor.world.clock.advance(later);
            }
            Step::Truth if sent && reached < way.len() => {
                floor.becomes(way[reached].0);
                reached += 1;
            }
            Step::Webhook(which) if *which < reached => {
                let (word, number) = way[*which];
                let word = if number > 0 {
                    json!(number)
                } else {
                    json!(word)
                };
                floor.webhook(&delivery(word)).await;
            }
            Step::Odd => {
                floor.webhook(&delivery(9)).await;
            }
            Step::Truth | Step::Webhook(_) => {}
        }
        let message = floor.world.message(id);
        assert!(floor.sends() <= 1, "sent twice");
        let open = message.sending.phase != Phase::Accepted || message.wants_poll();
        assert_eq!(message.sending.due.is_some(), open, "{:?}", message.sending);
    }
    // The truth becomes all it will be, and time goes by.
    floor.world.minutes(3).await;
    assert_eq!(floor.sends(), 1);
    floor.becomes(way[way.len() - 1].0);
    for _ in 0..200 {
        let Some(due) = floor.world.message(id).sending.due else {
            break;
        };
        let now = domain::ports::Clock::now(&floor.world.clock);
        floor.world.clock.set(due.max(now));
        floor.world.sweep().await;
        floor.world.drain().await;
    }
    let message = floor.world.message(id);
    let expected = match way[way.len() - 1].0 {
        "server" => Status::Sent,
        "device" => Status::Delivered,
        "read" => Status::Read,
        _ => Status::Failed,
    };
    // Questions that were all asked before it happened leave what was true then.
    let asked_out = message.sending.polls == Some(10);
    assert!(message.status() == expected || asked_out, "{message:?}");
    assert_eq!(message.sending.due, None);
    assert!(floor.asked() <= 11, "{}", floor.asked());
    assert_eq!((floor.sends(), message.sending.attempt), (1, 1));
    floor.world.assert_consistent().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_order_of_sweeps_questions_and_webhooks_ends_in_the_truth(
        way in 0..WAYS.len(),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let executor = tokio::runtime::Builder::new_current_thread().build().unwrap();
        executor.block_on(run(WAYS[way], &steps));
    }
}
