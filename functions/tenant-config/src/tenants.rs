//! `/v1/platform/tenants`: companies, as the platform's people make and switch them.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{ids::TenantId, principal::Action};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};

use crate::{
    app::App,
    tenant_view::{PatchedTenant, PostedTenant, TenantList, TenantMade, TenantShown},
};

/// Lists all companies by name.
#[utoipa::path(
    get,
    path = "/v1/platform/tenants",
    operation_id = "listTenants",
    tag = "Platform",
    params(Part),
    responses(
        (status = 200, body = Enveloped<TenantList>, description = "A page of companies"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn list_tenants(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<TenantList> {
    let principal = caller.may(Action::ManagePlatform)?;
    let place = part.place(&principal, "tenants")?;
    let page = app
        .tenants()
        .list(place.after.as_deref(), place.limit)
        .await?;
    Ok(Success::ok(TenantList {
        items: page.items.into_iter().map(TenantShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Makes a company with its first manager.
///
/// The manager is invited by mail and invites everybody else. The company has no plan yet. What fails
/// half-way is finished by the same request. An address that signs in already is refused with `EMAIL_TAKEN`.
#[utoipa::path(
    post,
    path = "/v1/platform/tenants",
    operation_id = "makeTenant",
    tag = "Platform",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it makes no second company")),
    request_body(content = PostedTenant, example = json!({
        "name": "Acme Trading", "zone": "Asia/Bahrain",
        "manager": {"email": "noor@acme.example", "name": "Noor Example"}
    })),
    responses(
        (status = 201, body = Enveloped<TenantMade>, description = "The company and its first manager"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn make_tenant(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<TenantMade> {
    let principal = caller.may(Action::ManagePlatform)?;
    let key = idempotency_key("POST /v1/platform/tenants", &headers, &body)?;
    let new = parse::<PostedTenant>(&body)?.into();
    let made = app.tenants().make(&principal, &new, key.as_ref()).await?;
    Ok(Success::created(TenantMade::from(made)))
}

/// Reads a company.
#[utoipa::path(
    get,
    path = "/v1/platform/tenants/{id}",
    operation_id = "readTenant",
    tag = "Platform",
    params(("id" = String, Path, format = Uuid, description = "The company")),
    responses(
        (status = 200, body = Enveloped<TenantShown>, description = "The company"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_tenant(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
) -> Outcome<TenantShown> {
    caller.may(Action::ManagePlatform)?;
    let found = app.tenants().read(id).await?;
    Ok(Success::ok(TenantShown::from(found)).tagged_by_content())
}

/// Switches a company on or off.
///
/// It counts at once: while it is off its people's next requests are refused with 401, and nothing is sent
/// for it. What comes to it by webhooks is kept.
#[utoipa::path(
    patch,
    path = "/v1/platform/tenants/{id}",
    operation_id = "switchTenant",
    tag = "Platform",
    params(("id" = String, Path, format = Uuid, description = "The company")),
    request_body(content = PatchedTenant, example = json!({"active": true})),
    responses(
        (status = 200, body = Enveloped<TenantShown>, description = "The company as it is now"),
        Refuses<400>, Refuses<404>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn switch_tenant(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
    body: Bytes,
) -> Outcome<TenantShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let change = parse::<PatchedTenant>(&body)?;
    let switched = app.tenants().switch(&principal, id, change.active).await?;
    Ok(Success::ok(TenantShown::from(switched)))
}
