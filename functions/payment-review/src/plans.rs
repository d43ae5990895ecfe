//! `/v1/plans`: what the platform offers.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{ids::PlanId, principal::Action};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    plan_given::{PostedPlan, PutPlan},
    plan_view::{PlanList, PlanShown},
};

/// Lists the plans on offer, in the order they were made; for the platform's people all plans.
#[utoipa::path(
    get,
    path = "/v1/plans",
    operation_id = "listPlans",
    tag = "Billing",
    responses(
        (status = 200, body = Enveloped<PlanList>, description = "The plans"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_plans(State(app): State<App>, Caller(caller): Caller) -> Outcome<PlanList> {
    let principal = caller.may(Action::ReadBilling)?;
    let plans = app.desk().plans(&principal).await?.into_iter();
    let items = plans.map(|plan| PlanShown::new(plan, &principal));
    Ok(Success::ok(PlanList {
        items: items.collect(),
    })
    .tagged_by_content())
}

/// Makes a plan.
///
/// With an `Idempotency-Key` a repeated request answers with the same plan.
#[utoipa::path(
    post,
    path = "/v1/plans",
    operation_id = "makePlan",
    tag = "Billing",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it makes no second plan")),
    request_body(content = PostedPlan, examples(
        ("paid" = (summary = "A plan that companies subscribe to", value = json!({
            "name": "Starter", "price_fils": 9500, "billing_period": "monthly", "channels_limit": 1,
            "daily_messages_limit": 500, "bulk_messages_limit": 2000, "request_type": "paid",
            "features": ["One channel", "Shared inbox"]
        }))),
        ("quote" = (summary = "A plan that companies ask for", value = json!({
            "name": "Fleet", "price_fils": 0, "billing_period": "yearly", "channels_limit": 50,
            "daily_messages_limit": 100000, "bulk_messages_limit": 1000000, "request_type": "request_quote"
        }))),
    )),
    responses(
        (status = 201, body = Enveloped<PlanShown>, description = "The plan"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn make_plan(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<PlanShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let key = idempotency_key("POST /v1/plans", &headers, &body)?;
    let given = parse::<PostedPlan>(&body)?.into();
    let made = app
        .desk()
        .make_plan(&principal, given, key.as_ref())
        .await?;
    Ok(Success::created(PlanShown::new(made, &principal)))
}

/// Reads a plan.
#[utoipa::path(
    get,
    path = "/v1/plans/{id}",
    operation_id = "readPlan",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The plan")),
    responses(
        (status = 200, body = Enveloped<PlanShown>, description = "The plan"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn read_plan(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<PlanId>,
) -> Outcome<PlanShown> {
    let principal = caller.may(Action::ReadBilling)?;
    let plan = app.desk().plan(&principal, id).await?;
    Ok(Success::ok(PlanShown::new(plan, &principal)).tagged_by_content())
}

/// Changes a plan; what is left out stays.
///
/// What companies paid for stays as it was until their next payment. A plan is never deleted: `"active":
/// false` takes it out of the offer.
#[utoipa::path(
    put,
    path = "/v1/plans/{id}",
    operation_id = "changePlan",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The plan")),
    request_body(content = PutPlan, example = json!({"version": 1, "price_fils": 12000})),
    responses(
        (status = 200, body = Enveloped<PlanShown>, description = "The plan as it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn change_plan(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<PlanId>,
    body: Bytes,
) -> Outcome<PlanShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let edit = parse::<PutPlan>(&body)?.into();
    let changed = app.desk().change_plan(&principal, id, edit).await?;
    Ok(Success::ok(PlanShown::new(changed, &principal)))
}
