//! Deleting channels.

use domain::{
    failure::Code,
    managed::Stage,
    ports::{ChannelKeys, Clock, Directory},
    principal::Role,
    provider::ProviderKind,
    service::managed::Removed,
};
use jiff::SignedDuration;
use testkit::{builders::Company, fakes::Trouble, memory::FailWhen};

use super::{Yard, reason};

const GONE: &str =
    "Channel deleted successfully. Unused days have been credited back to your balance.";

/// S3.13–S3.16, S3.67, X27, X28: deleted at WHAPI, whole unused days credited, its place free, its token
/// destroyed.
#[tokio::test]
async fn a_deleted_channel_gives_its_unused_days_back() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    let second = yard.store.state().channels.len();
    assert_eq!((second, yard.balances().free), (1, 0));
    yard.clock
        .set(live.active_till.unwrap() - SignedDuration::from_hours(24 * 12 + 5));
    let removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!((removed.credited_days, removed.message()), (Some(12), GONE));
    assert_eq!(yard.partner.counts(), (1, 1));
    assert_eq!(
        (yard.balances().free, yard.balances().spent, yard.slots()),
        (12, 18, 0)
    );
    assert_eq!(yard.entries()[3..], ["delete 12"]);

    let record = yard.record(live.id).await;
    assert_eq!(
        (record.stage, record.due, record.lease),
        (Stage::Deleted, None, None)
    );
    assert!(
        yard.store
            .channel(live.tenant, live.id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(yard.store.channels(live.tenant).await.unwrap().is_empty());
    assert!(
        yard.store
            .channel_by_key(&live.key)
            .await
            .unwrap()
            .is_none()
    );
    let reference = live.provider_ref.unwrap();
    let named = yard
        .store
        .channel_by_ref(ProviderKind::Whapi, &reference)
        .await
        .unwrap();
    assert!(named.is_none());
    let grave = yard.store.state().buried[&(live.tenant, live.id)].clone();
    assert!(grave.sealed_token.0.is_empty());
    yard.assert_exact();

    // Told again, it is the same, and costs nothing.
    let again = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(again, removed);
    assert_eq!((yard.balances().free, yard.slots()), (12, 0));
    yard.order("Next").await.unwrap();
}

/// X27: no more days come back than were spent on it, and none are promised where none come.
#[tokio::test]
async fn a_trial_gives_nothing_back() {
    let yard = Yard::with_days(30).await;
    yard.partner.meets("extend", Trouble::Refused);
    let live = yard.order("Main").await.unwrap();
    assert_eq!((live.stage, live.spent, live.trial), (Stage::Live, 0, true));
    let removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(removed.credited_days, Some(0));
    assert!(
        !removed.message().contains("credited back to your balance"),
        "{}",
        removed.message()
    );
    assert_eq!(yard.balances().free, 30);

    let live = yard.live().await;
    let removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(removed.credited_days, Some(30), "not the trial's five too");
    yard.assert_exact();
}

/// X27: where the platform keeps unused days, none come back, none are promised, and what was told when it
/// was deleted holds, whatever is settled later.
#[tokio::test]
async fn unused_days_stay_where_the_platform_keeps_them() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    yard.partner.keep_unused_days(true);
    yard.partner.meets("delete", Trouble::NotSent);
    let begun = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(begun.credited_days, None);
    assert_eq!(
        begun.message(),
        "The channel is being deleted. Unused days are not credited back."
    );
    yard.partner.keep_unused_days(false);
    yard.rounds(5).await;
    assert_eq!(yard.record(live.id).await.stage, Stage::Deleted);
    let again = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(again.credited_days, Some(0));
    assert_eq!(
        again.message(),
        "Channel deleted successfully. Unused days are not credited back."
    );
    assert_eq!(
        (yard.balances().free, yard.balances().spent, yard.slots()),
        (0, 30, 0)
    );
    yard.assert_exact();
}

/// S3.67: a lost answer is looked at; what cannot be asked is deleted by the schedule.
#[tokio::test]
async fn a_deletion_goes_on_until_whapi_confirms() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    yard.partner.meets("delete", Trouble::Lost);
    let removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert_eq!(removed.credited_days, Some(30));

    for trouble in [Trouble::NotSent, Trouble::TooMany, Trouble::Vanished] {
        let live = yard.live().await;
        yard.partner.meets("delete", trouble);
        let removed = yard.desk().delete(&yard.manager(), live.id).await.unwrap();
        assert_eq!(
            removed,
            Removed {
                credited_days: None,
                days_stay: false,
            }
        );
        assert!(removed.message().contains("as soon as"));
        assert_eq!(yard.record(live.id).await.stage, Stage::Deleting);
        assert_eq!(
            (yard.balances().free, yard.slots()),
            (0, 1),
            "not before it is gone"
        );
        let refused = yard
            .desk()
            .extend(&yard.manager(), live.id, 1, None)
            .await
            .unwrap_err();
        assert_eq!(reason(&refused), "NOT_READY");
        // What is left is counted from when it was deleted, not from when WHAPI did it.
        yard.partner.meets("delete", Trouble::NotSent);
        yard.rounds(10).await;
        assert_eq!(yard.record(live.id).await.stage, Stage::Deleted);
        assert_eq!((yard.balances().free, yard.slots()), (30, 0));
    }
    yard.assert_exact();
}

