//! Requests for quotes and demos: recorded, and listed for the platform's people (S3.76).

use tracing::info;

use super::{BillingDesk, TRIES, entry, key_reused, plans::not_offered, runs_the_service};
use crate::{
    billing::{PlanRequest, RequestState, RequestType},
    failure::{AppFailure, FieldProblem},
    ids::{PlanId, RequestId},
    phone::PhoneNumber,
    ports::{Clock, Page, PlanRequests, Plans, Saved},
    principal::Principal,
    service::accept::IdempotencyKey,
};

const LONGEST_MESSAGE: usize = 2_000;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestGiven {
    /// The plan.
    pub plan: PlanId,
    /// What they say; may be empty.
    pub message: String,
    /// How to reach them, if they say.
    pub phone: Option<String>,
}

impl<S: Plans + PlanRequests, C: Clock> BillingDesk<'_, S, C> {
    /// Records a request for a quote or a demo. Asked again under its idempotency key it is the same one.
    ///
    /// # Errors
    /// `NOT_FOUND` for a plan that is not on offer; VALIDATION for one that is paid, and for wrong fields;
    /// CONFLICT when the key made another request.
    pub async fn request_plan(
        &self,
        principal: &Principal,
        given: RequestGiven,
        key: Option<&IdempotencyKey>,
    ) -> Result<PlanRequest, AppFailure> {
        let plan = self
            .store
            .plan(given.plan)
            .await?
            .filter(|plan| plan.active);
        let plan = plan.ok_or_else(not_offered)?;
        let (message, phone) = checked(plan.request, &given)?;
        let (tenant, now) = (principal.tenant(), self.clock.now());
        let mut request = PlanRequest {
            id: key.map_or_else(RequestId::fresh, |key| RequestId::of_key(tenant, &key.key)),
            tenant,
            user: principal.user().clone(),
            email: principal.email().map(str::to_owned),
            plan: plan.id,
            plan_name: plan.name,
            kind: plan.request,
            message,
            phone,
            state: RequestState::Open,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        let id = request.id;
        let audit = entry(self.clock, principal, "plan_requests", "create", id)
            .with("plan", &request.plan_name)
            .with("kind", request.kind.as_str());
        let wanted = (request.plan, request.message.clone(), request.phone.clone());
        let saved = self
            .store
            .save_request(&mut request, tenant, &audit)
            .await?;
        if saved == Saved::Done {
            info!(tenant.id = %tenant, request.id = %id, "recorded request `{id}` for a plan");
            return Ok(request);
        }
        let known = self.store.any_request(id).await?;
        known
            .filter(|known| known.tenant == tenant)
            .filter(|known| (known.plan, known.message.clone(), known.phone.clone()) == wanted)
            .ok_or_else(|| key_reused("request"))
    }

    /// Requests, newest first: the company's own, for the platform's people those of all companies.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn plan_requests(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<PlanRequest>, AppFailure> {
        if runs_the_service(principal) {
            return Ok(self.store.requests(after, limit).await?);
        }
        let tenant = principal.tenant();
        Ok(self.store.own_requests(tenant, after, limit).await?)
    }

    /// Notes that somebody looked after a request. Noted again it stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it keeps changing.
    pub async fn finish_request(
        &self,
        principal: &Principal,
        id: RequestId,
    ) -> Result<PlanRequest, AppFailure> {
        for _ in 0..TRIES {
            let found = self.store.any_request(id).await?;
            let mut request =
                found.ok_or_else(|| AppFailure::not_found("There is no such request."))?;
            if request.state == RequestState::Done {
                return Ok(request);
            }
            request.state = RequestState::Done;
            request.updated_at = self.clock.now();
            let audit = entry(self.clock, principal, "plan_requests", "finish", id);
            let by = principal.tenant();
            if self.store.save_request(&mut request, by, &audit).await? == Saved::Done {
                info!(request.id = %id, "finished request `{id}` for a plan");
                return Ok(request);
            }
        }
        Err(super::busy())
    }
}

fn checked(
    kind: RequestType,
    given: &RequestGiven,
) -> Result<(String, Option<String>), AppFailure> {
    let mut problems = Vec::new();
    match kind {
        RequestType::RequestQuote | RequestType::BookDemo => {}
        RequestType::Paid => problems.push(FieldProblem::new(
            "plan_id",
            "NOT_FOR_REQUESTS",
            "this plan has a price and is subscribed to; use `POST /v1/subscriptions`",
        )),
    }
    let message = given.message.trim();
    let odd = |c: char| c.is_control() && c != '\n' && c != '\r' && c != '\t';
    if message.chars().count() > LONGEST_MESSAGE || message.chars().any(odd) {
        problems.push(FieldProblem::new(
            "message",
            "FORMAT",
            "say it in 2,000 characters of plain text",
        ));
    }
    let given = given
        .phone
        .as_deref()
        .map(str::trim)
        .filter(|p| !p.is_empty());
    let phone = given.map(PhoneNumber::parse).transpose();
    if phone.is_err() {
        problems.push(FieldProblem::new(
            "phone",
            "PHONE",
            "give the number with its country code, like +97333000042, or leave it out",
        ));
    }
    match phone {
        Ok(phone) if problems.is_empty() => Ok((
            message.to_owned(),
            phone.map(|phone| phone.as_str().to_owned()),
        )),
        Ok(_) | Err(_) => Err(AppFailure::validation(
            "The request cannot be taken; see the fields.",
            problems,
        )),
    }
}
