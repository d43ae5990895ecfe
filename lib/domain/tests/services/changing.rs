//! Retrying and cancelling by hand.

use domain::{failure::Code, message::Status, principal::Role};
use testkit::builders::{RECIPIENT, text_draft};

use crate::world::World;

async fn scheduled(world: &World) -> domain::ids::MessageId {
    let mut draft = text_draft(RECIPIENT, "Later");
    draft.scheduled_for = Some("2026-11-20T12:00:00Z".into());
    world.send(draft).await.unwrap().message.id
}

#[tokio::test]
async fn a_queued_message_is_cancelled_and_its_place_given_back() {
    let world = World::new();
    let id = scheduled(&world).await;
    let manager = world.acme.user(Role::Manager);
    for _ in 0..2 {
        let cancelled = world.change().cancel(&manager, id).await.unwrap();
        assert_eq!(cancelled.status(), Status::Cancelled);
    }
    world.minutes(120).await;
    assert_eq!(world.sends(), 0);
    assert_eq!(world.store.state().usage.values().sum::<u32>(), 0);
    world.assert_consistent().await;
}

#[tokio::test]
async fn what_was_attempted_cannot_be_cancelled() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let refused = world.change().cancel(&manager, id).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.details()["reason"].as_str()),
        (Code::Conflict, "ALREADY_SENT")
    );
}

#[tokio::test]
async fn only_what_failed_can_be_retried() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let refused = world.change().retry(&manager, id).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.details()["reason"].as_str()),
        (Code::Conflict, "ALREADY_SENT")
    );
    let waiting = scheduled(&world).await;
    let refused = world.change().retry(&manager, waiting).await.unwrap_err();
    assert_eq!(refused.details()["reason"], "NOT_FAILED");
}

#[tokio::test]
async fn another_companys_message_does_not_exist() {
    let world = World::new();
    let id = scheduled(&world).await;
    let stranger = world.other.user(Role::Manager);
    assert_eq!(
        world
            .change()
            .cancel(&stranger, id)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    assert_eq!(
        world
            .change()
            .retry(&stranger, id)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    assert_eq!(world.message(id).status(), Status::Queued);
}
