//! Messages by what they are about.

use domain::{
    message::{Acceptance, Context, FailedFact, FailureOrigin, Message, Reply, ReplyKind},
    ports::{Acceptances, Messages, Outbox, Saved},
};
use jiff::SignedDuration;

use crate::world::{World, later, start};

/// S2.29, S2.30: by context, newest first, in pages; one more item, and only for messages with one.
#[tokio::test]
async fn messages_are_found_by_what_they_are_about() {
    let world = World::start().await;
    let order = Context::parse("order", "A-1001").unwrap();
    let mut ids = Vec::new();
    for (seconds, context) in [(0, Some(&order)), (1, Some(&order)), (2, None)] {
        let mut acceptance = world.acceptance(start() + SignedDuration::from_secs(seconds));
        acceptance.message.context = context.cloned();
        let before = world.count().await;
        world.store.commit(&acceptance).await.unwrap();
        let written = world.count().await - before;
        ids.push((acceptance.message.id, written));
    }
    let [(first, one), (second, other), (_, without)] = ids[..] else {
        panic!("three were accepted");
    };
    // The first also makes conversation and usage.
    assert_eq!((one - other, other - without), (2, 1));
    let (store, tenant) = (&world.store, world.tenant);
    let page = store.by_context(tenant, &order, None, 1).await.unwrap();
    assert_eq!(page.items[0].id, second);
    assert_eq!(page.items[0].context.as_ref(), Some(&order));
    let next = page.next.as_deref();
    let page = store.by_context(tenant, &order, next, 1).await.unwrap();
    assert_eq!((page.items[0].id, page.next), (first, None));
    for (kind, id) in [
        ("order", "A-1002"),
        ("orderA", "-1001"),
        ("invoice", "A-1001"),
    ] {
        let other = Context::parse(kind, id).unwrap();
        let none = store.by_context(tenant, &other, None, 10).await.unwrap();
        assert_eq!(none.items, [], "{kind} {id}");
    }
}

async fn size_when_saved(world: &World, message: &mut Message) -> usize {
    assert_eq!(world.store.save(message, None).await.unwrap(), Saved::Done);
    let key = format!("T#{}#M#{}", message.tenant.key(), message.id.key());
    store::size::item_size(&world.database.item(&key, "M").await.unwrap())
}

/// S2.29: the longest context that is written in ASCII, a failure and everything after it: one write
/// unit. In the widest letters it is more, and still the reason of the last failure can be read.
#[tokio::test]
async fn a_context_leaves_room_for_what_happens() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    message.context = Some(Context::parse(&"k".repeat(40), &"i".repeat(128)).unwrap());
    message.sending.attempt = 2;
    message.sending.retries = 1;
    let reason = "nobody could be reached; ".repeat(8);
    let failure = FailedFact {
        at: later(1),
        origin: FailureOrigin::Ourselves,
        code: "CHANNEL_UNAUTHORIZED".into(),
        reason: reason.clone(),
    };
    message.facts.failed.insert(1, failure.clone());
    let accepted = Acceptance {
        at: later(2),
        provider_id: Some("P".repeat(48)),
    };
    message.facts.accepted.insert(2, accepted);
    message.facts.sent.insert(2, later(2));
    message.facts.delivered = Some(later(3));
    message.facts.read = Some(later(4));
    message.facts.reply = Some(Reply {
        at: later(5),
        inbound: "I".repeat(48),
        kind: ReplyKind::Button,
        button_id: Some("btn1".into()),
        title: "Reschedule".into(),
    });
    let size = size_when_saved(&world, &mut message).await;
    println!("the longest context, replied to after a failure: {size} bytes");
    assert!(size <= 1_024, "{size}");

    message.context = Some(Context::parse("order", &"𐎀".repeat(128)).unwrap());
    message.facts.failed.insert(
        2,
        FailedFact {
            reason: format!("2: {reason}"),
            ..failure
        },
    );
    let size = size_when_saved(&world, &mut message).await;
    println!("the widest context: {size} bytes");
    assert!(size <= 2_048, "{size}");
    let read = world.store.message(world.tenant, message.id).await.unwrap();
    let read = read.unwrap();
    assert_eq!(read.context, message.context);
    let newest = &read.facts.failed[&2].reason;
    assert!(
        newest.len() >= 40 && newest.starts_with("2: nobody"),
        "{newest}"
    );
}
