//! Lists of what is paid for: newest first, page by page, of one company or of all.

use domain::{
    billing::{Payment, PaymentState, Subscription},
    failure::StoreFailure,
    ids::TenantId,
    ports::{Money, Notifications, Page, Payments, PlanRequests, Subscriptions},
};
use testkit::{
    billing::{change, credit, notification, payment, plan, request, subscription},
    memory::MemoryStore,
};

use super::ledger;
use crate::world::{World, audit, later, start};

/// Five of everything of each company; theirs come in between.
async fn fill(
    store: &(impl Money + Payments + PlanRequests + Notifications),
    tenants: [TenantId; 2],
) {
    let plan = plan("Starter", start());
    for (n, tenant) in (0..10).zip(tenants.into_iter().cycle()) {
        let at = later(n);
        let one = subscription(tenant, &plan, at);
        let mut new = change(tenant, at);
        new.subscription = Some(one.clone());
        store.apply(&new).await.unwrap();
        store
            .apply(&credit(tenant, &format!("SALE-{n}"), 30, at))
            .await
            .unwrap();
        let mut paid = payment(&one, &plan, at);
        paid.state = PaymentState::Pending;
        store.save_payment(&mut paid, &audit(at)).await.unwrap();
        let mut asked = request(tenant, &plan, at);
        store
            .save_request(&mut asked, tenant, &audit(at))
            .await
            .unwrap();
        let mut told = notification(tenant, &format!("fact {n}"), at);
        store.save_notification(&mut told).await.unwrap();
    }
}

/// The seconds of all items of a list, page by page, and a position in it.
async fn walk<T>(
    read: impl AsyncFn(Option<&str>) -> Result<Page<T>, StoreFailure>,
    at: impl Fn(&T) -> i64,
) -> (Vec<i64>, String) {
    let (mut seconds, mut after, mut last) = (Vec::new(), None, String::new());
    loop {
        let page = read(after.as_deref()).await.unwrap();
        assert!(page.items.len() <= 2);
        seconds.extend(page.items.iter().map(&at));
        after = page.next;
        match &after {
            Some(next) => last.clone_from(next),
            None => return (seconds, last),
        }
    }
}

fn second(at: jiff::Timestamp) -> i64 {
    at.duration_since(start()).as_secs()
}

async fn lists(store: &(impl Money + Payments + PlanRequests + Notifications + Subscriptions)) {
    let tenants = [TenantId::fresh(), TenantId::fresh()];
    fill(store, tenants).await;
    let [tenant, other] = tenants;
    let (ours, theirs) = (vec![8, 6, 4, 2, 0], vec![9, 7, 5, 3, 1]);
    let subscriptions = async |after: Option<&str>| store.subscriptions(tenant, after, 2).await;
    let created = |one: &Subscription| second(one.created_at);
    let (read, mut position) = walk(subscriptions, created).await;
    assert_eq!(read, ours);
    let foreign = store.subscriptions(other, Some(&position), 2).await;
    assert!(foreign.is_err());
    let payments = async |after: Option<&str>| store.payments(other, after, 2).await;
    assert_eq!(walk(payments, |one| second(one.created_at)).await.0, theirs);
    let requests = async |after: Option<&str>| store.own_requests(tenant, after, 2).await;
    assert_eq!(walk(requests, |one| second(one.created_at)).await.0, ours);
    let told = async |after: Option<&str>| store.notifications(tenant, after, 2).await;
    assert_eq!(walk(told, |one| second(one.at)).await.0, ours);
    let booked = async |after: Option<&str>| store.entries(tenant, after, 2).await;
    assert_eq!(walk(booked, |one| second(one.at)).await.0, ours);
    assert_eq!(ledger(store, tenant).await.len(), 5);
    // The platform's people see those of all companies, and no company's position is theirs.
    let every: Vec<i64> = (0..10).rev().collect();
    let waiting = PaymentState::Pending;
    let pending = async |after: Option<&str>| store.payments_in(waiting, after, 2).await;
    let (read, _) = walk(pending, |one| second(one.created_at)).await;
    assert_eq!(read, every);
    assert!(
        store
            .payments_in(waiting, Some(&position), 2)
            .await
            .is_err()
    );
    let requests = async |after: Option<&str>| store.requests(after, 2).await;
    let (read, of_all) = walk(requests, |one| second(one.created_at)).await;
    assert_eq!(read, every);
    assert!(store.subscriptions(tenant, Some(&of_all), 2).await.is_err());
    position.push('0');
    for odd in ["", "x", &position] {
        assert!(store.requests(Some(odd), 2).await.is_err(), "{odd}");
    }
    reviewed_payments_move(store, tenant).await;
}

/// S3.42: what was reviewed waits no longer.
async fn reviewed_payments_move(store: &impl Payments, tenant: TenantId) {
    let page = store.payments(tenant, None, 1).await.unwrap();
    let mut one: Payment = page.items.into_iter().next().unwrap();
    one.state = PaymentState::Approved;
    store
        .save_payment(&mut one, &audit(later(20)))
        .await
        .unwrap();
    let pending = store
        .payments_in(PaymentState::Pending, None, 50)
        .await
        .unwrap();
    assert_eq!(pending.items.len(), 9);
    let approved = store
        .payments_in(PaymentState::Approved, None, 50)
        .await
        .unwrap();
    assert_eq!(approved.items, [one]);
}

#[tokio::test]
async fn the_table_lists_what_is_paid_for() {
    lists(&World::start().await.store).await;
}

#[tokio::test]
async fn memory_lists_what_is_paid_for() {
    lists(&MemoryStore::new()).await;
}
