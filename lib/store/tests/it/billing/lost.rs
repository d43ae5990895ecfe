//! Answers that are lost, conflicts, and changes that would mix companies.

use domain::{
    billing::{Applied, MailState},
    ids::TenantId,
    ports::{Audits, ManagedChannels, Money, Notifications, Saved, Subscriptions},
};
use testkit::{
    billing::{change, credit, managed, notification, plan, subscription},
    faults::{Fault, Faults},
};

use super::{company, subscribed};
use crate::world::{World, later, start};

/// Hazards.md, failure point 11: what was applied is applied once, and whoever asked is told so.
#[tokio::test]
async fn a_change_whose_answer_is_lost_is_done_once() {
    let world = World::start().await;
    let tenant = company(&world).await.tenant.id;
    let faults = [Fault::LostAnswer, Fault::Conflict, Fault::Throttled];
    for (n, fault) in (1..).zip(faults) {
        let store = world
            .database
            .store_through(Faults::of("TransactWriteItems", fault, 2));
        let mut paid = credit(tenant, &format!("SALE-{n}"), 30, later(n));
        let mut one = subscribed(&world.store, tenant).await;
        one.paid = 1;
        paid.subscription = Some(one.clone());
        paid.limits = Some(plan("Starter", start()).limits(start(), later(99)));
        paid.take_slot = Some(9);
        paid.notification = Some(notification(tenant, "paid", later(n)));
        assert_eq!(
            store.apply(&paid).await.unwrap(),
            Applied::Done,
            "{fault:?}"
        );
        assert_eq!(store.apply(&paid).await.unwrap(), Applied::Repeated);
        let account = world.store.account(tenant).await.unwrap();
        let n = u32::try_from(n).unwrap();
        assert_eq!((account.balances.total, account.channels), (30 * n, n));
        assert_eq!(account.subscription, Some(one.id));
        let stored = world.store.subscription(tenant, one.id).await.unwrap();
        assert_eq!(stored, Some(one.next()));
    }
    let lines = world
        .store
        .audits(tenant, later(9), None, 50)
        .await
        .unwrap();
    assert_eq!(
        lines.items.len(),
        6,
        "one for each, and for each subscription"
    );
}

/// Two who claim the same with the same words: one alone has it.
#[tokio::test]
async fn a_claim_of_the_same_content_is_somebody_elses() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, TenantId::fresh());
    let mut told = notification(tenant, "fact", start());
    assert_eq!(
        store.save_notification(&mut told).await.unwrap(),
        Saved::Done
    );
    told.mail = MailState::Claimed;
    let mut twin = told.clone();
    let lossy = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    assert_eq!(
        lossy.save_notification(&mut told).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        store.save_notification(&mut twin).await.unwrap(),
        Saved::Stale
    );
    let mut made = change(tenant, start());
    made.managed = Some(managed(tenant, start()));
    assert_eq!(store.apply(&made).await.unwrap(), Applied::Done);
    assert_eq!(store.apply(&made).await.unwrap(), Applied::Stale);
    let mut one = store.managed_channels(tenant).await.unwrap().remove(0);
    one.lease = Some(later(60));
    let mut twin = one.clone();
    assert_eq!(store.save_managed(&mut one).await.unwrap(), Saved::Done);
    assert_eq!(store.save_managed(&mut twin).await.unwrap(), Saved::Stale);
}

/// What was told already stays as it is, and holds up nothing.
#[tokio::test]
async fn a_notification_that_is_there_stays() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, TenantId::fresh());
    let mut told = notification(tenant, "fact", start());
    store.save_notification(&mut told).await.unwrap();
    told.read_at = Some(later(1));
    store.save_notification(&mut told).await.unwrap();
    let mut paid = credit(tenant, "SALE-1", 30, later(2));
    paid.notification = Some(notification(tenant, "fact", start()));
    assert_eq!(store.apply(&paid).await.unwrap(), Applied::Done);
    let stays = store.notification(tenant, told.id).await.unwrap();
    assert_eq!(stays, Some(told));
    assert_eq!(store.account(tenant).await.unwrap().balances.free, 30);
}

/// Transactions that would mix companies are refused before they are sent; limits of nobody too.
#[tokio::test]
async fn a_change_never_mixes_companies() {
    let world = World::start().await;
    let (ours, theirs) = (TenantId::fresh(), TenantId::fresh());
    let mut entry = change(ours, start());
    entry.entries = credit(theirs, "SALE-1", 30, start()).entries;
    let mut sub = change(ours, start());
    sub.subscription = Some(subscription(theirs, &plan("Starter", start()), start()));
    let mut channel = change(ours, start());
    channel.managed = Some(managed(theirs, start()));
    let mut told = change(ours, start());
    told.notification = Some(notification(theirs, "fact", start()));
    for mixed in [entry, sub, channel, told] {
        assert!(!world.store.apply(&mixed).await.unwrap_err().retryable());
    }
    let mut limits = credit(ours, "SALE-1", 30, start());
    limits.limits = Some(plan("Starter", start()).limits(start(), later(9)));
    assert_eq!(world.store.apply(&limits).await.unwrap(), Applied::Stale);
    assert_eq!(world.count().await, 0);
}
