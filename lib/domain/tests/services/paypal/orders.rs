//! PayPal's events in any order, repeated at will: one end.

use domain::billing::{PayPalTimes, Subscription, SubscriptionState};
use proptest::prelude::*;
use serde_json::Value;
use tokio::runtime::Builder;

use super::{Deal, NOW, at, sale, told};

/// What PayPal tells in ten months: approved, paid, suspended, resumed, cancelled in the end or not.
fn story(of: &Subscription, cancelled: bool) -> Vec<Value> {
    let day = |n: i64| (at(NOW) + jiff::SignedDuration::from_hours(24 * n)).to_string();
    let mut story = vec![
        told(of, "CREATED", "WH-0", &day(0)),
        told(of, "ACTIVATED", "WH-1", &day(0)),
        sale(of, "SALE-1", &day(0)),
        sale(of, "SALE-2", &day(30)),
        sale(of, "SALE-3", &day(60)),
        told(of, "PAYMENT.FAILED", "WH-2", &day(90)),
        told(of, "SUSPENDED", "WH-3", &day(95)),
        told(of, "RE-ACTIVATED", "WH-4", &day(150)),
        sale(of, "SALE-4", &day(150)),
        sale(of, "SALE-5", &day(181)),
    ];
    if cancelled {
        story.push(told(of, "CANCELLED", "WH-5", &day(200)));
    }
    story
}

/// What a company has in the end.
type End = (
    SubscriptionState,
    [Option<jiff::Timestamp>; 2],
    u32,
    PayPalTimes,
    domain::billing::Balances,
    Option<domain::tenant::PlanLimits>,
    Vec<String>,
);

async fn told_in(
    order: &[prop::sample::Index],
    repeats: &[prop::sample::Index],
    cancelled: bool,
) -> End {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    deal.in_days(300);
    let mut left = story(&begun, cancelled);
    let all = left.clone();
    let mut deliveries = Vec::new();
    for place in order {
        if left.is_empty() {
            break;
        }
        deliveries.push(left.remove(place.index(left.len())));
    }
    deliveries.extend(left);
    for repeat in repeats {
        let place = repeat.index(deliveries.len() + 1);
        deliveries.insert(place, all[repeat.index(all.len())].clone());
    }
    for event in &deliveries {
        deal.tell(event).await.unwrap();
    }
    let end = deal.read(&begun);
    // Whether an end is told depends on whether it was news; that the plan is active is told once.
    let codes = deal
        .codes()
        .into_iter()
        .filter(|code| code == "PLAN_ACTIVE");
    (
        end.state,
        [end.start_at, end.end_at],
        end.paid,
        end.paypal.unwrap().times,
        deal.balances(),
        deal.limits(),
        codes.collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// X49: the first payment before or after its activation, an end before the beginning, everything
    /// three times over: the same state, the same days, the same time.
    #[test]
    fn any_order_ends_the_same(
        order in prop::collection::vec(any::<prop::sample::Index>(), 11),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        cancelled: bool,
    ) {
        let runtime = Builder::new_current_thread().build().unwrap();
        let end = runtime.block_on(told_in(&order, &repeats, cancelled));
        let straight = runtime.block_on(told_in(&[], &[], cancelled));
        let told_active = end.6.len();
        prop_assert_eq!((end.0, end.1, end.2, end.3, end.4), (straight.0, straight.1, straight.2, straight.3, straight.4));
        prop_assert_eq!(end.5, straight.5);
        // An end that came before everything else leaves nothing to announce.
        prop_assert!(told_active <= 1);
        prop_assert_eq!((straight.2, straight.4.total), (5, 150));
        prop_assert_eq!(straight.0, if cancelled { SubscriptionState::Canceled } else { SubscriptionState::Active });
        prop_assert_eq!(straight.1[1].unwrap(), at("2027-06-19T12:00:00Z"));
    }
}
