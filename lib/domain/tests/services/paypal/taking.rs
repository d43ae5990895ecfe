//! PayPal's webhooks: proven, kept, applied once.

use domain::{billing::SubscriptionState, failure::Code, ids::TenantId, provider::RawWebhook};
use serde_json::json;
use testkit::{billing, memory::FailWhen};

use super::{Deal, NOW, at, paypal_id, proven, sale, told};

/// S3.39, S3.43, S3.44, S3.46, S3.48, X49: approved at PayPal, active here, with the days of its period
/// and the very words.
#[tokio::test]
async fn what_paypal_activates_is_active_and_what_it_takes_is_credited() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    deal.tell(&told(&begun, "CREATED", "WH-0", NOW))
        .await
        .unwrap();
    assert_eq!(deal.read(&begun), begun);
    deal.tell(&told(&begun, "ACTIVATED", "WH-1", NOW))
        .await
        .unwrap();
    let active = deal.read(&begun);
    assert_eq!(active.state, SubscriptionState::Active);
    assert_eq!(deal.balances().total, 0, "days come with money");
    deal.tell(&sale(&begun, "SALE-1", NOW)).await.unwrap();
    let paid = deal.read(&begun);
    assert_eq!((paid.paid, paid.start_at), (1, Some(at(NOW))));
    assert_eq!(paid.end_at, Some(at("2026-12-20T12:00:00Z")));
    assert_eq!((deal.balances().total, deal.balances().free), (30, 30));
    assert_eq!(deal.store.state().entries[0].name, "paypal:SALE-1:payment");
    let limits = deal.limits().unwrap();
    assert_eq!((limits.name.as_str(), limits.channels), ("Starter", 1));
    assert_eq!((limits.from, limits.until), (paid.start_at, paid.end_at));
    let account = deal.store.state().accounts[&begun.tenant].clone();
    assert_eq!(account.subscription, Some(begun.id));
    let told = deal.told(begun.tenant);
    let [told] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(
        told.text,
        "Your plan is now active. You can add your first WhatsApp channel."
    );
    assert_eq!(told.email.as_deref(), Some("owner@falcon.example"));
}

/// X49: renewals prolong, each by one period and its days; one that came late counts from its own time.
#[tokio::test]
async fn every_payment_is_one_more_period() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    deal.in_days(30);
    deal.tell(&sale(&active, "SALE-2", &deal.now()))
        .await
        .unwrap();
    let renewed = deal.read(&active);
    assert_eq!(renewed.end_at, Some(at("2027-01-19T12:00:00Z")));
    let limits = deal.limits().unwrap();
    assert_eq!(limits.from, Some(at("2026-12-20T12:00:00Z")));
    assert_eq!((renewed.paid, deal.balances().free), (2, 60));
    // Suspended for a month, then paid again.
    deal.in_days(60);
    deal.tell(&sale(&active, "SALE-3", &deal.now()))
        .await
        .unwrap();
    let late = deal.read(&active);
    assert_eq!(late.end_at, Some(at("2027-03-20T12:00:00Z")));
    assert_eq!((late.paid, deal.balances().free), (3, 90));
    assert_eq!(deal.codes(), ["PLAN_ACTIVE"], "a renewal is no news");
}

/// X49: what PayPal does not call its own changes nothing, is not read and not kept.
#[tokio::test]
async fn what_is_forged_changes_nothing() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let forged = RawWebhook {
        headers: Vec::new(),
        ..proven(&told(&begun, "ACTIVATED", "WH-1", NOW))
    };
    let failure = deal.hooks().take(&forged).await.unwrap_err();
    assert_eq!(failure.code(), Code::Unauthorized);
    assert_eq!(deal.read(&begun), begun);
    assert!(deal.store.state().journal.is_empty() && deal.limits().is_none());
}

/// X49: when PayPal cannot be asked, it is asked to come again.
#[tokio::test]
async fn when_paypal_cannot_be_asked_it_repeats_the_webhook() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let event = told(&begun, "ACTIVATED", "WH-1", NOW);
    deal.paypal.set_down(true);
    let failure = deal.tell(&event).await.unwrap_err();
    assert_eq!(
        (failure.code(), failure.retryable()),
        (Code::ProviderError, true)
    );
    assert_eq!(deal.read(&begun), begun);
    deal.paypal.set_down(false);
    assert_eq!(deal.tell(&event).await.unwrap(), "applied");
    assert_eq!(deal.tell(&event).await.unwrap(), "repeated");
    assert_eq!(deal.verdicts(begun.tenant), ["paypal:activated:repeated"]);
}

