//! `/v1/billing`: what a company pays for, and what is left of it.

use axum::extract::State;
use domain::{
    failure::AppFailure,
    ports::{Clock, Directory},
    principal::Action,
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, NotModified, asks},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// What a company pays for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Billing)]
pub struct BillingShown {
    /// The plan's name; none when nothing is paid.
    plan_name: Option<String>,
    /// Whether what is paid has not ended.
    active: bool,
    /// When it ends; none for a plan that does not end.
    until: Option<Timestamp>,
}

/// Reads what the company pays for.
#[utoipa::path(
    get,
    path = "/v1/billing",
    operation_id = "readBilling",
    tag = "Billing",
    responses(
        (status = 200, body = Enveloped<BillingShown>, description = "The plan"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn read_billing(State(app): State<App>, Caller(caller): Caller) -> Outcome<BillingShown> {
    let principal = caller.may(Action::ReadBilling)?;
    let tenant = Directory::tenant(app.store(), principal.tenant()).await?;
    let tenant = tenant.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
    let now = app.clock().now();
    let plan = tenant.plan;
    Ok(Success::ok(BillingShown {
        active: plan.as_ref().is_some_and(|plan| plan.counts(now)),
        until: plan.as_ref().and_then(|plan| plan.until),
        plan_name: plan.map(|plan| plan.name),
    })
    .tagged_by_content())
}
