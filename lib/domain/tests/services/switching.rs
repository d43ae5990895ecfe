//! Settings: changed with every problem named, and what each switch holds back.

use std::collections::BTreeSet;

use domain::{
    failure::{AppFailure, Code},
    message::{MessageType, Status, Trigger},
    principal::Role,
    service::{
        accept::Draft,
        send::FirstAttempt,
        settings::{SettingsDesk, SettingsEdit},
    },
    settings::Settings,
};
use testkit::{
    builders::{RECIPIENT, text_draft},
    fakes::FakeClock,
    memory::{FailWhen, MemoryStore},
};

use crate::world::World;

fn desk(world: &World) -> SettingsDesk<'_, MemoryStore, FakeClock> {
    SettingsDesk {
        store: &world.store,
        clock: &world.clock,
    }
}

async fn change(world: &World, edit: SettingsEdit) -> Result<Settings, AppFailure> {
    let manager = world.acme.user(Role::Manager);
    desk(world).change(&manager, &edit).await
}

fn set(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut state = world.store.state();
    change(
        &mut state
            .tenants
            .get_mut(&world.acme.tenant.id)
            .unwrap()
            .settings,
    );
}

fn draft(message_type: MessageType, trigger: Trigger) -> Draft {
    Draft {
        message_type,
        trigger,
        ..text_draft(RECIPIENT, "Hello")
    }
}

/// Why a message of this cause is refused; nothing when it is not.
async fn refused(world: &World, message_type: MessageType, trigger: Trigger) -> Option<String> {
    let draft = draft(message_type, trigger);
    let sent = world.send_with(draft, None, FirstAttempt::InLane).await;
    sent.err()
        .map(|failure| failure.details()["reason"].clone())
}

/// S1.7, S1.71–S1.75, S2.49: each switch holds back what it is for, and nothing else.
#[tokio::test]
async fn a_switch_holds_back_what_it_is_for() {
    use MessageType::{Festival, Invoice, Other, Promotion, StockDelivered};
    use Trigger::{Auto, Manual};
    let world = World::new();
    set(&world, |s| s.marketing = true);
    for one in [
        StockDelivered,
        Invoice,
        MessageType::PaymentReminder,
        Festival,
        Promotion,
        Other,
    ] {
        assert_eq!(refused(&world, one, Auto).await, None, "{one:?}");
    }
    let off = |code: &str| Some(code.to_owned());

    set(&world, |s| {
        s.disabled = BTreeSet::from([StockDelivered, Festival])
    });
    assert_eq!(
        refused(&world, StockDelivered, Auto).await,
        off("TYPE_DISABLED")
    );
    assert_eq!(
        refused(&world, Festival, Manual).await,
        off("TYPE_DISABLED")
    );
    assert_eq!(refused(&world, Invoice, Auto).await, None);

    set(&world, |s| {
        s.disabled.clear();
        s.automation = false;
    });
    assert_eq!(refused(&world, Invoice, Auto).await, off("AUTOMATION_OFF"));
    assert_eq!(refused(&world, Other, Auto).await, off("AUTOMATION_OFF"));
    assert_eq!(refused(&world, Invoice, Manual).await, None);

    set(&world, |s| {
        s.automation = true;
        s.notifications = false;
    });
    assert_eq!(
        refused(&world, Invoice, Auto).await,
        off("NOTIFICATIONS_OFF")
    );
    assert_eq!(refused(&world, Invoice, Manual).await, None);
    assert_eq!(refused(&world, Promotion, Auto).await, None);

    set(&world, |s| {
        s.notifications = true;
        s.marketing = false;
    });
    assert_eq!(
        refused(&world, Promotion, Manual).await,
        off("MARKETING_OFF")
    );
    assert_eq!(refused(&world, Invoice, Auto).await, None);

    set(&world, |s| s.enabled = false);
    assert_eq!(refused(&world, Other, Manual).await, off("MESSAGING_OFF"));
}

