//! The ledger in memory: all or nothing, in the order that changes are judged in. The table's own is
//! tested beside it in `lib/store`.

use domain::{
    billing::{Account, Applied, EntryName, SubscriptionState},
    ids::{ChannelId, TenantId},
    ports::{Money, Notifications, Subscriptions},
};
use jiff::Timestamp;
use testkit::{
    billing::{booking, change, credit, notification, plan, subscription},
    memory::{FailWhen, MemoryStore},
};

fn now() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// S3.47: what is told again changes nothing, whatever else has become of it.
#[tokio::test]
async fn a_fact_is_booked_once() {
    let (store, tenant) = (MemoryStore::new(), TenantId::fresh());
    let mut paid = credit(tenant, "SALE-1", 30, now());
    let one = subscription(tenant, &plan("Starter", now()), now());
    paid.subscription = Some(one.clone());
    paid.notification = Some(notification(tenant, "SALE-1", now()));
    store.fail("money.apply", 1, FailWhen::After);
    assert!(store.apply(&paid).await.is_err(), "the answer is lost");
    assert_eq!(store.apply(&paid).await.unwrap(), Applied::Repeated);
    let account = store.account(tenant).await.unwrap();
    assert_eq!((account.balances.total, account.balances.free), (30, 30));
    let stored = store.subscription(tenant, one.id).await.unwrap();
    assert_eq!(stored.unwrap().version, 1);
    let told = store.notifications(tenant, None, 10).await.unwrap();
    assert_eq!(told.items.len(), 1);
}

/// S3.48: nothing of a change is stored when one part of it is refused.
#[tokio::test]
async fn all_or_nothing() {
    let (store, tenant) = (MemoryStore::new(), TenantId::fresh());
    let channel = ChannelId::fresh();
    let mut held = booking(tenant, &EntryName::Hold(channel, 1), 30, now());
    let mut one = subscription(tenant, &plan("Starter", now()), now());
    held.subscription = Some(one.clone());
    assert_eq!(store.apply(&held).await.unwrap(), Applied::NoDays);
    assert_eq!(store.account(tenant).await.unwrap(), Account::empty(tenant));
    assert_eq!(store.subscription(tenant, one.id).await.unwrap(), None);
    store
        .apply(&credit(tenant, "SALE-1", 30, now()))
        .await
        .unwrap();
    held.needs_free = 1;
    assert_eq!(store.apply(&held).await.unwrap(), Applied::NoDays);
    held.needs_free = 0;
    held.take_slot = Some(0);
    assert_eq!(store.apply(&held).await.unwrap(), Applied::NoSlot);
    held.take_slot = Some(1);
    assert_eq!(store.apply(&held).await.unwrap(), Applied::Done);
    one.state = SubscriptionState::Canceled;
    let mut stale = change(tenant, now());
    stale.subscription = Some(one);
    assert_eq!(store.apply(&stale).await.unwrap(), Applied::Stale);
    let account = store.account(tenant).await.unwrap();
    assert_eq!((account.balances.held, account.channels), (30, 1));
}
