//! Answering in a conversation: stored, sent once, told as it is.

use domain::{
    channel::AuthStatus,
    failure::{AppFailure, Code, ProviderFailure},
    ids::ConversationId,
    message::{Status, Trigger},
    ports::ThreadItem,
    principal::Role,
    service::{
        accept::{Accepted, IdempotencyKey},
        converse::{say, say_to},
    },
};
use serde_json::json;
use testkit::memory::FailWhen;

use crate::{
    desks::AMAL,
    world::{World, answer, provider_id},
};

async fn amal_wrote() -> (World, ConversationId) {
    let world = World::new();
    let id = world
        .hears(AMAL, "Amal Heron", 1, "When do you open?")
        .await;
    (world, id)
}

async fn say_in(world: &World, id: ConversationId, body: &str) -> Result<Accepted, AppFailure> {
    say_with(world, id, body, None).await
}

async fn say_with(
    world: &World,
    id: ConversationId,
    body: &str,
    key: Option<&IdempotencyKey>,
) -> Result<Accepted, AppFailure> {
    let agent = world.acme.user(Role::Agent);
    let (accept, attempt) = (world.accept(), world.attempt());
    say(&accept, &attempt, &agent, id, body.into(), key).await
}

/// What the thread shows of ours, newest first.
async fn bubbles(world: &World, id: ConversationId) -> Vec<(String, Status)> {
    let viewer = world.acme.user(Role::Viewer);
    let page = world.inbox().thread(&viewer, id, None, 20).await.unwrap();
    let ours = page.items.into_iter().filter_map(|item| match item {
        ThreadItem::Outbound(ours) => Some(*ours),
        ThreadItem::Inbound(_) => None,
    });
    ours.map(|(message, content)| (content.preview(), message.status()))
        .collect()
}

fn rejected() -> Result<domain::provider::WireResponse, ProviderFailure> {
    Ok(answer(
        400,
        &json!({"error": {"code": 400, "message": "wrong request parameters", "details": "to"}}),
    ))
}

/// S4.35, S4.46–S4.50, S4.52, S4.84, S4.89: the bubble, the conversation and the audit line are stored
/// before the provider is called; the answer is the message with its latest status.
#[tokio::test]
async fn an_answer_is_stored_sent_and_audited() {
    let (world, id) = amal_wrote().await;
    let said = say_in(&world, id, "At nine.").await.unwrap();
    let message = said.message;
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(world.message(message.id), message);
    let taken = message.facts.accepted[&1].provider_id.clone();
    assert_eq!(taken, Some(provider_id(1)));
    assert_eq!(
        (message.trigger, message.conversation),
        (Trigger::Manual, id)
    );
    let (channel, sent) = world.gate.sent().remove(0);
    assert_eq!((channel, world.sends()), (world.acme.channel.id, 1));
    assert_eq!(sent.body.unwrap()["body"], "At nine.");

    let conversation = world.conversation(id);
    assert_eq!(conversation.preview, "At nine.");
    assert_eq!(conversation.last_message_at, message.created_at);
    assert_eq!(conversation.unread, 1, "answering is not reading");
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Sent)]
    );
    assert_eq!(world.actions("messages"), ["send_attempt", "send_success"]);
    let audited = world.audited("messages");
    for entry in &audited {
        assert_eq!(entry.after["conversation"], id.to_string());
        assert_eq!(entry.entity, message.id.to_string());
        assert!(!format!("{entry:?}").contains("33000017"), "{entry:?}");
    }
    assert_eq!(audited[0].after["phone"], "+973…17");
    world.assert_consistent().await;
}

/// S4.45: nothing is stored for a conversation that is not there, another company's included.
#[tokio::test]
async fn no_conversation_no_message() {
    let (world, id) = amal_wrote().await;
    let stranger = world.other.user(Role::Manager);
    let (accept, attempt) = (world.accept(), world.attempt());
    let theirs = say(&accept, &attempt, &stranger, id, "Hi".into(), None).await;
    let nowhere = say_in(&world, ConversationId::fresh(), "Hi").await;
    for failure in [theirs.unwrap_err(), nowhere.unwrap_err()] {
        assert_eq!(failure.code(), Code::NotFound);
    }
    assert_eq!(world.sends(), 0);
    let state = world.store.state();
    assert!(state.messages.is_empty() && state.jobs.is_empty() && state.audit.is_empty());
    assert!(state.usage.values().all(|used| *used == 0));
}

