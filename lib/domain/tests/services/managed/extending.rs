//! Days that channels get.

use domain::{
    failure::Code,
    ids::ChannelId,
    managed::{BillingStatus, ExtensionState},
    ports::Clock,
    principal::Role,
    service::managed::{Extended, wake},
};
use jiff::SignedDuration;
use testkit::{builders::Company, fakes::Trouble, memory::FailWhen};

use super::{EMAIL, Yard, key, reason};

impl Yard {
    async fn extend(
        &self,
        id: ChannelId,
        days: u32,
    ) -> Result<Extended, domain::failure::AppFailure> {
        self.desk().extend(&self.manager(), id, days, None).await
    }

    fn asked(&self) -> usize {
        let calls = self.partner.calls();
        calls.iter().filter(|call| **call == "extend").count()
    }
}

/// S3.17–S3.19, S3.48: the days are deducted when WHAPI shows them, with the exact words.
#[tokio::test]
async fn an_extension_moves_its_days_from_the_balance_to_the_channel() {
    let yard = Yard::with_days(100).await;
    let live = yard.live().await;
    let till = live.active_till.unwrap();
    let extended = yard.extend(live.id, 30).await.unwrap();
    assert!(extended.confirmed);
    let there = yard.only();
    assert_eq!(there.extended[1], (30, format!("Auto top-up for {EMAIL}")));
    assert_eq!(
        there.active_till,
        till + SignedDuration::from_hours(30 * 24)
    );
    let record = yard.record(live.id).await;
    assert_eq!(
        (record.active_till, record.spent),
        (Some(there.active_till), 60)
    );
    assert_eq!(record.billing(yard.clock.now()), BillingStatus::Active);
    let channel = yard.store.state().channels[&(live.tenant, live.id)].clone();
    assert_eq!(channel.paid_until, Some(there.active_till));
    assert_eq!(yard.entries()[3..], ["hold:2 30", "extend:2 30"]);
    yard.assert_exact();
}

/// S3.50, X26: only free days are given.
#[tokio::test]
async fn days_that_are_not_free_are_not_given() {
    let yard = Yard::with_days(40).await;
    let live = yard.live().await;
    let refused = yard.extend(live.id, 11).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Forbidden, "DAYS_EXHAUSTED")
    );
    for days in [0, 366] {
        let wrong = yard.extend(live.id, days).await.unwrap_err();
        assert_eq!(wrong.fields()[0].field, "days");
    }
    assert_eq!(yard.asked(), 1, "the first days alone");
    yard.assert_exact();
}

/// Another company's channel is not found, and one with credentials of its own gets no days.
#[tokio::test]
async fn only_channels_that_waypost_pays_for_are_extended() {
    let yard = Yard::with_days(60).await;
    let live = yard.live().await;
    let stranger = Company::named("other").user(Role::Manager);
    let unknown = yard
        .desk()
        .extend(&stranger, live.id, 30, None)
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let meta = yard.acme.meta_channel();
    let id = meta.id;
    yard.store.state().channels.insert((meta.tenant, id), meta);
    assert_eq!(
        reason(&yard.extend(id, 30).await.unwrap_err()),
        "NOT_MANAGED"
    );
    assert_eq!(yard.asked(), 1);
}

/// An answer that was lost is looked at, and never asked for again.
#[tokio::test]
async fn a_lost_answer_is_confirmed_by_active_till() {
    let yard = Yard::with_days(100).await;
    let live = yard.live().await;
    yard.partner.meets("extend", Trouble::Lost);
    assert!(yard.extend(live.id, 30).await.unwrap().confirmed);

    // And where it cannot be looked at, the schedule looks.
    yard.partner.meets("extend", Trouble::Lost);
    // The first question is before the call.
    yard.partner.meets("show", Trouble::Lost);
    let gone = yard.extend(live.id, 30).await.unwrap_err();
    assert_eq!((gone.code(), gone.retryable()), (Code::ProviderError, true));
    assert_eq!(
        yard.asked(),
        2,
        "it was not asked for: nobody knew until when it is active"
    );
    let left = yard.balances();
    assert_eq!((left.free, left.held), (40, 0));

    let pending = yard.desk();
    yard.partner.meets("show", Trouble::NotSent);
    let _ = pending
        .extend(&yard.manager(), live.id, 30, None)
        .await
        .unwrap_err();
    assert_eq!(yard.balances().held, 0);
    let pending = yard.extend(live.id, 30).await.unwrap();
    assert!(
        pending.confirmed,
        "its answer was lost, and it was looked at at once"
    );
    assert_eq!(yard.only().extended.len(), 3);
    yard.assert_exact();
}

