//! What it costs to keep what companies pay for. README.md repeats these numbers.

use domain::{
    billing::{Applied, EntryName, PaymentState, SubscriptionState},
    ids::ChannelId,
    ports::{
        ChannelBook, ManagedChannels, Money, Notifications, Payments, PlanRequests, Plans,
        Subscriptions,
    },
};
use testkit::{
    billing::{booking, change, managed, notification, payment, plan, request, subscription},
    meter::Meter,
};

use super::company;
use crate::{
    costs::check,
    world::{World, audit, later, start},
};

#[tokio::test]
async fn what_is_paid_for_costs_what_the_readme_says() {
    let world = World::start().await;
    let company = company(&world).await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), company.tenant.id);
    let line = audit(start());
    let mut offered = plan("Starter", start());
    meter.step("plan");
    store.save_plan(&mut offered, tenant, &line).await.unwrap();
    meter.step("subscribe");
    let mut one = subscription(tenant, &offered, start());
    let mut new = change(tenant, start());
    new.subscription = Some(one.clone());
    assert_eq!(store.apply(&new).await.unwrap(), Applied::Done);
    one = one.next();
    meter.step("point to it");
    store.point_paypal("I-1", tenant, one.id).await.unwrap();
    meter.step("give out a form");
    let mut paid = payment(&one, &offered, start());
    store.save_payment(&mut paid, &line).await.unwrap();
    meter.step("send a proof");
    paid.state = PaymentState::Pending;
    store.save_payment(&mut paid, &line).await.unwrap();
    meter.step("claim its bytes");
    store.claim_receipt(&"ab".repeat(32), &paid).await.unwrap();
    meter.step("approve");
    let name = EntryName::Approve(paid.id);
    let mut approve = booking(tenant, &name, offered.period.days(), later(1));
    paid.state = PaymentState::Approved;
    one.state = SubscriptionState::Active;
    one.end_at = Some(later(30 * 86_400));
    approve.payment = Some(paid);
    approve.subscription = Some(one);
    approve.limits = Some(offered.limits(later(1), later(30 * 86_400)));
    approve.notification = Some(notification(tenant, &name.to_string(), later(1)));
    assert_eq!(store.apply(&approve).await.unwrap(), Applied::Done);
    meter.step("approve again");
    assert_eq!(store.apply(&approve).await.unwrap(), Applied::Repeated);
    meter.step("ask for a quote");
    let mut asked = request(tenant, &offered, start());
    store.save_request(&mut asked, tenant, &line).await.unwrap();
    meter.step("answer it");
    store.save_request(&mut asked, tenant, &line).await.unwrap();
    meter.step("tell");
    let mut told = notification(tenant, "another", later(2));
    store.save_notification(&mut told).await.unwrap();
    meter.step("mail it");
    told.due = None;
    store.save_notification(&mut told).await.unwrap();
    meter.step("order a channel");
    let mut ordered = change(tenant, later(3));
    ordered.managed = Some(managed(tenant, later(3)));
    ordered.take_slot = Some(1);
    ordered.needs_free = 1;
    assert_eq!(store.apply(&ordered).await.unwrap(), Applied::Done);
    meter.step("claim it");
    let mut channel = store.managed_channels(tenant).await.unwrap().remove(0);
    channel.lease = Some(later(60));
    store.save_managed(&mut channel).await.unwrap();
    meter.step("hold days");
    let mut hold = booking(tenant, &EntryName::Hold(channel.id, 1), 30, later(4));
    channel.due = Some(later(90));
    hold.managed = Some(channel);
    assert_eq!(store.apply(&hold).await.unwrap(), Applied::Done);
    meter.step("a page of the ledger");
    store.entries(tenant, None, 20).await.unwrap();
    meter.step("a page of pending payments");
    store
        .payments_in(PaymentState::Pending, None, 20)
        .await
        .unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("plan", 4),
            ("subscribe", 5),
            ("point to it", 1),
            ("give out a form", 8),
            ("send a proof", 6),
            ("claim its bytes", 1),
            ("approve", 20),
            ("approve again", 14),
            ("ask for a quote", 8),
            ("answer it", 4),
            ("tell", 3),
            ("mail it", 2),
            ("order a channel", 8),
            ("claim it", 1),
            ("hold days", 11),
        ],
    );
}

#[tokio::test]
async fn the_end_of_a_channel_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    let line = audit(start());
    let one = testkit::builders::meta_channel(tenant);
    let two = testkit::builders::channel(tenant);
    for channel in [&one, &two] {
        store.make_channel(channel, &line).await.unwrap();
    }
    meter.step("paid until");
    store.paid_until(tenant, two.id, later(9)).await.unwrap();
    meter.step("paid until, of none");
    let none = ChannelId::fresh();
    store.paid_until(tenant, none, later(9)).await.unwrap();
    meter.step("bury, with an account");
    store.bury_channel(&one).await.unwrap();
    meter.step("bury");
    store.bury_channel(&two).await.unwrap();
    meter.step("make, with a slot");
    let three = testkit::builders::messenger360_channel(tenant);
    store.make_channel_within(1, &three, &line).await.unwrap();
    meter.step("bury, with a slot");
    store.bury_channel(&three).await.unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("paid until", 1),
            ("paid until, of none", 1),
            ("bury, with an account", 6),
            ("bury", 4),
            ("make, with a slot", 11),
            ("bury, with a slot", 7),
        ],
    );
}