/// S4.36, S4.86: what cannot be said is refused with its field before anything is stored.
#[tokio::test]
async fn what_cannot_be_said_is_told_and_not_stored() {
    let (world, id) = amal_wrote().await;
    for body in ["", "  ", &"x".repeat(4_097)] {
        let failure = say_in(&world, id, body).await.unwrap_err();
        assert_eq!(failure.code(), Code::Validation);
        assert_eq!(failure.fields().len(), 1, "{:?}", failure.fields());
    }
    say_in(&world, id, &"\u{1f99a}".repeat(4_096))
        .await
        .unwrap();
    assert_eq!((world.sends(), world.store.state().messages.len()), (1, 1));
}

/// S4.5: when nothing can be stored, nothing is sent.
#[tokio::test]
async fn nothing_is_sent_that_could_not_be_stored() {
    let (world, id) = amal_wrote().await;
    world.store.fail("acceptances.commit", 1, FailWhen::Before);
    let failure = say_in(&world, id, "At nine.").await.unwrap_err();
    assert_eq!((failure.code(), failure.retryable()), (Code::DbError, true));
    assert_eq!(world.sends(), 0);
    assert!(bubbles(&world, id).await.is_empty());
}

/// S4.51, S4.53, S4.54, S4.55, S4.84, X10: the bubble stands there as failed, the caller may try again,
/// and nothing else does.
#[tokio::test]
async fn what_the_provider_does_not_take_stands_there_as_failed() {
    let (world, id) = amal_wrote().await;
    world.gate.next(rejected());
    let failure = say_in(&world, id, "At nine.").await.unwrap_err();
    assert_eq!(
        (failure.code(), failure.retryable()),
        (Code::ProviderError, true)
    );
    let details = failure.details();
    assert_eq!(
        (details["status"].as_str(), &details["conversation_id"]),
        ("failed", &id.to_string())
    );
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Failed)]
    );
    assert_eq!(world.actions("messages"), ["send_attempt", "send_failed"]);
    let audited = world.audited("messages");
    assert_eq!(audited[1].entity, details["message_id"]);
    assert!(audited[1].after["error"].starts_with(details["reason"].as_str()));
    let token = testkit::fakes::FakeVault::token_of(world.acme.tenant.id, world.acme.channel.id);
    assert!(!format!("{failure:?}{audited:?}").contains(&token));

    world.minutes(24 * 60).await;
    assert_eq!(world.sends(), 1, "nothing is tried again by itself");
    assert!(world.mailer.sent().is_empty());
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Failed)]
    );
    world.assert_consistent().await;
}

/// S4.73: the failed bubble's retry button sends the same message again.
#[tokio::test]
async fn a_failed_bubble_is_sent_again_on_purpose() {
    let (world, id) = amal_wrote().await;
    world
        .gate
        .next(Err(ProviderFailure::NotSent { what: "connect" }));
    let failure = say_in(&world, id, "At nine.").await.unwrap_err();
    let bubble = failure.details()["message_id"].parse().unwrap();
    world.minutes(120).await;
    assert_eq!(world.sends(), 1);
    let agent = world.acme.user(Role::Agent);
    let message = world.change().retry(&agent, bubble).await.unwrap();
    world.accept().hand_over(&message).await;
    world.drain().await;
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Sent)]
    );
    assert_eq!(world.sends(), 2);
}

/// An unknown outcome is no failure: the bubble is pending until the provider is asked, and is never
/// sent again blindly.
#[tokio::test]
async fn an_unknown_outcome_is_pending() {
    let (world, id) = amal_wrote().await;
    world.gate.next(Err(ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }));
    let said = say_in(&world, id, "At nine.").await.unwrap();
    assert_eq!(said.message.status(), Status::Pending);
    assert_eq!(
        world.actions("messages"),
        ["send_attempt", "send_unconfirmed"]
    );
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Pending)]
    );
    world.minutes(24 * 60).await;
    assert_eq!(world.sends(), 1);
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Failed)]
    );
}