/// S3.75: never called twice for one extension; after the hold the days are free again, and people are told.
#[tokio::test]
async fn an_extension_that_never_happened_is_released_after_the_hold() {
    let yard = Yard::with_days(100).await;
    let live = yard.live().await;
    yard.partner.meets("extend", Trouble::Vanished);
    let extended = yard.extend(live.id, 30).await.unwrap();
    assert!(!extended.confirmed);
    let state = extended.record.extension.as_ref().unwrap().state;
    assert_eq!(state, ExtensionState::Unknown);
    assert_eq!((yard.balances().free, yard.balances().held), (40, 30));
    let again = yard.extend(live.id, 5).await.unwrap_err();
    assert_eq!(
        (again.code(), reason(&again)),
        (Code::Conflict, "EXTENSION_RUNNING")
    );
    assert_eq!(again.details()["days"], "30");
    for _ in 0..14 {
        yard.minutes(1);
        yard.round().await;
        assert_eq!(yard.balances().held, 30, "not before it is proven absent");
    }
    yard.minutes(1);
    yard.round().await;
    assert_eq!((yard.balances().free, yard.balances().held), (70, 0));
    assert_eq!(yard.told(), ["CHANNEL_NOT_EXTENDED"]);
    assert_eq!(yard.asked(), 2, "the first days and this one call");
    assert!(yard.extend(live.id, 30).await.unwrap().confirmed);
    yard.assert_exact();
}

/// Slow, but done: it is confirmed whenever WHAPI shows it.
#[tokio::test]
async fn days_that_come_late_are_confirmed() {
    let yard = Yard::with_days(100).await;
    let live = yard.live().await;
    yard.partner.meets("extend", Trouble::Vanished);
    assert!(!yard.extend(live.id, 30).await.unwrap().confirmed);
    yard.minutes(7);
    yard.partner.change(|there| {
        there.active_till += SignedDuration::from_hours(30 * 24);
        there.extended.push((30, "late".into()));
    });
    yard.round().await;
    assert_eq!(
        (yard.balances().held, yard.record(live.id).await.spent),
        (0, 60)
    );
    yard.assert_exact();
}

/// What did not leave or was refused costs nothing.
#[tokio::test]
async fn a_call_that_was_not_taken_gives_its_days_back() {
    for (trouble, retryable) in [
        (Trouble::NotSent, true),
        (Trouble::TooMany, true),
        (Trouble::Refused, false),
    ] {
        let yard = Yard::with_days(100).await;
        let live = yard.live().await;
        yard.partner.meets("extend", trouble);
        let failed = yard.extend(live.id, 30).await.unwrap_err();
        assert_eq!(
            (failed.code(), failed.retryable()),
            (Code::ProviderError, retryable)
        );
        assert_eq!(reason(&failed), "NOT_EXTENDED");
        assert_eq!((yard.balances().free, yard.balances().held), (70, 0));
        yard.assert_exact();
        assert!(yard.extend(live.id, 30).await.unwrap().confirmed);
        yard.assert_exact();
    }
}

/// The same key spends once, and asks anew where nothing came of it.
#[tokio::test]
async fn an_extension_repeated_under_its_key_spends_once() {
    let yard = Yard::with_days(200).await;
    let live = yard.live().await;
    let (desk, manager, again) = (yard.desk(), yard.manager(), key("extend-1"));
    yard.partner.meets("extend", Trouble::NotSent);
    let ask = async |days| desk.extend(&manager, live.id, days, Some(&again)).await;
    assert!(ask(30).await.is_err());
    assert!(ask(30).await.unwrap().confirmed);
    yard.extend(live.id, 5).await.unwrap();
    assert!(
        ask(30).await.unwrap().confirmed,
        "also when another came in between"
    );
    let other = ask(7).await.unwrap_err();
    assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
    let given: Vec<u32> = yard.only().extended.iter().map(|(days, _)| *days).collect();
    assert_eq!(given, [30, 30, 5]);
    yard.assert_exact();

    // Also while nobody knows what became of it.
    let (desk, again) = (yard.desk(), key("extend-2"));
    yard.partner.meets("extend", Trouble::Vanished);
    for _ in 0..2 {
        let unknown = desk
            .extend(&manager, live.id, 9, Some(&again))
            .await
            .unwrap();
        assert!(!unknown.confirmed);
    }
    assert_eq!(yard.balances().held, 9);
}

