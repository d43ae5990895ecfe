//! Beginning and ending subscriptions.

use domain::{
    billing::{PaymentMethod, RequestType, SubscriptionState},
    failure::Code,
    ids::SubscriptionId,
    principal::Role,
};
use testkit::{billing, builders::Company, memory::FailWhen};

use super::{Deal, at, paypal_id, told};

/// S3.39: what is begun waits for its buyer, and nothing is active or credited before PayPal says so.
#[tokio::test]
async fn a_subscription_waits_for_its_buyer() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    assert_eq!(begun.state, SubscriptionState::Pending);
    assert_eq!(begun.method, PaymentMethod::PayPal);
    assert_eq!(begun.plan_name, "Starter");
    let link = begun.paypal.clone().unwrap();
    assert!(link.approve_url.starts_with("https://paypal.example/"));
    let order = &deal.paypal.orders()[0];
    assert_eq!(Some(&order.plan), deal.plan.paypal_plan.as_ref());
    assert_eq!(order.email.as_deref(), Some("owner@falcon.example"));
    assert_eq!(deal.read(&begun), begun);
    assert_eq!((deal.limits(), deal.balances().total), (None, 0));
    assert!(deal.codes().is_empty());
}

/// S3.39, X49: whatever fails wherever, asking again with the same key ends in one subscription, here and
/// at PayPal, that PayPal's webhooks find.
#[tokio::test]
async fn a_crash_anywhere_ends_in_one_subscription() {
    let operations = [
        "subscriptions.subscription",
        "plans.plan",
        "money.account",
        "money.apply",
        "subscriptions.point_paypal",
    ];
    let mut met = 0;
    for operation in operations {
        for when in [FailWhen::Before, FailWhen::After] {
            for skip in 0..4 {
                let deal = Deal::new().await;
                let kind = domain::failure::StoreFailureKind::Unavailable;
                deal.store.fail_after(operation, skip, 1, when, kind);
                let first = deal.ask(deal.plan.id, Some("key-1")).await;
                let broken = first.is_err();
                met += u32::from(broken);
                deal.store.calm();
                let begun = deal.subscribed().await;
                let said = format!("{operation} {when:?} {skip}");
                assert_eq!(deal.paypal.subscriptions().len(), 1, "{said}");
                assert_eq!(deal.store.state().subscriptions.len(), 1, "{said}");
                let found = deal.store.state().paypal[&paypal_id(&begun)];
                assert_eq!(found, (begun.tenant, begun.id), "{said}");
            }
        }
    }
    assert!(met > 15, "only {met} calls failed");
}

/// X49: a lost answer is not a second subscription; what PayPal was asked for was written down before.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let deal = Deal::new().await;
    deal.paypal.lose_answers(2);
    for _ in 0..2 {
        let lost = deal.ask(deal.plan.id, Some("key-1")).await;
        let failure = lost.unwrap_err();
        assert_eq!(failure.code(), Code::ProviderError);
        assert!(failure.retryable(), "asking again is safe");
        assert_eq!(deal.store.state().subscriptions.len(), 1);
    }
    let begun = deal.subscribed().await;
    let again = deal.subscribed().await;
    assert_eq!(begun, again);
    assert_eq!(
        deal.paypal.orders().len(),
        3,
        "what is known is not asked for"
    );
    assert_eq!(deal.paypal.subscriptions().len(), 1);
}

#[tokio::test]
async fn without_paypal_nothing_is_begun_and_the_caller_may_try_again() {
    let deal = Deal::new().await;
    deal.paypal.set_down(true);
    let failure = deal.ask(deal.plan.id, None).await;
    let failure = failure.unwrap_err();
    assert_eq!(
        (failure.code(), failure.retryable()),
        (Code::ProviderError, true)
    );
    assert!(deal.paypal.orders().is_empty());
}

/// S3.37, S3.76: only what is for sale at PayPal can be subscribed to there.
#[tokio::test]
async fn a_plan_that_is_not_for_sale_there_is_refused() {
    let deal = Deal::new().await;
    let mut quote = billing::plan("Enterprise", at(super::NOW));
    quote.request = RequestType::RequestQuote;
    let mut offline = billing::plan("Cash", at(super::NOW));
    offline.paypal_plan = None;
    let mut gone = billing::plan("Old", at(super::NOW));
    gone.active = false;
    for plan in [&quote, &offline, &gone] {
        deal.add(plan.clone()).await;
    }
    let unknown = domain::ids::PlanId::fresh();
    for (plan, code, field) in [
        (quote.id, Code::Validation, Some("plan_id")),
        (offline.id, Code::Validation, Some("method")),
        (gone.id, Code::NotFound, None),
        (unknown, Code::NotFound, None),
    ] {
        let failure = deal.ask(plan, None).await.unwrap_err();
        assert_eq!(failure.code(), code);
        let named = failure
            .fields()
            .first()
            .map(|problem| problem.field.as_str());
        assert_eq!(named, field);
    }
    assert!(deal.store.state().subscriptions.is_empty());
    assert!(deal.paypal.orders().is_empty());
}

