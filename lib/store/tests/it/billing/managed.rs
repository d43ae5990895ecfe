//! Managed channels that are due, and what is left of channels that were deleted.

use domain::{
    billing::Applied,
    channel::Channel,
    ids::{ChannelId, TenantId},
    ports::{
        ChannelBook, ChannelKeys, DUE_SHARDS, Directory, Due, Made, ManagedChannels, Money, Saved,
    },
};
use futures::future::join_all;
use testkit::{
    billing::{change, managed},
    builders::{channel, meta_channel},
    memory::MemoryStore,
};

use crate::world::{World, audit, later, start};

async fn due_ones_are_found(store: &(impl Money + ManagedChannels + Due)) {
    let tenants = [TenantId::fresh(), TenantId::fresh()];
    let mut due = Vec::new();
    for (n, tenant) in (1..5).zip(tenants.into_iter().cycle()) {
        let mut one = managed(tenant, start());
        one.due = Some(later(100 - n));
        let mut new = change(tenant, start());
        new.managed = Some(one.clone());
        assert_eq!(store.apply(&new).await.unwrap(), Applied::Done);
        due.push((tenant, one.id));
    }
    due.reverse();
    assert_eq!(store.due_managed(later(95), 10).await.unwrap(), []);
    let found = store.due_managed(later(97), 10).await.unwrap();
    assert_eq!(found, due.get(..2).unwrap());
    let found = store.due_managed(later(100), 3).await.unwrap();
    assert_eq!(found, due.get(..3).unwrap());
    let (tenant, id) = due.remove(0);
    let mut one = store.managed(tenant, id).await.unwrap().unwrap();
    one.due = None;
    assert_eq!(store.save_managed(&mut one).await.unwrap(), Saved::Done);
    let found = store.due_managed(later(100), 10).await.unwrap();
    assert_eq!(found, due);
    for shard in 0..DUE_SHARDS {
        let swept = store.due(shard, later(100), 10).await.unwrap();
        assert_eq!(swept, [], "the sweep does not meet them");
    }
}

/// X28: nothing leads to a deleted channel, and nothing of its secrets is left.
async fn a_buried_channel_is_found_by_nobody(
    store: &(impl ChannelBook + ChannelKeys + Directory + ManagedChannels),
) {
    let tenant = TenantId::fresh();
    let made = async |one: &Channel| store.make_channel(one, &audit(start())).await.unwrap();
    let whapi = Channel {
        provider_ref: format!("FALCON-{}", tenant.key()),
        version: 0,
        ..channel(tenant)
    };
    assert_eq!(made(&whapi).await, Made::Done);
    let read = store.channel(tenant, whapi.id).await.unwrap().unwrap();
    store.paid_until(tenant, whapi.id, later(60)).await.unwrap();
    let paid = store.channel(tenant, whapi.id).await.unwrap().unwrap();
    assert_eq!(paid.paid_until, Some(later(60)));
    for _ in 0..2 {
        store.bury_channel(&whapi).await.unwrap();
        assert_eq!(store.channel(tenant, whapi.id).await.unwrap(), None);
        assert_eq!(store.channels(tenant).await.unwrap(), []);
        assert_eq!(store.channel_by_key(&whapi.key).await.unwrap(), None);
        let found = store
            .channel_by_ref(whapi.provider, &whapi.provider_ref)
            .await;
        assert_eq!(found.unwrap(), None);
    }
    // Whoever still writes what they read before brings nothing back.
    let mut late = read;
    let saved = store
        .save_channel(&mut late, &audit(later(1)))
        .await
        .unwrap();
    assert_eq!(saved, Saved::Stale);
    store.paid_until(tenant, whapi.id, later(90)).await.unwrap();
    store
        .paid_until(tenant, ChannelId::fresh(), later(90))
        .await
        .unwrap();
    assert_eq!(made(&whapi).await, Made::Done, "its id was made once");
    assert_eq!(store.channel(tenant, whapi.id).await.unwrap(), None);
    // Its number may come again.
    let next = Channel {
        id: ChannelId::fresh(),
        key: channel(tenant).key,
        ..whapi.clone()
    };
    assert_eq!(made(&next).await, Made::Done);
    store.bury_channel(&whapi).await.unwrap();
    let found = store
        .channel_by_ref(next.provider, &next.provider_ref)
        .await;
    assert_eq!(found.unwrap().map(|one| one.id), Some(next.id));
}

