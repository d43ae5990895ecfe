//! The minute sweep.

use domain::{
    failure::StoreFailureKind,
    message::{Phase, Status},
    service::send::FirstAttempt,
};
use testkit::{
    builders::{RECIPIENT, text_draft},
    memory::FailWhen,
};

use crate::world::{World, statuses};

/// S2.95, S2.99: what is due is found every minute.
#[tokio::test]
async fn a_scheduled_message_leaves_in_its_minute_and_not_before() {
    let world = World::new();
    let mut draft = text_draft(RECIPIENT, "At eleven");
    draft.scheduled_for = Some("2026-11-20T11:00:00Z".into());
    let id = world.send(draft).await.unwrap().message.id;
    world.minutes(29).await;
    assert_eq!(world.sends(), 0);
    world.minutes(1).await;
    assert_eq!(
        (world.sends(), world.message(id).status()),
        (1, Status::Sent)
    );
}

/// Hazard 13: schedules fire at least once; sweeping twice in a minute hands over once.
#[tokio::test]
async fn sweeping_twice_sends_once() {
    let world = World::new();
    world.lanes.set_broken(true);
    world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap();
    world.lanes.set_broken(false);
    world.clock.advance(jiff::SignedDuration::from_mins(2));
    let (a, b) = (world.sweep().await, world.sweep().await);
    assert_eq!((a.handed_over, b.handed_over), (1, 0));
    world.drain().await;
    assert_eq!(world.sends(), 1);
}

/// A hand-over by the sweep that is lost as well is made again.
#[tokio::test]
async fn the_sweeps_own_hand_over_may_be_lost_too() {
    let world = World::new();
    world.lanes.set_broken(true);
    let id = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap()
        .message
        .id;
    world.minutes(3).await;
    world.lanes.set_broken(false);
    world.minutes(3).await;
    assert_eq!(world.message(id).status(), Status::Sent);
}

/// Hazard 1: a worker that died in its call.
#[tokio::test]
async fn a_lease_that_ended_is_an_unknown_outcome() {
    let world = World::new();
    world.store.fail_after(
        "messages.save",
        1,
        1,
        FailWhen::Before,
        StoreFailureKind::Unavailable,
    );
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    assert!(matches!(
        world.message(id).sending.phase,
        Phase::Calling { .. }
    ));
    world.minutes(2).await;
    assert!(matches!(
        world.message(id).sending.phase,
        Phase::Unknown { .. } | Phase::Ready { .. }
    ));
    world.minutes(60).await;
    let message = world.message(id);
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(
        message.sending.attempt, 2,
        "absent at the provider, so tried again"
    );
}

/// One thing that fails does not hold up the others, and is tried again.
#[tokio::test]
async fn a_failing_thing_does_not_hold_up_its_neighbours() {
    let world = World::new();
    world.lanes.set_broken(true);
    let mut ids = Vec::new();
    for _ in 0..6 {
        let accepted = world
            .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
            .await
            .unwrap();
        ids.push(accepted.message.id);
    }
    world.lanes.set_broken(false);
    world.clock.advance(jiff::SignedDuration::from_mins(2));
    world.store.fail("messages.message", 2, FailWhen::Before);
    assert_eq!(world.sweep().await.failed, 2);
    world.drain().await;
    assert_eq!(world.sends(), 4);
    world.minutes(1).await;
    assert!(
        ids.iter()
            .all(|id| world.message(*id).status() == Status::Sent)
    );
}

/// A webhook whose item met a failing store is journalled so, and applied by the sweep.
#[tokio::test]
async fn what_could_not_be_applied_is_applied_later() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    world.store.fail("pointers.pointer", 1, FailWhen::Before);
    let ingested = world
        .webhook(&statuses(&[(&crate::world::provider_id(1), "read")]))
        .await;
    assert!(ingested.unapplied);
    assert_eq!(world.message(id).status(), Status::Sent);
    world.minutes(2).await;
    assert_eq!(world.message(id).status(), Status::Read);
    world.minutes(5).await;
    assert!(
        world
            .store
            .state()
            .journal
            .values()
            .all(|e| e.retry_at.is_none() && e.tries == 2)
    );
}

/// Hazard 10: the index lags, and still says that a message is due which was sent long ago, or is in
/// flight this very moment. The message itself decides.
#[tokio::test]
async fn an_index_that_lags_causes_nothing() {
    let world = World::new();
    let sent = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message;
    let mut in_flight = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap()
        .message;
    in_flight.claim(in_flight.created_at).unwrap();
    {
        let mut state = world.store.state();
        let key = (in_flight.tenant, in_flight.id);
        state.messages.insert(key, in_flight.clone());
        for message in [&sent, &in_flight] {
            let thing = domain::ports::DueThing::Message(message.tenant, message.id);
            state.lagging.push(thing);
        }
    }
    for _ in 0..3 {
        assert_eq!(
            world.sweep().await,
            domain::service::sweep::Swept::default()
        );
    }
    assert_eq!(world.sends(), 1);
    assert_eq!(world.message(in_flight.id), in_flight);
}
