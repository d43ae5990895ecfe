//! Attempts: one call per attempt number, and an outcome that is true.

use domain::{
    channel::AuthStatus,
    failure::ProviderFailure,
    message::{Phase, Refused, Status},
    service::{attempt::Worked, send::FirstAttempt},
};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{
    builders::{RECIPIENT, text_draft},
    memory::FailWhen,
};

use crate::world::{World, answer, provider_id, taken};

fn not_sent() -> ProviderFailure {
    ProviderFailure::NotSent { what: "connect" }
}

/// S1.9, S1.46, S1.47, S1.103, S1.104, S1.129, S2.13, X6, X7, X9, S1.130–S1.133: what surely was not sent is
/// tried again, three times, half an hour apart.
#[tokio::test]
async fn what_was_not_sent_is_tried_again_and_then_mailed_about() {
    let world = World::new();
    for _ in 0..4 {
        world.gate.next(Err(not_sent()));
    }
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    assert_eq!(world.message(id).status(), Status::Failed);
    assert!(world.message(id).next_attempt_at().is_some());
    world.minutes(29).await;
    assert_eq!(world.sends(), 1, "not before its time");
    world.minutes(120).await;
    let message = world.message(id);
    assert_eq!((world.sends(), message.sending.retries), (4, 3));
    assert!(message.is_dead());
    assert_eq!(world.mailer.sent().len(), 1);
    world.assert_consistent().await;
}

#[tokio::test]
async fn a_second_try_that_works_sends_once_and_mails_nothing() {
    let world = World::new();
    world.gate.next(Err(not_sent()));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    world.minutes(40).await;
    assert_eq!(world.message(id).status(), Status::Sent);
    assert_eq!(world.sends(), 2);
    assert!(world.mailer.sent().is_empty());
}

/// S1.147, S0.28, S0.37, S1.134, S1.137, S1.146: a definite no is final, with the provider's own words.
#[tokio::test]
async fn a_definite_no_is_final_at_once() {
    let world = World::new();
    world.gate.next(Ok(answer(
        400,
        &json!({"error": {"code": 400, "message": "wrong parameters"}}),
    )));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let message = world.message(id);
    assert!(message.is_dead());
    assert!(message.facts.failed[&1].reason.contains("wrong parameters"));
    world.minutes(100).await;
    assert_eq!(world.sends(), 1);
    assert_eq!(world.mailer.sent().len(), 1);
}

/// X10, S1.132: a rate limit defers, and no retry is spent on it.
#[tokio::test]
async fn a_rate_limit_defers_and_is_no_retry() {
    let world = World::new();
    world.gate.next(Ok(answer(
        429,
        &json!({"error": {"code": 429, "message": "too many"}}),
    )));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let message = world.message(id);
    assert_eq!(
        (message.status(), message.sending.retries),
        (Status::Queued, 0)
    );
    world.minutes(4).await;
    let message = world.message(id);
    assert_eq!(
        (message.status(), message.sending.retries, world.sends()),
        (Status::Sent, 0, 2)
    );
}

/// Hazard 1: the process dies between the call and its record. The lease ends, and it is looked up.
#[tokio::test]
async fn a_crash_after_the_call_is_found_by_the_lease_and_looked_up() {
    let world = World::new();
    world.store.fail_after(
        "messages.save",
        1,
        20,
        FailWhen::Before,
        domain::failure::StoreFailureKind::Unavailable,
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
    assert_eq!(world.sends(), 1);
    assert_eq!(world.work(id).await, Worked::Nothing(Refused::InFlight));
}

/// Hazard 4: the hand-over is lost; the sweep finds it by its due time within two minutes.
#[tokio::test]
async fn a_lost_hand_over_is_found_within_two_minutes() {
    let world = World::new();
    world.lanes.set_broken(true);
    let accepted = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap();
    world.lanes.set_broken(false);
    world.minutes(2).await;
    assert_eq!(world.message(accepted.message.id).status(), Status::Sent);
}

/// Hazards 5, 7: the queue delivers twice, late, and under another message id.
#[tokio::test]
async fn a_task_that_comes_again_calls_nobody() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    for _ in 0..5 {
        assert_eq!(world.work(id).await, Worked::Nothing(Refused::AlreadySent));
    }
    assert_eq!(world.sends(), 1);
}

