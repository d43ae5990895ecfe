//! `/v1/subscriptions`: a company's orders.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName},
};
use domain::{
    billing::PaymentMethod,
    ids::{PlanId, SubscriptionId},
    principal::Action,
    service::paypal::NotSetUp,
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success, idempotency_key,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    subscription_view::{SubscriptionList, SubscriptionShown},
};

/// Told with an answer that an earlier request got first.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What is subscribed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubscription)]
pub struct PostedSubscription {
    #[schema(value_type = String, format = Uuid)]
    plan_id: PlanId,
    /// How it is paid.
    method: MethodGiven,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PaymentMethod)]
enum MethodGiven {
    PayPal,
    Offline,
}

/// Lists the company's subscriptions, newest first.
#[utoipa::path(
    get,
    path = "/v1/subscriptions",
    operation_id = "listSubscriptions",
    tag = "Billing",
    params(Part),
    responses(
        (status = 200, body = Enveloped<SubscriptionList>, description = "A page of subscriptions"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_subscriptions(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<SubscriptionList> {
    let principal = caller.may(Action::ReadBilling)?;
    let place = part.place(&principal, "subscriptions")?;
    let (after, desk) = (place.after.as_deref(), app.desk());
    let page = desk.subscriptions(&principal, after, place.limit).await?;
    Ok(Success::ok(SubscriptionList {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Subscribes to a plan.
///
/// The subscription is pending until it is paid. Offline, a proof of the payment is handed in next:
/// `POST /v1/proofs`. At PayPal the buyer approves it at its `approve_url`; it becomes active by itself, and
/// renews itself. A company has one pending subscription to a plan by a method; asked for again, it is
/// the same one (200).
#[utoipa::path(
    post,
    path = "/v1/subscriptions",
    operation_id = "subscribe",
    tag = "Billing",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Names this request: sent again, it opens no second subscription")),
    request_body(content = PostedSubscription, example = json!({
        "plan_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", "method": "offline"
    })),
    responses(
        (status = 201, body = Enveloped<SubscriptionShown>, description = "The subscription"),
        (status = 200, body = Enveloped<SubscriptionShown>, description = "It was opened before; the subscription as it is now",
            headers(("Idempotent-Replayed" = String, description = "`true`"))),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>, Refuses<502>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn subscribe(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<SubscriptionShown> {
    let principal = caller.may(Action::ManageBilling)?;
    let key = idempotency_key("POST /v1/subscriptions", &headers, &body)?;
    let posted = parse::<PostedSubscription>(&body)?;
    let (plan, key) = (posted.plan_id, key.as_ref());
    let opened = match posted.method {
        MethodGiven::Offline => {
            let method = PaymentMethod::Offline;
            app.desk().subscribe(&principal, plan, method, key).await?
        }
        MethodGiven::PayPal => {
            let paypal = app.paypal().await?;
            app.deals(&paypal).subscribe(&principal, plan, key).await?
        }
    };
    let shown = SubscriptionShown::from(opened.subscription);
    Ok(if opened.repeated {
        Success::ok(shown).header(REPLAYED, "true")
    } else {
        Success::created(shown)
    })
}

/// Reads a subscription.
#[utoipa::path(
    get,
    path = "/v1/subscriptions/{id}",
    operation_id = "readSubscription",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The subscription")),
    responses(
        (status = 200, body = Enveloped<SubscriptionShown>, description = "The subscription"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn read_subscription(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<SubscriptionId>,
) -> Outcome<SubscriptionShown> {
    let principal = caller.may(Action::ReadBilling)?;
    let found = app.desk().subscription(&principal, id).await?;
    Ok(Success::ok(SubscriptionShown::from(found)).tagged_by_content())
}

/// Ends a subscription.
///
/// It is not renewed any more; what is paid may be used until its end. Ending it twice is fine.
#[utoipa::path(
    post,
    path = "/v1/subscriptions/{id}/cancel",
    operation_id = "cancelSubscription",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The subscription")),
    responses(
        (status = 200, body = Enveloped<SubscriptionShown>, description = "The subscription as it is now"),
        Refuses<404>, Refuses<409>, Refuses<502>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn cancel_subscription(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<SubscriptionId>,
) -> Outcome<SubscriptionShown> {
    let principal = caller.may(Action::ManageBilling)?;
    let found = app.desk().subscription(&principal, id).await?;
    let ended = match found.method {
        // PayPal has nothing to do with it.
        PaymentMethod::Offline => app.deals(&NotSetUp).cancel(&principal, id).await?,
        PaymentMethod::PayPal => {
            let paypal = app.paypal().await?;
            app.deals(&paypal).cancel(&principal, id).await?
        }
    };
    Ok(Success::ok(SubscriptionShown::from(ended)))
}
