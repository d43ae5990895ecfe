//! Receiving, and the copies of files.

use domain::{
    message::{InboundContent, MediaCopy, phase::HAND_OVER_GRACE},
    ports::{Conversations, DUE_SHARDS, Due, DueThing, Inbox, Received, Saved},
};
use jiff::Timestamp;

use crate::world::{World, audit, later};

/// A provider's messages come in any order: the newest moves the conversation, all are counted.
#[tokio::test]
async fn any_order_ends_in_the_same_conversation() {
    for order in [[10, 20, 30], [30, 20, 10], [20, 30, 10], [30, 10, 20]] {
        let world = World::new();
        let amal = world.met(1, "Amal");
        for seconds in order {
            let mut one = world.text(&amal, &format!("in-{seconds}"), seconds);
            // The newest is the tenant's own, typed on the phone.
            one.message.from_us = seconds == 30;
            one.unread = seconds != 30;
            assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
        }
        let conversation = world.conversation(&amal).await;
        assert_eq!(conversation.last_message_at, later(30), "{order:?}");
        assert_eq!(conversation.preview, "in-30", "{order:?}");
        assert_eq!(conversation.last_inbound_at, Some(later(20)), "{order:?}");
        assert_eq!(conversation.unread, 2, "{order:?}");
    }
}

#[tokio::test]
async fn a_repeat_shows_how_it_was_stored_and_counts_nothing() {
    let world = World::new();
    let amal = world.met(1, "Amal");
    let first = world.text(&amal, "in-1", 0);
    world.store.receive(&first).await.unwrap();
    let mut repeat = first.clone();
    repeat.message.content = InboundContent::Text {
        body: "something else".into(),
    };
    let answer = world.store.receive(&repeat).await.unwrap();
    assert_eq!(answer, Received::Duplicate(Box::new(first.message.clone())));
    assert_eq!(world.conversation(&amal).await.unread, 1);
    let found = world.store.inbound(world.tenant, first.message.id).await;
    assert_eq!(found.unwrap(), Some(first.message));
}

/// S4.43: what was put away comes back when somebody writes, and not for a reaction of theirs.
#[tokio::test]
async fn who_writes_brings_the_conversation_back() {
    let world = World::new();
    let amal = world.met(1, "Amal");
    world.wrote(&amal, "in-1", 0).await;
    let before = world.conversation(&amal).await;
    let mut away = before.clone();
    away.archived = true;
    let saved = world
        .store
        .save_conversation(&before, &away, &audit("archive", 1))
        .await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let mut reaction = world.text(&amal, "in-2", 10);
    reaction.unread = false;
    world.store.receive(&reaction).await.unwrap();
    assert!(world.conversation(&amal).await.archived);
    world.wrote(&amal, "in-3", 5).await;
    let back = world.conversation(&amal).await;
    assert_eq!((back.archived, back.unread), (false, 2));
}

async fn due(world: &World, now: Timestamp) -> Vec<DueThing> {
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        due.extend(world.store.due(shard, now, 10).await.unwrap());
    }
    due
}

#[tokio::test]
async fn a_wanted_file_is_due_until_it_is_stored_or_refused() {
    let world = World::new();
    let store = &world.store;
    let mut picture = world.text(&world.met(1, "Amal"), "in-1", 0);
    picture.message.copy = Some(MediaCopy::Wanted { tries: 0 });
    store.receive(&picture).await.unwrap();
    let wanted = picture.message;
    let thing = DueThing::Media(world.tenant, wanted.id);
    let first = wanted.arrived_at + HAND_OVER_GRACE;
    assert!(
        due(&world, first - jiff::SignedDuration::from_secs(1))
            .await
            .is_empty()
    );
    assert_eq!(due(&world, first).await, std::slice::from_ref(&thing));

    let again = MediaCopy::Wanted { tries: 1 };
    let moved = store.move_copy(&wanted, &again, Some(later(600))).await;
    assert_eq!(moved.unwrap(), Saved::Done);
    assert!(due(&world, later(599)).await.is_empty());
    assert_eq!(due(&world, later(600)).await, [thing]);

    let stored = MediaCopy::Stored {
        key: "media/1.jpg".into(),
        mime: "image/jpeg".into(),
        bytes: 7,
    };
    let stale = store.move_copy(&wanted, &stored, None).await.unwrap();
    assert_eq!(stale, Saved::Stale, "somebody else was at it");
    let read = store
        .inbound(world.tenant, wanted.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.copy, Some(again));
    let moved = store.move_copy(&read, &stored, None).await.unwrap();
    assert_eq!(moved, Saved::Done);
    assert!(due(&world, later(9_999)).await.is_empty());
    let read = store
        .inbound(world.tenant, wanted.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.copy, Some(stored));
}
