//! Unknown outcomes: looked up, never blindly repeated.

use domain::{failure::ProviderFailure, message::Status, service::attempt::Worked};
use serde_json::json;
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::world::{World, answer, provider_id};

fn lost() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }
}

/// X9: an ambiguous outcome is looked up, and what the provider has is not sent again.
#[tokio::test]
async fn an_unknown_outcome_that_was_taken_is_found_and_not_sent_again() {
    let world = World::new();
    world.gate.next(Err(lost()));
    let id = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .id;
    assert_eq!(world.message(id).status(), Status::Pending);
    assert!(
        matches!(world.work(id).await, Worked::Reconciled(_)),
        "looked up, never sent"
    );
    let request = world.gate.sent()[0].1.clone();
    let body = request.body.unwrap();
    world.gate.next(Ok(answer(
        200,
        &json!({"count": 100, "total": 1, "messages": [{
            "id": provider_id(77), "from_me": true, "type": "interactive", "source": "api",
            "chat_id": "97300000001@s.whatsapp.net", "timestamp": 1_795_170_601,
            "interactive": {"header": body["header"], "body": body["body"], "footer": body["footer"],
                "action": body["action"], "type": "button"}}]}),
    )));
    world.minutes(3).await;
    let message = world.message(id);
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(
        message.facts.accepted[&1].provider_id.as_deref(),
        Some(provider_id(77).as_str())
    );
    world.minutes(60).await;
    assert_eq!(world.sends(), 1);
    // Statuses of the id that was found reach it.
    world.status(&provider_id(77), "delivered").await;
    assert_eq!(world.message(id).status(), Status::Delivered);
}

/// X9: proven absent, it is tried again by its policy.
#[tokio::test]
async fn an_unknown_outcome_that_is_absent_is_tried_again() {
    let world = World::new();
    world.gate.next(Err(lost()));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    world.minutes(3).await;
    assert_eq!(world.message(id).facts.failed[&1].code, "NOT_ACCEPTED");
    world.minutes(40).await;
    assert_eq!(
        (world.message(id).status(), world.sends()),
        (Status::Sent, 2)
    );
}

/// Not provable within the hold time: a failure that says so, mailed, and one click to send again.
#[tokio::test]
async fn an_outcome_nobody_can_prove_ends_as_such() {
    let world = World::new();
    for _ in 0..30 {
        world.gate.next(Err(lost()));
    }
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    world.minutes(20).await;
    let message = world.message(id);
    assert_eq!(message.facts.failed[&1].code, "OUTCOME_UNKNOWN");
    assert_eq!((world.sends(), world.mailer.sent().len()), (1, 1));
    let manager = world.acme.user(domain::principal::Role::Manager);
    world.change().retry(&manager, id).await.unwrap();
    world.work(id).await;
    assert_eq!(world.sends(), 2);
}

/// Two messages with the same words, one answer lost: each provider message belongs to one of ours.
#[tokio::test]
async fn a_look_up_never_takes_another_messages_place() {
    let world = World::new();
    let first = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message;
    world.gate.next(Err(lost()));
    let second = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message;
    let sighting = |id: String| {
        json!({"id": id, "from_me": true, "type": "text", "source": "api", "text": {"body": "Hello"},
            "chat_id": "97300000001@s.whatsapp.net", "timestamp": 1_795_170_601})
    };
    world.gate.next(Ok(answer(
        200,
        &json!({"count": 100, "total": 1, "messages": [sighting(provider_id(1))]}),
    )));
    world.minutes(3).await;
    assert_eq!(world.message(first.id).status(), Status::Sent);
    assert_eq!(
        world.message(second.id).facts.failed[&1].code,
        "NOT_ACCEPTED"
    );
}
