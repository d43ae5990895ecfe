//! Accepting: all of it or nothing, once, within the limit.

use domain::{
    contact::Contact,
    failure::StoreFailureKind,
    ports::{Acceptances, Committed, Contacts, IdempotencyRecord, Inbox, Messages, Outbox, Saved},
};
use futures::future::join_all;
use jiff::SignedDuration;

use crate::world::{World, later, start};

/// S2.19–S2.21, S2.26: id, recipient, words, company and channel, as they were accepted.
#[tokio::test]
async fn everything_is_stored_and_reads_back_exactly() {
    let world = World::start().await;
    let mut acceptance = world.with_key("key-1", start());
    acceptance.new_contact = Some(world.contact());
    assert_eq!(
        world.store.commit(&acceptance).await.unwrap(),
        Committed::Done
    );

    let (store, tenant) = (&world.store, world.tenant);
    let mut stored = acceptance.message.clone();
    stored.version = 1;
    assert_eq!(
        store.message(tenant, stored.id).await.unwrap(),
        Some(stored.clone())
    );
    let payload = store.payload(tenant, stored.id).await.unwrap();
    assert_eq!(payload, Some(acceptance.payload.clone()));
    let job = store.job(tenant, acceptance.job.id).await.unwrap();
    assert_eq!(job, Some(acceptance.job.clone()));
    let contact = store.contact(tenant, &World::alias()).await.unwrap();
    assert_eq!(contact, Some(world.met()));
    let conversation = store
        .conversation(tenant, stored.conversation)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(conversation.last_message_at, start());
    assert_eq!(conversation.prompt, acceptance.touch.prompt);
    assert_eq!(
        (conversation.unread, conversation.last_inbound_at),
        (0, None)
    );
    assert_eq!(store.used(tenant, stored.usage_day).await.unwrap(), 1);
    let record = store.repeated(tenant, "key-1", start()).await.unwrap();
    assert_eq!(record, acceptance.idempotency);
    assert_eq!(
        world.count().await,
        8,
        "message, payload, job, contact, conversation, usage, key, audit"
    );
}

#[tokio::test]
async fn a_long_payload_is_packed_and_reads_back() {
    let world = World::start().await;
    let mut acceptance = world.acceptance(start());
    let body = "Dear customer, ".repeat(270);
    acceptance.payload.content = domain::message::Content::Text { body: body.clone() };
    acceptance.payload.request.body = Some(serde_json::json!({"to": "97300000001", "body": body}));
    world.store.commit(&acceptance).await.unwrap();
    let payload = world
        .store
        .payload(world.tenant, acceptance.message.id)
        .await
        .unwrap();
    assert_eq!(payload, Some(acceptance.payload));
    let key = format!("T#{}#M#{}", world.tenant.key(), acceptance.message.id.key());
    let item = world.database.item(&key, "P").await.unwrap();
    assert!(store::size::item_size(&item) < 1_024);
}

/// Every refusal leaves nothing behind.
#[tokio::test]
async fn a_refused_acceptance_stores_nothing() {
    let world = World::start().await;
    let first = world.with_key("key-1", start());
    world.store.commit(&first).await.unwrap();
    let before = world.count().await;

    let mut repeated = world.with_key("key-1", later(1));
    repeated.new_contact = Some(world.contact());
    let record: IdempotencyRecord = first.idempotency.clone().unwrap();
    assert_eq!(
        world.store.commit(&repeated).await.unwrap(),
        Committed::Repeated(record)
    );
    assert_eq!(world.count().await, before);

    let mut over = world.with_key("key-2", later(1));
    over.daily_limit = 1;
    assert_eq!(
        world.store.commit(&over).await.unwrap(),
        Committed::LimitReached
    );
    assert_eq!(world.count().await, before);
    assert_eq!(
        world
            .store
            .repeated(world.tenant, "key-2", start())
            .await
            .unwrap(),
        None
    );
    let conversation = world
        .store
        .conversation(world.tenant, world.conversation())
        .await;
    assert_eq!(conversation.unwrap().unwrap().last_message_at, start());
}

#[tokio::test]
async fn a_limit_of_nothing_refuses_the_first_message() {
    let world = World::start().await;
    let mut acceptance = world.acceptance(start());
    acceptance.daily_limit = 0;
    assert_eq!(
        world.store.commit(&acceptance).await.unwrap(),
        Committed::LimitReached
    );
    assert_eq!(world.count().await, 0);
}

/// Hazards.md, failure point 11: the caller tries again after an answer that never came.
#[tokio::test]
async fn committing_the_same_acceptance_again_is_done_already() {
    let world = World::start().await;
    for mut acceptance in [world.with_key("key-1", start()), world.acceptance(start())] {
        acceptance.daily_limit = 2;
        for _ in 0..3 {
            assert_eq!(
                world.store.commit(&acceptance).await.unwrap(),
                Committed::Done
            );
        }
    }
    let used = world
        .store
        .used(world.tenant, "2026-11-20".parse().unwrap())
        .await;
    assert_eq!(used.unwrap(), 2, "each counted once");
}