#[tokio::test]
async fn an_idempotency_key_makes_one_bubble_whatever_came_of_it() {
    for fails in [false, true] {
        let (world, id) = amal_wrote().await;
        let route = format!("POST /v1/conversations/{id}/messages");
        let key = |body: &str| IdempotencyKey::parse(&route, "k-1", body.as_bytes()).unwrap();
        if fails {
            world.gate.next(rejected());
        }
        let mut answers = Vec::new();
        for _ in 0..2 {
            let said = say_with(&world, id, "At nine.", Some(&key("{}"))).await;
            answers.push(match said {
                Ok(accepted) => accepted.message.id.to_string(),
                Err(failure) => failure.details()["message_id"].clone(),
            });
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!((world.sends(), bubbles(&world, id).await.len()), (1, 1));
        let other = say_with(&world, id, "At ten.", Some(&key("{ }")))
            .await
            .unwrap_err();
        assert_eq!(other.details()["reason"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(world.sends(), 1);
    }
}

/// A process that dies, or a store that fails, after the bubble was stored: the sweep finds it once.
#[tokio::test]
async fn a_broken_off_answer_is_made_up_for() {
    let (world, id) = amal_wrote().await;
    world.store.fail("messages.save", 1, FailWhen::Before);
    let key = IdempotencyKey::parse("POST", "k-1", b"{}").unwrap();
    for _ in 0..2 {
        // Asking again with the key tells how it stands; it does nothing.
        let said = say_with(&world, id, "At nine.", Some(&key)).await.unwrap();
        assert_eq!((said.message.status(), world.sends()), (Status::Queued, 0));
    }
    assert_eq!(world.actions("messages"), ["send_attempt"]);
    world.minutes(5).await;
    assert_eq!(
        bubbles(&world, id).await,
        [("At nine.".into(), Status::Sent)]
    );
    assert_eq!(world.sends(), 1);
}

/// What became of it is not undone because the log cannot tell it.
#[tokio::test]
async fn an_answer_stands_although_its_second_line_cannot_be_written() {
    let (world, id) = amal_wrote().await;
    world.store.fail("audits.note", 1, FailWhen::Before);
    let said = say_in(&world, id, "At nine.").await.unwrap();
    assert_eq!(said.message.status(), Status::Sent);
    assert_eq!(world.actions("messages"), ["send_attempt"]);
}

#[tokio::test]
async fn what_stands_against_answering_is_refused_before_anything_is_stored() {
    let (world, id) = amal_wrote().await;
    let channel = (world.acme.tenant.id, world.acme.channel.id);
    world.store.state().channels.get_mut(&channel).unwrap().auth = AuthStatus::Disconnected;
    let refused = say_in(&world, id, "At nine.").await.unwrap_err();
    assert_eq!(refused.details()["reason"], "CHANNEL_NOT_AUTHORIZED");
    world.store.state().channels.remove(&channel);
    let gone = say_in(&world, id, "At nine.").await.unwrap_err();
    assert_eq!(
        (gone.code(), gone.details()["reason"].as_str()),
        (Code::Conflict, "CONVERSATION_CLOSED")
    );
    assert_eq!((world.sends(), bubbles(&world, id).await.len()), (0, 0));
}

/// S4.56–S4.60: the service contract: a text to a number through the default channel, once.
#[tokio::test]
async fn a_text_to_a_number_is_answered_with_the_providers_word() {
    let world = World::new();
    let agent = world.acme.user(Role::Manager);
    let to = async |number: &str, body: &str| {
        let (accept, attempt) = (world.accept(), world.attempt());
        say_to(&accept, &attempt, &agent, number.into(), body.into(), None).await
    };
    let said = to(AMAL, "Hello").await.unwrap().message;
    assert_eq!(
        (said.status(), said.channel),
        (Status::Sent, world.acme.channel.id)
    );
    assert_eq!(said.facts.accepted[&1].provider_id, Some(provider_id(1)));
    assert_eq!(
        to("12", "Hello").await.unwrap_err().code(),
        Code::Validation
    );
    world
        .gate
        .next(Err(ProviderFailure::NotSent { what: "connect" }));
    let failure = to(AMAL, "Hello again").await.unwrap_err();
    assert_eq!(
        (failure.code(), failure.retryable()),
        (Code::ProviderError, true)
    );
    world.minutes(24 * 60).await;
    assert_eq!(world.sends(), 2);
}
