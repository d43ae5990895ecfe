//! Whose tokens count by now. A token that the gateway verified is good for an hour; whoever was shut out
//! meanwhile, or given another role, is refused on their next request.

use std::{fmt, pin::Pin, sync::Arc};

use domain::{
    failure::{AppFailure, StoreFailure},
    ids::{TenantId, UserId},
    ports::Standings,
    principal::Principal,
    user::Standing,
};

/// Asked about every caller before they are asked what they want. What cannot be asked admits nobody.
#[derive(Clone)]
pub struct Guard(Arc<dyn Asked>);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// A guard that looks here.
    pub fn of(standings: impl Standings + 'static) -> Self {
        Self(Arc::new(standings))
    }

    /// Lets a caller in whose token was issued in this second since 1970, and counts.
    ///
    /// # Errors
    /// UNAUTHORIZED when it counts no more; a storage failure, as it stands, when nobody can say.
    pub(super) async fn admit(&self, principal: &Principal, issued: u64) -> Result<(), AppFailure> {
        let standing = self.0.ask(principal.tenant(), principal.user()).await?;
        let issued = i64::try_from(issued).unwrap_or(i64::MAX);
        if standing.counts(principal.role(), issued) {
            return Ok(());
        }
        Err(match standing {
            Standing::CompanyOff => AppFailure::unauthorized(
                "Your company's account is switched off. Please ask the operator of Waypost.",
            )
            .with_detail("reason", "TENANT_INACTIVE"),
            Standing::Unknown | Standing::Known { .. } | Standing::Out => AppFailure::unauthorized(
                "Please sign in again: what you may do was changed. If that does not help, ask a manager of your company.",
            )
            .with_detail("reason", "SIGNED_OUT"),
        })
    }
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<Standing, StoreFailure>> + Send + 'a>>;

/// [`Standings`] of whatever type: functions build their own.
trait Asked: Send + Sync {
    fn ask<'a>(&'a self, tenant: TenantId, user: &'a UserId) -> Answered<'a>;
}

impl<S: Standings> Asked for S {
    fn ask<'a>(&'a self, tenant: TenantId, user: &'a UserId) -> Answered<'a> {
        Box::pin(self.standing(tenant, user))
    }
}

#[cfg(test)]
mod tests;
