//! What companies pay for: plans, subscriptions, proofs and their review, and what is left of it all.

mod activate;
mod notices;
mod overview;
mod plan_given;
mod plans;
mod proof_check;
mod proofs;
mod requests;
mod review;
mod subscribe;

use crate::{
    failure::AppFailure,
    ids::TenantId,
    ports::{AuditEntry, Clock},
    principal::{Action, Principal},
};

pub use self::{
    activate::paid,
    overview::{ChannelEnd, Overview, PlanStatus},
    plan_given::{PlanEdit, PlanGiven},
    proof_check::{Judge, MOST_BYTES},
    proofs::ProofDesk,
    requests::RequestGiven,
    subscribe::Opened,
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What working with plans, subscriptions and payments needs.
#[derive(Debug)]
pub struct BillingDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

/// A company as the platform's people name it: the one way in which a company comes from a path and not
/// from a token. Nobody else can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customer(TenantId);

impl Customer {
    /// The company of this id, for somebody who runs the service.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else: to them there is no company but their own.
    pub fn of(principal: &Principal, tenant: TenantId) -> Result<Self, AppFailure> {
        if runs_the_service(principal) {
            return Ok(Self(tenant));
        }
        Err(no_such_company())
    }
}

/// Whether somebody sees what all companies pay.
const fn runs_the_service(principal: &Principal) -> bool {
    Action::ManagePlatform.allows(principal.role())
}

fn no_such_company() -> AppFailure {
    AppFailure::not_found("There is no such company.")
}

fn busy() -> AppFailure {
    AppFailure::conflict("This is changing right now. Please try again in a moment.")
        .with_detail("reason", "BUSY")
}

fn key_reused(of: &str) -> AppFailure {
    AppFailure::conflict(format!(
        "This Idempotency-Key made another {of}. Use a new key for a new {of}."
    ))
    .with_detail("reason", "IDEMPOTENCY_KEY_REUSED")
}

fn entry(
    clock: &impl Clock,
    principal: &Principal,
    kind: &'static str,
    action: &'static str,
    of: impl ToString,
) -> AuditEntry {
    AuditEntry::new(principal.user(), kind, action, of, clock.now())
}
