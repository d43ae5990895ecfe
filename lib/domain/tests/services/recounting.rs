//! Boards counted again from the messages.

use domain::{
    job::{Board, RowChange},
    message::Status,
    ports::Clock,
    principal::Role,
    service::{
        outbox,
        recount::{Drift, Manner, Recounted, recount},
    },
};
use jiff::SignedDuration;
use testkit::{
    builders::{RECIPIENT, text_draft},
    memory::FailWhen,
};

use crate::world::World;

async fn count(world: &World, manner: Manner) -> Recounted {
    let tenant = world.acme.tenant.id;
    recount(&world.store, tenant, manner, world.clock.now())
        .await
        .unwrap()
}

/// A wrong board is told and left; healed when asked for; then there is nothing to tell, and the next
/// change applies.
#[tokio::test]
async fn a_wrong_board_is_seen_and_healed() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let message = sent.message;
    world.project().await;
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(count(&world, Manner::Heal).await.wrong, 0);
    // Of a version that is still to come: the stream alone would never mend it.
    let mut wrong = Board::default();
    wrong.apply(RowChange {
        row: 0,
        version: 4_000,
        status: Status::Failed,
    });
    let version = world.store.state().boards[&(tenant, message.job, 0)].1;
    let key = (tenant, message.job, 0);
    world.store.state().boards.insert(key, (wrong, version + 1));
    let drift = Drift {
        job: message.job,
        row: 0,
        board: Status::Failed,
        message: Status::Sent,
    };
    let seen = count(&world, Manner::Look).await;
    assert_eq!(
        (seen.jobs, seen.rows, seen.wrong, seen.healed),
        (1, 1, 1, 0)
    );
    assert_eq!(seen.drifts, [drift]);
    let healed = count(&world, Manner::Heal).await;
    assert_eq!((healed.wrong, healed.healed), (1, 1));
    assert_eq!(count(&world, Manner::Look).await.wrong, 0);
    world.status(&crate::world::provider_id(1), "read").await;
    let viewer = world.acme.user(Role::Viewer);
    world.project().await;
    let job = outbox::job(&world.store, &viewer, message.job)
        .await
        .unwrap();
    assert_eq!((job.totals.read, job.totals.sum()), (1, 1));
    let other = world.other.tenant.id;
    let theirs = recount(&world.store, other, Manner::Heal, world.clock.now()).await;
    assert_eq!(theirs.unwrap(), Recounted::default());
}

/// What changed a moment ago is on its way through the stream, and no difference.
#[tokio::test]
async fn what_is_on_its_way_is_no_difference() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    assert_eq!(count(&world, Manner::Look).await.wrong, 0);
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(count(&world, Manner::Look).await.wrong, 1, "a lost change");
}

/// A projector that comes between reading and writing is asked again, never overwritten.
#[tokio::test]
async fn a_projector_in_between_is_not_overwritten() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(5));
    let changes = world.store.drain_stream();
    world.store.meanwhile("boards.save", move |state| {
        for change in changes {
            let key = (change.tenant, change.job, 0);
            let (board, version) = state.boards.entry(key).or_default();
            board.apply(change.row);
            *version += 1;
        }
    });
    let healed = count(&world, Manner::Heal).await;
    assert_eq!((healed.wrong, healed.healed), (0, 0));
    world.assert_consistent().await;
}

/// A write whose answer is lost is made again.
#[tokio::test]
async fn a_lost_answer_does_no_harm() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(5));
    world.store.fail_after(
        "boards.save",
        0,
        1,
        FailWhen::After,
        domain::failure::StoreFailureKind::Unavailable,
    );
    let tenant = world.acme.tenant.id;
    let now = world.clock.now();
    let failed = recount(&world.store, tenant, Manner::Heal, now).await;
    assert!(failed.is_err());
    assert_eq!(count(&world, Manner::Heal).await.wrong, 0);
}
