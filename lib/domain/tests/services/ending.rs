//! Plans that end: what is refused then and what still goes out, who is told, and by which mail.

use domain::{
    billing::{Change, MailState, Notification, PaymentMethod, Subscription, SubscriptionState},
    copy::{LIMIT_NOTE, PLAN_ENDED, PLAN_ENDED_TOLD},
    failure::{Code, StoreFailureKind},
    ids::TenantId,
    message::Status,
    ports::{Clock, Money, Notifications},
    principal::Role,
    service::{ledger, usage},
};
use jiff::SignedDuration;
use testkit::{
    billing::{change, credit, plan, subscription},
    builders::{RECIPIENT, text_draft},
    memory::FailWhen,
};

use crate::world::World;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A company with a plan that ends in four days.
async fn subscribed(world: &World, method: PaymentMethod) -> Subscription {
    let (tenant, now) = (world.acme.tenant.id, world.clock.now());
    let starter = plan("Starter", now);
    let one = Subscription {
        state: SubscriptionState::Active,
        method,
        start_at: Some(now),
        end_at: Some(now + DAY * 4),
        ..subscription(tenant, &starter, now)
    };
    let mut change: Change = change(tenant, now);
    change.limits = Some(starter.limits(now, now + DAY * 4));
    change.subscription = Some(one.clone());
    world.store.apply(&change).await.unwrap();
    one
}

async fn told(world: &World, tenant: TenantId) -> Vec<Notification> {
    let page = world.store.notifications(tenant, None, 10).await.unwrap();
    page.items
}

/// S3.32, S3.60: an ended plan lets nothing new in, what was accepted goes out, and the company is told
/// three days before and at the end, once each, by mail.
#[tokio::test]
async fn a_plan_that_ends_is_told_and_lets_nothing_new_in() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let one = subscribed(&world, PaymentMethod::Offline).await;
    world.clock.advance(DAY - SignedDuration::from_mins(1));
    assert_eq!(world.sweep().await.ended, 0);
    world.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(
        (world.sweep().await.ended, world.sweep().await.ended),
        (1, 0)
    );
    let codes: Vec<_> = told(&world, tenant)
        .await
        .into_iter()
        .map(|one| one.code)
        .collect();
    assert_eq!(codes, ["PLAN_ENDS_SOON"]);
    let mut later = text_draft(RECIPIENT, "Accepted in time");
    let hour = SignedDuration::from_hours(1);
    later.scheduled_for = Some((world.clock.now() + DAY * 3 + hour).to_string());
    let id = world.send(later).await.unwrap().message.id;
    world.clock.advance(DAY * 3);
    world.store.fail("money.apply", 1, FailWhen::After);
    assert_eq!(world.sweep().await.failed, 1, "its answer is lost");
    world.sweep().await;
    world.drain().await;
    let told = told(&world, tenant).await;
    let codes: Vec<_> = told.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["PLAN_ENDED", "PLAN_ENDS_SOON"]);
    assert_eq!(told[0].text, PLAN_ENDED_TOLD);
    let stored = world.store.state().subscriptions[&(tenant, one.id)].clone();
    assert_eq!(
        (stored.state, stored.due()),
        (SubscriptionState::Expired, None)
    );
    let refused = world
        .send(text_draft(RECIPIENT, "Too late"))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::Forbidden, PLAN_ENDED)
    );
    assert_eq!(refused.details()["reason"], "NO_PLAN");
    world.clock.advance(hour);
    world.minutes(2).await;
    assert_eq!(world.message(id).status(), Status::Sent);
    let mails = world.mailer.sent();
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Your plan ends soon", "Your plan has ended"]);
}

/// What PayPal prolongs by itself is not to be renewed by people; and of a plan that another one follows,
/// nobody hears that it ends.
#[tokio::test]
async fn nobody_is_told_of_an_end_that_is_none() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    subscribed(&world, PaymentMethod::PayPal).await;
    world.clock.advance(DAY * 3);
    world.sweep().await;
    assert_eq!(told(&world, tenant).await, []);
    let now = world.clock.now();
    {
        let mut state = world.store.state();
        let acme = state.tenants.get_mut(&tenant).unwrap();
        acme.plan.as_mut().unwrap().until = Some(now + DAY * 30);
    }
    world.clock.advance(DAY);
    assert_eq!(world.sweep().await.ended, 1, "it is marked all the same");
    assert_eq!(told(&world, tenant).await, []);
}