/// A refusal leaves the channel as it is, and is told.
#[tokio::test]
async fn a_refused_deletion_leaves_the_channel() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    yard.partner.meets("delete", Trouble::Refused);
    let refused = yard
        .desk()
        .delete(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::ProviderError, "NOT_DELETED")
    );
    let record = yard.record(live.id).await;
    assert_eq!((record.stage, yard.slots()), (Stage::Live, 1));
    yard.partner.shut(true);
    let shut = yard
        .desk()
        .delete(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(reason(&shut), "PARTNER_TOKEN");
    assert_eq!(yard.record(live.id).await.stage, Stage::Live);
    yard.assert_exact();
}

/// One that WHAPI's own people deleted is gone already, which is fine.
#[tokio::test]
async fn what_is_gone_at_whapi_is_deleted_here_too() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    yard.partner.meets("delete", Trouble::Lost);
    yard.partner.meets("show", Trouble::NotSent);
    yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    assert!(yard.partner.channels().is_empty());
    yard.rounds(5).await;
    assert_eq!(yard.record(live.id).await.stage, Stage::Deleted);
    yard.assert_exact();
}

/// An order that nothing came of is taken back; one that is being made is not.
#[tokio::test]
async fn an_order_is_taken_back_while_nothing_was_made() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("create", Trouble::TooMany);
    let waiting = yard.order("Waiting").await.unwrap();
    yard.partner.meets("create", Trouble::Vanished);
    let unknown = yard.order("Unknown").await.unwrap();
    let removed = yard
        .desk()
        .delete(&yard.manager(), waiting.id)
        .await
        .unwrap();
    assert_eq!((removed.credited_days, yard.slots()), (Some(0), 1));
    let busy = yard
        .desk()
        .delete(&yard.manager(), unknown.id)
        .await
        .unwrap_err();
    assert_eq!((busy.code(), reason(&busy)), (Code::Conflict, "BUSY"));
    yard.rounds(20).await;
    yard.desk()
        .delete(&yard.manager(), unknown.id)
        .await
        .unwrap();
    assert_eq!((yard.slots(), yard.balances().free), (0, 60));
    yard.partner.meets("create", Trouble::Refused);
    yard.order("Refused").await.unwrap_err();
    let failed = yard
        .store
        .state()
        .managed
        .values()
        .find(|one| one.stage == Stage::Failed)
        .cloned();
    yard.desk()
        .delete(&yard.manager(), failed.unwrap().id)
        .await
        .unwrap();
    assert_eq!(yard.slots(), 0, "its place was given back before");
    yard.assert_exact();
}

/// A channel that is being extended is not deleted: whose days those are is not known yet.
#[tokio::test]
async fn a_channel_under_extension_is_not_deleted() {
    let yard = Yard::with_days(60).await;
    let live = yard.live().await;
    yard.partner.meets("extend", Trouble::Vanished);
    yard.desk()
        .extend(&yard.manager(), live.id, 10, None)
        .await
        .unwrap();
    let refused = yard
        .desk()
        .delete(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "EXTENSION_RUNNING");
    yard.rounds(20).await;
    yard.desk().delete(&yard.manager(), live.id).await.unwrap();
    yard.assert_exact();
}

/// A crash between credit and burial is made up for, and the default goes to a channel that is there.
#[tokio::test]
async fn a_channel_that_was_not_buried_is_buried_later() {
    let yard = Yard::with_days(60).await;
    let live = yard.live().await;
    let other = yard.order("Other").await.unwrap();
    yard.store.fail("managed.bury", 1, FailWhen::Before);
    let failed = yard
        .desk()
        .delete(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(failed.code(), Code::DbError);
    assert!(
        yard.store
            .channel(live.tenant, live.id)
            .await
            .unwrap()
            .is_some()
    );
    yard.minutes(5);
    yard.round().await;
    assert!(
        yard.store
            .channel(live.tenant, live.id)
            .await
            .unwrap()
            .is_none()
    );
    let default = yard.store.state().tenants[&live.tenant]
        .settings
        .default_channel;
    assert_eq!(default, Some(other.id));
    assert_eq!(yard.balances().free, 30);
    yard.assert_exact();
}

/// What a company brought itself is buried, and no days move; another company's is not found.
#[tokio::test]
async fn a_channel_of_a_companys_own_is_deleted_here_alone() {
    let yard = Yard::with_days(30).await;
    let meta = yard.acme.meta_channel();
    yard.store
        .state()
        .channels
        .insert((meta.tenant, meta.id), meta.clone());
    let stranger = Company::named("other").user(Role::Manager);
    let unknown = yard.desk().delete(&stranger, meta.id).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let removed = yard.desk().delete(&yard.manager(), meta.id).await.unwrap();
    assert_eq!(removed.credited_days, Some(0));
    assert!(yard.partner.calls().is_empty());
    assert!(
        yard.store
            .channel(meta.tenant, meta.id)
            .await
            .unwrap()
            .is_none()
    );
    let twice = yard
        .desk()
        .delete(&yard.manager(), meta.id)
        .await
        .unwrap_err();
    assert_eq!(twice.code(), Code::NotFound);
    let deleted = yard
        .store
        .state()
        .audit
        .iter()
        .filter(|(_, line)| line.action == "delete")
        .count();
    assert_eq!((deleted, yard.balances().free), (1, 30));
    let _ = yard.clock.now();
}
