//! Provider ids and what waits under them.

use domain::{
    ids::MessageId,
    message::{Reply, ReplyKind},
    ports::{Pointed, Pointers},
    webhook::{Observed, Pointer},
};

use crate::world::{World, later, start};

/// S2.22: none until the provider gave one, and then of one message (X40: within its channel).
#[tokio::test]
async fn a_provider_id_points_to_one_attempt_for_good() {
    let world = World::start().await;
    let (store, tenant, channel) = (&world.store, world.tenant, world.channel);
    let here = Pointer {
        message: MessageId::fresh(),
        attempt: 1,
    };
    let there = Pointer { attempt: 2, ..here };
    assert_eq!(store.pointer(tenant, channel, "wa-1").await.unwrap(), None);
    assert_eq!(
        store.point(tenant, channel, "wa-1", here).await.unwrap(),
        Pointed::Here
    );
    assert_eq!(
        store.point(tenant, channel, "wa-1", here).await.unwrap(),
        Pointed::Here
    );
    let elsewhere = store.point(tenant, channel, "wa-1", there).await.unwrap();
    assert_eq!(elsewhere, Pointed::Elsewhere(here));
    assert_eq!(
        store.pointer(tenant, channel, "wa-1").await.unwrap(),
        Some(here)
    );
    assert_eq!(
        store.point(tenant, channel, "wa-2", there).await.unwrap(),
        Pointed::Here
    );
}

/// Ids of any length and any characters are names like any other.
#[tokio::test]
async fn hostile_provider_ids_are_told_apart() {
    let world = World::start().await;
    let long = "x".repeat(10_000);
    let ids = [
        "",
        "#",
        "T#",
        "a#P",
        "wa\u{0}1",
        "wa\u{202e}1",
        "*",
        "../..",
        &long,
    ];
    for (n, id) in ids.iter().enumerate() {
        let to = Pointer {
            message: MessageId::fresh(),
            attempt: u16::try_from(n).unwrap(),
        };
        let pointed = world
            .store
            .point(world.tenant, world.channel, id, to)
            .await
            .unwrap();
        assert_eq!(pointed, Pointed::Here, "{n}");
        let read = world
            .store
            .pointer(world.tenant, world.channel, id)
            .await
            .unwrap();
        assert_eq!(read, Some(to), "{n}");
    }
    assert_eq!(world.count().await, ids.len());
}

#[tokio::test]
async fn what_is_parked_waits_under_its_id_and_overwrites_itself() {
    let world = World::start().await;
    let (store, tenant, channel) = (&world.store, world.tenant, world.channel);
    let failed = |code: &str| Observed::Failed {
        at: start(),
        code: code.into(),
        reason: "No.".into(),
    };
    let all = [
        Observed::Sent { at: start() },
        Observed::Delivered { at: later(1) },
        Observed::Read { at: later(2) },
        failed("131026"),
        failed("#\u{0}/"),
        Observed::Replied(Reply {
            at: later(3),
            inbound: "in-1".into(),
            kind: ReplyKind::Button,
            button_id: Some("btn1".into()),
            title: "Yes".into(),
        }),
    ];
    for _ in 0..2 {
        for one in &all {
            store
                .park(tenant, channel, "wa-1", one, start())
                .await
                .unwrap();
        }
    }
    let to = Pointer {
        message: MessageId::fresh(),
        attempt: 1,
    };
    store.point(tenant, channel, "wa-1", to).await.unwrap();
    let parked = store.parked(tenant, channel, "wa-1").await.unwrap();
    assert_eq!(parked.len(), all.len());
    for one in &all {
        assert!(parked.contains(one), "{one:?}");
    }
    assert_eq!(store.parked(tenant, channel, "wa-2").await.unwrap(), []);
    let items = world.database.items().await;
    let ttl = items.iter().find_map(|item| item.get("ttl")).unwrap();
    let eight_days = start().as_second() + 8 * 86_400;
    assert_eq!(ttl.as_n().unwrap(), &eight_days.to_string());
}
