//! The journal, and what the sweep finds across tenants.

use domain::{
    failure::StoreFailureKind,
    ids::{MessageId, TenantId},
    notice::{Notice, NoticeState},
    ports::{Acceptances, DUE_SHARDS, Due, DueThing, Journal, Messages, Notices},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use jiff::Timestamp;

use crate::{
    notices::noticed,
    world::{World, later, start},
};

async fn due(world: &World, now: Timestamp) -> Vec<DueThing> {
    let mut things = Vec::new();
    for shard in 0..DUE_SHARDS {
        things.extend(world.store.due(shard, now, 100).await.unwrap());
    }
    things
}

fn entry(world: &World, body: JournalBody) -> JournalEntry {
    JournalEntry {
        key: JournalKey {
            tenant: world.tenant,
            arrived_at: start(),
            id: MessageId::fresh(),
        },
        channel: world.channel,
        body,
        verdicts: vec!["applied".into(), "failed".into()],
        retry_at: Some(later(60)),
        tries: 1,
    }
}

#[tokio::test]
async fn a_journal_entry_reads_back_and_is_packed() {
    let world = World::start().await;
    let body = br#"{"statuses":[{"id":"x","status":"delivered"}]}"#.repeat(200);
    let mut here = entry(&world, JournalBody::Here(body.clone()));
    let file = entry(&world, JournalBody::File("journal/a/b".into()));
    let empty = entry(&world, JournalBody::Here(Vec::new()));
    for one in [&here, &file, &empty] {
        world.store.write(one).await.unwrap();
        assert_eq!(
            world.store.entry(&one.key).await.unwrap().as_ref(),
            Some(one)
        );
    }
    here.retry_at = None;
    here.tries = 2;
    here.verdicts = vec!["applied".into(), "duplicate".into()];
    world.store.write(&here).await.unwrap();
    assert_eq!(
        world.store.entry(&here.key).await.unwrap().as_ref(),
        Some(&here)
    );
    let items = world.database.items().await;
    let sizes: Vec<_> = items.iter().map(store::size::item_size).collect();
    assert!(
        sizes.iter().all(|size| *size < 1_024),
        "{} bytes: {sizes:?}",
        body.len()
    );
    let unknown = JournalKey {
        id: MessageId::fresh(),
        ..here.key
    };
    assert_eq!(world.store.entry(&unknown).await.unwrap(), None);
}

/// Messages, journal entries and notices are found when their time has come, and not before or after.
#[tokio::test]
async fn the_sweep_finds_what_is_due_and_nothing_else() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let mut journal = entry(&world, JournalBody::File("f".into()));
    world.store.write(&journal).await.unwrap();
    let notice = noticed(&world, NoticeState::Waiting).await;
    let noticed_message = notice.key.message;

    assert_eq!(due(&world, start()).await, []);
    assert_eq!(
        due(&world, later(1)).await,
        [DueThing::Notice(notice.key.clone())]
    );
    let found = due(&world, later(60)).await;
    let expected = [
        DueThing::Notice(notice.key.clone()),
        DueThing::Message(world.tenant, message.id),
        DueThing::Message(world.tenant, noticed_message),
        DueThing::Journal(journal.key.clone()),
    ];
    assert_eq!(found.len(), expected.len());
    for thing in &expected {
        assert!(found.contains(thing), "{thing:?}");
    }

    message.cancel(later(61)).unwrap();
    world.store.save(&mut message, None).await.unwrap();
    journal.retry_at = None;
    world.store.write(&journal).await.unwrap();
    let mailed = Notice {
        state: NoticeState::Mailed,
        due: None,
        ..notice.clone()
    };
    world.store.move_notice(&notice, &mailed).await.unwrap();
    assert_eq!(
        due(&world, later(99)).await,
        [DueThing::Message(world.tenant, noticed_message)]
    );
}

#[tokio::test]
async fn a_shard_is_read_earliest_first_up_to_the_limit() {
    let world = World::start().await;
    let mut times = Vec::new();
    for n in [5, 1, 4, 2, 3, 9, 7, 8, 6] {
        let mut acceptance = world.acceptance(later(n));
        acceptance.message.tenant = TenantId::fresh();
        acceptance.job.tenant = acceptance.message.tenant;
        world.store.commit(&acceptance).await.unwrap();
        times.push((acceptance.message.id, n));
    }
    for shard in 0..DUE_SHARDS {
        let all = world.store.due(shard, later(999), 100).await.unwrap();
        let order: Vec<_> = all
            .iter()
            .map(|thing| match thing {
                DueThing::Message(_, id) => times.iter().find(|(m, _)| m == id).unwrap().1,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(order.is_sorted(), "{order:?}");
        let some = world.store.due(shard, later(999), 1).await.unwrap();
        assert_eq!(some, all[..all.len().min(1)]);
    }
    let refused = world.store.due(DUE_SHARDS, later(1), 1).await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}
