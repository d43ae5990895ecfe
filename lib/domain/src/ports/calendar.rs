//! A company's calendar: its festivals, and the work of its days.

use std::future::Future;

use super::{AuditEntry, Page, Saved};
use crate::{
    failure::StoreFailure,
    festival::Festival,
    ids::{FestivalId, TenantId},
    reminder::DayWork,
};

/// Festivals.
pub trait Festivals: Send + Sync {
    /// Writes a new festival, and notes who made it. [`Saved::Stale`] when one with its id is there.
    fn make_festival(
        &self,
        festival: &Festival,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// A festival (strongly consistent).
    fn festival(
        &self,
        tenant: TenantId,
        id: FestivalId,
    ) -> impl Future<Output = Result<Option<Festival>, StoreFailure>> + Send;

    /// Festivals by name.
    fn festivals(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Festival>, StoreFailure>> + Send;

    /// Writes a festival that somebody changed, if nobody wrote it since it was read, and notes who did
    /// it. Raises the revision.
    fn change_festival(
        &self,
        festival: &mut Festival,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Writes how far a festival's greetings have come, if nobody wrote it since it was read. Raises the
    /// revision.
    fn save_festival(
        &self,
        festival: &mut Festival,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Takes a festival away if nobody wrote it since it was read, and notes who did it.
    fn delete_festival(
        &self,
        festival: &Festival,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// The work of a company's days.
pub trait Days: Send + Sync {
    /// The work of a company's days (strongly consistent); none while it never had any.
    fn day_work(
        &self,
        tenant: TenantId,
    ) -> impl Future<Output = Result<Option<DayWork>, StoreFailure>> + Send;

    /// Writes it, if nobody did since it was read (version 0: if it is new). Raises the version.
    fn save_day_work(
        &self,
        work: &mut DayWork,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}
