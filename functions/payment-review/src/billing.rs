//! `/v1/billing`: what a company pays for and what is left of it; the same of any company for the
//! platform's people.

use axum::extract::State;
use domain::{ids::TenantId, principal::Action, service::billing::Customer};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};

use crate::{
    app::App,
    billing_view::{BillingShown, EntryList},
};

/// Reads what the company pays for, and what is left of it.
#[utoipa::path(
    get,
    path = "/v1/billing",
    operation_id = "readBilling",
    tag = "Billing",
    responses(
        (status = 200, body = Enveloped<BillingShown>, description = "Plan, channels and days"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn read_billing(State(app): State<App>, Caller(caller): Caller) -> Outcome<BillingShown> {
    let principal = caller.may(Action::ReadBilling)?;
    let overview = app.desk().overview(&principal).await?;
    Ok(Success::ok(BillingShown::new(overview, &principal)).tagged_by_content())
}

/// Lists the entries of the company's ledger of days, newest first.
#[utoipa::path(
    get,
    path = "/v1/billing/entries",
    operation_id = "listEntries",
    tag = "Billing",
    params(Part),
    responses(
        (status = 200, body = Enveloped<EntryList>, description = "A page of the ledger"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_entries(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<EntryList> {
    let principal = caller.may(Action::ReadBilling)?;
    let place = part.place(&principal, "entries")?;
    let (after, desk) = (place.after.as_deref(), app.desk());
    let page = desk.entries(&principal, after, place.limit).await?;
    Ok(Success::ok(EntryList {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Reads what any company pays for, and what is left of it.
#[utoipa::path(
    get,
    path = "/v1/platform/accounts/{id}",
    operation_id = "readAccount",
    tag = "Platform",
    params(("id" = String, Path, format = Uuid, description = "The company")),
    responses(
        (status = 200, body = Enveloped<BillingShown>, description = "Plan, channels and days"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_account(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
) -> Outcome<BillingShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let customer = Customer::of(&principal, id)?;
    let overview = app.desk().overview_of(customer).await?;
    Ok(Success::ok(BillingShown::new(overview, &principal)).tagged_by_content())
}

/// Lists the entries of any company's ledger of days, newest first.
#[utoipa::path(
    get,
    path = "/v1/platform/accounts/{id}/entries",
    operation_id = "listAccountEntries",
    tag = "Platform",
    params(("id" = String, Path, format = Uuid, description = "The company"), Part),
    responses(
        (status = 200, body = Enveloped<EntryList>, description = "A page of the ledger"),
        NotModified, Refuses<404>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn list_account_entries(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<TenantId>,
    Query(part): Query<Part>,
) -> Outcome<EntryList> {
    let principal = caller.may(Action::ManagePlatform)?;
    let customer = Customer::of(&principal, id)?;
    let place = part.place(&principal, &format!("entries of {id}"))?;
    let (after, desk) = (place.after.as_deref(), app.desk());
    let page = desk.entries_of(customer, after, place.limit).await?;
    Ok(Success::ok(EntryList {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}