/// S1.98: a switch that is turned while a message waits holds it back before the provider is called.
#[tokio::test]
async fn a_switch_is_asked_again_before_the_call() {
    let world = World::new();
    let waits = draft(MessageType::Invoice, Trigger::Auto);
    let accepted = world
        .send_with(waits, None, FirstAttempt::InLane)
        .await
        .unwrap();
    set(&world, |s| {
        s.disabled = BTreeSet::from([MessageType::Invoice])
    });
    world.drain().await;
    let message = world.message(accepted.message.id);
    assert_eq!((message.status(), world.sends()), (Status::Failed, 0));
    assert_eq!(message.facts.failed[&1].code, "TYPE_DISABLED");
    world.assert_consistent().await;
}

/// S2.46, S2.50, S4.48: a change names who changed what, before and after; what was not named stays.
#[tokio::test]
async fn a_change_is_noted_with_before_and_after() {
    let world = World::new();
    let edit = SettingsEdit {
        reminder_days: Some(BTreeSet::from([1, 10])),
        failure_email: Some(None),
        ..SettingsEdit::default()
    };
    let after = change(&world, edit.clone()).await.unwrap();
    assert_eq!(after.reminder_days, BTreeSet::from([1, 10]));
    assert_eq!(
        (after.failure_email.as_deref(), after.zone.as_str()),
        (None, "Asia/Bahrain")
    );
    let manager = world.acme.user(Role::Manager);
    assert_eq!(desk(&world).read(&manager).await.unwrap(), after);
    let [line] = world.audited("settings").try_into().unwrap();
    assert_eq!(line.before["reminder_days"], "3,7");
    assert_eq!(line.after["reminder_days"], "1,10");
    assert_eq!(line.before["failure_email"], "ops@acme.example");
    assert_eq!(line.before.len(), 2);
    // The same again changes nothing, and nothing is noted.
    assert_eq!(change(&world, edit).await.unwrap().version, after.version);
    assert_eq!(world.audited("settings").len(), 1);
    // The other company's settings are its own.
    let other = world.other.user(Role::Manager);
    assert_eq!(
        desk(&world).read(&other).await.unwrap(),
        world.other.tenant.settings
    );
}

/// A change on what somebody else changed meanwhile is refused, or made on top when no version was named.
#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let world = World::new();
    let marketing = |version| SettingsEdit {
        version,
        marketing: Some(true),
        ..SettingsEdit::default()
    };
    let zone = SettingsEdit {
        zone: Some("Asia/Dubai".into()),
        ..SettingsEdit::default()
    };
    change(&world, zone).await.unwrap();
    let failure = change(&world, marketing(Some(0))).await.unwrap_err();
    assert_eq!(failure.code(), Code::Conflict);
    assert_eq!(failure.details()["reason"], "SETTINGS_CHANGED");
    let after = change(&world, marketing(Some(1))).await.unwrap();
    assert_eq!((after.marketing, after.zone.as_str()), (true, "Asia/Dubai"));
    assert_eq!(after.version, 2);
}

#[tokio::test]
async fn settings_that_cannot_be_are_not_stored() {
    let world = World::new();
    let edit = SettingsEdit {
        zone: Some("Nowhere".into()),
        retry_max: Some(99),
        ..SettingsEdit::default()
    };
    let failure = change(&world, edit).await.unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        (failure.code(), fields),
        (Code::Validation, vec!["zone", "retry_max"])
    );
    assert_eq!(world.audited("settings").len(), 0);
    world.store.fail("settings.save", 1, FailWhen::Before);
    let on = SettingsEdit {
        marketing: Some(true),
        ..SettingsEdit::default()
    };
    assert_eq!(
        change(&world, on.clone()).await.unwrap_err().code(),
        Code::DbError
    );
    // A change whose answer was lost is there, and asked for again it is not made twice.
    world.store.fail("settings.save", 1, FailWhen::After);
    let on = SettingsEdit {
        version: Some(0),
        ..on
    };
    assert_eq!(
        change(&world, on.clone()).await.unwrap_err().code(),
        Code::DbError
    );
    let after = change(&world, on).await.unwrap();
    assert_eq!((after.marketing, after.version), (true, 1));
    assert_eq!(world.audited("settings").len(), 1);
}
