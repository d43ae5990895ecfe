//! Quiet hours: what is sent by itself waits for the recipient's morning, when it is accepted and again
//! before every call.

use domain::{
    message::{MessageType, Status, Trigger},
    service::{accept::Draft, attempt::Worked, send::FirstAttempt},
    settings::{QuietHours, Settings},
};
use jiff::civil::Time;
use testkit::{
    builders::{RECIPIENT, text_draft},
    fakes::FakeClock,
};

use crate::world::World;

/// Ten in the evening in Bahrain, where the recipient's number is from.
fn evening() -> World {
    let mut world = World::new();
    world.clock = FakeClock::at("2026-11-20T19:00:00Z");
    world
}

const MORNING: &str = "2026-11-21T05:00:00Z";

fn draft(message_type: MessageType, trigger: Trigger) -> Draft {
    Draft {
        message_type,
        trigger,
        ..text_draft(RECIPIENT, "Hello")
    }
}

fn set(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut state = world.store.state();
    let acme = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
    change(&mut acme.settings);
}

/// X20, S1.8: a message of an event at night goes out in the morning, once, and says what it waits for.
#[tokio::test]
async fn an_event_at_night_is_told_in_the_morning() {
    let world = evening();
    let event = draft(MessageType::Invoice, Trigger::Auto);
    let accepted = world
        .send_with(event, None, FirstAttempt::Here)
        .await
        .unwrap();
    let message = world.message(accepted.message.id);
    assert_eq!(
        (message.status(), message.sending.quiet),
        (Status::Queued, true)
    );
    assert_eq!(message.next_attempt_at().unwrap().to_string(), MORNING);
    // It counts against the day it goes out on.
    assert_eq!(message.usage_day.to_string(), "2026-11-21");
    world.minutes(9 * 60 + 59).await;
    assert_eq!(world.sends(), 0);
    world.minutes(2).await;
    let message = world.message(message.id);
    assert_eq!(
        (world.sends(), message.status(), message.sending.quiet),
        (1, Status::Sent, false)
    );
    world.assert_consistent().await;
}

/// What a person sends, and what its sender did not name, goes out at once.
#[tokio::test]
async fn what_somebody_chose_the_moment_of_does_not_wait() {
    let world = evening();
    for (message_type, trigger) in [
        (MessageType::Invoice, Trigger::Manual),
        (MessageType::Other, Trigger::Auto),
        (MessageType::Other, Trigger::Manual),
    ] {
        let draft = draft(message_type, trigger);
        let sent = world
            .send_with(draft, None, FirstAttempt::Here)
            .await
            .unwrap();
        assert_eq!(
            sent.message.status(),
            Status::Sent,
            "{message_type:?} {trigger:?}"
        );
    }
    // A campaign waits, whoever began it.
    set(&world, |s| s.marketing = true);
    let draft = draft(MessageType::Promotion, Trigger::Manual);
    let held = world
        .send_with(draft, None, FirstAttempt::Here)
        .await
        .unwrap();
    assert_eq!(held.message.status(), Status::Queued);
    assert_eq!(world.sends(), 3);
}

/// The contact's own zone counts more than the number's.
#[tokio::test]
async fn a_person_who_lives_elsewhere_has_another_night() {
    let world = evening();
    let event = || draft(MessageType::Invoice, Trigger::Manual);
    world.send(event()).await.unwrap();
    {
        let mut state = world.store.state();
        let contact = state.contacts.values_mut().next().unwrap();
        contact.zone = Some("America/New_York".into());
    }
    let automatic = draft(MessageType::Invoice, Trigger::Auto);
    let sent = world.send(automatic).await.unwrap();
    assert_eq!(sent.message.status(), Status::Sent);
}

/// Hours that changed while a message waited count before the call; it is not an attempt.
#[tokio::test]
async fn the_hours_are_asked_again_before_the_call() {
    let world = World::new();
    let event = draft(MessageType::Welcome, Trigger::Auto);
    let queued = world
        .send_with(event, None, FirstAttempt::InLane)
        .await
        .unwrap();
    let noon = Time::constant(12, 0, 0, 0);
    let siesta = QuietHours {
        from: noon,
        until: Time::constant(16, 0, 0, 0),
    };
    set(&world, |s| s.quiet_hours = Some(siesta));
    let id = queued.message.id;
    assert!(matches!(world.work(id).await, Worked::Nothing(_)));
    let message = world.message(id);
    assert_eq!(message.sending.attempt, 0);
    assert_eq!(
        message.next_attempt_at().unwrap().to_string(),
        "2026-11-20T13:00:00Z"
    );
    assert_eq!((message.sending.quiet, world.sends()), (true, 0));
    world.minutes(152).await;
    assert_eq!(
        (world.message(id).status(), world.sends()),
        (Status::Sent, 1)
    );
    world.assert_consistent().await;
}