/// A key stands for one request; two renewals at once would be two bills.
#[tokio::test]
async fn one_key_is_one_plan_and_one_company_has_one_renewal() {
    let deal = Deal::new().await;
    let larger = billing::plan("Larger", at(super::NOW));
    deal.add(larger.clone()).await;
    let active = deal.active().await;
    let manager = deal.manager();
    for (key, reason) in [
        ("key-1", "IDEMPOTENCY_KEY_REUSED"),
        ("key-2", "ALREADY_SUBSCRIBED"),
    ] {
        let failure = deal.ask(larger.id, Some(key)).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.code(), Code::Conflict);
        assert_eq!(failure.details()["reason"], reason);
    }
    deal.deals().cancel(&manager, active.id).await.unwrap();
    let next = deal.ask(larger.id, Some("key-2")).await;
    assert_eq!(next.unwrap().state, SubscriptionState::Pending);
}

/// S3.60: cancelled is not over: PayPal is told once, and what is paid stays usable until its end.
#[tokio::test]
async fn what_is_cancelled_stays_usable_until_its_end() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let manager = deal.manager();
    deal.in_days(3);
    let ended = deal.deals().cancel(&manager, active.id).await.unwrap();
    let again = deal.deals().cancel(&manager, active.id).await.unwrap();
    assert_eq!(ended, again);
    assert_eq!(ended.state, SubscriptionState::Canceled);
    assert_eq!(ended.end_at, active.end_at);
    assert_eq!(deal.paypal.cancelled(), [paypal_id(&active)]);
    assert!(deal.limits().unwrap().counts(at("2026-12-20T11:59:59Z")));
    assert!(!deal.limits().unwrap().counts(at("2026-12-20T12:00:00Z")));
    // PayPal's own word for it comes later, and changes nothing.
    let event = told(&active, "CANCELLED", "WH-9", &deal.now());
    deal.tell(&event).await.unwrap();
    assert_eq!(deal.read(&active).state, SubscriptionState::Canceled);
    assert_eq!(deal.read(&active).end_at, active.end_at);
}

/// Whatever fails wherever, ending it again ends it, here and at PayPal.
#[tokio::test]
async fn ending_that_broke_off_is_ended_the_next_time() {
    for (operation, when) in [
        ("subscriptions.subscription", FailWhen::Before),
        ("plans.plan", FailWhen::Before),
        ("money.apply", FailWhen::Before),
        ("money.apply", FailWhen::After),
    ] {
        let deal = Deal::new().await;
        let active = deal.active().await;
        let manager = deal.manager();
        deal.store.fail(operation, 1, when);
        let first = deal.deals().cancel(&manager, active.id).await;
        assert!(first.is_err(), "{operation} {when:?}");
        let ended = deal.deals().cancel(&manager, active.id).await.unwrap();
        assert_eq!(ended.state, SubscriptionState::Canceled);
        assert_eq!(deal.paypal.cancelled().len(), 1);
    }
    let deal = Deal::new().await;
    let active = deal.active().await;
    deal.paypal.set_down(true);
    let failure = deal.deals().cancel(&deal.manager(), active.id).await;
    assert!(failure.unwrap_err().retryable());
    assert_eq!(deal.read(&active).state, SubscriptionState::Active);
}

/// What was never approved is ended here; what its buyer approved a moment ago is ended at PayPal.
#[tokio::test]
async fn what_nobody_approved_can_be_withdrawn() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let manager = deal.manager();
    let ended = deal.deals().cancel(&manager, begun.id).await.unwrap();
    assert_eq!(ended.state, SubscriptionState::Canceled);
    assert_eq!((ended.start_at, ended.end_at), (None, None));
    assert!(deal.paypal.cancelled().is_empty() && deal.limits().is_none());

    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    deal.paypal.set_status(&paypal_id(&begun), "ACTIVE");
    deal.deals()
        .cancel(&deal.manager(), begun.id)
        .await
        .unwrap();
    assert_eq!(deal.paypal.cancelled(), [paypal_id(&begun)]);
}

/// S0.42: another company's subscription is none.
#[tokio::test]
async fn another_companys_subscription_is_not_found() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let stranger = Company::named("gulf").user(Role::Manager);
    for id in [active.id, SubscriptionId::fresh()] {
        let failure = deal.deals().cancel(&stranger, id).await.unwrap_err();
        assert_eq!(failure.code(), Code::NotFound);
    }
    assert!(deal.paypal.cancelled().is_empty());
    assert_eq!(deal.read(&active).state, SubscriptionState::Active);
}
