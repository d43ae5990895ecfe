//! Failure mails.

use domain::{failure::StoreFailureKind, notice::NoticeState, service::send::FirstAttempt};
use serde_json::json;
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::world::{World, answer};

fn refuse(world: &World, times: usize) {
    for _ in 0..times {
        world.gate.next(Ok(answer(
            400,
            &json!({"error": {"code": 400, "message": "wrong parameters"}}),
        )));
    }
}

/// S1.11, S1.105, S1.149, S1.150, X44: one mail on the terminal failure, with the exact fields.
#[tokio::test]
async fn a_terminal_failure_is_one_mail_with_its_seven_fields() {
    let world = World::new();
    refuse(&world, 1);
    world.send(interactive_draft(RECIPIENT)).await.unwrap();
    world.minutes(10).await;
    let mails = world.mailer.sent();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ops@acme.example");
    assert_eq!(mails[0].subject, "WhatsApp Message Failed - Interactive");
    let names: Vec<_> = mails[0]
        .text
        .lines()
        .map(|l| l.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Customer",
            "WhatsApp",
            "Message Type",
            "Trigger",
            "Failure Reason",
            "Timestamp",
            "Retry Count"
        ]
    );
    assert!(
        mails[0]
            .text
            .starts_with("Customer: Ada Example\nWhatsApp: +97300000001\n")
    );
}

/// X6: a message a person typed fails in front of them; nobody is mailed.
#[tokio::test]
async fn a_message_without_retries_mails_nobody() {
    let world = World::new();
    refuse(&world, 1);
    let mut draft = text_draft(RECIPIENT, "Hello");
    draft.retry = false;
    world.send(draft).await.unwrap();
    world.minutes(20).await;
    assert!(world.mailer.sent().is_empty());
}

/// Hazard 14: a bad quarter of an hour is ten mails and one digest, not a flood.
#[tokio::test]
async fn many_failures_become_a_digest() {
    let world = World::new();
    refuse(&world, 25);
    for _ in 0..25 {
        world
            .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::Here)
            .await
            .unwrap();
    }
    world.minutes(30).await;
    let mails = world.mailer.sent();
    assert_eq!(mails.len(), 11);
    assert_eq!(mails[10].subject, "WhatsApp Messages Failed - 15 messages");
    let told: usize = mails
        .iter()
        .map(|m| m.text.matches("Customer: ").count())
        .sum();
    assert_eq!(told, 25);
}

/// Hazard 14: mail has no idempotency. Throttled is tried again; a lost answer is not repeated, and shown.
#[tokio::test]
async fn a_mail_with_a_lost_answer_is_not_sent_twice() {
    let world = World::new();
    refuse(&world, 1);
    world.mailer.set_failing(Some(StoreFailureKind::Throttled));
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.minutes(2).await;
    world.mailer.set_failing(Some(StoreFailureKind::Doubtful));
    world.minutes(7).await;
    world.mailer.set_failing(None);
    world.minutes(20).await;
    assert!(world.mailer.sent().is_empty());
    let state = world.store.state();
    let states: Vec<_> = state.notices.values().map(|n| n.state).collect();
    assert_eq!(states, [NoticeState::Unconfirmed]);
}

/// A notice that is handed over twice, or worked twice at once, is one mail.
#[tokio::test]
async fn a_notice_that_comes_again_is_one_mail() {
    let world = World::new();
    refuse(&world, 1);
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let task = world.lanes.take().unwrap();
    tokio::join!(world.task(&task), world.task(&task));
    world.task(&task).await;
    assert_eq!(world.mailer.sent().len(), 1);
}

/// A failure that the provider reports by webhook, with nobody at the queue: the sweep mails.
#[tokio::test]
async fn a_failure_reported_later_is_mailed_too() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.status(&crate::world::provider_id(1), "failed").await;
    world.status(&crate::world::provider_id(1), "failed").await;
    world.minutes(2).await;
    assert_eq!(world.mailer.sent().len(), 1);
}

/// It arrived after all before the mail was written: no mail that lies.
#[tokio::test]
async fn a_failure_that_was_healed_is_not_mailed() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.status(&crate::world::provider_id(1), "failed").await;
    world
        .status(&crate::world::provider_id(1), "delivered")
        .await;
    world.minutes(5).await;
    assert!(world.mailer.sent().is_empty());
}