/// A provider's account is its tenant's while one channel of it is there.
async fn an_account_is_freed_with_its_last_channel(
    store: &(impl ChannelBook + ChannelKeys + ManagedChannels),
) {
    let (tenant, other) = (TenantId::fresh(), TenantId::fresh());
    let one = meta_channel(tenant);
    let account = one.account.clone().unwrap();
    let of = |tenant| Channel {
        account: Some(account.clone()),
        ..meta_channel(tenant)
    };
    let (two, theirs) = (of(tenant), of(other));
    let line = audit(start());
    for ours in [&one, &two] {
        assert_eq!(store.make_channel(ours, &line).await.unwrap(), Made::Done);
    }
    store.bury_channel(&two).await.unwrap();
    let left = store
        .channels_of_account(one.provider, &account)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let made = store.make_channel(&theirs, &line).await.unwrap();
    assert_eq!(made, Made::AccountTaken);
    store.bury_channel(&one).await.unwrap();
    assert_eq!(
        store.make_channel(&theirs, &line).await.unwrap(),
        Made::Done
    );
    store.bury_channel(&one).await.unwrap();
    let left = store
        .channels_of_account(one.provider, &account)
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "theirs now");
}

/// S3.33, S3.38: a channel takes a slot with it, and gives it back once when it is buried.
async fn a_channel_takes_its_slot(
    store: &(impl ChannelBook + Directory + ManagedChannels + Money),
) {
    let tenant = TenantId::fresh();
    let slots = async || store.account(tenant).await.unwrap().channels;
    let line = audit(start());
    let (one, two, other) = (
        meta_channel(tenant),
        meta_channel(tenant),
        meta_channel(tenant),
    );
    let twin = Channel {
        provider_ref: one.provider_ref.clone(),
        ..meta_channel(tenant)
    };
    for (limit, channel, made, taken) in [
        (0, &one, Made::NoSlot, 0),
        (1, &one, Made::Done, 1),
        (1, &one, Made::Done, 1),
        (1, &two, Made::NoSlot, 1),
        (1, &twin, Made::NoSlot, 1),
        (2, &twin, Made::RefTaken, 1),
        (2, &two, Made::Done, 2),
        (u32::MAX, &other, Made::Done, 3),
    ] {
        let answer = store.make_channel_within(limit, channel, &line).await;
        assert_eq!(answer.unwrap(), made);
        assert_eq!(slots().await, taken);
    }
    let unslotted = meta_channel(tenant);
    store.make_channel(&unslotted, &line).await.unwrap();
    for (channel, left) in [(&one, 2), (&one, 2), (&unslotted, 2), (&two, 1)] {
        store.bury_channel(channel).await.unwrap();
        assert_eq!(slots().await, left);
    }
    let mut none = change(tenant, start());
    none.give_slot = true;
    store.apply(&none).await.unwrap();
    store.bury_channel(&other).await.unwrap();
    assert_eq!(slots().await, 0, "never below nothing");
    assert_eq!(store.channels(tenant).await.unwrap(), []);
}

/// S3.32: two who make one at once never have more than the plan allows.
#[tokio::test]
async fn two_at_once_take_one_slot() {
    let world = World::start().await;
    let line = audit(start());
    let made = join_all((0..6).map(|_| async {
        let one = meta_channel(world.tenant);
        world
            .store
            .make_channel_within(2, &one, &line)
            .await
            .unwrap()
    }));
    let made = made.await;
    let done = made.iter().filter(|one| **one == Made::Done).count();
    let refused = made.iter().filter(|one| **one == Made::NoSlot).count();
    assert_eq!((done, refused), (2, 4));
    assert_eq!(world.store.channels(world.tenant).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_table_buries_channels() {
    let world = World::start().await;
    due_ones_are_found(&world.store).await;
    a_buried_channel_is_found_by_nobody(&world.store).await;
    an_account_is_freed_with_its_last_channel(&world.store).await;
    a_channel_takes_its_slot(&world.store).await;
    let secrets = ["sealed_token", "sealed_app_secret", "webhook_secret", "key"];
    let items = world.database.items().await;
    let gone: Vec<_> = items
        .iter()
        .filter(|item| item.contains_key("gone"))
        .collect();
    assert_eq!(gone.len(), 7);
    for item in gone {
        assert!(item.contains_key("name"), "history shows it");
        for secret in secrets {
            assert!(!item.contains_key(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn memory_buries_channels() {
    let store = MemoryStore::new();
    due_ones_are_found(&store).await;
    a_buried_channel_is_found_by_nobody(&store).await;
    an_account_is_freed_with_its_last_channel(&store).await;
    a_channel_takes_its_slot(&store).await;
}