/// Two workers at once: the version decides which of them calls.
#[tokio::test]
async fn of_two_workers_one_calls() {
    let world = World::new();
    let accepted = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap();
    let id = accepted.message.id;
    let (a, b) = tokio::join!(world.work(id), world.work(id));
    assert_eq!(world.sends(), 1, "{a:?} {b:?}");
}

/// The channel, consent and type are checked again before the call.
#[tokio::test]
async fn what_changed_since_it_was_accepted_stops_the_call() {
    let world = World::new();
    let accepted = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap();
    let key = (world.acme.tenant.id, world.acme.channel.id);
    world.store.state().channels.get_mut(&key).unwrap().auth = AuthStatus::Disconnected;
    world.drain().await;
    let message = world.message(accepted.message.id);
    assert_eq!(message.facts.failed[&1].code, "CHANNEL_NOT_AUTHORIZED");
    assert_eq!((world.sends(), world.mailer.sent().len()), (0, 1));
}

/// 401: the phone is not linked, or the token is wrong: no retry, and the channel stops taking messages.
#[tokio::test]
async fn a_refused_token_stops_the_channel() {
    let world = World::new();
    world.gate.next(Ok(answer(
        401,
        &json!({"code": 401, "error": "need channel authorization for send message"}),
    )));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    assert_eq!(
        world.message(id).facts.failed[&1].code,
        "CHANNEL_UNAUTHORIZED"
    );
    let refused = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap_err();
    assert_eq!(refused.details()["reason"], "CHANNEL_NOT_AUTHORIZED");
}

/// S0.38: a provider that answers without an id has taken the message all the same.
#[tokio::test]
async fn an_answer_without_an_id_is_an_acceptance() {
    let world = World::new();
    world.gate.next(Ok(answer(200, &json!({"sent": true}))));
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let message = world.message(id);
    assert_eq!(
        (
            message.status(),
            message.facts.accepted[&1].provider_id.clone()
        ),
        (Status::Sent, None)
    );
}

/// Hazard 2: the status is there before the answer to the send.
#[tokio::test]
async fn a_status_before_the_answer_waits_for_it() {
    let world = World::new();
    assert_eq!(
        world.status(&provider_id(1), "delivered").await.verdicts,
        ["parked"]
    );
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    assert_eq!(world.message(id).status(), Status::Delivered);
}

/// The provider gives two messages one id: the second stays true, and keeps its hands off the first.
#[tokio::test]
async fn an_id_given_twice_belongs_to_the_first() {
    let world = World::new();
    world.gate.next(Ok(taken(9)));
    world.gate.next(Ok(taken(9)));
    let first = world
        .send(text_draft(RECIPIENT, "One"))
        .await
        .unwrap()
        .message
        .id;
    let second = world
        .send(text_draft(RECIPIENT, "Two"))
        .await
        .unwrap()
        .message
        .id;
    world.status(&provider_id(9), "read").await;
    assert_eq!(world.message(first).status(), Status::Read);
    assert_eq!(world.message(second).status(), Status::Sent);
}

/// A lane keeps its pace: turns half a second apart for WHAPI, and a contact's messages in one order.
#[tokio::test]
async fn a_lane_keeps_its_pace() {
    let world = World::new();
    for _ in 0..3 {
        world
            .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
            .await
            .unwrap();
    }
    let orders: Vec<_> = world.lanes.waiting().into_iter().map(|h| h.order).collect();
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");
    world.drain().await;
    let who = world.acme.channel.id.key();
    let turn = (who, 500);
    assert_eq!(world.pacer.turns(), [turn.clone(), turn.clone(), turn]);
}

/// The store does not answer when the claim is written: whether it was written or not, one call at most.
#[tokio::test]
async fn a_claim_with_a_lost_answer_is_not_called_blindly() {
    for when in [FailWhen::Before, FailWhen::After] {
        let world = World::new();
        world.store.fail("messages.save", 1, when);
        let id = world
            .send(text_draft(RECIPIENT, "Hello"))
            .await
            .unwrap()
            .message
            .id;
        assert_eq!(world.sends(), 0);
        world.minutes(45).await;
        assert_eq!(
            (world.sends(), world.message(id).status()),
            (1, Status::Sent),
            "{when:?}"
        );
        world.clock.advance(SignedDuration::from_hours(1));
        world.assert_consistent().await;
    }
}
