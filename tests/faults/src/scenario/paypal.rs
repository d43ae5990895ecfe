//! A subscription at PayPal: begun, approved, paid and renewed, whatever dies in between. PayPal repeats
//! what was not answered, so the person and the webhooks come again.

use domain::{
    billing::{Subscription, SubscriptionState},
    ids::{PlanId, TenantId},
    ports::{Money, Notifications, Plans, Subscriptions},
    provider::RawWebhook,
    service::{
        accept::IdempotencyKey,
        paypal::{PayPalDeals, PayPalHooks},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{
    billing,
    fakes::{FakePayPal, PAYPAL_PROOF},
};
use uuid::Uuid;

use super::{Doing, PLAIN, Scenario, Unsettled};
use crate::{checks::Check, world::World};

pub const ALL: &[Scenario] = &[Scenario {
    name: "paypal activation",
    requests: &[],
    ends: &[],
    setup: offer,
    act: pay,
    again: pay,
    settled: paid_twice,
    ..PLAIN
}];

const PLAN: PlanId = PlanId::from_uuid(Uuid::from_u128(0x0192_f0c1_a2b3_7c4d_8e5f_6071_8293_a4b5));

fn begin() -> Timestamp {
    Timestamp::from_second(1_795_161_600).unwrap()
}

fn offer(world: &World) -> Doing<'_> {
    Box::pin(async {
        let mut plan = billing::plan("Starter", begin());
        plan.id = PLAN;
        let by = TenantId::PLATFORM;
        let audit = billing::change(by, begin()).audit;
        world.store.save_plan(&mut plan, by, &audit).await.unwrap();
    })
}

fn pay(world: &World) -> Doing<'_> {
    Box::pin(async {
        // What PayPal makes follows from our name for it: another process meets the same subscription.
        let paypal = FakePayPal::default();
        let deals = PayPalDeals {
            store: &world.store,
            paypal: &paypal,
            clock: &world.clock,
        };
        let key = IdempotencyKey::parse("subscribe", "paypal-1", b"{}").unwrap();
        let manager = world.manager();
        let Ok(begun) = deals.subscribe(&manager, PLAN, Some(&key)).await else {
            return;
        };
        let hooks = PayPalHooks {
            store: &world.store,
            paypal: &paypal,
            clock: &world.clock,
            read: ::paypal::read_event,
        };
        for event in story(&begun.subscription) {
            let raw = RawWebhook {
                key: None,
                headers: vec![(PAYPAL_PROOF.into(), b"signed".to_vec())],
                body: event.to_string().into_bytes(),
            };
            // What is not answered is repeated by PayPal.
            let _ = hooks.take(&raw).await;
        }
    })
}

/// The first payment overtakes its approval, and the renewal comes twice.
fn story(of: &Subscription) -> Vec<Value> {
    let paypal = format!("I-{}", of.id.key().to_uppercase());
    let sale = |name: &str, days: i64| {
        let at = begin() + SignedDuration::from_hours(24 * days);
        json!({"id": format!("WH-{name}"), "create_time": at.to_string(),
            "event_type": "PAYMENT.SALE.COMPLETED",
            "resource": {"id": name, "billing_agreement_id": paypal, "custom": of.id.to_string(),
                "create_time": at.to_string()}})
    };
    let activated = json!({"id": "WH-ACTIVE", "create_time": begin().to_string(),
        "event_type": "BILLING.SUBSCRIPTION.ACTIVATED",
        "resource": {"id": paypal, "custom_id": of.id.to_string()}});
    vec![
        sale("SALE-1", 0),
        activated,
        sale("SALE-2", 0),
        sale("SALE-2", 0),
    ]
}

fn paid_twice(world: &World) -> Unsettled<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let mut wrong = Vec::new();
        let listed = world.store.subscriptions(tenant, None, 10).await.unwrap();
        let [one] = &listed.items[..] else {
            let what = format!("{} subscriptions", listed.items.len());
            return vec![(Check::Counted, what)];
        };
        if (one.state, one.paid) != (SubscriptionState::Active, 2) {
            let what = format!("{:?}, paid {} times", one.state, one.paid);
            wrong.push((Check::Counted, what));
        }
        let entries = world.store.entries(tenant, None, 10).await.unwrap().items;
        let folded = domain::billing::Balances::of(entries.iter().rev());
        let account = world.store.account(tenant).await.unwrap();
        if Some(account.balances) != folded || account.balances.free != 60 {
            let what = format!("{:?}, and its entries {folded:?}", account.balances);
            wrong.push((Check::Credited, what));
        }
        if account.subscription != Some(one.id) {
            let what = "another subscription counts".to_owned();
            wrong.push((Check::Counted, what));
        }
        let told = world.store.notifications(tenant, None, 10).await.unwrap();
        if told.items.len() != 1 {
            let what = format!("told {} times", told.items.len());
            wrong.push((Check::Told, what));
        }
        wrong
    })
}
