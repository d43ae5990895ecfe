//! Orders of plans.

use domain::{
    billing::{PaymentMethod, RequestType, SubscriptionState},
    failure::Code,
    ids::PlanId,
    service::billing::{PlanEdit, PlanGiven},
};
use futures::future::join;
use testkit::memory::FailWhen;

use super::{Shop, admin, key, reason, starter};

const OFFLINE: PaymentMethod = PaymentMethod::Offline;

/// S3.39, S3.60: an order is pending until it is paid, and asked for again it is the same one: one after
/// the other, at once, and with a key or without.
#[tokio::test]
async fn a_pending_subscription_asked_for_again_is_the_same_one() {
    let shop = Shop::new();
    let plan = shop.plan(starter()).await;
    let (desk, manager) = (shop.desk(), shop.manager());
    let (one, two) = join(
        desk.subscribe(&manager, plan.id, OFFLINE, None),
        desk.subscribe(&manager, plan.id, OFFLINE, None),
    )
    .await;
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.subscription.id, two.subscription.id);
    let named = key("again");
    let three = desk
        .subscribe(&manager, plan.id, OFFLINE, Some(&named))
        .await;
    let three = three.unwrap();
    assert!(three.repeated);
    assert_eq!(three.subscription.id, one.subscription.id);
    assert_eq!(one.subscription.state, SubscriptionState::Pending);
    let email = one.subscription.email.as_deref();
    assert_eq!(email, Some("owner@acme-freight.example"));
    assert_eq!(shop.store.state().subscriptions.len(), 1);
    let theirs = desk
        .subscribe(&shop.stranger(), plan.id, OFFLINE, None)
        .await;
    assert_ne!(theirs.unwrap().subscription.id, one.subscription.id);
    let seen = desk
        .subscription(&shop.stranger(), one.subscription.id)
        .await;
    assert_eq!(seen.unwrap_err().code(), Code::NotFound);
    let listed = desk.subscriptions(&manager, None, 10).await.unwrap();
    assert_eq!(listed.items, [one.subscription]);
}

/// Two that read before either wrote: the second finds the first one's.
#[tokio::test]
async fn whoever_comes_second_finds_the_order_of_the_first() {
    let shop = Shop::new();
    let plan = shop.plan(starter()).await;
    let (desk, manager) = (shop.desk(), shop.manager());
    let first = desk.subscribe(&manager, plan.id, OFFLINE, None).await;
    let first = first.unwrap().subscription;
    shop.store.state().subscriptions.clear();
    let (tenant, written) = (first.tenant, first.clone());
    shop.store.meanwhile("money.apply", move |state| {
        state.subscriptions.insert((tenant, written.id), written);
    });
    shop.clock.advance(jiff::SignedDuration::from_secs(1));
    let second = desk
        .subscribe(&manager, plan.id, OFFLINE, None)
        .await
        .unwrap();
    assert!(second.repeated);
    assert_eq!(second.subscription, first);
}

/// An answer that was lost: asked again, there is one order.
#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_again() {
    let shop = Shop::new();
    let plan = shop.plan(starter()).await;
    let manager = shop.manager();
    for named in [None, Some(key("lost"))] {
        shop.store.state().subscriptions.clear();
        shop.store.fail("money.apply", 1, FailWhen::After);
        let desk = shop.desk();
        let lost = desk
            .subscribe(&manager, plan.id, OFFLINE, named.as_ref())
            .await;
        assert!(lost.unwrap_err().retryable());
        let again = desk
            .subscribe(&manager, plan.id, OFFLINE, named.as_ref())
            .await;
        assert!(again.unwrap().repeated);
        assert_eq!(shop.store.state().subscriptions.len(), 1);
    }
}

/// S3.76: nobody subscribes to what is asked for; what is not on offer is not there.
#[tokio::test]
async fn only_plans_on_offer_with_a_price_are_subscribed_to() {
    let shop = Shop::new();
    let (desk, manager) = (shop.desk(), shop.manager());
    for request in [RequestType::RequestQuote, RequestType::BookDemo] {
        let plan = shop
            .plan(PlanGiven {
                request,
                ..starter()
            })
            .await;
        let refused = desk.subscribe(&manager, plan.id, OFFLINE, None).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.fields()[0].field, "plan_id");
        assert!(refused.fields()[0].message.contains("/v1/plan-requests"));
    }
    let hidden = shop
        .plan(PlanGiven {
            active: false,
            ..starter()
        })
        .await;
    for id in [hidden.id, PlanId::fresh()] {
        let refused = desk.subscribe(&manager, id, OFFLINE, None).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
    let offline = shop.plan(starter()).await;
    let refused = desk.subscribe(&manager, offline.id, PaymentMethod::PayPal, None);
    assert_eq!(refused.await.unwrap_err().fields()[0].field, "method");
    assert!(shop.store.state().subscriptions.is_empty());
}

/// A key names one request; another with the same key is told so.
#[tokio::test]
async fn a_key_is_for_one_order() {
    let shop = Shop::new();
    let (one, two) = (shop.plan(starter()).await, shop.plan(starter()).await);
    let (desk, manager, named) = (shop.desk(), shop.manager(), key("k"));
    let first = desk
        .subscribe(&manager, one.id, OFFLINE, Some(&named))
        .await;
    assert!(!first.unwrap().repeated);
    let other = desk
        .subscribe(&manager, two.id, OFFLINE, Some(&named))
        .await;
    assert_eq!(reason(&other.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
}

/// Who has a plan prolongs it instead of ordering it again; when it is over they may order anew.
#[tokio::test]
async fn who_has_a_plan_prolongs_it() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    shop.desk().approve(&admin("a"), payment.id).await.unwrap();
    let (desk, manager) = (shop.desk(), shop.manager());
    let refused = desk.subscribe(&manager, order.plan, OFFLINE, None).await;
    let refused = refused.unwrap_err();
    assert_eq!(reason(&refused), "ALREADY_SUBSCRIBED");
    assert_eq!(refused.details()["subscription_id"], order.id.to_string());
    shop.clock
        .advance(jiff::SignedDuration::from_hours(31 * 24));
    let anew = desk.subscribe(&manager, order.plan, OFFLINE, None).await;
    assert_ne!(anew.unwrap().subscription.id, order.id);
    // Withdrawn plans are not ordered, nor paid for again.
    let off = PlanEdit {
        version: 1,
        active: Some(false),
        ..PlanEdit::default()
    };
    desk.change_plan(&admin("a"), order.plan, off)
        .await
        .unwrap();
    let proof = shop.proofs();
    let refused = proof.begin(&manager, order.id, "image/png", None).await;
    assert_eq!(reason(&refused.unwrap_err()), "PLAN_WITHDRAWN");
}
