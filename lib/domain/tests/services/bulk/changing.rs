//! Pausing, resuming and cancelling jobs.

use domain::{failure::Code, ids::JobId, principal::Role};

use super::{of, world};

/// S0.45: paused at once, also what waits in the lanes; resumed, everybody gets their message once.
#[tokio::test]
async fn a_paused_job_sends_nothing_until_it_is_resumed() {
    let world = world();
    let manager = world.acme.user(Role::Manager);
    let job = world.open(of(150)).await.unwrap().run.job;
    let expand = world.lanes.take().unwrap();
    world.task(&expand).await;
    for _ in 0..20 {
        let task = world.lanes.take().unwrap();
        world.task(&task).await;
    }
    let paused = world.control().pause(&manager, job).await.unwrap();
    assert_eq!(paused.shown(), "paused");
    world.minutes(5).await;
    assert_eq!(world.sends(), 20);
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.queued), (20, 130));
    assert!(
        world.run_of(job).due.is_none(),
        "it costs nothing while it waits"
    );
    let waiting = world.rows_of(job)[50].clone();
    assert_eq!((waiting.sending.attempt, waiting.version), (0, 1));

    world.control().resume(&manager, job).await.unwrap();
    world.minutes(4).await;
    assert_eq!(world.summed(job).await.sent, 150);
    assert_eq!(world.sends(), 150);
    assert_eq!(world.run_of(job).shown(), "done");
    let over = world.control().pause(&manager, job).await.unwrap_err();
    assert_eq!(over.details()["reason"], "DONE");
}

/// What was attempted is not touched; everything else is cancelled and given back, and totals sum throughout.
#[tokio::test]
async fn a_cancelled_job_gives_back_what_was_not_attempted() {
    let world = world();
    let manager = world.acme.user(Role::Manager);
    let job = world.open(of(200)).await.unwrap().run.job;
    let expand = world.lanes.take().unwrap();
    world.task(&expand).await;
    for _ in 0..30 {
        let task = world.lanes.take().unwrap();
        world.task(&task).await;
    }
    let run = world.control().cancel(&manager, job).await.unwrap();
    assert_eq!(run.shown(), "cancelled");
    assert_eq!(
        world.used(&run),
        (120, 120),
        "rows without a message at once"
    );
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.cancelled), (30, 80));
    world.minutes(3).await;
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.cancelled), (30, 170));
    assert_eq!(world.used(&run), (30, 30));
    assert_eq!(world.sends(), 30);
    assert!(world.run_of(job).due.is_none());
    let again = world.control().cancel(&manager, job).await.unwrap();
    assert_eq!(again.shown(), "cancelled", "asking twice is no mistake");
    let back = world.control().resume(&manager, job).await.unwrap_err();
    assert_eq!(back.code(), Code::Conflict);
    let lines = &world.store.state().audit;
    let cancels = lines.iter().filter(|(_, line)| line.action == "cancel");
    assert_eq!(cancels.count(), 1);
}

/// A pass that claimed rows and died before it made their messages, then a cancel.
#[tokio::test]
async fn claimed_rows_without_a_message_are_cancelled_too() {
    let world = world();
    let manager = world.acme.user(Role::Manager);
    let job = world.open(of(130)).await.unwrap().run.job;
    world.store.fail_after(
        "runs.add_row",
        7,
        1,
        testkit::memory::FailWhen::Before,
        domain::failure::StoreFailureKind::Unavailable,
    );
    let expand = world.lanes.take().unwrap();
    world.task(&expand).await;
    assert!(world.rows_of(job).len() < 120);
    assert_eq!(world.run_of(job).next, 120);
    let run = world.control().cancel(&manager, job).await.unwrap();
    world.minutes(3).await;
    let totals = world.summed(job).await;
    assert_eq!((totals.cancelled, totals.sum()), (130, 130));
    assert_eq!(world.used(&run), (0, 0));
    assert_eq!(world.sends(), 0);
}

#[tokio::test]
async fn another_companys_job_is_not_found() {
    let world = world();
    let job = world.open(of(2)).await.unwrap().run.job;
    let stranger = world.other.user(Role::Manager);
    for id in [job, JobId::fresh()] {
        let failure = world.control().cancel(&stranger, id).await.unwrap_err();
        assert_eq!(failure.code(), Code::NotFound);
    }
    assert_eq!(world.run_of(job).shown(), "running");
}
