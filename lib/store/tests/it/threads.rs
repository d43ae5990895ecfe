//! Threads as people read them.

use domain::{
    ids::{ChannelId, ConversationId, TenantId},
    message::Content,
    ports::{Acceptances, Conversations, Inbox, Page, ThreadItem},
};
use jiff::Timestamp;
use testkit::faults::{Fault, Faults};

use crate::{
    inbox::{reception, written_by},
    world::{World, later},
};

fn place(item: &ThreadItem) -> (std::cmp::Reverse<Timestamp>, uuid::Uuid) {
    match item {
        ThreadItem::Outbound(out) => (std::cmp::Reverse(out.0.created_at), out.0.id.uuid()),
        ThreadItem::Inbound(message) => (std::cmp::Reverse(message.at), message.id.uuid()),
    }
}

async fn page(
    world: &World,
    threads: &[ConversationId],
    after: Option<&str>,
    limit: u16,
) -> Page<ThreadItem> {
    let page = world
        .store
        .thread(world.tenant, threads, after, limit)
        .await;
    page.unwrap()
}

async fn whole(world: &World, threads: &[ConversationId], limit: u16) -> Vec<ThreadItem> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let answer = page(world, threads, after.as_deref(), limit).await;
        assert!(answer.items.len() <= usize::from(limit));
        all.extend(answer.items);
        after = answer.next;
        if after.is_none() {
            return all;
        }
    }
}

/// S4.44: newest first, then by id; ours with what they say, theirs whole; several threads as one.
#[tokio::test]
async fn messages_of_both_sides_are_read_newest_first() {
    let world = World::start().await;
    let basil = world.person(18, "Basil Crane");
    let other = ConversationId::of(world.channel, basil.id);
    let mut expected = Vec::new();
    for n in 0..9 {
        let at = later(n / 3);
        let mut ours = world.acceptance(at);
        if n == 4 {
            let body = "Dear customer, ".repeat(270);
            ours.payload.content = Content::Text { body };
        }
        world.store.commit(&ours).await.unwrap();
        ours.message.version = 1;
        let out = (ours.message, ours.payload.content);
        expected.push(ThreadItem::Outbound(Box::new(out)));
        for theirs in [
            reception(&world, &format!("in-{n}"), at),
            written_by(&world, basil.clone(), &format!("basil-{n}"), at),
        ] {
            world.store.receive(&theirs).await.unwrap();
            expected.push(ThreadItem::Inbound(Box::new(theirs.message)));
        }
    }
    expected.sort_by_key(place);
    let threads = [world.conversation(), other, other];
    for limit in [1, 2, 7, 26, 27, 100] {
        let read = whole(&world, &threads, limit).await;
        assert_eq!(read, expected, "pages of {limit}");
    }
    let own = whole(&world, &threads[..1], 100).await;
    assert_eq!(own.len(), 18);
    let full = page(&world, &threads, None, 27).await;
    assert_eq!((full.items.len(), full.next), (27, None));
    let nobody = ConversationId::of(ChannelId::fresh(), basil.id);
    assert_eq!(page(&world, &[nobody], None, 9).await.items, []);
    let theirs = world
        .store
        .thread(TenantId::fresh(), &threads, None, 9)
        .await;
    assert_eq!(theirs.unwrap().items, []);
}

/// An index may show a message whose item a lagging read does not see yet: it is read for certain.
#[tokio::test]
async fn keys_left_for_later_keep_their_place() {
    let world = World::start().await;
    for n in 0..3 {
        world
            .store
            .commit(&world.acceptance(later(n)))
            .await
            .unwrap();
    }
    let threads = [world.conversation()];
    let expected = page(&world, &threads, None, 9).await;
    let fault = Faults::of("BatchGetItem", Fault::Unprocessed, 2);
    let store = world.database.store_through(fault);
    let read = store.thread(world.tenant, &threads, None, 9).await;
    assert_eq!(read.unwrap(), expected);
}
