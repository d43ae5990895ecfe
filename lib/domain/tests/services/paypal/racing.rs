//! Two subscriptions of one company, told of in the same instant: what comes of it is what comes of one
//! after the other.

use domain::{billing::Subscription, ids::SubscriptionId, service::paypal::PayPalHooks};
use futures::FutureExt;
use serde_json::Value;
use testkit::{
    billing,
    fakes::{FakeClock, FakePayPal},
    memory::{MemoryStore, State},
};

use super::{Deal, proven, sale, told};

/// Everything an event reads or writes, and how often it does so at most: between any two of these the
/// other one may be taken whole.
const POINTS: [(&str, usize); 5] = [
    ("subscriptions.of_paypal", 1),
    ("subscriptions.subscription", 2),
    ("plans.plan", 1),
    ("money.account", 1),
    ("money.apply", 1),
];

/// Another process takes an event, from its first to its last step.
fn takes(deal: &Deal, event: &Value) -> impl FnOnce(&mut State) + Send + use<> {
    let (now, event) = (deal.now(), proven(event));
    move |state| {
        let other = MemoryStore::new();
        std::mem::swap(&mut *other.state(), state);
        let hooks = PayPalHooks {
            store: &other,
            paypal: &FakePayPal::default(),
            clock: &FakeClock::at(&now),
            read: paypal::read_event,
        };
        let taken = hooks.take(&event).now_or_never();
        taken.unwrap().unwrap();
        std::mem::swap(&mut *other.state(), state);
    }
}

/// Two begun at once: both wait for their buyer, the second is to a larger plan.
async fn both_begun() -> (Deal, Subscription, Subscription) {
    let deal = Deal::new().await;
    let older = deal.subscribed().await;
    deal.clock.advance(jiff::SignedDuration::from_mins(1));
    let larger = billing::plan("Larger", deal.plan.created_at);
    deal.add(larger.clone()).await;
    let newer = deal.ask(larger.id, Some("key-2")).await.unwrap();
    (deal, older, newer)
}

/// The newer one's time is over and the older one counts no more either: both are paid late.
async fn both_over() -> (Deal, Subscription, Subscription) {
    let (deal, older, newer) = both_begun().await;
    let now = deal.now();
    for (one, sold) in [(&older, "SALE-1"), (&newer, "SALE-2")] {
        deal.tell(&told(one, "ACTIVATED", sold, &now))
            .await
            .unwrap();
        deal.tell(&sale(one, sold, &now)).await.unwrap();
    }
    deal.in_days(45);
    let newer = deal.read(&newer);
    let account = deal.store.state().accounts[&older.tenant].clone();
    assert_eq!(account.subscription, Some(newer.id));
    (deal, older, newer)
}

/// The plan that counts, whose it is, until when, and the days.
fn end(deal: &Deal, newer: &Subscription) -> (String, Option<SubscriptionId>, u32) {
    let limits = deal.limits().unwrap();
    let account = deal.store.state().accounts[&newer.tenant].clone();
    if account.subscription == Some(newer.id) {
        assert_eq!(limits.until, deal.read(newer).end_at, "its own time");
    }
    (limits.name, account.subscription, deal.balances().total)
}

/// S0.42, S3.36, X49: wherever one event stands when the other is taken, the plan that was chosen last
/// counts, as it does in both orders.
#[tokio::test]
async fn two_events_at_once_end_like_one_after_the_other() {
    let mut raced = 0;
    for over in [false, true] {
        for kind in ["ACTIVATED", "PAID"] {
            for newer_first in [false, true] {
                for (operation, most) in POINTS {
                    for skip in 0..most {
                        let both = match over {
                            true => both_over().await,
                            false => both_begun().await,
                        };
                        let (deal, older, newer) = both;
                        let now = deal.now();
                        let event = |of: &Subscription, name: &str| match kind {
                            "PAID" => sale(of, name, &now),
                            _ => told(of, kind, name, &now),
                        };
                        let (one, other) = (event(&older, "LATE-1"), event(&newer, "LATE-2"));
                        let (first, second) = match newer_first {
                            true => (other, one),
                            false => (one, other),
                        };
                        let before = deal.balances().total;
                        for _ in 0..skip {
                            deal.store.meanwhile(operation, |_| {});
                        }
                        deal.store.meanwhile(operation, takes(&deal, &second));
                        deal.tell(&first).await.unwrap();
                        let repeated = deal.tell(&second).await.unwrap();
                        raced += u32::from(repeated == "repeated");
                        let paid = if kind == "PAID" { 60 } else { 0 };
                        let expected = ("Larger".to_owned(), Some(newer.id), before + paid);
                        let said = format!("{over} {kind} {newer_first} {operation} {skip}");
                        assert_eq!(end(&deal, &newer), expected, "{said}");
                    }
                }
            }
        }
    }
    assert!(raced >= 40, "only {raced} were taken in between");
}

/// X49: days and limits of both stay exact when others keep being first for a while.
#[tokio::test]
async fn who_is_overtaken_compares_again() {
    let (deal, older, newer) = both_begun().await;
    for _ in 0..3 {
        let tenant = older.tenant;
        deal.store.meanwhile("money.apply", move |state| {
            let account = state.accounts.entry(tenant);
            let account = account.or_insert_with(|| domain::billing::Account::empty(tenant));
            account.limits_set += 1;
        });
    }
    let now = deal.now();
    deal.tell(&sale(&older, "SALE-1", &now)).await.unwrap();
    deal.tell(&sale(&newer, "SALE-2", &now)).await.unwrap();
    assert_eq!(end(&deal, &newer), ("Larger".into(), Some(newer.id), 60));
    let account = deal.store.state().accounts[&older.tenant].clone();
    assert_eq!(account.limits_set, 5);
}
