//! An offline payment that two of the platform's people approve at once, whatever dies in between.

use domain::{
    billing::{Applied, Balances, PaymentState, Proof, ProofType, SubscriptionState},
    ids::{PaymentId, SubscriptionId, TenantId, UserId},
    ports::{Money, Notifications, Payments, Plans, Saved, Subscriptions},
    principal::{Principal, Role},
    service::billing::BillingDesk,
};
use jiff::Timestamp;
use testkit::billing;
use uuid::Uuid;

use super::{Doing, PLAIN, Scenario, Unsettled};
use crate::{checks::Check, world::World};

pub const ALL: &[Scenario] = &[Scenario {
    name: "approve",
    requests: &[],
    ends: &[],
    setup: hand_in,
    act: approve,
    again: approve,
    settled: approved_once,
    ..PLAIN
}];

const PAYMENT: PaymentId =
    PaymentId::from_uuid(Uuid::from_u128(0x0192_f0c1_a2b3_7c4d_8e5f_6071_8293_a4b6));
const SUBSCRIPTION: SubscriptionId =
    SubscriptionId::from_uuid(Uuid::from_u128(0x0192_f0c1_a2b3_7c4d_8e5f_6071_8293_a4b7));

fn begin() -> Timestamp {
    Timestamp::from_second(1_795_161_600).unwrap()
}

/// A plan, an order of it, and a payment that waits for its review.
fn hand_in(world: &World) -> Doing<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let mut plan = billing::plan("Starter", begin());
        let by = TenantId::PLATFORM;
        let audit = billing::change(by, begin()).audit;
        world.store.save_plan(&mut plan, by, &audit).await.unwrap();
        let mut order = billing::subscription(tenant, &plan, begin());
        order.id = SUBSCRIPTION;
        // Whom a mail would go to is another scenario's concern.
        order.email = None;
        let mut payment = billing::payment(&order, &plan, begin());
        payment.id = PAYMENT;
        payment.state = PaymentState::Pending;
        payment.proof = Some(Proof {
            kind: ProofType::Pdf,
            size: 2_048,
            sha256: "5f".repeat(32),
            used_before: false,
        });
        let mut change = billing::change(tenant, begin());
        change.subscription = Some(order);
        let applied = world.store.apply(&change).await.unwrap();
        assert_eq!(applied, Applied::Done);
        let line = billing::change(tenant, begin()).audit;
        let saved = world.store.save_payment(&mut payment, &line).await.unwrap();
        assert_eq!(saved, Saved::Done);
    })
}

fn approve(world: &World) -> Doing<'_> {
    Box::pin(async {
        let desk = BillingDesk {
            store: &world.store,
            clock: &world.clock,
        };
        let admin =
            |name| Principal::verified(TenantId::PLATFORM, UserId::new(name), Role::PlatformAdmin);
        let (one, other) = (admin("admin-1"), admin("admin-2"));
        // One of them is told that the other was first, or that the store did not answer.
        let _ = tokio::join!(desk.approve(&one, PAYMENT), desk.approve(&other, PAYMENT));
    })
}

fn approved_once(world: &World) -> Unsettled<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let mut wrong = Vec::new();
        let payment = world.store.payment(tenant, PAYMENT).await.unwrap().unwrap();
        if payment.state != PaymentState::Approved || payment.reviewed_by.is_none() {
            let what = format!("the payment is {:?}", payment.state);
            wrong.push((Check::Counted, what));
        }
        let order = world.store.subscription(tenant, SUBSCRIPTION);
        let order = order.await.unwrap().unwrap();
        if (order.state, order.paid) != (SubscriptionState::Active, 1) {
            let what = format!("{:?}, paid {} times", order.state, order.paid);
            wrong.push((Check::Counted, what));
        }
        let entries = world.store.entries(tenant, None, 10).await.unwrap().items;
        let account = world.store.account(tenant).await.unwrap();
        let folded = Balances::of(entries.iter().rev());
        if entries.len() != 1 || Some(account.balances) != folded || account.balances.free != 30 {
            let what = format!("{:?} of {entries:?}", account.balances);
            wrong.push((Check::Credited, what));
        }
        if account.subscription != Some(SUBSCRIPTION) {
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