#[tokio::test]
async fn fifty_at_once_with_one_key_are_one_message() {
    let world = World::start().await;
    let all: Vec<_> = (0..50).map(|n| world.with_key("key-1", later(n))).collect();
    let answers = join_all(all.iter().map(|one| world.store.commit(one))).await;
    let done = answers
        .iter()
        .filter(|a| matches!(a, Ok(Committed::Done)))
        .count();
    let repeated = answers
        .iter()
        .filter(|a| matches!(a, Ok(Committed::Repeated(_))))
        .count();
    assert_eq!((done, repeated), (1, 49));
    let messages = world.database.items().await;
    assert_eq!(
        messages
            .iter()
            .filter(|i| i["sk"].as_s().unwrap() == "M")
            .count(),
        1
    );
}

#[tokio::test]
async fn fifty_at_once_under_a_limit_of_ten_are_ten() {
    let world = World::start().await;
    let all: Vec<_> = (0..50)
        .map(|n| {
            let mut one = world.acceptance(later(n));
            one.daily_limit = 10;
            one
        })
        .collect();
    let answers = join_all(all.iter().map(|one| world.store.commit(one))).await;
    let done = answers
        .iter()
        .filter(|a| matches!(a, Ok(Committed::Done)))
        .count();
    let refused = answers
        .iter()
        .filter(|a| matches!(a, Ok(Committed::LimitReached)))
        .count();
    assert_eq!((done, refused), (10, 40));
    let used = world
        .store
        .used(world.tenant, "2026-11-20".parse().unwrap())
        .await;
    assert_eq!(used.unwrap(), 10);
}

/// TTL deletes late: the time decides, not whether the item is there.
#[tokio::test]
async fn an_expired_key_is_free_although_its_item_is_there() {
    let world = World::start().await;
    let first = world.with_key("key-1", start());
    world.store.commit(&first).await.unwrap();
    let expiry = start() + SignedDuration::from_hours(48);
    let just_before = expiry - SignedDuration::from_nanos(1);
    let tenant = world.tenant;
    assert!(
        world
            .store
            .repeated(tenant, "key-1", just_before)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        world
            .store
            .repeated(tenant, "key-1", expiry)
            .await
            .unwrap()
            .is_none()
    );
    let too_early = world.with_key("key-1", just_before);
    let answer = world.store.commit(&too_early).await.unwrap();
    assert!(matches!(answer, Committed::Repeated(_)));
    let again = world.with_key("key-1", expiry);
    assert_eq!(world.store.commit(&again).await.unwrap(), Committed::Done);
    assert_eq!(
        world.store.repeated(tenant, "key-1", expiry).await.unwrap(),
        again.idempotency
    );
}

/// A conversation that already knows something newer (a provider's clock runs ahead) keeps it.
#[tokio::test]
async fn an_older_message_does_not_move_its_conversation_back() {
    let world = World::start().await;
    world
        .store
        .commit(&world.acceptance(later(10)))
        .await
        .unwrap();
    let older = world.acceptance(start());
    assert_eq!(world.store.commit(&older).await.unwrap(), Committed::Done);
    let conversation = world
        .store
        .conversation(world.tenant, world.conversation())
        .await;
    let conversation = conversation.unwrap().unwrap();
    assert_eq!(conversation.last_message_at, later(10));
    assert_eq!(
        conversation.prompt, older.touch.prompt,
        "the last prompt sent is the one to press"
    );
}

/// Somebody may be met by a webhook while a message to them is accepted: they are one contact, and the
/// name that the caller knows is added to a nameless one.
#[tokio::test]
async fn a_contact_met_meanwhile_is_left_as_it_is() {
    let world = World::start().await;
    let nameless = Contact {
        name: None,
        ..world.contact()
    };
    for (n, (contact, name, version)) in [
        (nameless, None, 1),
        (world.contact(), Some("Ada Example"), 2),
        (world.person(1, "x"), Some("Ada Example"), 2),
    ]
    .into_iter()
    .enumerate()
    {
        let mut acceptance = world.acceptance(later(n.try_into().unwrap()));
        let contact = Contact {
            id: world.contact().id,
            ..contact
        };
        acceptance.new_contact = Some(contact);
        let done = world.store.commit(&acceptance).await.unwrap();
        assert_eq!(done, Committed::Done);
        let read = world.store.contact(world.tenant, &World::alias()).await;
        let read = read.unwrap().unwrap();
        assert_eq!((read.name.as_deref(), read.version), (name, version), "{n}");
        assert_eq!(read.phone, world.contact().phone, "{n}");
    }
}

/// A number that became another contact's name in between: nothing is stored, and trying again finds
/// the contact it leads to.
#[tokio::test]
async fn a_number_that_leads_elsewhere_by_now_is_a_conflict() {
    let world = World::start().await;
    let mut other = world.known(17, "Amal Heron").await;
    other.aliases.push(World::alias());
    let claimed = [World::alias()];
    let saved = world.store.save_contact(&mut other, &claimed, None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let before = world.count().await;
    let mut acceptance = world.acceptance(start());
    acceptance.new_contact = Some(world.contact());
    let failure = world.store.commit(&acceptance).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Conflict);
    assert!(failure.retryable());
    assert_eq!(world.count().await, before);
}
