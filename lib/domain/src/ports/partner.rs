//! The platform's account at WHAPI: its settings, its secrets, and the notices of its days.

use std::future::Future;

use jiff::Timestamp;

use super::{AuditEntry, Page, PartnerAccess, Saved, WebhookTarget};
use crate::{
    channel::{SealedSecret, Secret},
    failure::{ProviderFailure, StoreFailure},
    ids::TenantId,
    partner::{BalanceNotice, NoticeName, PartnerSettings},
};

/// The settings. They belong to no tenant.
pub trait PartnerSettingsBook: Send + Sync {
    /// The settings as of every earlier write; empty ones while nothing is stored.
    fn partner_settings(
        &self,
    ) -> impl Future<Output = Result<PartnerSettings, StoreFailure>> + Send;

    /// Writes the settings if nobody wrote them since they were read (version 0: if there are none), and
    /// notes who did it in that person's own tenant. Raises the version.
    fn save_partner_settings(
        &self,
        settings: &mut PartnerSettings,
        by: TenantId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Notes that WHAPI refused a token at this time, or took it again. [`Saved::Stale`] when another
    /// token is set meanwhile, or that was known already: nothing is written then. Raises the version.
    fn note_partner_token(
        &self,
        token: &SealedSecret,
        refused: bool,
        at: Timestamp,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Seals and opens the partner token, for the platform alone.
pub trait PartnerSeals: Send + Sync {
    /// Seals it.
    fn seal_partner(
        &self,
        token: &Secret,
    ) -> impl Future<Output = Result<SealedSecret, StoreFailure>> + Send;

    /// Opens it.
    fn open_partner(
        &self,
        sealed: &SealedSecret,
    ) -> impl Future<Output = Result<Secret, StoreFailure>> + Send;
}

/// Where WHAPI sends notices of the partner's days.
pub trait PartnerNotices: Send + Sync {
    /// Tells WHAPI the address, and below how many days to notify. Safe to repeat: it replaces.
    fn set_notices(
        &self,
        access: &PartnerAccess,
        partner: &str,
        target: &WebhookTarget,
        days_limit: u32,
    ) -> impl Future<Output = Result<(), ProviderFailure>> + Send;
}

/// The notices of the partner's days, as they came.
pub trait BalanceNotices: Send + Sync {
    /// Keeps a notice, once by its name: one that was kept before stays as it is and is
    /// [`Saved::Stale`].
    fn keep_notice(
        &self,
        notice: &BalanceNotice,
        name: &NoticeName,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Notices, by the time they count from, newest first.
    fn balance_notices(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<BalanceNotice>, StoreFailure>> + Send;
}
