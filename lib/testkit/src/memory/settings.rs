//! Settings as people change them.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{AuditEntry, Saved, SettingsBook},
    settings::Settings,
};

use super::MemoryStore;

impl SettingsBook for MemoryStore {
    async fn save_settings(
        &self,
        tenant: TenantId,
        settings: &Settings,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("settings.save", |s| {
            let Some(known) = s.tenants.get_mut(&tenant) else {
                return Saved::Stale;
            };
            if known.settings.version != settings.version {
                return Saved::Stale;
            }
            known.settings = Settings {
                default_channel: known.settings.default_channel,
                version: settings.version + 1,
                ..settings.clone()
            };
            s.audit.push((tenant, audit.clone()));
            Saved::Done
        })
    }
}
