//! From rows to messages: at the channel's pace, the most important job first, each person once.

use domain::{
    contact::Consent,
    message::{Phase, Status},
    principal::Role,
    service::{bulk::BulkDraft, outbox},
};
use jiff::SignedDuration;

use super::{draft, number, of, row, world};
use crate::world::provider_id;

/// S2.76, S2.77, S2.86: rows go out with their own values, a minute of the channel's pace at a time.
#[tokio::test]
async fn a_job_is_sent_at_the_pace_of_its_channel() {
    let world = world();
    let job = world.open(of(250)).await.unwrap().run.job;
    world.drain().await;
    assert_eq!(world.sends(), 120, "two a second");
    assert_eq!(world.said()[7], "Dear Person 7, we open in Town 7.");
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.queued), (120, 130));
    world.minutes(1).await;
    assert_eq!(world.sends(), 240);
    world.minutes(2).await;
    assert_eq!(world.run_of(job).shown(), "done");
    assert_eq!(world.summed(job).await.sent, 250);
    let mut said = world.said();
    said.sort();
    said.dedup();
    assert_eq!((said.len(), world.sends()), (250, 250));
    let state = world.store.state();
    assert!(state.conversations.is_empty(), "the inbox is not flooded");
    assert!(state.contacts.is_empty() && state.payloads.is_empty());
    assert!(state.rows.values().all(|(_, expires)| expires.is_none()));
    assert!(state.runs[&(world.acme.tenant.id, job)].due.is_none());
}

/// S2.41, S2.76: of two jobs the higher priority goes first, then the earlier.
#[tokio::test]
async fn the_highest_priority_goes_first() {
    let world = world();
    let low = world
        .open(draft((0..150).map(row).collect()))
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_secs(1));
    let high = BulkDraft {
        priority: 5,
        ..draft((1_000..1_010).map(row).collect())
    };
    let high = world.open(high).await.unwrap().run.job;
    world.clock.advance(SignedDuration::from_secs(1));
    let later = world.open(draft((2_000..2_010).map(row).collect())).await;
    let later = later.unwrap().run.job;
    world.drain().await;
    assert_eq!(
        world.summed(high).await.sent,
        10,
        "it came second and went first"
    );
    assert_eq!(world.summed(later).await.sent, 0);
    world.minutes(5).await;
    assert_eq!(world.summed(low.run.job).await.sent, 150);
    assert_eq!(world.summed(later).await.sent, 10);
}

/// S2.42: nothing before its time, which is looked after all the same.
#[tokio::test]
async fn a_scheduled_job_waits_for_its_time() {
    let world = world();
    let draft = BulkDraft {
        scheduled_for: Some("2026-11-27T06:00:00Z".into()),
        ..of(3)
    };
    let accepted = world.open(draft).await.unwrap();
    let job = accepted.run.job;
    assert_eq!(accepted.run.shown(), "scheduled");
    assert_eq!(accepted.run.usage_day.to_string(), "2026-11-27");
    world.minutes(2).await;
    assert!(
        world.run_of(job).adopted,
        "its rows must not expire meanwhile"
    );
    assert_eq!(world.sends(), 0);
    world.clock.set("2026-11-27T06:00:00Z".parse().unwrap());
    world.minutes(2).await;
    assert_eq!(world.summed(job).await.sent, 3);
}

/// S2.48, S2.49: who stopped, or wants no marketing, is not written to; the row says why.
#[tokio::test]
async fn consent_is_asked_for_every_row() {
    let world = world();
    for (n, consent) in [(1, Consent::Stopped), (2, Consent::NoMarketing)] {
        let phone = domain::phone::PhoneNumber::parse(&number(n)).unwrap();
        let mut contact = domain::contact::Contact::met(world.acme.tenant.id, &phone, None);
        contact.consent = consent;
        let key = (contact.tenant, contact.id);
        world.store.state().contacts.insert(key, contact);
    }
    let job = world.open(of(4)).await.unwrap().run.job;
    world.minutes(3).await;
    let rows = world.rows_of(job);
    let failed = |row: usize| {
        rows[row]
            .facts
            .failed
            .values()
            .next()
            .map(|f| f.code.clone())
    };
    assert_eq!(failed(1).as_deref(), Some("CONSENT_STOPPED"));
    assert_eq!(failed(2).as_deref(), Some("NO_MARKETING"));
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.failed), (2, 2));
    assert_eq!(world.sends(), 2);
    assert_eq!(world.run_of(job).shown(), "done");
}

/// S2.43, S2.77, S2.78: what was known not to be sent is tried again by its own time, after the job is done.
#[tokio::test]
async fn a_row_that_was_not_sent_is_tried_again() {
    let world = world();
    world
        .gate
        .next(Err(domain::failure::ProviderFailure::NotSent {
            what: "no route",
        }));
    let job = world.open(of(2)).await.unwrap().run.job;
    world.minutes(2).await;
    assert_eq!(world.run_of(job).shown(), "done");
    let totals = world.summed(job).await;
    assert_eq!((totals.sent, totals.failed), (1, 1));
    world.minutes(35).await;
    assert_eq!(world.summed(job).await.sent, 2);
    assert_eq!(world.sends(), 3);
}

/// A lost hand-over, and an attempt that crashed, are found by the next pass.
#[tokio::test]
async fn what_was_lost_on_its_way_is_found() {
    let world = world();
    let job = world.open(of(3)).await.unwrap().run.job;
    let expand = world.lanes.take().unwrap();
    world.lanes.set_broken(true);
    world.task(&expand).await;
    world.lanes.set_broken(false);
    assert_eq!(world.rows_of(job).len(), 3);
    // The first row's worker dies in its call.
    let id = world.rows_of(job)[0].id;
    let mut first = world.message(id);
    first
        .claim(domain::ports::Clock::now(&world.clock))
        .unwrap();
    domain::ports::Messages::save(&world.store, &mut first, None)
        .await
        .unwrap();
    // Its outcome is unknown, then proven absent, then tried again by the policy.
    world.minutes(40).await;
    assert_eq!(world.summed(job).await.sent, 3);
    assert_eq!(world.run_of(job).shown(), "done");
    let tried = world.message(id).sending;
    assert_eq!((tried.attempt, tried.phase), (2, Phase::Accepted));
}

/// S0.34: what a row said, and the exact request, can be read although neither was stored.
#[tokio::test]
async fn the_payload_of_a_row_is_made_again() {
    let world = world();
    let job = world.open(of(2)).await.unwrap().run.job;
    world.drain().await;
    let message = world.rows_of(job)[1].clone();
    let manager = world.acme.user(Role::Manager);
    let payload = outbox::payload(&world.store, providers::adapter, &manager, message.id).await;
    let sent = world.gate.sent()[1].1.clone();
    assert_eq!(payload.unwrap().request, sent);
    world.status(&provider_id(2), "read").await;
    assert_eq!(world.message(message.id).status(), Status::Read);
    world.project().await;
    assert_eq!(world.summed(job).await.read, 1);
    let stranger = world.other.user(Role::Manager);
    let hidden = outbox::payload(&world.store, providers::adapter, &stranger, message.id).await;
    assert!(hidden.is_err());
}
