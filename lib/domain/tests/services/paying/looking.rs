//! What is left of it all, and what companies are told.

use domain::{
    failure::Code,
    ids::{NotificationId, TenantId},
    managed::Stage,
    service::billing::{Customer, Overview, PlanStatus},
};
use jiff::{SignedDuration, Timestamp};
use testkit::billing::managed;

use super::{Shop, admin, starter};

fn because(seen: &Overview) -> Option<&'static str> {
    seen.no_channel.map(|barred| barred.reason)
}

/// S3.45, S3.47, S3.50, S3.57, S3.62: plan, channels and days at one glance, from the first order to the
/// end; and why no channel can be added.
#[tokio::test]
async fn a_company_sees_what_it_has() {
    let shop = Shop::new();
    let (desk, manager) = (shop.desk(), shop.manager());
    let seen = desk.overview(&manager).await.unwrap();
    assert_eq!(
        (seen.status, seen.limits.is_none()),
        (PlanStatus::None, true)
    );
    assert_eq!(because(&seen), Some("NO_PLAN"));

    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let seen = desk.overview(&manager).await.unwrap();
    assert_eq!(seen.status, PlanStatus::Pending);
    assert_eq!(seen.ordered.as_ref().map(|one| one.id), Some(order.id));
    assert_eq!(seen.pending.map(|one| one.id), Some(payment.id));

    desk.approve(&admin("a"), payment.id).await.unwrap();
    let seen = desk.overview(&manager).await.unwrap();
    assert_eq!(seen.status, PlanStatus::Active);
    assert_eq!(because(&seen), None, "a channel can be added");
    let sums = seen.account.balances;
    assert_eq!((sums.total, sums.consumed(), sums.remaining()), (30, 0, 30));
    assert_eq!((seen.ordered, seen.pending), (None, None));
    assert_eq!(seen.subscription.map(|one| one.id), Some(order.id));

    let at: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
    let till = |days: i64| Some(at + SignedDuration::from_hours(24 * days));
    for (name, days, stage) in [
        ("late", 20, Stage::Live),
        ("soon", 3, Stage::Live),
        ("gone", 1, Stage::Deleted),
    ] {
        let mut one = managed(order.tenant, at);
        one.name = name.into();
        one.stage = stage;
        one.active_till = till(days);
        shop.store.state().managed.insert((one.tenant, one.id), one);
    }
    {
        let mut state = shop.store.state();
        let account = state.accounts.get_mut(&order.tenant).unwrap();
        account.balances.free = 0;
        account.balances.spent = 30;
    }
    let seen = desk.overview(&manager).await.unwrap();
    let end = seen.channel_end.clone().unwrap();
    assert_eq!((end.name.as_str(), Some(end.at)), ("soon", till(3)));
    assert_eq!(because(&seen), Some("DAYS_EXHAUSTED"));
    shop.store
        .state()
        .accounts
        .get_mut(&order.tenant)
        .unwrap()
        .channels = 1;
    let seen = desk.overview(&manager).await.unwrap();
    assert_eq!(because(&seen), Some("CHANNEL_LIMIT"));
    shop.clock.advance(SignedDuration::from_hours(30 * 24));
    let seen = desk.overview(&manager).await.unwrap();
    assert_eq!(seen.status, PlanStatus::Expired);
    assert_eq!(because(&seen), Some("NO_PLAN"));
}

/// S3.57: the platform's people see any company; to everybody else there is none but their own.
#[tokio::test]
async fn the_platform_sees_any_company() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let (desk, one) = (shop.desk(), admin("a"));
    desk.approve(&one, payment.id).await.unwrap();
    let acme = Customer::of(&one, order.tenant).unwrap();
    let seen = desk.overview_of(acme).await.unwrap();
    assert_eq!(
        (seen.tenant, seen.account.balances.total),
        (order.tenant, 30)
    );
    let entries = desk.entries_of(acme, None, 10).await.unwrap();
    assert_eq!(
        entries.items[0].name,
        format!("proof:{}:approve", payment.id)
    );
    let own = desk.entries(&shop.manager(), None, 10).await.unwrap();
    assert_eq!(own.items, entries.items);
    for who in [shop.manager(), shop.stranger()] {
        let refused = Customer::of(&who, order.tenant).unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    let nobody = Customer::of(&one, TenantId::fresh()).unwrap();
    let refused = desk.overview_of(nobody).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let refused = desk.entries_of(nobody, None, 10).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

/// S3.46: what a company is told is in its console, is read once, and is nobody else's.
#[tokio::test]
async fn notifications_are_read_once() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let (desk, manager) = (shop.desk(), shop.manager());
    desk.approve(&admin("a"), payment.id).await.unwrap();
    let told = desk.notifications(&manager, None, 10).await.unwrap();
    let [one] = told.items.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(one.read_at, None);
    let read = desk.read_notification(&manager, one.id).await.unwrap();
    assert!(read.read_at.is_some());
    shop.clock.advance(SignedDuration::from_mins(1));
    let again = desk.read_notification(&manager, one.id).await.unwrap();
    assert_eq!(again.read_at, read.read_at);
    for (who, id) in [
        (shop.stranger(), one.id),
        (shop.manager(), NotificationId::of_fact(one.tenant, 0, "?")),
    ] {
        let refused = desk.read_notification(&who, id).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
}
