//! Orders that come again under their idempotency key.

use domain::{failure::Code, phone::PhoneNumber, principal::Role, service::managed::Order};
use testkit::builders::Company;

use super::{Yard, key, order, reason};

/// S0.42-like repetition: the same key is the same order, and another body under it is a conflict.
#[tokio::test]
async fn an_order_repeated_under_its_key_is_one_channel() {
    let yard = Yard::with_days(60).await;
    let (desk, manager, again) = (yard.desk(), yard.manager(), key("order-1"));
    let first = desk
        .order(&manager, &order("Main"), Some(&again))
        .await
        .unwrap();
    let second = desk
        .order(&manager, &order("Main"), Some(&again))
        .await
        .unwrap();
    assert_eq!(first.id, second.id);
    let other = desk
        .order(&manager, &order("Other"), Some(&again))
        .await
        .unwrap_err();
    assert_eq!(
        (other.code(), reason(&other)),
        (Code::Conflict, "IDEMPOTENCY_KEY_REUSED")
    );
    assert_eq!((yard.partner.counts().0, yard.slots()), (1, 1));
    // Another company's same key is another order.
    let other = Company::named("other").user(Role::Manager);
    let unknown = desk
        .order(&other, &order("Main"), Some(&again))
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::Forbidden);
}

/// X26: all that an order says counts, also the days, which the record spends; and nothing but what was
/// ordered, whatever became of it since.
#[tokio::test]
async fn an_order_repeated_under_its_key_is_compared_whole() {
    let phone = |number| PhoneNumber::parse(number).ok();
    let whole = |name: &str, number, days| Order {
        name: name.into(),
        phone: phone(number),
        days,
    };
    for days in [Some(30), Some(7), None] {
        let yard = Yard::with_days(60).await;
        let (manager, again) = (yard.manager(), key("order-1"));
        let first = whole("Main", "+97333000042", days);
        let ordered = yard.desk().order(&manager, &first, Some(&again)).await;
        let ordered = ordered.unwrap();
        assert_eq!(ordered.wanted_days, 0, "they are spent");
        yard.store
            .state()
            .managed
            .get_mut(&(ordered.tenant, ordered.id))
            .unwrap()
            .name = "Renamed".into();
        let asked = yard.partner.calls().len();
        let same = whole(" Main ", "+97333000042", days);
        let repeated = yard.desk().order(&manager, &same, Some(&again)).await;
        assert_eq!(repeated.unwrap().id, ordered.id);
        for other in [
            whole("Main", "+97333000042", Some(8)),
            whole("Main", "+97333000042", days.xor(Some(30))),
            whole("Main", "+97333000043", days),
            whole("Main", "", days),
            whole("Renamed", "+97333000042", days),
        ] {
            let refused = yard.desk().order(&manager, &other, Some(&again)).await;
            let refused = refused.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::Conflict, "IDEMPOTENCY_KEY_REUSED"),
                "{other:?}"
            );
        }
        assert_eq!(yard.partner.calls().len(), asked);
        yard.assert_exact();
    }
}

/// What was ordered before marks were kept is known by its name and number.
#[tokio::test]
async fn an_order_without_a_mark_is_compared_by_name_and_number() {
    let yard = Yard::with_days(60).await;
    let (desk, manager, again) = (yard.desk(), yard.manager(), key("order-1"));
    let (main, other) = (order("Main"), order("Other"));
    let first = desk.order(&manager, &main, Some(&again)).await.unwrap();
    for record in yard.store.state().managed.values_mut() {
        record.order = None;
    }
    let same = desk.order(&manager, &main, Some(&again)).await;
    assert_eq!(same.unwrap().id, first.id);
    let refused = desk.order(&manager, &other, Some(&again)).await;
    assert_eq!(reason(&refused.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
}
