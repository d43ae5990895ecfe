//! Which invoices are recalled when: the days, switches and zone of the company, and the limit of its plan.

use std::collections::BTreeSet;

use domain::{
    business::Workflow,
    message::MessageType,
    ports::{AuditEntry, Clock, Workflows},
    principal::Role,
    service::settings::{SettingsDesk, SettingsEdit},
    settings::ReminderBasis,
};

use super::{at, day, issue, minute_at, put_invoice, reminders, says, set, work};
use crate::world::World;

/// S1.81, X19: other days, counted from the day it is due.
#[tokio::test]
async fn reminder_days_count_from_where_the_company_says() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    issue(&world, "1", "2026-11-20", "2026-12-01").await;
    let settings = SettingsDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let edit = SettingsEdit {
        reminder_days: Some(BTreeSet::from([0, 10])),
        reminder_basis: Some(ReminderBasis::DueDate),
        ..SettingsEdit::default()
    };
    settings.change(&manager, &edit).await.unwrap();
    let mut told = Vec::new();
    for night in 20..31 {
        minute_at(&world, &format!("2026-11-{night}T23:00:00Z")).await;
        told.push(reminders(&world).len());
    }
    assert_eq!(told, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert!(says(&world, &reminders(&world)[0]).contains("is due on 1 December 2026"));
    for night in 1..12 {
        minute_at(&world, &format!("2026-12-{night:02}T23:00:00Z")).await;
    }
    let all = reminders(&world);
    assert_eq!(all.len(), 2);
    assert!(says(&world, &all[1]).contains("is 10 days overdue"));
}

/// S1.74, S2.88: switched off, nobody is reminded; switched on within a week, what was missed is made up
/// for. A refusal is told in the audit log.
#[tokio::test]
async fn reminders_obey_switches_and_tell_refusals() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    set(&world, |t| {
        t.settings.disabled.insert(MessageType::PaymentReminder);
    });
    minute_at(&world, "2026-11-22T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 0);
    set(&world, |t| t.settings.disabled.clear());
    let mut off = Workflow {
        enabled: false,
        ..Workflow::standard(tenant, MessageType::PaymentReminder)
    };
    let manager = world.acme.user(Role::Manager);
    let line = AuditEntry::new(
        manager.user(),
        "workflows",
        "change",
        "x",
        world.clock.now(),
    );
    world.store.save_workflow(&mut off, &line).await.unwrap();
    minute_at(&world, "2026-11-23T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 0);
    off.enabled = true;
    world.store.save_workflow(&mut off, &line).await.unwrap();
    minute_at(&world, "2026-11-24T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 1);
    for contact in world.store.state().contacts.values_mut() {
        contact.consent = domain::contact::Consent::Stopped;
    }
    minute_at(&world, "2026-11-26T23:00:00Z").await;
    minute_at(&world, "2026-11-27T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 1);
    let told: Vec<_> = world
        .store
        .state()
        .audit
        .iter()
        .filter(|(_, line)| line.action == "refuse_reminder")
        .map(|(_, line)| (line.entity.clone(), line.after["reason"].clone()))
        .collect();
    assert_eq!(told, [("1".to_owned(), "CONSENT_STOPPED".to_owned())]);
}

/// The plan's limit of a day: what was left over is made up for on the next.
#[tokio::test]
async fn what_the_limit_left_over_follows_the_next_day() {
    let world = World::new();
    set(&world, |t| {
        t.settings.quiet_hours = None;
        t.plan.as_mut().unwrap().daily_messages = 20;
    });
    let tenant = world.acme.tenant.id;
    for n in 0..30 {
        put_invoice(&world, tenant, n, day("2026-11-20"));
    }
    issue(&world, "1", "2026-11-22", "2026-11-25").await;
    minute_at(&world, "2026-11-22T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 20);
    minute_at(&world, "2026-11-23T23:00:00Z").await;
    assert_eq!(reminders(&world).len(), 30);
    world.assert_consistent().await;
}

/// Another zone moves the company's morning at once.
#[tokio::test]
async fn another_zone_moves_the_morning() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    let settings = SettingsDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let edit = SettingsEdit {
        zone: Some("Pacific/Honolulu".into()),
        ..SettingsEdit::default()
    };
    settings.change(&manager, &edit).await.unwrap();
    assert_eq!(work(&world).unwrap().due, Some(at("2026-11-21T12:00:00Z")));
}

/// An invoice that is told late wants the reminder that its age calls for.
#[tokio::test]
async fn an_invoice_that_is_told_late_is_recalled_the_next_morning() {
    let world = World::new();
    issue(&world, "1", "2026-11-14", "2026-11-15").await;
    minute_at(&world, "2026-11-20T23:00:00Z").await;
    let [only] = reminders(&world).try_into().unwrap();
    assert!(says(&world, &only).contains("is 6 days overdue"));
}
