//! Whatever a record says is read as it was written; a write of an older version is refused, and nobody
//! reads another company's.

use domain::{
    billing::{
        Applied, MailState, PayPalLink, PayPalTimes, PaymentMethod, PaymentState, Plan, Proof,
        ProofType, RequestState, RequestType, Subscription, SubscriptionState,
    },
    ids::{ChannelId, PaymentId, RequestId, TenantId, UserId},
    managed::{Extension, ExtensionState, ManagedChannel, OrderMark, Stage},
    phone::PhoneNumber,
    ports::{
        Audits, ManagedChannels, Money, Notifications, Payments, PlanRequests, Plans, Saved,
        Subscriptions,
    },
};
use testkit::{
    billing::{change, managed, notification, plan, request, subscription},
    memory::MemoryStore,
};

use super::{subscribed, to_review};
use crate::world::{World, audit, later, start};

/// S3.36, S3.59.
async fn plans_are_kept(store: &(impl Plans + Audits)) {
    let by = TenantId::fresh();
    let mut one = Plan {
        request: RequestType::BookDemo,
        features: vec!["Inbox".into(), "₹ and ⏎\n".into()],
        ..plan("Starter", later(2))
    };
    let mut twice = one.clone();
    let line = audit(start());
    assert_eq!(
        store.save_plan(&mut one, by, &line).await.unwrap(),
        Saved::Done
    );
    assert_eq!(one.version, 1);
    assert_eq!(
        store.save_plan(&mut twice, by, &line).await.unwrap(),
        Saved::Stale
    );
    one.paypal_plan = None;
    one.active = false;
    assert_eq!(
        store.save_plan(&mut one, by, &line).await.unwrap(),
        Saved::Done
    );
    let mut earlier = plan("Earlier", later(1));
    store.save_plan(&mut earlier, by, &line).await.unwrap();
    assert_eq!(store.plan(one.id).await.unwrap().as_ref(), Some(&one));
    assert_eq!(store.plans().await.unwrap(), [earlier, one]);
    let lines = store.audits(by, later(9), None, 9).await.unwrap();
    assert_eq!(lines.items.len(), 3, "what was refused is not noted");
}

/// S3.60.
async fn subscriptions_are_kept(store: &(impl Money + Subscriptions)) {
    let (tenant, other) = (TenantId::fresh(), TenantId::fresh());
    let new = subscribed(store, tenant).await;
    let full = Subscription {
        state: SubscriptionState::Canceled,
        method: PaymentMethod::PayPal,
        start_at: Some(start()),
        end_at: Some(later(9)),
        paid: 3,
        reference: Some("TRX-7 ₹".into()),
        paypal: Some(PayPalLink {
            id: "I-ACME00000001".into(),
            approve_url: "https://paypal.example/approve".into(),
            times: PayPalTimes {
                activated_at: Some(start()),
                paid_at: None,
                ended_at: Some(later(9)),
            },
        }),
        approved_by: Some(UserId::new("admin-1")),
        approved_at: Some(later(1)),
        updated_at: later(2),
        ..new.clone()
    };
    let save = async |one: &Subscription| {
        let mut change = change(tenant, later(2));
        change.subscription = Some(one.clone());
        store.apply(&change).await.unwrap()
    };
    assert_eq!(save(&full).await, Applied::Done);
    assert_eq!(save(&full).await, Applied::Stale, "at the version it was");
    assert_eq!(
        save(&subscription(tenant, &plan("B", start()), start())).await,
        Applied::Done
    );
    let read = store.subscription(tenant, new.id).await.unwrap();
    assert_eq!(read, Some(full.next()));
    assert_eq!(store.subscription(other, new.id).await.unwrap(), None);
    let named = "I-ACME00000001";
    assert_eq!(store.subscription_of_paypal(named).await.unwrap(), None);
    for (tenant, id, saved) in [
        (tenant, new.id, Saved::Done),
        (tenant, new.id, Saved::Done),
        (other, new.id, Saved::Stale),
    ] {
        assert_eq!(store.point_paypal(named, tenant, id).await.unwrap(), saved);
    }
    let found = store.subscription_of_paypal(named).await.unwrap();
    assert_eq!(found, Some(full.next()));
}

/// S3.41, S3.61.
async fn payments_are_kept(store: &(impl Money + Payments)) {
    let (tenant, other) = (TenantId::fresh(), TenantId::fresh());
    let of = subscribed(store, tenant).await;
    let mut one = to_review(store, &of).await;
    let mut stale = one.clone();
    one.proof = Some(Proof {
        kind: ProofType::Png,
        size: 10_485_760,
        sha256: "ab".repeat(32),
        used_before: true,
    });
    one.state = PaymentState::Rejected;
    one.reviewed_by = Some(UserId::new("admin-1"));
    one.reviewed_at = Some(later(5));
    one.reason = Some("Not readable.".into());
    let line = audit(start());
    assert_eq!(
        store.save_payment(&mut one, &line).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        store.save_payment(&mut stale, &line).await.unwrap(),
        Saved::Stale
    );
    let read = store.payment(tenant, one.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&one));
    assert_eq!(store.payment(other, one.id).await.unwrap(), None);
    assert_eq!(store.any_payment(one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.any_payment(PaymentId::fresh()).await.unwrap(), None);
    let bytes = "cd".repeat(32);
    let theirs = to_review(store, &subscribed(store, other).await).await;
    assert!(store.claim_receipt(&bytes, &one).await.unwrap());
    assert!(store.claim_receipt(&bytes, &one).await.unwrap(), "its own");
    assert!(!store.claim_receipt(&bytes, &theirs).await.unwrap());
}

