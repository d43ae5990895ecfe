//! What a message holds of itself, from its acceptance to its last status.

use domain::{
    message::{Fact, FailedFact, FailureOrigin, Message, MessageType, Status},
    ports::{Acceptances, Messages, Outbox, Saved},
};
use jiff::Timestamp;

use crate::world::{World, later, start};

async fn kept(world: &World, message: &mut Message) -> Message {
    let saved = world.store.save(message, None).await.unwrap();
    assert_eq!(saved, Saved::Done);
    let read = world.store.message(world.tenant, message.id).await.unwrap();
    let read = read.unwrap();
    assert_eq!(&read, message);
    read
}

async fn claimed(world: &World, now: Timestamp) -> Message {
    let mut message = world.accepted().await;
    message.claim(now).unwrap();
    kept(world, &mut message).await
}

/// S1.43, X20: what a message is for, and that it waits for the morning.
#[tokio::test]
async fn what_it_is_for_and_waits_for_is_kept() {
    let world = World::start().await;
    for message_type in MessageType::ALL {
        let mut acceptance = world.acceptance(start());
        acceptance.message.message_type = message_type;
        acceptance.job.message_type = message_type;
        world.store.commit(&acceptance).await.unwrap();
        let job = world
            .store
            .job(world.tenant, acceptance.job.id)
            .await
            .unwrap();
        assert_eq!(job, Some(acceptance.job));
        let id = acceptance.message.id;
        let read = world.store.message(world.tenant, id).await.unwrap();
        let mut message = read.unwrap();
        assert_eq!(message.message_type, message_type);
        assert!(message.hold(later(3_600), later(1)));
        assert!(kept(&world, &mut message).await.sending.quiet);
        message.claim(later(3_600)).unwrap();
        assert!(!kept(&world, &mut message).await.sending.quiet);
    }
}

/// S2.19, S2.23, S2.27, S2.44: a UUID, every status on the way, and the time of each. X4: before the
/// first attempt a message is queued, and pending while the provider is asked.
#[tokio::test]
async fn every_step_is_kept_with_its_time() {
    let world = World::start().await;
    let queued = world.accepted().await;
    assert_eq!(queued.id.key(), queued.id.uuid().simple().to_string());
    assert_eq!(queued.status(), Status::Queued);
    assert_eq!((queued.created_at, queued.updated_at), (start(), start()));

    let mut message = claimed(&world, later(1)).await;
    assert_eq!(message.status(), Status::Pending);
    assert_eq!(
        (message.created_at, message.updated_at),
        (start(), later(1))
    );
    let provider_id = Some("wa-1".to_owned());
    let accepted = Fact::Accepted {
        attempt: 1,
        at: later(2),
        provider_id: provider_id.clone(),
    };
    let sent = Fact::Sent {
        attempt: 1,
        at: later(3),
    };
    for (fact, status) in [
        (accepted, Status::Sent),
        (sent, Status::Sent),
        (Fact::Delivered { at: later(4) }, Status::Delivered),
        (Fact::Read { at: later(5) }, Status::Read),
    ] {
        message.observe(fact, later(6));
        assert_eq!(kept(&world, &mut message).await.status(), status);
    }
    let facts = &message.facts;
    assert_eq!(facts.accepted[&1].provider_id, provider_id);
    assert_eq!(
        (facts.accepted[&1].at, facts.sent[&1]),
        (later(2), later(3))
    );
    assert_eq!(facts.delivered_at(), Some(later(4)));
    assert_eq!(facts.read, Some(later(5)));
    assert_eq!(message.updated_at, later(6));
}

/// S2.23, S2.28: what it failed with, in a code and in words, and how often it was tried again: not yet.
#[tokio::test]
async fn a_failure_is_kept_with_its_code_and_words() {
    let world = World::start().await;
    let mut message = claimed(&world, later(1)).await;
    assert_eq!(message.sending.retries, 0);
    let failure = FailedFact {
        at: later(2),
        origin: FailureOrigin::Provider,
        code: "NO_WHATSAPP".into(),
        reason: "This number has no WhatsApp.".into(),
    };
    let failed = Fact::Failed {
        attempt: 1,
        failure: failure.clone(),
    };
    message.observe(failed, later(3));
    let read = kept(&world, &mut message).await;
    assert_eq!(read.status(), Status::Failed);
    assert_eq!(read.facts.failed[&1], failure);
    assert_eq!(read.sending.retries, 0);
}
