//! Companies, as the platform's people make them, see them and switch them.

use jiff::tz::TimeZone;
use tracing::info;

use super::users::{Invitation, finish, invited, resumed, taken};
use crate::{
    failure::{AppFailure, FieldProblem},
    ids::TenantId,
    ports::{AuditEntry, Begun, Clock, Directory, Identities, Page, Saved, TenantBook, UserBook},
    principal::Principal,
    service::accept::IdempotencyKey,
    settings::Settings,
    tenant::Tenant,
    user::{User, UserState},
};

/// The most characters of a company's name.
const LONGEST_NAME: usize = 100;

/// What working with companies needs.
#[derive(Debug)]
pub struct TenantDesk<'a, S, I, C> {
    /// Storage.
    pub store: &'a S,
    /// The identity service.
    pub identities: &'a I,
    /// The time.
    pub clock: &'a C,
}

/// A company to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// Its time zone, an IANA name.
    pub zone: String,
    /// Its first manager.
    pub manager: Invitation,
}

impl<S: Directory + TenantBook + UserBook, I: Identities, C: Clock> TenantDesk<'_, S, I, C> {
    /// Makes a company with its first manager, who is invited by mail. It has no plan yet. Asked for again,
    /// what was cut off goes on; under the same idempotency key it is the same company.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; CONFLICT when the manager's address is somebody's already; storage
    /// failures, after which the same request again finishes what was begun.
    pub async fn make(
        &self,
        principal: &Principal,
        new: &NewTenant,
        key: Option<&IdempotencyKey>,
    ) -> Result<(Tenant, User), AppFailure> {
        let now = self.clock.now();
        let tenant = fresh(new);
        let wanted = tenant
            .as_ref()
            .map_or_else(|_| TenantId::fresh(), |one| one.id);
        let founder = invited(wanted, principal.user(), &new.manager, key, now);
        let (tenant, mut founder) = match (tenant, founder) {
            (Ok(tenant), Ok(founder)) => (tenant, founder),
            (tenant, founder) => return Err(refused(tenant.err(), founder.err())),
        };
        founder.founder = true;
        let audit = AuditEntry::new(principal.user(), "tenants", "create", tenant.id, now)
            .with("name", &tenant.name)
            .with("zone", &tenant.settings.zone);
        let begun = self.store.found_tenant(&tenant, &founder, &audit).await?;
        let (tenant, founder) = match begun {
            Begun::Done => (tenant, founder),
            Begun::Known(known) => {
                let same = known.request.is_some()
                    && known.request == founder.request
                    && known.state != UserState::Withdrawing;
                let stands = self.store.tenant(known.tenant).await?;
                let stands = stands.filter(|stands| known.founder && stands.is_alike(&tenant));
                let Some(stands) = stands else {
                    return Err(taken());
                };
                if known.is_being_invited() {
                    (stands, resumed(self.store, *known, &founder).await?)
                } else if same {
                    return Ok((stands, *known));
                } else {
                    return Err(taken());
                }
            }
            // The key of a company is not kept; of it these are not told.
            Begun::Taken | Begun::KeyReused | Begun::Over => return Err(taken()),
        };
        let founder = finish(self.store, self.identities, self.clock, principal, founder).await?;
        info!(tenant.of = %tenant.id, "made company `{}`", tenant.id);
        Ok((tenant, founder))
    }

    /// Companies by name.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn list(&self, after: Option<&str>, limit: u16) -> Result<Page<Tenant>, AppFailure> {
        Ok(self.store.tenants(after, limit).await?)
    }

    /// A company.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn read(&self, id: TenantId) -> Result<Tenant, AppFailure> {
        let found = self.store.tenant(id).await?;
        found.ok_or_else(|| AppFailure::not_found("There is no such company."))
    }

    /// Switches a company on or off. While it is off none of its users' tokens count and nothing is sent
    /// for it; what comes to it by webhooks is kept.
    ///
    /// # Errors
    /// `NOT_FOUND`; FORBIDDEN for the caller's own company, which nobody could switch on again.
    pub async fn switch(
        &self,
        principal: &Principal,
        id: TenantId,
        active: bool,
    ) -> Result<Tenant, AppFailure> {
        if id == principal.tenant() && !active {
            return Err(AppFailure::forbidden(
                "You cannot switch off the company you sign in for.",
            )
            .with_detail("reason", "SELF"));
        }
        let action = if active { "switch_on" } else { "switch_off" };
        let now = self.clock.now();
        let audit = AuditEntry::new(principal.user(), "tenants", action, id, now);
        if self.store.switch_tenant(id, active, &audit).await? == Saved::Done {
            info!(tenant.of = %id, active, "switched company `{id}`");
        }
        let tenant = self.read(id).await?;
        Ok(Tenant { active, ..tenant })
    }
}

/// The company as it begins.
fn fresh(new: &NewTenant) -> Result<Tenant, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let name = new.name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        problems.push(FieldProblem::new(
            "name",
            "FORMAT",
            format!("give a name of 1 to {LONGEST_NAME} characters on one line"),
        ));
    }
    if TimeZone::get(&new.zone).is_err() {
        problems.push(FieldProblem::new(
            "zone",
            "ZONE",
            "give an IANA time zone, for example Asia/Bahrain",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Tenant {
        id: TenantId::fresh(),
        name: name.to_owned(),
        active: true,
        settings: Settings {
            zone: new.zone.clone(),
            ..Settings::default()
        },
        plan: None,
    })
}

fn refused(tenant: Option<Vec<FieldProblem>>, founder: Option<AppFailure>) -> AppFailure {
    let mut problems = tenant.unwrap_or_default();
    let of_founder = founder.iter().flat_map(AppFailure::fields);
    problems.extend(of_founder.map(|problem| FieldProblem {
        field: format!("manager.{}", problem.field),
        ..problem.clone()
    }));
    AppFailure::validation("The company cannot be made so; see the fields.", problems)
}
