//! Copies of inbound files: where they stand, and when the sweep looks at them.

use domain::{
    ids::{MessageId, TenantId},
    message::{InboundContent, InboundMessage, MediaCopy},
    ports::{DUE_SHARDS, Due, DueThing, Inbox, Received, Saved},
};
use jiff::Timestamp;
use testkit::faults::{Fault, Faults};

use crate::{
    inbox::reception,
    world::{World, later, start},
};

async fn due(world: &World, now: Timestamp) -> Vec<DueThing> {
    let mut things = Vec::new();
    for shard in 0..DUE_SHARDS {
        things.extend(world.store.due(shard, now, 100).await.unwrap());
    }
    things
}

/// A picture that is still to be copied.
async fn wanted(world: &World) -> InboundMessage {
    let mut one = reception(world, "in-1", start());
    one.message.content = InboundContent::Media {
        media: "image".into(),
        media_id: Some("media-1".into()),
        link: None,
        mime_type: Some("image/jpeg".into()),
        filename: None,
        caption: None,
    };
    one.message.copy = Some(MediaCopy::Wanted { tries: 0 });
    assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
    one.message
}

async fn read(world: &World, id: MessageId) -> Option<InboundMessage> {
    world.store.inbound(world.tenant, id).await.unwrap()
}

#[tokio::test]
async fn a_file_is_due_while_it_is_wanted() {
    let world = World::start().await;
    let mut message = wanted(&world).await;
    assert_eq!(read(&world, message.id).await, Some(message.clone()));
    let thing = [DueThing::Media(world.tenant, message.id)];
    assert_eq!(due(&world, later(619)).await, []);
    assert_eq!(
        due(&world, later(620)).await,
        thing,
        "two minutes after it came"
    );

    let moves = [
        (
            MediaCopy::Wanted { tries: 0 },
            Some(later(700)),
            Saved::Done,
        ),
        (
            MediaCopy::Wanted { tries: 1 },
            Some(later(800)),
            Saved::Done,
        ),
        (
            MediaCopy::Stored {
                key: "media/1".into(),
                mime: "image/jpeg".into(),
                bytes: u64::MAX,
            },
            None,
            Saved::Done,
        ),
        (
            MediaCopy::Refused {
                code: "TOO_LARGE".into(),
                reason: "It is larger than 16 MB.".into(),
            },
            None,
            Saved::Done,
        ),
    ];
    for (to, at, expected) in moves {
        let stale = message.clone();
        let saved = world.store.move_copy(&message, &to, at).await.unwrap();
        assert_eq!(saved, expected, "{to:?}");
        message.copy = Some(to.clone());
        assert_eq!(read(&world, message.id).await, Some(message.clone()));
        let at = at.unwrap_or(later(9_999));
        let early = due(&world, at - jiff::SignedDuration::from_secs(1)).await;
        assert_eq!(early, [], "{to:?}");
        let late = due(&world, at).await;
        assert_eq!(late, thing[..usize::from(at != later(9_999))], "{to:?}");
        if stale.copy != message.copy {
            let saved = world.store.move_copy(&stale, &to, None).await.unwrap();
            assert_eq!(saved, Saved::Stale, "{to:?}");
        }
    }
}

#[tokio::test]
async fn nothing_else_is_due_or_moved() {
    let world = World::start().await;
    let mut text = reception(&world, "in-1", start());
    world.store.receive(&text).await.unwrap();
    assert_eq!(due(&world, later(9_999)).await, []);
    let to = MediaCopy::Wanted { tries: 1 };
    let mut unread = text.message.clone();
    unread.copy = Some(MediaCopy::Wanted { tries: 0 });
    assert_eq!(
        world.store.move_copy(&unread, &to, None).await.unwrap(),
        Saved::Stale
    );
    text.message.id = MessageId::fresh();
    let saved = world.store.move_copy(&text.message, &to, None).await;
    assert_eq!(saved.unwrap(), Saved::Stale, "none is made");
    let mut foreign = text.message.clone();
    foreign.tenant = TenantId::fresh();
    let read = world.store.inbound(foreign.tenant, unread.id).await;
    assert_eq!(read.unwrap(), None);
}

/// Two workers of one file: one moves it, though both mean the same; a lost answer is no other worker.
#[tokio::test]
async fn one_worker_moves_a_file() {
    let world = World::start().await;
    let message = wanted(&world).await;
    let to = MediaCopy::Wanted { tries: 1 };
    let lossy = world
        .database
        .store_through(Faults::of("UpdateItem", Fault::LostAnswer, 1));
    let at = Some(later(700));
    assert_eq!(
        lossy.move_copy(&message, &to, at).await.unwrap(),
        Saved::Done
    );
    let other = world.store.move_copy(&message, &to, at).await.unwrap();
    assert_eq!(other, Saved::Stale);
}
