//! What the platform is at PayPal.

use domain::{
    billing::PayPalSettings,
    failure::StoreFailure,
    ids::TenantId,
    ports::{AuditEntry, PayPalBook, Saved},
};

use super::MemoryStore;

impl PayPalBook for MemoryStore {
    async fn paypal_settings(&self) -> Result<Option<PayPalSettings>, StoreFailure> {
        self.run("platform.paypal", |s| s.paypal_settings.clone())
    }

    async fn save_paypal_settings(
        &self,
        settings: &mut PayPalSettings,
        by: TenantId,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("platform.save_paypal", |s| {
            let known = s.paypal_settings.as_ref();
            if known.map_or(0, |known| known.version) != settings.version {
                return Saved::Stale;
            }
            settings.version += 1;
            s.paypal_settings = Some(settings.clone());
            s.audit.push((by, audit.clone()));
            Saved::Done
        })
    }
}
