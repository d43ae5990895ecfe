//! `/v1/plan-requests`: quotes and demos that companies ask for.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{
    billing::{PlanRequest, RequestState},
    ids::{PlanId, RequestId},
    principal::{Action, Principal},
    service::billing::RequestGiven,
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;

/// What somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlanRequest)]
pub struct PostedRequest {
    #[schema(value_type = String, format = Uuid)]
    plan_id: PlanId,
    #[serde(default)]
    #[schema(
        max_length = 2000,
        example = "We have 30 vans; what would that cost a year?"
    )]
    message: String,
    /// How to reach them.
    #[schema(example = "+97333000042")]
    phone: Option<String>,
}

/// A request for a quote or a demo.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanRequest)]
pub struct RequestShown {
    #[schema(format = Uuid)]
    id: String,
    /// Which company asks; for the platform's people alone.
    #[schema(format = Uuid)]
    tenant_id: Option<String>,
    user_id: String,
    email: Option<String>,
    phone: Option<String>,
    #[schema(format = Uuid)]
    plan_id: String,
    plan_name: String,
    /// `request_quote` or `book_demo`.
    request_type: &'static str,
    message: String,
    /// `open` or `done`.
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestList {
    items: Vec<RequestShown>,
    next_cursor: Option<String>,
}

impl RequestShown {
    fn new(request: PlanRequest, principal: &Principal) -> Self {
        let platform = Action::ManagePlatform.allows(principal.role());
        Self {
            id: request.id.to_string(),
            tenant_id: platform.then(|| request.tenant.to_string()),
            user_id: request.user.to_string(),
            email: request.email,
            phone: request.phone,
            plan_id: request.plan.to_string(),
            plan_name: request.plan_name,
            request_type: request.kind.as_str(),
            message: request.message,
            status: match request.state {
                RequestState::Open => "open",
                RequestState::Done => "done",
            },
            created_at: request.created_at,
            updated_at: request.updated_at,
        }
    }
}

/// Asks for a quote or a demo of a plan that is not simply subscribed to.
#[utoipa::path(
    post,
    path = "/v1/plan-requests",
    operation_id = "requestPlan",
    tag = "Billing",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it is no second one")),
    request_body(content = PostedRequest, example = json!({
        "plan_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
        "message": "We have 30 vans; what would that cost a year?", "phone": "+97333000042"
    })),
    responses(
        (status = 201, body = Enveloped<RequestShown>, description = "It is recorded"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn request_plan(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<RequestShown> {
    let principal = caller.may(Action::ManageBilling)?;
    let key = idempotency_key("POST /v1/plan-requests", &headers, &body)?;
    let posted = parse::<PostedRequest>(&body)?;
    let given = RequestGiven {
        plan: posted.plan_id,
        message: posted.message,
        phone: posted.phone,
    };
    let desk = app.desk();
    let made = desk.request_plan(&principal, given, key.as_ref()).await?;
    Ok(Success::created(RequestShown::new(made, &principal)))
}

/// Lists requests for quotes and demos, newest first: those of the company; for the platform's people those
/// of all companies.
#[utoipa::path(
    get,
    path = "/v1/plan-requests",
    operation_id = "listPlanRequests",
    tag = "Billing",
    params(Part),
    responses(
        (status = 200, body = Enveloped<RequestList>, description = "A page of requests"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_requests(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<RequestList> {
    let principal = caller.may(Action::ReadBilling)?;
    let place = part.place(&principal, "plan requests")?;
    let (after, desk) = (place.after.as_deref(), app.desk());
    let page = desk.plan_requests(&principal, after, place.limit).await?;
    let items = page.items.into_iter();
    Ok(Success::ok(RequestList {
        items: items
            .map(|request| RequestShown::new(request, &principal))
            .collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Notes that somebody looked after a request.
#[utoipa::path(
    post,
    path = "/v1/plan-requests/{id}/done",
    operation_id = "finishPlanRequest",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The request")),
    responses(
        (status = 200, body = Enveloped<RequestShown>, description = "It is done"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn finish_request(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<RequestId>,
) -> Outcome<RequestShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let done = app.desk().finish_request(&principal, id).await?;
    Ok(Success::ok(RequestShown::new(done, &principal)))
}
