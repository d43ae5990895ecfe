//! Messages by what they are about.

use domain::{
    message::Context,
    ports::{Acceptances, Outbox},
};
use jiff::SignedDuration;

use crate::world::{World, start};

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
