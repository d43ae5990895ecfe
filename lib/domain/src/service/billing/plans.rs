//! Plans: made and changed by the platform's people, seen by everybody who may pay. A plan is never
//! deleted, for subscriptions name it: it is taken out of the offer.

use tracing::info;

use super::{BillingDesk, PlanEdit, PlanGiven, TRIES, entry, key_reused, runs_the_service};
use crate::{
    billing::Plan,
    failure::AppFailure,
    ids::PlanId,
    ports::{AuditEntry, Clock, Plans, Saved},
    principal::Principal,
    service::accept::IdempotencyKey,
};

impl<S: Plans, C: Clock> BillingDesk<'_, S, C> {
    /// The plans on offer, in the order they were made; for the platform's people all of them.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn plans(&self, principal: &Principal) -> Result<Vec<Plan>, AppFailure> {
        let mut plans = self.store.plans().await?;
        if !runs_the_service(principal) {
            plans.retain(|plan| plan.active);
        }
        Ok(plans)
    }

    /// A plan.
    ///
    /// # Errors
    /// `NOT_FOUND`, for companies also of one that is not on offer.
    pub async fn plan(&self, principal: &Principal, id: PlanId) -> Result<Plan, AppFailure> {
        let found = self.store.plan(id).await?;
        let seen = found.filter(|plan| plan.active || runs_the_service(principal));
        seen.ok_or_else(not_offered)
    }

    /// Makes a plan. Asked for again under its idempotency key it is the same plan.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; CONFLICT when the key made another plan.
    pub async fn make_plan(
        &self,
        principal: &Principal,
        given: PlanGiven,
        key: Option<&IdempotencyKey>,
    ) -> Result<Plan, AppFailure> {
        let (tenant, now) = (principal.tenant(), self.clock.now());
        let given = given.checked()?;
        let id = key.map_or_else(PlanId::fresh, |key| PlanId::of_key(tenant, &key.key));
        let mut plan = given.plan(id, now, 0);
        let wanted = said(&plan);
        let audit = wanted.iter().fold(
            entry(self.clock, principal, "plans", "create", plan.id),
            |entry, (name, value)| entry.with(name, value),
        );
        if self.store.save_plan(&mut plan, tenant, &audit).await? == Saved::Done {
            info!(plan.id = %plan.id, "made plan `{}`", plan.id);
            return Ok(plan);
        }
        let known = self.store.plan(plan.id).await?;
        known
            .filter(|known| said(known) == wanted)
            .ok_or_else(|| key_reused("plan"))
    }

    /// Changes a plan. What companies paid for stays as it was until their next payment. A change that
    /// changes nothing is no version.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION with every wrong field; CONFLICT `PLAN_CHANGED` when the caller saw another
    /// version.
    pub async fn change_plan(
        &self,
        principal: &Principal,
        id: PlanId,
        edit: PlanEdit,
    ) -> Result<Plan, AppFailure> {
        for _ in 0..TRIES {
            let before = self.store.plan(id).await?.ok_or_else(not_offered)?;
            let seen = edit.version;
            let given = edit.clone().over(&before).checked()?;
            let mut after = Plan {
                updated_at: before.updated_at,
                ..given.plan(id, before.created_at, before.version)
            };
            // Also when it is our own change, whose answer was lost on the way.
            if after == before {
                return Ok(before);
            }
            if before.version != seen {
                return Err(AppFailure::conflict(
                    "Somebody changed this plan meanwhile. Read it again, then repeat your change.",
                )
                .with_detail("reason", "PLAN_CHANGED"));
            }
            after.updated_at = self.clock.now();
            let audit = entry(self.clock, principal, "plans", "change", id);
            let audit = differences(audit, &before, &after);
            let tenant = principal.tenant();
            if self.store.save_plan(&mut after, tenant, &audit).await? == Saved::Done {
                info!(plan.id = %id, "changed plan `{id}`");
                return Ok(after);
            }
        }
        Err(super::busy())
    }
}

/// What people say of a plan, as the audit log tells it.
fn said(plan: &Plan) -> [(&'static str, String); 10] {
    [
        ("name", plan.name.clone()),
        ("price_fils", plan.price_fils.to_string()),
        ("billing_period", plan.period.as_str().to_owned()),
        ("channels_limit", plan.channels.to_string()),
        ("daily_messages_limit", plan.daily_messages.to_string()),
        ("bulk_messages_limit", plan.bulk_per_cycle.to_string()),
        ("features", plan.features.join("; ")),
        (
            "paypal_plan_id",
            plan.paypal_plan.clone().unwrap_or_default(),
        ),
        ("request_type", plan.request.as_str().to_owned()),
        ("active", plan.active.to_string()),
    ]
}

fn differences(entry: AuditEntry, before: &Plan, after: &Plan) -> AuditEntry {
    said(before)
        .into_iter()
        .zip(said(after))
        .filter(|((_, was), (_, is))| was != is)
        .fold(entry, |entry, ((name, was), (_, is))| {
            entry.changed(name, was, is)
        })
}

pub(super) fn not_offered() -> AppFailure {
    AppFailure::not_found("There is no such plan on offer. `GET /v1/plans` lists those there are.")
}
