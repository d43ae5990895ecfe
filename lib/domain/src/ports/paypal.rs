//! PayPal, and what the platform is there.

use std::future::Future;

use super::{AuditEntry, Saved};
use crate::{
    billing::PayPalSettings,
    channel::{SealedSecret, Secret},
    failure::{ProviderFailure, StoreFailure},
    ids::{SubscriptionId, TenantId},
};

/// A subscription as PayPal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPalSubscription {
    /// What PayPal calls it.
    pub id: String,
    /// PayPal's word: `APPROVAL_PENDING`, `ACTIVE`, `CANCELLED`.
    pub status: String,
    /// Where the buyer approves it, while they have to.
    pub approve_url: Option<String>,
    /// What we called it.
    pub custom_id: Option<String>,
}

/// What a subscription at PayPal is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPalOrder {
    /// PayPal's plan.
    pub plan: String,
    /// Our subscription: PayPal repeats its first answer for the same one.
    pub subscription: SubscriptionId,
    /// The buyer's address, if known.
    pub email: Option<String>,
}

/// PayPal's subscriptions.
pub trait PayPal: Send + Sync {
    /// Begins a subscription. Safe to repeat: the request id is our subscription's.
    fn begin(
        &self,
        order: &PayPalOrder,
    ) -> impl Future<Output = Result<PayPalSubscription, ProviderFailure>> + Send;

    /// A subscription.
    fn paypal_subscription(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<PayPalSubscription>, ProviderFailure>> + Send;

    /// Ends a subscription; one that has ended is fine.
    fn cancel(
        &self,
        id: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), ProviderFailure>> + Send;

    /// Whether PayPal itself sent this webhook, judged on its raw bytes.
    ///
    /// [`ProviderFailure::Unverified`] for anything but PayPal's own yes; other failures when PayPal
    /// cannot be asked.
    fn verify(
        &self,
        headers: &[(String, Vec<u8>)],
        body: &[u8],
    ) -> impl Future<Output = Result<(), ProviderFailure>> + Send;
}

/// What opens the platform's account at PayPal, and where PayPal leads people back to: never printed.
#[derive(Debug, Clone)]
pub struct PayPalAccess {
    /// The app's client id.
    pub client_id: String,
    /// Its secret.
    pub secret: Secret,
    /// The id of the webhook that PayPal signs for.
    pub webhook_id: String,
    /// Where buyers come back to after approving.
    pub return_url: String,
    /// Where they come back to without.
    pub cancel_url: String,
}

/// What the platform is at PayPal.
pub trait PayPalBook: Send + Sync {
    /// Its settings, as of every earlier write; none while they are not set up.
    fn paypal_settings(
        &self,
    ) -> impl Future<Output = Result<Option<PayPalSettings>, StoreFailure>> + Send;

    /// Writes them if nobody wrote them since they were read (version 0: if they are new), and notes who
    /// did it in that person's own tenant. Raises the version.
    fn save_paypal_settings(
        &self,
        settings: &mut PayPalSettings,
        by: TenantId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Seals and opens the platform's secret at PayPal, under a context of its own.
pub trait PayPalVault: Send + Sync {
    /// Seals it.
    fn seal_paypal(
        &self,
        secret: &Secret,
    ) -> impl Future<Output = Result<SealedSecret, StoreFailure>> + Send;

    /// Opens it.
    fn paypal_secret(
        &self,
        settings: &PayPalSettings,
    ) -> impl Future<Output = Result<Secret, StoreFailure>> + Send;
}
