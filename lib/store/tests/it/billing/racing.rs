//! Two subscriptions of one company at once: the limits are those of one after the other.

use domain::{
    billing::{
        Applied, PayPalEvent, PayPalEventKind, PayPalLink, PaymentMethod, Plan, Subscription,
    },
    ids::TenantId,
    ports::{Directory, Money, Plans, Subscriptions},
    provider::RawWebhook,
    service::paypal::PayPalHooks,
};
use store::Store;
use testkit::{
    billing::{change, plan, subscription},
    builders::Company,
    fakes::{FakeClock, FakePayPal, PAYPAL_PROOF},
};

use crate::world::{World, audit, later, start};

/// Pairs of events that are told at once.
const PAIRS: i64 = 24;

/// S3.36: whoever compared subscriptions sets limits only while nobody else set them; those who did not
/// compare set them anyway, and are noticed.
#[tokio::test]
async fn limits_are_set_as_of_what_was_compared() {
    let world = World::start().await;
    let company = super::company(&world).await;
    let (store, tenant) = (&world.store, company.tenant.id);
    let offered = plan("Starter", start());
    let name = |n: i64| format!("Plan {n}");
    for (n, as_of, applied, set) in [
        (1, Some(1), Applied::Stale, 0),
        (2, Some(0), Applied::Done, 1),
        (3, Some(0), Applied::Stale, 1),
        (4, None, Applied::Done, 2),
        (5, Some(1), Applied::Stale, 2),
        (6, Some(2), Applied::Done, 3),
    ] {
        let mut setting = change(tenant, later(n));
        let own = subscription(tenant, &offered, later(n));
        setting.subscription = Some(own.clone());
        let named = Plan {
            name: name(n),
            ..offered.clone()
        };
        setting.limits = Some(named.limits(later(n), later(n + 9)));
        setting.limits_as_of = as_of;
        assert_eq!(store.apply(&setting).await.unwrap(), applied, "{n}");
        let account = store.account(tenant).await.unwrap();
        assert_eq!(account.limits_set, set, "{n}");
        let known = Directory::tenant(store, tenant).await.unwrap().unwrap();
        let done = applied == Applied::Done;
        assert_eq!(account.subscription == Some(own.id), done, "{n}");
        assert_eq!(known.plan.is_some_and(|one| one.name == name(n)), done);
        let kept = store.subscription(tenant, own.id).await.unwrap();
        assert_eq!(kept.is_some(), done, "{n}");
    }
}

/// `I-OLD paid`: about which subscription, and whether it was paid or approved.
fn read_event(body: &[u8]) -> PayPalEvent {
    let text = std::str::from_utf8(body).unwrap();
    let (named, what) = text.split_once(' ').unwrap();
    PayPalEvent {
        id: format!("WH-{named}"),
        at: Some(later(60)),
        kind: match what {
            "paid" => PayPalEventKind::Paid {
                sale: format!("SALE-{named}"),
            },
            _ => PayPalEventKind::Activated,
        },
        subscription: Some(named.to_owned()),
        custom_id: None,
    }
}

async fn begun(store: &Store, tenant: TenantId, of: &Plan, paypal: &str, at: i64) -> Subscription {
    let mut one = Subscription {
        method: PaymentMethod::PayPal,
        ..subscription(tenant, of, later(at))
    };
    one.paypal = Some(PayPalLink::new(paypal, ""));
    let mut new = change(tenant, later(at));
    new.subscription = Some(one.clone());
    assert_eq!(store.apply(&new).await.unwrap(), Applied::Done);
    store.point_paypal(paypal, tenant, one.id).await.unwrap();
    one
}

/// S0.42, S3.36, X49: PayPal tells of both in the same instant, over real requests: the plan that was chosen
/// last counts, whoever comes first.
#[tokio::test]
async fn two_events_at_once_leave_the_plan_that_was_chosen_last() {
    let world = World::start().await;
    let store = &world.store;
    let by = TenantId::PLATFORM;
    let (mut small, mut large) = (plan("Starter", start()), plan("Larger", start()));
    for offered in [&mut small, &mut large] {
        let line = audit(start());
        store.save_plan(offered, by, &line).await.unwrap();
    }
    for n in 0..PAIRS {
        let mut company = Company::named(&format!("falcon {n}"));
        company.tenant.plan = None;
        let tenant = company.tenant.id;
        store.put_tenant(&company.tenant).await.unwrap();
        let (old, new) = (format!("I-OLD{n}"), format!("I-NEW{n}"));
        begun(store, tenant, &small, &old, 1).await;
        let newer = begun(store, tenant, &large, &new, 2).await;
        let clock = FakeClock::at("2026-11-20T10:05:00Z");
        let hooks = PayPalHooks {
            store,
            paypal: &FakePayPal::default(),
            clock: &clock,
            read: read_event,
        };
        let what = if n % 2 == 0 { "paid" } else { "approved" };
        let event = |named: &str| RawWebhook {
            key: None,
            headers: vec![(PAYPAL_PROOF.into(), b"signed".to_vec())],
            body: format!("{named} {what}").into_bytes(),
        };
        let (older_event, newer_event) = (event(&old), event(&new));
        // DynamoDB cancels one of two transactions at once, and PayPal repeats.
        let until_taken = async |event: &RawWebhook| {
            while hooks.take(event).await.is_err() {}
        };
        futures::join!(until_taken(&newer_event), until_taken(&older_event));
        let account = store.account(tenant).await.unwrap();
        assert_eq!(account.subscription, Some(newer.id), "{n}");
        let known = Directory::tenant(store, tenant).await.unwrap().unwrap();
        assert_eq!(known.plan.unwrap().name, "Larger", "{n}");
        let days = if what == "paid" { 60 } else { 0 };
        assert_eq!(account.balances.total, days, "{n}");
    }
}
