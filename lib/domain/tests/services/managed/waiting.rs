//! Orders whose answer was lost, or that WHAPI does not take at once.

use domain::{
    failure::Code,
    managed::{BillingStatus, Stage},
    ports::Clock,
};
use testkit::{fakes::Trouble, memory::FailWhen};

use super::{Yard, key, order};

/// Hazard: the order is stored and its answer lost; asked again it goes on.
#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_under_its_key() {
    let yard = Yard::with_days(60).await;
    let (desk, manager, again) = (yard.desk(), yard.manager(), key("order-1"));
    yard.store.fail("money.apply", 1, FailWhen::After);
    let lost = desk
        .order(&manager, &order("Main"), Some(&again))
        .await
        .unwrap_err();
    assert_eq!(lost.code(), Code::DbError);
    let found = desk
        .order(&manager, &order("Main"), Some(&again))
        .await
        .unwrap();
    assert_eq!((found.stage, yard.slots()), (Stage::Ordered, 1));
    yard.round().await;
    assert_eq!(yard.record(found.id).await.stage, Stage::Live);
    yard.assert_exact();
}

/// S3.1: WHAPI made it and the answer was lost: it is found by its name, and no second one is made.
#[tokio::test]
async fn a_lost_answer_finds_the_channel_by_its_name() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("create", Trouble::Lost);
    let made = yard.order("Main").await.unwrap();
    assert_eq!(made.stage, Stage::Live);
    assert_eq!(yard.partner.calls()[..3], ["create", "find", "show"]);
    assert_eq!(yard.partner.counts(), (1, 0));

    // And where it cannot be looked for at once, the schedule looks.
    yard.partner.meets("create", Trouble::Lost);
    yard.partner.meets("find", Trouble::NotSent);
    let made = yard.order("Second").await.unwrap();
    assert_eq!((made.stage, made.tries), (Stage::Creating, 1));
    yard.rounds(10).await;
    assert_eq!(yard.record(made.id).await.stage, Stage::Live);
    assert_eq!(yard.partner.counts(), (2, 0));
    yard.assert_exact();
}

/// A channel whose making vanished is asked for again only when it is proven absent, ten minutes later.
#[tokio::test]
async fn what_was_never_made_is_asked_for_again_after_a_hold() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("create", Trouble::Vanished);
    let made = yard.order("Main").await.unwrap();
    assert_eq!(made.stage, Stage::Creating);
    let created = || {
        yard.partner
            .calls()
            .iter()
            .filter(|call| **call == "create")
            .count()
    };
    for _ in 0..9 {
        yard.minutes(1);
        yard.round().await;
        assert_eq!(created(), 1, "not before it is proven absent");
    }
    yard.minutes(2);
    yard.round().await;
    assert_eq!((created(), yard.partner.counts().0), (2, 1));
    assert_eq!(yard.record(made.id).await.stage, Stage::Live);
    yard.assert_exact();
}

/// What cannot be found out, with a list that is never whole, holds its slot for a day and is told; nothing is
/// made a second time on suspicion.
#[tokio::test]
async fn what_is_never_found_out_is_given_up_after_a_day() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("create", Trouble::Lost);
    for _ in 0..400 {
        yard.partner.meets("find", Trouble::Vanished);
    }
    let made = yard.order("Main").await.unwrap();
    assert_eq!(made.stage, Stage::Creating);
    yard.rounds(23 * 60).await;
    assert_eq!(yard.record(made.id).await.stage, Stage::Creating);
    yard.rounds(70).await;
    let failed = yard.record(made.id).await;
    assert_eq!((failed.stage, failed.due), (Stage::Failed, None));
    assert!(failed.problem.unwrap().contains("Order it again"));
    assert_eq!((yard.slots(), yard.partner.counts().0), (0, 1));
    let told = yard.store.state().notifications.clone();
    assert!(
        told.values().any(|one| one.code == "CHANNEL_NOT_MADE"),
        "{told:?}"
    );
    yard.assert_exact();
}

/// X30: more than twenty channels in thirty minutes wait for their turn.
#[tokio::test]
async fn one_too_many_waits_and_is_made_later() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("create", Trouble::TooMany);
    yard.partner.meets("create", Trouble::TooMany);
    yard.partner.meets("create", Trouble::NotSent);
    let made = yard.order("Main").await.unwrap();
    assert_eq!((made.stage, made.tries), (Stage::Ordered, 1));
    assert!(made.problem.is_some() && made.due > Some(yard.clock.now()));
    let now = yard.clock.now();
    assert_eq!(made.billing(now), BillingStatus::Pending);
    yard.rounds(60).await;
    let made = yard.record(made.id).await;
    assert_eq!(
        (made.stage, made.tries, made.problem.clone()),
        (Stage::Live, 4, None)
    );
    yard.assert_exact();
}

/// An order that WHAPI does not take for a day is given up.
#[tokio::test]
async fn an_order_that_nobody_takes_ends_after_a_day() {
    let yard = Yard::with_days(60).await;
    for _ in 0..200 {
        yard.partner.meets("create", Trouble::TooMany);
    }
    let made = yard.order("Main").await.unwrap();
    yard.rounds(60 * 25).await;
    let record = yard.record(made.id).await;
    assert_eq!((record.stage, yard.slots()), (Stage::Failed, 0));
    assert_eq!(yard.told(), ["CHANNEL_NOT_MADE"]);
    yard.assert_exact();
}
