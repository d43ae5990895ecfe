//! The review: once, by whoever is first, all of it or nothing.

use domain::{
    billing::{Balances, BillingPeriod, MailState, PaymentState, SubscriptionState},
    failure::Code,
    ids::{PaymentId, UserId},
    service::billing::PlanGiven,
};
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use testkit::memory::FailWhen;

use super::{Shop, admin, reason, starter};

const COPY: &str = "Your plan is now active. You can add your first WhatsApp channel.";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// S3.36, S3.43, S3.44, S3.46, S3.48, S3.72: approval activates the plan, credits the period's days, and
/// tells the company word for word, in one transaction.
#[tokio::test]
async fn approving_activates_credits_and_tells() {
    for (period, days) in [
        (BillingPeriod::Monthly, 30),
        (BillingPeriod::HalfYearly, 180),
        (BillingPeriod::Yearly, 365),
    ] {
        let shop = Shop::new();
        let order = shop
            .ordered(PlanGiven {
                period,
                ..starter()
            })
            .await;
        let payment = shop.handed_in(&order, "TRX-1").await;
        let approved = shop.desk().approve(&admin("admin-1"), payment.id).await;
        let approved = approved.unwrap();
        assert_eq!(approved.state, PaymentState::Approved);
        assert_eq!(approved.reviewed_by, Some(UserId::new("admin-1")));
        assert_eq!(approved.reviewed_at, Some(at("2026-11-20T10:30:00Z")));

        let state = shop.store.state();
        let tenant = order.tenant;
        let active = &state.subscriptions[&(tenant, order.id)];
        let ends = at("2026-11-20T10:30:00Z") + SignedDuration::from_hours(24 * i64::from(days));
        assert_eq!(active.state, SubscriptionState::Active);
        assert_eq!((active.paid, active.end_at), (1, Some(ends)));
        assert_eq!(active.start_at, approved.reviewed_at);
        assert_eq!(active.reference.as_deref(), Some("TRX-1"));
        assert_eq!(active.approved_by, Some(UserId::new("admin-1")));
        let limits = state.tenants[&tenant].plan.clone().unwrap();
        assert_eq!((limits.channels, limits.until), (1, Some(ends)));
        assert_eq!((limits.daily_messages, limits.bulk_per_cycle), (500, 2_000));
        let account = &state.accounts[&tenant];
        let sums = account.balances;
        assert_eq!(
            (sums.total, sums.consumed(), sums.remaining()),
            (days, 0, days)
        );
        assert_eq!(account.subscription, Some(order.id));
        assert_eq!(Balances::of(&state.entries), Some(sums));
        let name = format!("proof:{}:approve", payment.id);
        assert_eq!(state.entries[0].name, name);
        let told: Vec<_> = state.notifications.values().collect();
        assert_eq!((told.len(), told[0].text.as_str()), (1, COPY));
        assert_eq!(told[0].mail, MailState::Waiting);
        assert_eq!(told[0].email.as_deref(), Some("owner@acme-freight.example"));
        let (whose, line) = state.audit.last().unwrap();
        assert_eq!((*whose, line.action), (tenant, "approve"));
    }
}

/// Two who approve at once credit once: the second is told who decided, the first may ask again.
#[tokio::test]
async fn two_who_approve_at_once_credit_once() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let (desk, one, two) = (shop.desk(), admin("admin-1"), admin("admin-2"));
    let (first, second) = join(
        desk.approve(&one, payment.id),
        desk.approve(&two, payment.id),
    )
    .await;
    let (first, refused) = (first.unwrap(), second.unwrap_err());
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Conflict, "DECIDED")
    );
    assert_eq!(refused.details()["reviewed_by"], "admin-1");
    assert_eq!(refused.details()["reviewed_at"], "2026-11-20T10:30:00Z");
    assert_eq!(refused.details()["status"], "approved");
    shop.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(desk.approve(&one, payment.id).await.unwrap(), first);
    let other_way = desk.reject(&one, payment.id, "No.").await;
    assert_eq!(reason(&other_way.unwrap_err()), "DECIDED");
    let state = shop.store.state();
    assert_eq!(state.entries.len(), 1);
    assert_eq!(state.accounts[&order.tenant].balances.total, 30);
    assert_eq!(state.notifications.len(), 1);
}

/// Both read before either wrote: what is stored decides, in either direction.
#[tokio::test]
async fn who_is_first_decides_also_when_both_had_read() {
    for approves in [true, false] {
        let shop = Shop::new();
        let order = shop.ordered(starter()).await;
        let payment = shop.handed_in(&order, "TRX-1").await;
        let (mut other, id) = (payment.clone(), payment.id);
        other.state = PaymentState::Rejected;
        other.reviewed_by = Some(UserId::new("admin-2"));
        other.reviewed_at = Some(at("2026-11-20T10:29:59Z"));
        other.version += 1;
        shop.store.meanwhile("money.apply", move |state| {
            state.payments.insert((other.tenant, other.id), other);
        });
        let (desk, one) = (shop.desk(), admin("admin-1"));
        let late = if approves {
            desk.approve(&one, id).await
        } else {
            desk.reject(&one, id, "Unreadable.").await
        };
        let late = late.unwrap_err();
        assert_eq!(late.details()["reviewed_by"], "admin-2");
        let state = shop.store.state();
        assert!(state.entries.is_empty() && state.notifications.is_empty());
        assert_eq!(state.tenants[&order.tenant].plan, None);
    }
}