/// Two at once: one runs, the other is told.
#[tokio::test]
async fn two_extensions_at_once_are_one() {
    let yard = Yard::with_days(200).await;
    let live = yard.live().await;
    let (tenant, id) = (live.tenant, live.id);
    yard.store.meanwhile("money.apply", move |state| {
        let record = state.managed.get_mut(&(tenant, id)).unwrap();
        record.version += 1;
        record.extension = Some(domain::managed::Extension {
            n: 77,
            days: 12,
            comment: "another".into(),
            state: ExtensionState::Held,
            before: None,
            asked_at: None,
            by: record.created_by.clone(),
        });
    });
    let second = yard.extend(id, 30).await.unwrap_err();
    assert_eq!(reason(&second), "EXTENSION_RUNNING");
    assert_eq!((yard.asked(), yard.balances().held), (1, 0));
}

/// Two workers on one record: the claim is one conditional write, so WHAPI is asked once.
#[tokio::test]
async fn whoever_claims_first_asks() {
    let yard = Yard::with_days(200).await;
    let live = yard.live().await;
    yard.store.fail_after(
        "managed.save",
        0,
        1,
        FailWhen::After,
        domain::failure::StoreFailureKind::Unavailable,
    );
    // The claim is stored and its answer lost: nobody asks, until the lease is over and it is looked at.
    let extended = yard.extend(live.id, 30).await.unwrap();
    assert!(!extended.confirmed);
    assert_eq!(yard.asked(), 1);
    yard.round().await;
    assert_eq!(yard.asked(), 1, "the lease stands");
    yard.rounds(30).await;
    assert_eq!(
        (yard.asked(), yard.balances().held),
        (1, 0),
        "proven absent"
    );
    yard.assert_exact();
}

/// S3.17: three days before the end, thirty days by itself, while so many are free.
#[tokio::test]
async fn a_channel_is_extended_by_itself_before_its_end() {
    let yard = Yard::with_days(70).await;
    let live = yard.live().await;
    let till = live.active_till.unwrap();
    yard.clock.set(till - SignedDuration::from_hours(73));
    yard.round().await;
    assert_eq!(yard.record(live.id).await.spent, 30, "too early");
    yard.clock.set(till - SignedDuration::from_hours(72));
    yard.round().await;
    let record = yard.record(live.id).await;
    assert_eq!((record.spent, yard.balances().free), (60, 10));
    // Ten are not thirty: it ends, and says so.
    let till = record.active_till.unwrap();
    yard.clock.set(till - SignedDuration::from_hours(1));
    yard.round().await;
    yard.clock.set(till);
    yard.round().await;
    let record = yard.record(live.id).await;
    assert_eq!(
        (record.spent, record.billing(till)),
        (60, BillingStatus::Expired)
    );

    // Paid days wake it at once, whenever it would have been looked at.
    yard.minutes(3);
    yard.credit(30).await;
    let woken = wake(&yard.store, live.tenant, yard.clock.now())
        .await
        .unwrap();
    assert_eq!(woken, 1);
    yard.round().await;
    let record = yard.record(live.id).await;
    assert_eq!((record.spent, yard.balances().free), (90, 10));
    assert!(record.active_till > Some(yard.clock.now()));
    yard.assert_exact();
}

/// S3.17: days go to the channel that ends first.
#[tokio::test]
async fn the_channel_that_ends_first_comes_first() {
    let yard = Yard::with_days(60).await;
    let first = yard.order("One").await.unwrap();
    yard.minutes(600);
    let second = yard.order("Two").await.unwrap();
    let till = second.active_till.unwrap();
    yard.clock.set(till + SignedDuration::from_hours(1));
    yard.round().await;
    yard.credit(30).await;
    let woken = wake(&yard.store, first.tenant, yard.clock.now())
        .await
        .unwrap();
    assert_eq!(woken, 2);
    yard.round().await;
    let spent = (
        yard.record(first.id).await.spent,
        yard.record(second.id).await.spent,
    );
    assert_eq!(spent, (60, 30));
    yard.assert_exact();
}

/// Whoever does not want it, is not extended.
#[tokio::test]
async fn a_channel_may_be_left_to_end() {
    let yard = Yard::with_days(90).await;
    let live = yard.live().await;
    let changed = yard
        .desk()
        .set_auto_extend(&yard.manager(), live.id, false)
        .await
        .unwrap();
    assert!(!changed.auto_extend);
    yard.clock.set(live.active_till.unwrap());
    yard.round().await;
    assert_eq!(yard.record(live.id).await.spent, 30);
    assert_eq!(
        yard.record(live.id).await.due,
        None,
        "nothing is to be done"
    );
    yard.desk()
        .set_auto_extend(&yard.manager(), live.id, true)
        .await
        .unwrap();
    yard.round().await;
    assert_eq!(yard.record(live.id).await.spent, 60);
    let edits = yard
        .store
        .state()
        .audit
        .iter()
        .filter(|(_, line)| line.action == "edit")
        .count();
    assert_eq!(edits, 2);
    yard.assert_exact();
}
