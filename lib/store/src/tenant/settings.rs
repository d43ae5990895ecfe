//! Settings inside the tenant's item: one map, replaced as a whole at the version it was read at.

use std::collections::BTreeSet;

use domain::{
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    message::MessageType,
    ports::{AuditEntry, Saved, SettingsBook},
    settings::{QuietHours, ReminderBasis, Settings},
};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    shape::{number, value},
    update::Update,
    write::Transacted,
};

/// The settings as they are stored, without the default channel, which is changed by itself.
#[derive(Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the stored form of switches that are each their own"
)]
pub(super) struct SettingsItem {
    enabled: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    disabled: BTreeSet<MessageType>,
    notifications: bool,
    marketing: bool,
    automation: bool,
    zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure_email: Option<String>,
    retry_max: u8,
    retry_interval_minutes: u16,
    reminder_days: BTreeSet<u16>,
    reminder_basis: ReminderBasis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet: Option<(Time, Time)>,
    auto_reply: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_reply_message: Option<String>,
}

impl From<&Settings> for SettingsItem {
    fn from(settings: &Settings) -> Self {
        Self {
            enabled: settings.enabled,
            disabled: settings.disabled.clone(),
            notifications: settings.notifications,
            marketing: settings.marketing,
            automation: settings.automation,
            zone: settings.zone.clone(),
            failure_email: settings.failure_email.clone(),
            retry_max: settings.retry_max,
            retry_interval_minutes: settings.retry_interval_minutes,
            reminder_days: settings.reminder_days.clone(),
            reminder_basis: settings.reminder_basis,
            quiet: settings.quiet_hours.map(|quiet| (quiet.from, quiet.until)),
            auto_reply: settings.auto_reply,
            auto_reply_message: settings.auto_reply_message.clone(),
        }
    }
}

impl SettingsItem {
    pub(super) fn settings(self, default_channel: Option<ChannelId>, version: u32) -> Settings {
        Settings {
            enabled: self.enabled,
            disabled: self.disabled,
            notifications: self.notifications,
            marketing: self.marketing,
            automation: self.automation,
            zone: self.zone,
            failure_email: self.failure_email,
            retry_max: self.retry_max,
            retry_interval_minutes: self.retry_interval_minutes,
            reminder_days: self.reminder_days,
            reminder_basis: self.reminder_basis,
            quiet_hours: self.quiet.map(|(from, until)| QuietHours { from, until }),
            default_channel,
            auto_reply: self.auto_reply,
            auto_reply_message: self.auto_reply_message,
            version,
        }
    }
}

impl SettingsBook for Store {
    async fn save_settings(
        &self,
        tenant: TenantId,
        settings: &Settings,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "settings.save";
        let table = self.tenant(tenant);
        let mut update = Update::of(table.keys().tenant());
        update.when("sv = :seen");
        update.value("seen", number(settings.version));
        update.set("sv", number(settings.version.saturating_add(1)));
        update.set("settings", value(OPERATION, &SettingsItem::from(settings))?);
        let writes = [update.write(), audit::note(OPERATION, tenant, audit)?];
        Ok(match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