/// S3.76.
async fn requests_are_kept(store: &(impl PlanRequests + Audits)) {
    let (tenant, platform) = (TenantId::fresh(), TenantId::fresh());
    let mut one = request(tenant, &plan("Large", start()), start());
    one.phone = Some("+97333000017".into());
    let mut stale = one.clone();
    let line = audit(start());
    let saved = store.save_request(&mut one, tenant, &line).await.unwrap();
    assert_eq!(saved, Saved::Done);
    let saved = store.save_request(&mut stale, tenant, &line).await.unwrap();
    assert_eq!(saved, Saved::Stale);
    one.state = RequestState::Done;
    let saved = store.save_request(&mut one, platform, &line).await.unwrap();
    assert_eq!(saved, Saved::Done);
    assert_eq!(store.any_request(one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.any_request(RequestId::fresh()).await.unwrap(), None);
    for of in [tenant, platform] {
        let lines = store.audits(of, later(9), None, 9).await.unwrap();
        assert_eq!(lines.items.len(), 1, "in the log of whoever did it");
    }
}

async fn notifications_are_kept(store: &impl Notifications) {
    let tenant = TenantId::fresh();
    let mut one = notification(tenant, "SALE-1", start());
    let mut twice = notification(tenant, "SALE-1", start());
    assert_eq!(
        store.save_notification(&mut one).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        store.save_notification(&mut twice).await.unwrap(),
        Saved::Stale
    );
    one.mail = MailState::Unconfirmed;
    one.due = None;
    one.read_at = Some(later(3));
    assert_eq!(
        store.save_notification(&mut one).await.unwrap(),
        Saved::Done
    );
    let read = store.notification(tenant, one.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&one));
    let theirs = store.notification(TenantId::fresh(), one.id).await.unwrap();
    assert_eq!(theirs, None);
}

/// S3.14, S3.18.
async fn managed_channels_are_kept(store: &(impl Money + ManagedChannels)) {
    let tenant = TenantId::fresh();
    let one = managed(tenant, start());
    let mut new = change(tenant, start());
    new.managed = Some(one.clone());
    assert_eq!(store.apply(&new).await.unwrap(), Applied::Done);
    let mut full = ManagedChannel {
        phone: Some(PhoneNumber::parse("+97333000017").unwrap()),
        stage: Stage::Deleting,
        lease: Some(later(30)),
        tries: 2,
        provider_ref: Some("FALCON-7".into()),
        webhooks_set: true,
        active_till: Some(later(99)),
        trial: true,
        stopped: true,
        spent: 30,
        extensions: 2,
        extension: Some(Extension {
            n: 2,
            days: 30,
            comment: "Auto top-up for owner@falcon-freight.example".into(),
            state: ExtensionState::Unknown,
            before: Some(later(98)),
            asked_at: Some(later(1)),
            by: UserId::new("waypost"),
        }),
        auto_extend: true,
        days_stay: true,
        problem: Some("WHAPI says no.".into()),
        due: None,
        order: Some(OrderMark([1, 2, 3, 4, 5, 6, 7, 8])),
        email: Some("owner@falcon-freight.example".into()),
        version: 1,
        ..one.clone()
    };
    let mut stale = one.clone();
    assert_eq!(store.save_managed(&mut stale).await.unwrap(), Saved::Stale);
    let mut stranger = managed(tenant, start());
    assert_eq!(
        store.save_managed(&mut stranger).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(store.save_managed(&mut full).await.unwrap(), Saved::Done);
    assert_eq!(full.version, 2);
    let read = store.managed(tenant, one.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&full));
    assert_eq!(
        store.managed(TenantId::fresh(), one.id).await.unwrap(),
        None
    );
    assert_eq!(
        store.managed(tenant, ChannelId::fresh()).await.unwrap(),
        None
    );
    assert_eq!(store.managed_channels(tenant).await.unwrap(), [full]);
}

#[tokio::test]
async fn the_table_keeps_what_is_paid_for() {
    let world = World::start().await;
    plans_are_kept(&world.store).await;
    subscriptions_are_kept(&world.store).await;
    payments_are_kept(&world.store).await;
    requests_are_kept(&world.store).await;
    notifications_are_kept(&world.store).await;
    managed_channels_are_kept(&world.store).await;
}

#[tokio::test]
async fn memory_keeps_what_is_paid_for() {
    let store = MemoryStore::new();
    plans_are_kept(&store).await;
    subscriptions_are_kept(&store).await;
    payments_are_kept(&store).await;
    requests_are_kept(&store).await;
    notifications_are_kept(&store).await;
    managed_channels_are_kept(&store).await;
}
