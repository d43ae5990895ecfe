//! Reading and changing a company's settings.

use std::collections::BTreeSet;

use tracing::info;

use super::calendar;
use crate::{
    failure::AppFailure,
    message::MessageType,
    ports::{AuditEntry, Clock, Days, Directory, Festivals, Saved, SettingsBook},
    principal::Principal,
    settings::{QuietHours, ReminderBasis, Settings},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What is to change; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsEdit {
    /// The version the caller saw; the change is refused when there is another one by now.
    pub version: Option<u32>,
    /// See [`Settings`], as for all of the following.
    pub enabled: Option<bool>,
    /// All types that are to be off.
    pub disabled: Option<BTreeSet<MessageType>>,
    /// Notifications about events.
    pub notifications: Option<bool>,
    /// Marketing.
    pub marketing: Option<bool>,
    /// Anything sent by itself.
    pub automation: Option<bool>,
    /// IANA zone.
    pub zone: Option<String>,
    /// Where failure mails go, or nowhere.
    pub failure_email: Option<Option<String>>,
    /// Retries after the first attempt.
    pub retry_max: Option<u8>,
    /// Minutes between two attempts.
    pub retry_interval_minutes: Option<u16>,
    /// Days of reminders.
    pub reminder_days: Option<BTreeSet<u16>>,
    /// What they count from.
    pub reminder_basis: Option<ReminderBasis>,
    /// Quiet hours, or none.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// The automatic answer's switch.
    pub auto_reply: Option<bool>,
    /// The automatic answer, or none.
    pub auto_reply_message: Option<Option<String>>,
}

impl SettingsEdit {
    fn applied(&self, before: &Settings) -> Settings {
        let mut after = before.clone();
        set(&mut after.enabled, self.enabled.as_ref());
        set(&mut after.disabled, self.disabled.as_ref());
        set(&mut after.notifications, self.notifications.as_ref());
        set(&mut after.marketing, self.marketing.as_ref());
        set(&mut after.automation, self.automation.as_ref());
        set(&mut after.zone, self.zone.as_ref());
        set(&mut after.failure_email, self.failure_email.as_ref());
        set(&mut after.retry_max, self.retry_max.as_ref());
        let interval = self.retry_interval_minutes.as_ref();
        set(&mut after.retry_interval_minutes, interval);
        set(&mut after.reminder_days, self.reminder_days.as_ref());
        set(&mut after.reminder_basis, self.reminder_basis.as_ref());
        set(&mut after.quiet_hours, self.quiet_hours.as_ref());
        set(&mut after.auto_reply, self.auto_reply.as_ref());
        let message = self.auto_reply_message.as_ref();
        set(&mut after.auto_reply_message, message);
        after
    }
}

fn set<T: Clone>(to: &mut T, from: Option<&T>) {
    if let Some(from) = from {
        to.clone_from(from);
    }
}

/// Settings as people read and change them.
#[derive(Debug)]
pub struct SettingsDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

impl<S: Directory + SettingsBook + Days + Festivals, C: Clock> SettingsDesk<'_, S, C> {
    /// The settings of the caller's company.
    ///
    /// # Errors
    /// FORBIDDEN for a company without an account; storage failures.
    pub async fn read(&self, principal: &Principal) -> Result<Settings, AppFailure> {
        let tenant = self.store.tenant(principal.tenant()).await?;
        tenant
            .map(|tenant| tenant.settings)
            .ok_or_else(|| AppFailure::forbidden("This company has no account yet."))
    }

    /// Changes settings; who changed what is noted with the change.
    ///
    /// # Errors
    /// VALIDATION with every setting that cannot be; CONFLICT when the caller saw another version, or
    /// when they keep changing.
    pub async fn change(
        &self,
        principal: &Principal,
        edit: &SettingsEdit,
    ) -> Result<Settings, AppFailure> {
        for _ in 0..TRIES {
            let before = self.read(principal).await?;
            let mut after = edit.applied(&before);
            let problems = after.problems();
            if !problems.is_empty() {
                return Err(AppFailure::validation(
                    "The settings cannot be so; see the fields.",
                    problems,
                ));
            }
            let differences = before.differences(&after);
            // Also when it is our own change, whose answer was lost on the way.
            if differences.is_empty() {
                return Ok(before);
            }
            if edit.version.is_some_and(|seen| seen != before.version) {
                return Err(AppFailure::conflict(
                    "Somebody changed the settings meanwhile. Read them again, then repeat your change.",
                )
                .with_detail("reason", "SETTINGS_CHANGED"));
            }
            let (tenant, now) = (principal.tenant(), self.clock.now());
            let entry = AuditEntry::new(principal.user(), "settings", "change", tenant, now);
            let entry = differences
                .into_iter()
                .fold(entry, |entry, (name, before, after)| {
                    entry.changed(name, before, after)
                });
            if self.store.save_settings(tenant, &after, &entry).await? == Saved::Done {
                info!(tenant.id = %tenant, "changed the settings of tenant `{tenant}`");
                let other_days = (&before.reminder_days, before.reminder_basis)
                    != (&after.reminder_days, after.reminder_basis);
                if other_days {
                    // Invoices that wanted no reminder any more may want one now.
                    calendar::begin(self.store, self.clock, tenant).await?;
                }
                if before.zone != after.zone {
                    calendar::moved(self.store, self.clock, tenant, &after.time_zone()).await?;
                }
                after.version = after.version.saturating_add(1);
                return Ok(after);
            }
        }
        Err(AppFailure::conflict(
            "The settings are changing right now. Please try again in a moment.",
        )
        .with_detail("reason", "BUSY"))
    }
}
