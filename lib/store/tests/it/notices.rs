//! Failure notices: claimed once, counted, collected.

use domain::{
    failure::StoreFailureKind,
    ids::{MessageId, TenantId},
    notice::{Notice, NoticeKey, NoticeState, window},
    ports::{Messages, Notices, Saved},
};

use crate::world::{World, later, start};

pub async fn noticed(world: &World, state: NoticeState) -> Notice {
    let mut message = world.accepted().await;
    let notice = Notice {
        key: NoticeKey {
            tenant: world.tenant,
            window: window(start()),
            message: message.id,
            attempt: 4,
        },
        state,
        due: Some(later(1)),
    };
    message.updated_at = later(1);
    world.store.save(&mut message, Some(&notice)).await.unwrap();
    notice
}

#[tokio::test]
async fn a_notice_moves_only_from_the_state_it_was_read_in() {
    let world = World::start().await;
    let waiting = noticed(&world, NoticeState::Waiting).await;
    assert_eq!(
        world.store.notice(&waiting.key).await.unwrap(),
        Some(waiting.clone())
    );
    let claimed = Notice {
        state: NoticeState::Claimed,
        due: Some(later(60)),
        ..waiting.clone()
    };
    assert_eq!(
        world.store.move_notice(&waiting, &claimed).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        world.store.move_notice(&waiting, &claimed).await.unwrap(),
        Saved::Stale
    );
    let other_due = Notice {
        due: Some(later(61)),
        ..claimed.clone()
    };
    let mailed = Notice {
        state: NoticeState::Mailed,
        due: None,
        ..claimed.clone()
    };
    assert_eq!(
        world.store.move_notice(&other_due, &mailed).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(
        world.store.move_notice(&claimed, &mailed).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        world.store.notice(&mailed.key).await.unwrap(),
        Some(mailed.clone())
    );
    let dropped = Notice {
        state: NoticeState::Dropped,
        ..mailed.clone()
    };
    assert_eq!(
        world.store.move_notice(&mailed, &dropped).await.unwrap(),
        Saved::Done
    );

    let mut elsewhere = dropped.clone();
    elsewhere.key.tenant = TenantId::fresh();
    let refused = world
        .store
        .move_notice(&dropped, &elsewhere)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
    let mut nobody = dropped.clone();
    nobody.key.message = MessageId::fresh();
    assert_eq!(
        world.store.move_notice(&nobody, &nobody).await.unwrap(),
        Saved::Stale
    );
}

#[tokio::test]
async fn failures_are_counted_by_window_and_tenant() {
    let world = World::start().await;
    let now = window(start());
    for expected in 1..=12 {
        let count = world.store.count_failure(world.tenant, now).await.unwrap();
        assert_eq!(count, expected);
    }
    assert_eq!(
        world
            .store
            .count_failure(world.tenant, window(later(3_600)))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        world
            .store
            .count_failure(TenantId::fresh(), now)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_digest_is_what_waits_for_it() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for n in 0..9 {
        let state = match n % 3 {
            0 => NoticeState::Waiting,
            1 => NoticeState::Digest,
            _ => NoticeState::Mailed,
        };
        let notice = noticed(&world, state).await;
        if state == NoticeState::Digest {
            expected.push(notice);
        }
    }
    world
        .store
        .count_failure(world.tenant, window(start()))
        .await
        .unwrap();
    let mut found = world
        .store
        .digest(world.tenant, window(start()), 100)
        .await
        .unwrap();
    let order = |notice: &Notice| notice.key.message;
    found.sort_by_key(order);
    expected.sort_by_key(order);
    assert_eq!(found, expected);
    let two = world
        .store
        .digest(world.tenant, window(start()), 2)
        .await
        .unwrap();
    assert_eq!(two.len(), 2, "a filter does not shorten a page");
    assert_eq!(
        world
            .store
            .digest(TenantId::fresh(), window(start()), 9)
            .await
            .unwrap(),
        []
    );
}
