//! Answers that are lost after the write was applied (hazards.md, failure point 11), conflicts and
//! throttling that pass, and what does not pass.

use domain::{
    failure::StoreFailureKind,
    message::{Fact, Message},
    notice::{Notice, NoticeState},
    ports::{Acceptances, Boards, Committed, Messages, Notices, Outbox, Pointed, Pointers, Saved},
    webhook::Pointer,
};
use testkit::faults::{Fault, Faults};

use crate::world::{World, audit, later, start};

#[tokio::test]
async fn a_save_whose_answer_is_lost_is_done() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let store = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    message.claim(later(1)).unwrap();
    assert_eq!(store.save(&mut message, None).await.unwrap(), Saved::Done);
    assert_eq!(message.version, 2);
    let stored = world.store.message(world.tenant, message.id).await.unwrap();
    assert_eq!(stored, Some(message));
}

/// The same content from somebody else is still somebody else's: two claims never both win.
#[tokio::test]
async fn another_writer_of_the_same_content_is_not_taken_for_oneself() {
    let world = World::start().await;
    let mut one = world.accepted().await;
    let mut other = one.clone();
    one.claim(later(1)).unwrap();
    other.claim(later(1)).unwrap();
    assert_eq!(world.store.save(&mut one, None).await.unwrap(), Saved::Done);
    assert_eq!(
        world.store.save(&mut other, None).await.unwrap(),
        Saved::Stale
    );
}

#[tokio::test]
async fn transactions_whose_answers_are_lost_are_done_once() {
    let world = World::start().await;
    let lossy = || {
        let fault = Faults::of("TransactWriteItems", Fault::LostAnswer, 1);
        world.database.store_through(fault)
    };
    let acceptance = world.with_key("key-1", start());
    assert_eq!(lossy().commit(&acceptance).await.unwrap(), Committed::Done);
    let mut message = Message {
        version: 1,
        ..acceptance.message.clone()
    };
    message.updated_at = later(1);
    let saved = lossy()
        .save_audited(&mut message, &audit(later(1)))
        .await
        .unwrap();
    assert_eq!((saved, message.version), (Saved::Done, 2));
    message.cancel(later(2)).unwrap();
    let saved = lossy()
        .withdraw(&mut message, &audit(later(2)))
        .await
        .unwrap();
    assert_eq!((saved, message.version), (Saved::Done, 3));
    let used = world
        .store
        .used(world.tenant, message.usage_day)
        .await
        .unwrap();
    assert_eq!(used, 0, "taken once, given back once");
}

#[tokio::test]
async fn a_pointer_whose_answer_is_lost_points_here() {
    let world = World::start().await;
    let store = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    let to = Pointer {
        message: world.message(start()).id,
        attempt: 1,
    };
    let pointed = store
        .point(world.tenant, world.channel, "wa-1", to)
        .await
        .unwrap();
    assert_eq!(pointed, Pointed::Here);
}

#[tokio::test]
async fn notices_and_boards_whose_answers_are_lost_are_moved() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let notice = Notice {
        key: domain::notice::NoticeKey {
            tenant: world.tenant,
            window: domain::notice::window(start()),
            message: message.id,
            attempt: 1,
        },
        state: NoticeState::Waiting,
        due: Some(start()),
    };
    message.updated_at = later(1);
    world.store.save(&mut message, Some(&notice)).await.unwrap();
    let claimed = Notice {
        state: NoticeState::Claimed,
        ..notice.clone()
    };
    let store = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    assert_eq!(
        store.move_notice(&notice, &claimed).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        world.store.move_notice(&notice, &claimed).await.unwrap(),
        Saved::Stale
    );

    let (mut board, version) = world
        .store
        .board(world.tenant, message.job, 0)
        .await
        .unwrap()
        .unwrap();
    board.apply(domain::job::RowChange {
        row: 0,
        version: 2,
        status: domain::message::Status::Sent,
    });
    let store = world
        .database
        .store_through(Faults::of("UpdateItem", Fault::LostAnswer, 1));
    let saved = store
        .save_board(world.tenant, message.job, 0, &board, version)
        .await
        .unwrap();
    assert_eq!(saved, Saved::Done);
}

#[tokio::test]
async fn conflicts_and_throttling_that_pass_are_not_noticed() {
    let world = World::start().await;
    let store = world
        .database
        .store_through(Faults::of("TransactWriteItems", Fault::Conflict, 3));
    let acceptance = world.with_key("key-1", start());
    assert_eq!(store.commit(&acceptance).await.unwrap(), Committed::Done);
    let mut message = Message {
        version: 1,
        ..acceptance.message
    };
    message.observe(Fact::Delivered { at: later(1) }, later(1));
    let store = world
        .database
        .store_through(Faults::of("PutItem", Fault::Throttled, 4));
    assert_eq!(store.save(&mut message, None).await.unwrap(), Saved::Done);
}

#[tokio::test]
async fn a_conflict_that_lasts_is_retryable_and_a_refusal_is_not() {
    let world = World::start().await;
    let acceptance = world.acceptance(start());
    let cases = [
        (Fault::Conflict, StoreFailureKind::Throttled, true),
        (Fault::Throttled, StoreFailureKind::Throttled, true),
        (Fault::LostAnswer, StoreFailureKind::Unavailable, true),
        (Fault::Denied, StoreFailureKind::Refused, false),
    ];
    for (fault, kind, retryable) in cases {
        let store = world
            .database
            .store_through(Faults::of("TransactWriteItems", fault, 1_000));
        let failure = store.commit(&acceptance).await.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.retryable()),
            (kind, retryable),
            "{fault:?}"
        );
    }
    // The third was applied each time; whoever tries again learns that it is done.
    assert_eq!(
        world.store.commit(&acceptance).await.unwrap(),
        Committed::Done
    );
}

#[tokio::test]
async fn a_database_that_is_gone_is_unavailable() {
    let world = World::start().await;
    let World {
        database,
        store,
        tenant,
        ..
    } = world;
    drop(database);
    tokio::task::yield_now().await;
    let failure = store
        .message(tenant, domain::ids::MessageId::fresh())
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Unavailable);
    let told = format!("{failure:?}");
    assert!(!told.contains(&tenant.key()), "{told}");
}

/// Whether DynamoDB leaves keys for later or throttles the whole batch, none is lost on the way.
#[tokio::test]
async fn keys_left_for_later_are_asked_for_again() {
    let world = World::start().await;
    let ids = [world.accepted().await.id, world.accepted().await.id];
    for (fault, times) in [(Fault::Unprocessed, 4), (Fault::Throttled, 7)] {
        let store = world
            .database
            .store_through(Faults::of("BatchGetItem", fault, times));
        let found = store.messages(world.tenant, &ids).await.unwrap();
        assert_eq!(found.len(), 2, "{fault:?}");
    }
    let lasting = Faults::of("BatchGetItem", Fault::Unprocessed, 1_000);
    let store = world.database.store_through(lasting);
    let failure = store.messages(world.tenant, &ids).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Throttled);
}
