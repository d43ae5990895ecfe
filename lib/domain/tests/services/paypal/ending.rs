//! Subscriptions that PayPal ends: cancelled, suspended or expired, told repeatedly and out of order.

use domain::{
    billing::{Subscription, SubscriptionState},
    ports::Clock,
    tenant::PlanLimits,
};
use serde_json::Value;

use super::{Deal, NOW, at, sale, told};

/// Every order of some events.
fn orders(events: &[Value]) -> Vec<Vec<Value>> {
    let Some((first, rest)) = events.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in orders(rest) {
        for place in 0..=order.len() {
            let mut one = order.clone();
            one.insert(place, first.clone());
            all.push(one);
        }
    }
    all
}

/// What a company has in the end, and whether it may go on.
fn end(deal: &Deal, of: &Subscription) -> (SubscriptionState, String, u32, Option<PlanLimits>) {
    let one = deal.read(of);
    let until = one.end_at.unwrap().to_string();
    (one.state, until, deal.balances().total, deal.limits())
}

/// S3.60, X49: whatever PayPal calls the end, in any order with the payments before it and told twice, it
/// is cancelled, what is paid stays usable until its end, no day is taken away, and it is told once.
#[tokio::test]
async fn an_end_in_any_order_leaves_what_is_paid() {
    for kind in ["CANCELLED", "SUSPENDED", "EXPIRED"] {
        let probe = Deal::new().await;
        let begun = probe.subscribed().await;
        let events = |of: &Subscription| {
            [
                told(of, "ACTIVATED", "WH-1", NOW),
                sale(of, "SALE-1", NOW),
                sale(of, "SALE-2", "2026-12-20T12:00:00Z"),
                told(of, kind, "WH-9", "2027-01-02T12:00:00Z"),
            ]
        };
        for nth in 0..orders(&events(&begun)).len() {
            let deal = Deal::new().await;
            let begun = deal.subscribed().await;
            deal.clock.set(at("2027-01-03T12:00:00Z"));
            let order = orders(&events(&begun)).remove(nth);
            for event in &order {
                deal.tell(event).await.unwrap();
                let again = deal.tell(event).await.unwrap();
                assert_eq!(again, "repeated", "{kind} {nth}");
            }
            for event in order.iter().rev() {
                let again = deal.tell(event).await.unwrap();
                assert_eq!(again, "repeated", "{kind} {nth}");
            }
            let (state, until, total, limits) = end(&deal, &begun);
            assert_eq!(state, SubscriptionState::Canceled, "{kind} {nth}");
            assert_eq!((until.as_str(), total), ("2027-01-19T12:00:00Z", 60));
            let limits = limits.unwrap();
            assert_eq!(limits.until, Some(at("2027-01-19T12:00:00Z")));
            assert!(limits.counts(deal.clock.now()), "{kind} {nth}");
            for code in ["PLAN_ACTIVE", "SUBSCRIPTION_CANCELED"] {
                let told = deal.codes().iter().filter(|one| *one == code).count();
                assert!(told <= 1, "{kind} {nth}: {code} was told {told} times");
            }
        }
    }
}

/// S3.60, X49: a suspension that is told after the resumption it came before does not end what runs; one
/// that came after it does.
#[tokio::test]
async fn an_end_that_comes_late_does_not_undo_what_followed_it() {
    for (suspended, resumed, state) in [
        (
            "2026-12-01T12:00:00Z",
            "2026-12-02T12:00:00Z",
            SubscriptionState::Active,
        ),
        (
            "2026-12-03T12:00:00Z",
            "2026-12-02T12:00:00Z",
            SubscriptionState::Canceled,
        ),
    ] {
        let mut ends = Vec::new();
        for nth in 0..2 {
            let deal = Deal::new().await;
            let active = deal.active().await;
            deal.clock.set(at("2026-12-05T12:00:00Z"));
            let events = [
                told(&active, "SUSPENDED", "WH-8", suspended),
                told(&active, "RE-ACTIVATED", "WH-9", resumed),
            ];
            let order = orders(&events).remove(nth);
            for event in order.iter().chain(&order) {
                deal.tell(event).await.unwrap();
            }
            ends.push(end(&deal, &active));
        }
        for one in ends {
            assert_eq!((one.0, one.2), (state, 30), "{suspended} {resumed}");
            assert_eq!(one.1, "2026-12-20T12:00:00Z", "what is paid stays paid");
        }
    }
}
