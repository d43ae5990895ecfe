//! What companies pay for, in the table and in memory alike.

mod agreement;
mod costs;
mod events_cost;
mod lists;
mod lost;
mod managed;
mod racing;
mod records;

use domain::{
    billing::{Applied, Entry, Payment, PaymentState, Subscription},
    ids::TenantId,
    ports::{AuditEntry, Money, Payments, Saved},
};
use testkit::{
    billing::{change, payment, plan, subscription},
    builders::Company,
};

use crate::world::{World, start};

/// A company whose tenant item is there.
async fn company(world: &World) -> Company {
    let company = Company::named("falcon");
    world.store.put_tenant(&company.tenant).await.unwrap();
    company
}

/// A subscription that is stored, at the version it is then at.
async fn subscribed(store: &impl Money, tenant: TenantId) -> Subscription {
    let one = subscription(tenant, &plan("Starter", start()), start());
    let mut new = change(tenant, start());
    new.subscription = Some(one.clone());
    assert_eq!(store.apply(&new).await.unwrap(), Applied::Done);
    one.next()
}

/// A payment that waits for review.
async fn to_review(store: &impl Payments, of: &Subscription) -> Payment {
    let mut one = payment(of, &plan("Starter", start()), start());
    one.state = PaymentState::Pending;
    let line = AuditEntry::new(&one.user, "payments", "send", one.id, start());
    assert_eq!(
        store.save_payment(&mut one, &line).await.unwrap(),
        Saved::Done
    );
    one
}

/// The whole ledger, oldest first.
async fn ledger(store: &impl Money, tenant: TenantId) -> Vec<Entry> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = store.entries(tenant, after.as_deref(), 7).await.unwrap();
        entries.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    entries.reverse();
    entries
}
