//! What PayPal's events and a channel's days cost. README.md repeats these numbers.

use domain::{
    billing::{
        Applied, Change, EntryName, PayPalLink, PaymentMethod, Subscription, SubscriptionState,
    },
    managed::{ManagedChannel, Stage},
    ports::{ManagedChannels, Money},
};
use store::Store;
use testkit::{
    billing::{booking, change, credit, managed, notification, plan, subscription},
    meter::Meter,
};

use super::company;
use crate::{
    costs::check,
    world::{World, later, start},
};

async fn done(store: &Store, change: &Change) {
    assert_eq!(store.apply(change).await.unwrap(), Applied::Done);
}

/// X49: activated, paid, renewed, ended, and the end of its time, each with all that follows from it.
#[tokio::test]
async fn what_paypal_tells_costs_what_the_readme_says() {
    let world = World::start().await;
    let company = company(&world).await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), company.tenant.id);
    let offered = plan("Starter", start());
    let mut one = Subscription {
        method: PaymentMethod::PayPal,
        paypal: Some(PayPalLink::new("I-FALCON0000001", "")),
        ..subscription(tenant, &offered, start())
    };
    let mut new = change(tenant, start());
    new.subscription = Some(one.clone());
    done(&store, &new).await;
    one = one.next();
    let days = |n: i64| later(n * 86_400);

    meter.step("activated");
    one.state = SubscriptionState::Active;
    (one.start_at, one.end_at) = (Some(days(0)), Some(days(30)));
    let mut activated = change(tenant, days(0));
    activated.subscription = Some(one.clone());
    activated.limits = Some(offered.limits(days(0), days(30)));
    activated.limits_as_of = Some(0);
    activated.notification = Some(notification(tenant, "active", days(0)));
    done(&store, &activated).await;
    one = one.next();

    meter.step("paid");
    one.paid = 1;
    let mut paid = credit(tenant, "SALE-1", 30, days(0));
    paid.subscription = Some(one.clone());
    done(&store, &paid).await;
    one = one.next();

    meter.step("renewed");
    (one.paid, one.end_at) = (2, Some(days(60)));
    let mut renewed = credit(tenant, "SALE-2", 30, days(30));
    renewed.subscription = Some(one.clone());
    renewed.limits = Some(offered.limits(days(30), days(60)));
    renewed.limits_as_of = Some(1);
    done(&store, &renewed).await;
    one = one.next();
    meter.step("renewed again");
    assert_eq!(store.apply(&renewed).await.unwrap(), Applied::Repeated);
    meter.step("compared too late");
    let mut late = change(tenant, days(31));
    late.subscription = Some(one.clone());
    late.limits = renewed.limits.clone();
    late.limits_as_of = Some(1);
    assert_eq!(store.apply(&late).await.unwrap(), Applied::Stale);

    meter.step("ended");
    one.state = SubscriptionState::Canceled;
    let mut ended = change(tenant, days(31));
    ended.subscription = Some(one.clone());
    ended.notification = Some(notification(tenant, "ended", days(31)));
    done(&store, &ended).await;
    one = one.next();

    meter.step("over");
    one.state = SubscriptionState::Expired;
    let mut over = change(tenant, days(60));
    over.subscription = Some(one.clone());
    over.notification = Some(notification(tenant, "over", days(60)));
    done(&store, &over).await;
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("activated", 13),
            ("paid", 9),
            ("renewed", 13),
            ("renewed again", 10),
            ("compared too late", 8),
            ("ended", 10),
            ("over", 9),
        ],
    );
}

/// S3.17, S3.14–S3.16: days that are spent or free again, a record that waits, a channel that goes.
#[tokio::test]
async fn what_a_channels_days_cost_is_what_the_readme_says() {
    let world = World::start().await;
    let company = company(&world).await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), company.tenant.id);
    done(&store, &credit(tenant, "SALE-1", 90, start())).await;
    let mut ordered = change(tenant, start());
    ordered.managed = Some(managed(tenant, start()));
    ordered.take_slot = Some(1);
    done(&store, &ordered).await;
    let read = async || -> ManagedChannel {
        let mut all = store.managed_channels(tenant).await.unwrap();
        all.remove(0)
    };
    let id = read().await.id;
    let hold = async |n: u32| {
        let mut held = booking(tenant, &EntryName::Hold(id, n), 30, later(1));
        held.managed = Some(read().await);
        done(&store, &held).await;
    };

    meter.step("wait until later");
    let mut waits = read().await;
    waits.due = Some(later(600));
    store.save_managed(&mut waits).await.unwrap();

    meter.step("not counted");
    hold(1).await;
    meter.step("days are spent");
    let mut spent = booking(tenant, &EntryName::Extend(id, 1), 30, later(2));
    spent.managed = Some(ManagedChannel {
        stage: Stage::Live,
        spent: 30,
        due: Some(later(900)),
        ..read().await
    });
    done(&store, &spent).await;

    meter.step("not counted either");
    hold(2).await;
    meter.step("days are free again");
    let mut freed = booking(tenant, &EntryName::Release(id, 2), 30, later(3));
    freed.managed = Some(read().await);
    freed.notification = Some(notification(tenant, "released", later(3)));
    done(&store, &freed).await;

    meter.step("delete");
    let mut gone = booking(tenant, &EntryName::Delete(id), 12, later(4));
    gone.managed = Some(ManagedChannel {
        stage: Stage::Deleted,
        due: None,
        ..read().await
    });
    gone.give_slot = true;
    done(&store, &gone).await;
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("wait until later", 3),
            ("days are spent", 11),
            ("days are free again", 13),
            ("delete", 10),
        ],
    );
}