/// X49: whatever fails at whichever step, PayPal repeats, and the ledger is exact.
#[tokio::test]
async fn a_crash_anywhere_credits_once() {
    let operations = [
        "subscriptions.of_paypal",
        "subscriptions.subscription",
        "plans.plan",
        "money.account",
        "money.apply",
        "journal.write",
    ];
    let mut met = 0;
    for operation in operations {
        for when in [FailWhen::Before, FailWhen::After] {
            for skip in 0..2 {
                let deal = Deal::new().await;
                let begun = deal.subscribed().await;
                deal.tell(&told(&begun, "ACTIVATED", "WH-1", NOW))
                    .await
                    .unwrap();
                let kind = domain::failure::StoreFailureKind::Unavailable;
                deal.store.fail_after(operation, skip, 1, when, kind);
                let event = sale(&begun, "SALE-1", NOW);
                let said = format!("{operation} {when:?} {skip}");
                if deal.tell(&event).await.is_err() {
                    met += 1;
                    deal.store.calm();
                    deal.tell(&event).await.unwrap();
                }
                deal.store.calm();
                let paid = deal.read(&begun);
                assert_eq!((paid.paid, deal.balances().total), (1, 30), "{said}");
                assert_eq!(paid.end_at, Some(at("2026-12-20T12:00:00Z")), "{said}");
                assert_eq!(deal.limits().unwrap().until, paid.end_at, "{said}");
                assert_eq!(deal.codes(), ["PLAN_ACTIVE"], "{said}");
                assert_eq!(deal.store.state().journal.len(), 2, "{said}");
            }
        }
    }
    assert!(met > 8, "only {met} calls failed");
}

/// Somebody else writes in between: nothing of theirs is lost, and nothing is credited twice.
#[tokio::test]
async fn a_payment_that_races_its_activation_loses_nothing() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let key = (begun.tenant, begun.id);
    deal.store.meanwhile("money.apply", move |state| {
        let stored = state.subscriptions.get_mut(&key).unwrap();
        stored.reference = Some("written in between".into());
        stored.version += 1;
    });
    deal.tell(&sale(&begun, "SALE-1", NOW)).await.unwrap();
    let paid = deal.read(&begun);
    assert_eq!(paid.reference.as_deref(), Some("written in between"));
    assert_eq!((paid.paid, deal.balances().total), (1, 30));
}

/// S0.42, X49: whose it is comes from our own record; a body that says otherwise is kept and refused.
#[tokio::test]
async fn a_body_that_contradicts_our_record_is_refused() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let other = billing::subscription(TenantId::fresh(), &deal.plan, at(NOW));
    let mut event = told(&begun, "ACTIVATED", "WH-1", NOW);
    event["resource"]["custom_id"] = json!(other.id.to_string());
    assert_eq!(deal.tell(&event).await.unwrap(), "refused:custom id");
    event["resource"]["custom_id"] = json!("somebody else's");
    assert_eq!(deal.tell(&event).await.unwrap(), "refused:custom id");
    // A subscription of somebody's who writes our id on it.
    let mut event = told(&begun, "ACTIVATED", "WH-2", NOW);
    event["resource"]["id"] = json!("I-OFANOTHERSELLER");
    assert_eq!(deal.tell(&event).await.unwrap(), "unknown subscription");
    assert_eq!(deal.read(&begun), begun);
    assert!(deal.limits().is_none());
    assert_eq!(
        deal.verdicts(TenantId::PLATFORM),
        ["paypal:activated:unknown subscription"]
    );
}