/// S3.47: the ledger is folded again, and an account that holds something else is told.
#[tokio::test]
async fn a_ledger_is_folded_again() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    for sale in 0..150 {
        let paid = credit(tenant, &format!("SALE-{sale}"), 2, world.clock.now());
        world.store.apply(&paid).await.unwrap();
    }
    let folded = ledger::fold(&world.store, tenant).await.unwrap();
    assert_eq!((folded.entries, folded.agrees()), (150, true));
    assert_eq!(folded.account.balances.free, 300);
    {
        let mut state = world.store.state();
        state.accounts.get_mut(&tenant).unwrap().balances.free += 1;
    }
    let folded = ledger::fold(&world.store, tenant).await.unwrap();
    assert!(!folded.agrees());
}

/// Hazards.md, failure point 14: a mail is claimed before it is sent, and after a crash in between it is
/// not known, never mailed twice.
#[tokio::test]
async fn a_notification_is_mailed_at_most_once() {
    for (failing, state, mails) in [
        (None, MailState::Mailed, 1),
        (Some((0, FailWhen::Before)), MailState::Mailed, 1),
        (Some((0, FailWhen::After)), MailState::Unconfirmed, 0),
        (Some((1, FailWhen::Before)), MailState::Unconfirmed, 1),
        (Some((1, FailWhen::After)), MailState::Mailed, 1),
    ] {
        let world = World::new();
        let tenant = world.acme.tenant.id;
        let mut paid = credit(tenant, "SALE-1", 30, world.clock.now());
        paid.notification = Some(testkit::billing::notification(
            tenant,
            "SALE-1",
            world.clock.now(),
        ));
        world.store.apply(&paid).await.unwrap();
        if let Some((skip, when)) = failing {
            let kind = StoreFailureKind::Unavailable;
            world
                .store
                .fail_after("notifications.save", skip, 1, when, kind);
        }
        world.minutes(15).await;
        let told = told(&world, tenant).await.remove(0);
        assert_eq!((told.mail, told.due), (state, None), "{failing:?}");
        assert_eq!(world.mailer.sent().len(), mails, "{failing:?}");
    }
}

/// S3.35, X25, X26: the cycle is the plan's own; what bars a button is told with its reason, and days that
/// are all on a channel bar no sending.
#[tokio::test]
async fn what_may_be_done_is_told_with_its_reason() {
    let world = World::new();
    let (tenant, viewer) = (world.acme.tenant.id, world.acme.user(Role::Viewer));
    let look = async || {
        let now = world.clock.now();
        usage::usage(&world.store, &viewer, now, 1).await.unwrap()
    };
    subscribed(&world, PaymentMethod::Offline).await;
    let told = look().await;
    assert_eq!(told.cycle, world.acme.tenant.day(world.clock.now()));
    assert_eq!(told.cycle_ends_at, Some(world.clock.now() + DAY * 4));
    let may = told.allowance;
    assert_eq!((may.send, may.bulk), (None, None), "no free days, and yet");
    assert_eq!(may.extend.unwrap().reason, "DAYS_EXHAUSTED");
    assert_eq!(may.add_channel.unwrap().reason, "DAYS_EXHAUSTED");
    let paid = credit(tenant, "SALE-1", 30, world.clock.now());
    world.store.apply(&paid).await.unwrap();
    assert_eq!(look().await.allowance.add_channel, None);
    let mut slot = change(tenant, world.clock.now());
    slot.take_slot = Some(1);
    world.store.apply(&slot).await.unwrap();
    let full = look().await.allowance.add_channel.unwrap();
    assert_eq!(full.note, "Channel limit reached for your plan.");
    world
        .store
        .state()
        .bulk_usage
        .insert((tenant, told.cycle), 5_000);
    let may = look().await.allowance;
    let bulk = may.bulk.unwrap();
    assert_eq!(
        (may.send, bulk.reason, bulk.note),
        (None, "BULK_LIMIT", LIMIT_NOTE)
    );
    for channel in world.store.state().channels.values_mut() {
        channel.paid_until = Some(world.clock.now());
    }
    assert_eq!(
        look().await.allowance.send.unwrap().reason,
        "CHANNEL_EXPIRED"
    );
    world.clock.advance(DAY * 4);
    let may = look().await.allowance;
    assert_eq!(may.send.unwrap().note, PLAN_ENDED);
    assert_eq!(may.add_channel.unwrap().reason, "NO_PLAN");
}
