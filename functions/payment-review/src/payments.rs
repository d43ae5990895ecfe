//! `/v1/proofs` and `/v1/payments`: payments by transfer, from the form for a proof to the decision.

use axum::{body::Bytes, extract::State, http::HeaderMap};
use domain::{
    billing::PaymentState,
    ids::{PaymentId, SubscriptionId},
    principal::Action,
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Query, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    list::WhichPayments,
    payment_view::{PaymentList, PaymentShown, ProofForm},
};

/// For what a proof is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewProof)]
pub struct PostedProof {
    #[schema(value_type = String, format = Uuid)]
    subscription_id: SubscriptionId,
    /// `application/pdf`, `image/jpeg` or `image/png`.
    #[schema(example = "application/pdf")]
    content_type: String,
}

/// A payment to be reviewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPayment)]
pub struct PostedPayment {
    /// The proof that was uploaded.
    #[schema(value_type = String, format = Uuid)]
    proof_id: PaymentId,
    /// The reference of the transfer.
    #[schema(max_length = 100, example = "TRX-2026-0042")]
    reference: String,
}

/// Why a payment is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rejection)]
pub struct PostedRejection {
    /// The company is told so.
    #[schema(max_length = 500, example = "The receipt shows another amount.")]
    reason: String,
}

/// Gives an address that takes the proof of a payment.
///
/// Post the file there as a form within fifteen minutes: first every one of `fields`, then `file`. It is one
/// PDF, JPEG or PNG of 10 MB at most. Then hand it in: `POST /v1/payments`.
#[utoipa::path(
    post,
    path = "/v1/proofs",
    operation_id = "makeProof",
    tag = "Billing",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it is a new form for the same proof")),
    request_body(content = PostedProof, example = json!({
        "subscription_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", "content_type": "application/pdf"
    })),
    responses(
        (status = 201, body = Enveloped<ProofForm>, description = "Where the file goes"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn make_proof(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<ProofForm> {
    let principal = caller.may(Action::ManageBilling)?;
    let key = idempotency_key("POST /v1/proofs", &headers, &body)?;
    let PostedProof {
        subscription_id,
        content_type,
    } = parse(&body)?;
    let (payment, form) = app
        .proofs()
        .begin(&principal, subscription_id, &content_type, key.as_ref())
        .await?;
    Ok(Success::created(ProofForm::new(&payment, form)))
}

/// Hands a payment in for review.
///
/// The uploaded file is looked at: what is empty, too large or, by its content, no PDF, JPEG or PNG is
/// refused and removed, and may be uploaded anew while the form lives. Handed in again with the same
/// reference it is the same payment.
#[utoipa::path(
    post,
    path = "/v1/payments",
    operation_id = "handInPayment",
    tag = "Billing",
    request_body(content = PostedPayment, example = json!({
        "proof_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", "reference": "TRX-2026-0042"
    })),
    responses(
        (status = 201, body = Enveloped<PaymentShown>, description = "It waits for its review"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn hand_in_payment(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PaymentShown> {
    let principal = caller.may(Action::ManageBilling)?;
    let posted = parse::<PostedPayment>(&body)?;
    let (proofs, id) = (app.proofs(), posted.proof_id);
    let payment = proofs.hand_in(&principal, id, &posted.reference).await?;
    Ok(Success::created(PaymentShown::new(payment, &principal)))
}

/// Lists payments, newest first: those of the company; for the platform's people those of all companies in
/// one status.
#[utoipa::path(
    get,
    path = "/v1/payments",
    operation_id = "listPayments",
    tag = "Billing",
    params(WhichPayments),
    responses(
        (status = 200, body = Enveloped<PaymentList>, description = "A page of payments"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_payments(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(which): Query<WhichPayments>,
) -> Outcome<PaymentList> {
    let principal = caller.may(Action::ReadBilling)?;
    let desk = app.desk();
    let (place, page) = if Action::ManagePlatform.allows(principal.role()) {
        let state: PaymentState = which.state()?;
        let place = which.place(&principal, &format!("payments {}", state.as_str()))?;
        let after = place.after.as_deref();
        let page = desk
            .payments_in(&principal, state, after, place.limit)
            .await?;
        (place, page)
    } else {
        which.of_one_company()?;
        let place = which.place(&principal, "payments")?;
        let after = place.after.as_deref();
        let page = desk.payments(&principal, after, place.limit).await?;
        (place, page)
    };
    let items = page.items.into_iter();
    Ok(Success::ok(PaymentList {
        items: items
            .map(|payment| PaymentShown::new(payment, &principal))
            .collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Reads a payment, with a link that shows its proof for five minutes.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}",
    operation_id = "readPayment",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The payment")),
    responses(
        (status = 200, body = Enveloped<PaymentShown>, description = "The payment"),
        Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn read_payment(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<PaymentId>,
) -> Outcome<PaymentShown> {
    let principal = caller.may(Action::ReadBilling)?;
    let payment = app.desk().payment(&principal, id).await?;
    let link = app.proofs().preview(&principal, &payment).await?;
    let shown = PaymentShown::new(payment, &principal);
    Ok(Success::ok(shown.with_preview(link)))
}

/// Approves a payment: the plan is active, its days are credited, and the company is told.
///
/// A payment is decided once, by whoever is first: others get 409 with who decided what and when. The same
/// person approving again gets the same payment.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/approve",
    operation_id = "approvePayment",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The payment")),
    responses(
        (status = 200, body = Enveloped<PaymentShown>, description = "It is approved"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn approve_payment(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<PaymentId>,
) -> Outcome<PaymentShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let payment = app.desk().approve(&principal, id).await?;
    Ok(Success::ok(PaymentShown::new(payment, &principal)))
}

/// Rejects a payment; the company is told why.
///
/// A payment is decided once, by whoever is first, as with approving.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/reject",
    operation_id = "rejectPayment",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The payment")),
    request_body(content = PostedRejection, example = json!({"reason": "The receipt shows another amount."})),
    responses(
        (status = 200, body = Enveloped<PaymentShown>, description = "It is rejected"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn reject_payment(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<PaymentId>,
    body: Bytes,
) -> Outcome<PaymentShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let posted = parse::<PostedRejection>(&body)?;
    let desk = app.desk();
    let payment = desk.reject(&principal, id, &posted.reason).await?;
    Ok(Success::ok(PaymentShown::new(payment, &principal)))
}
