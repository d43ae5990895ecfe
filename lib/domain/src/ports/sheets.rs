//! The days of analytics.

use std::future::Future;

use jiff::civil::Date;

use super::Saved;
use crate::{analytics::Sheet, failure::StoreFailure, ids::TenantId};

/// The sheets of a tenant, one a day.
pub trait Sheets: Send + Sync {
    /// Those of these days that were ever written.
    fn sheets(
        &self,
        tenant: TenantId,
        days: &[Date],
    ) -> impl Future<Output = Result<Vec<Sheet>, StoreFailure>> + Send;

    /// Writes a sheet if nobody wrote it since it was read. Raises the version.
    fn save_sheet(
        &self,
        tenant: TenantId,
        sheet: &mut Sheet,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}