/// X49: what is new, and what is no event at all, is kept and answered.
#[tokio::test]
async fn what_nobody_asked_for_is_kept_and_answered() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    let new = json!({"id": "WH-7", "event_type": "CUSTOMER.DISPUTE.CREATED", "create_time": NOW,
        "resource": {"id": paypal_id(&begun)}});
    for body in [new, json!({}), json!([1])] {
        assert_eq!(deal.tell(&body).await.unwrap(), "kept", "{body}");
    }
    assert_eq!(
        deal.verdicts(TenantId::PLATFORM),
        [
            "paypal:CUSTOMER.DISPUTE.CREATED:kept",
            "paypal:unreadable:kept",
            "paypal:unreadable:kept",
        ]
    );
    assert_eq!(deal.read(&begun), begun);
}

/// A payment that fails is told to the company once, and money that went back to the platform alone;
/// its days stay (S3.78).
#[tokio::test]
async fn bad_news_is_told_to_whom_it_concerns() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let failed = told(&active, "PAYMENT.FAILED", "WH-5", NOW);
    let mut back = sale(&active, "REFUND-1", NOW);
    back["event_type"] = json!("PAYMENT.SALE.REFUNDED");
    back["resource"]["sale_id"] = json!("SALE-1");
    for event in [&failed, &back, &failed, &back] {
        assert_eq!(deal.tell(event).await.unwrap(), "applied");
    }
    assert_eq!(deal.codes(), ["PAYMENT_FAILED", "PLAN_ACTIVE"]);
    let platform = deal.told(TenantId::PLATFORM);
    let [told] = &platform[..] else {
        panic!("{platform:?}")
    };
    assert!(told.text.contains("SALE-1") && told.text.contains(&active.id.to_string()));
    assert_eq!(deal.read(&active), active);
    assert_eq!(deal.balances().free, 30);
    // One that names no subscription is told all the same.
    back["id"] = json!("WH-6");
    back["resource"]["billing_agreement_id"] = json!(null);
    deal.tell(&back).await.unwrap();
    assert_eq!(deal.told(TenantId::PLATFORM).len(), 2);
}

/// Approved, never paid, ended: nothing stays active for free.
#[tokio::test]
async fn what_was_never_paid_ends_when_paypal_ends_it() {
    let deal = Deal::new().await;
    let begun = deal.subscribed().await;
    deal.tell(&told(&begun, "ACTIVATED", "WH-1", NOW))
        .await
        .unwrap();
    deal.in_days(2);
    let event = told(&begun, "SUSPENDED", "WH-2", &deal.now());
    deal.tell(&event).await.unwrap();
    let ended = deal.read(&begun);
    assert_eq!(ended.state, SubscriptionState::Canceled);
    assert_eq!(ended.end_at, Some(at("2026-11-22T12:00:00Z")));
    assert_eq!(deal.limits().unwrap().until, ended.end_at);
    assert_eq!(deal.codes(), ["PLAN_ACTIVE", "SUBSCRIPTION_CANCELED"]);
    // It runs again: PayPal took the money after all.
    deal.in_days(1);
    deal.tell(&told(&begun, "RE-ACTIVATED", "WH-3", &deal.now()))
        .await
        .unwrap();
    deal.tell(&sale(&begun, "SALE-1", &deal.now()))
        .await
        .unwrap();
    let again = deal.read(&begun);
    assert_eq!(again.state, SubscriptionState::Active);
    assert_eq!(again.end_at, Some(at("2026-12-23T12:00:00Z")));
}

/// A renewal of an older subscription credits its days, and does not take the newer plan away.
#[tokio::test]
async fn an_older_subscription_does_not_take_the_newer_plan_away() {
    let deal = Deal::new().await;
    let old = deal.active().await;
    let manager = deal.manager();
    deal.in_days(1);
    deal.deals().cancel(&manager, old.id).await.unwrap();
    let larger = billing::plan("Larger", at(NOW));
    deal.add(larger.clone()).await;
    let next = deal.ask(larger.id, Some("key-2")).await.unwrap();
    deal.tell(&told(&next, "ACTIVATED", "WH-21", &deal.now()))
        .await
        .unwrap();
    let limits = deal.limits();
    assert_eq!(limits.as_ref().unwrap().name, "Larger");
    deal.in_days(1);
    deal.tell(&sale(&old, "SALE-2", &deal.now())).await.unwrap();
    assert_eq!(deal.limits(), limits);
    assert_eq!(deal.balances().free, 60);
}