/// S3.75: a process that ends anywhere in an approval, and the same person once more: credited once.
#[tokio::test]
async fn approving_may_be_interrupted_anywhere() {
    for (operation, when) in [
        ("payments.any", FailWhen::Before),
        ("subscriptions.subscription", FailWhen::Before),
        ("plans.plan", FailWhen::Before),
        ("money.apply", FailWhen::Before),
        ("money.apply", FailWhen::After),
        ("managed.list", FailWhen::Before),
    ] {
        let shop = Shop::new();
        let order = shop.ordered(starter()).await;
        let payment = shop.handed_in(&order, "TRX-1").await;
        shop.store.fail(operation, 1, when);
        let (desk, one) = (shop.desk(), admin("admin-1"));
        let _lost = desk.approve(&one, payment.id).await;
        shop.clock.advance(SignedDuration::from_mins(1));
        let again = desk.approve(&one, payment.id).await.unwrap();
        assert_eq!(again.state, PaymentState::Approved, "{operation} {when:?}");
        let state = shop.store.state();
        assert_eq!(state.entries.len(), 1, "{operation} {when:?}");
        assert_eq!(state.accounts[&order.tenant].balances.total, 30);
        assert_eq!(state.subscriptions[&(order.tenant, order.id)].paid, 1);
        assert_eq!(state.notifications.len(), 1);
    }
}

/// S3.41: a rejection is told with its reason, and credits nothing.
#[tokio::test]
async fn rejecting_tells_why() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let payment = shop.handed_in(&order, "TRX-1").await;
    let (desk, one) = (shop.desk(), admin("admin-1"));
    for odd in ["", " \n ", &"x".repeat(501)] {
        let refused = desk.reject(&one, payment.id, odd).await.unwrap_err();
        assert_eq!(refused.fields()[0].field, "reason");
    }
    let rejected = desk.reject(&one, payment.id, " Another amount. ").await;
    let rejected = rejected.unwrap();
    assert_eq!(rejected.state, PaymentState::Rejected);
    assert_eq!(rejected.reason.as_deref(), Some("Another amount."));
    let again = desk.reject(&one, payment.id, "Because.").await.unwrap();
    assert_eq!(again, rejected, "the first answer, with the first reason");
    {
        let state = shop.store.state();
        let told = state.notifications.values().next().unwrap();
        assert_eq!(told.code, "PAYMENT_REJECTED");
        assert!(told.text.contains("Another amount.") && told.text.contains("TRX-1"));
        assert!(state.entries.is_empty());
        assert_eq!(state.tenants[&order.tenant].plan, None);
    }
    // They try again, and are approved.
    let better = shop.handed_in(&order, "TRX-2").await;
    desk.approve(&one, better.id).await.unwrap();
    assert_eq!(
        shop.store.state().accounts[&order.tenant].balances.total,
        30
    );
}

/// S3.48: a further payment prolongs from the end of what is paid, or from now when that is over.
#[tokio::test]
async fn a_further_payment_prolongs() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let (desk, one) = (shop.desk(), admin("admin-1"));
    let pay = async |reference: &str| {
        let payment = shop.handed_in(&order, reference).await;
        desk.approve(&one, payment.id).await.unwrap();
        let state = shop.store.state();
        let end = state.subscriptions[&(order.tenant, order.id)].end_at;
        let limits = state.tenants[&order.tenant].plan.clone().unwrap();
        assert_eq!(limits.until, end);
        (end.unwrap(), state.accounts[&order.tenant].balances.total)
    };
    assert_eq!(pay("TRX-1").await, (at("2026-12-20T10:30:00Z"), 30));
    shop.clock.advance(SignedDuration::from_hours(20 * 24));
    assert_eq!(pay("TRX-2").await, (at("2027-01-19T10:30:00Z"), 60));
    shop.clock.set(at("2027-03-01T00:00:00Z"));
    assert_eq!(pay("TRX-3").await, (at("2027-03-31T00:00:00Z"), 90));
}

/// What was not handed in is not decided, and what is not there is not found.
#[tokio::test]
async fn only_what_waits_is_decided() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let id = shop.uploaded(&order, "application/pdf", super::PDF).await;
    let (desk, one) = (shop.desk(), admin("admin-1"));
    let early = desk.approve(&one, id).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_HANDED_IN");
    let nobodys = desk.reject(&one, PaymentId::fresh(), "No.").await;
    assert_eq!(nobodys.unwrap_err().code(), Code::NotFound);
}

/// S3.42, S3.56: those who review see the payments of all companies by their state; a company sees its own.
#[tokio::test]
async fn payments_are_listed_for_review() {
    let shop = Shop::new();
    let order = shop.ordered(starter()).await;
    let first = shop.handed_in(&order, "TRX-1").await;
    shop.clock.advance(SignedDuration::from_mins(1));
    let second = shop.handed_in(&order, "TRX-2").await;
    let (desk, one) = (shop.desk(), admin("admin-1"));
    desk.approve(&one, first.id).await.unwrap();
    let ids = async |state| {
        let page = desk.payments_in(&one, state, None, 10).await.unwrap();
        page.items.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(PaymentState::Pending).await, [second.id]);
    assert_eq!(ids(PaymentState::Approved).await, [first.id]);
    assert!(ids(PaymentState::Rejected).await.is_empty());
    let own = desk.payments(&shop.manager(), None, 10).await.unwrap();
    let own: Vec<_> = own.items.iter().map(|one| one.id).collect();
    assert_eq!(own, [second.id, first.id]);
    let theirs = desk.payments(&shop.stranger(), None, 10).await.unwrap();
    assert!(theirs.items.is_empty());
    let state = PaymentState::Pending;
    let sneaky = desk.payments_in(&shop.manager(), state, None, 10).await;
    assert_eq!(sneaky.unwrap_err().code(), Code::NotFound);
}
