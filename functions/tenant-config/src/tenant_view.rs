//! Companies on the wire, as the platform's people see them.

use domain::{
    principal::Role,
    service::{tenants::NewTenant, users::Invitation},
    tenant::Tenant,
    user::User,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::user_view::UserShown;

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantShown {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name.
    name: String,
    /// Whether it may use Waypost at all.
    active: bool,
    /// IANA time zone.
    #[schema(example = "Asia/Bahrain")]
    zone: String,
    /// The name of the plan it was given last; `null` before the first.
    plan: Option<String>,
}

impl From<Tenant> for TenantShown {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            name: tenant.name,
            active: tenant.active,
            zone: tenant.settings.zone,
            plan: tenant.plan.map(|plan| plan.name),
        }
    }
}

/// A company that was made, with its first manager.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantMade {
    /// The company.
    tenant: TenantShown,
    /// Its first manager.
    manager: UserShown,
}

impl From<(Tenant, User)> for TenantMade {
    fn from((tenant, manager): (Tenant, User)) -> Self {
        Self {
            tenant: tenant.into(),
            manager: manager.into(),
        }
    }
}

/// A page of companies.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantList {
    /// The companies.
    pub items: Vec<TenantShown>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

/// A company to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTenant)]
pub struct PostedTenant {
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// IANA time zone; days of limits and reminders are its days.
    zone: String,
    /// Its first manager.
    manager: PostedManager,
}

/// The first manager of a company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewManager)]
struct PostedManager {
    /// Where the invitation goes; they sign in with it.
    #[schema(format = Email)]
    email: String,
    /// Their name.
    #[serde(default)]
    #[schema(max_length = 100)]
    name: String,
}

impl From<PostedTenant> for NewTenant {
    fn from(posted: PostedTenant) -> Self {
        Self {
            name: posted.name,
            zone: posted.zone,
            manager: Invitation {
                email: posted.manager.email,
                name: posted.manager.name,
                role: Role::Manager,
            },
        }
    }
}

/// What is to change of a company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenantChange)]
pub struct PatchedTenant {
    /// Whether it may use Waypost at all.
    pub active: bool,
}
