//! What the platform is at PayPal: an item that belongs to no tenant. Its secret is a ciphertext.

use domain::{
    billing::PayPalSettings,
    channel::SealedSecret,
    failure::StoreFailure,
    ids::TenantId,
    ports::{AuditEntry, PayPalBook, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::paypal_settings,
    shape::{Blob, Item, When, number, read, to_item},
    table::Read,
    write::Write,
};

#[derive(Serialize, Deserialize)]
struct PayPalItem {
    client: String,
    sealed: Blob,
    hint: String,
    webhook: String,
    back: String,
    cancelled: String,
    changed: When,
    /// Version.
    v: u32,
}

fn item(operation: &'static str, settings: &PayPalSettings) -> Result<Item, StoreFailure> {
    let item = PayPalItem {
        client: settings.client_id.clone(),
        sealed: Blob(settings.sealed_secret.0.clone()),
        hint: settings.hint.clone(),
        webhook: settings.webhook_id.clone(),
        back: settings.return_url.clone(),
        cancelled: settings.cancel_url.clone(),
        changed: When(settings.changed_at),
        v: settings.version,
    };
    to_item(operation, &item)
}

impl PayPalBook for Store {
    async fn paypal_settings(&self) -> Result<Option<PayPalSettings>, StoreFailure> {
        const OPERATION: &str = "paypal.settings";
        let (pk, sk) = paypal_settings();
        let Some(item) = self.item(OPERATION, &pk, &sk, Read::Strong).await? else {
            return Ok(None);
        };
        let item: PayPalItem = read(OPERATION, item)?;
        Ok(Some(PayPalSettings {
            client_id: item.client,
            sealed_secret: SealedSecret(item.sealed.0),
            hint: item.hint,
            webhook_id: item.webhook,
            return_url: item.back,
            cancel_url: item.cancelled,
            changed_at: item.changed.0,
            version: item.v,
        }))
    }

    async fn save_paypal_settings(
        &self,
        settings: &mut PayPalSettings,
        by: TenantId,
        entry: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "paypal.save";
        let next = PayPalSettings {
            version: settings.version.saturating_add(1),
            ..settings.clone()
        };
        let write = Write::put_shared(paypal_settings(), item(OPERATION, &next)?);
        let write = if settings.version == 0 {
            write.when_new()
        } else {
            write
                .when("v = :seen")
                .value(":seen", number(settings.version))
        };
        let writes = [write, audit::note(OPERATION, by, entry)?];
        let saved = self.tenant(by).save_with(OPERATION, &writes).await?;
        if saved == Saved::Done {
            *settings = next;
        }
        Ok(saved)
    }
}
