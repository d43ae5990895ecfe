//! `/v1/platform/paypal`: what the platform is at PayPal.

use axum::{body::Bytes, extract::State};
use domain::{
    billing::PayPalSettings, channel::Secret, principal::Action, service::paypal::PayPalEdit,
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;

/// What the platform shall be at PayPal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlatformPayPalChange)]
pub struct PutPlatformPayPal {
    /// The app's client id.
    client_id: String,
    /// Its secret. Left out, the one before stays.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    secret: Option<Secret>,
    /// The id of the webhook that PayPal posts to us.
    webhook_id: String,
    /// Where buyers come back to after approving.
    return_url: String,
    /// Where they come back to without.
    cancel_url: String,
}

/// What the platform is at PayPal, without its secret.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = PlatformPayPal)]
pub struct PlatformPayPalShown {
    /// Whether it is set up.
    set_up: bool,
    client_id: Option<String>,
    /// The last four characters of its secret.
    secret_hint: Option<String>,
    webhook_id: Option<String>,
    return_url: Option<String>,
    cancel_url: Option<String>,
    /// When it was last changed.
    changed_at: Option<Timestamp>,
}

impl From<PayPalSettings> for PlatformPayPalShown {
    fn from(settings: PayPalSettings) -> Self {
        Self {
            set_up: true,
            client_id: Some(settings.client_id),
            secret_hint: Some(settings.hint),
            webhook_id: Some(settings.webhook_id),
            return_url: Some(settings.return_url),
            cancel_url: Some(settings.cancel_url),
            changed_at: Some(settings.changed_at),
        }
    }
}

/// Reads what the platform is at PayPal.
#[utoipa::path(
    get,
    path = "/v1/platform/paypal",
    operation_id = "readPlatformPayPal",
    tag = "Platform",
    responses(
        (status = 200, body = Enveloped<PlatformPayPalShown>, description = "The account, without its secret"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn read_paypal(
    State(app): State<App>,
    Caller(caller): Caller,
) -> Outcome<PlatformPayPalShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let found = app.paypal_setup().settings(&principal).await?;
    let shown = found.map(PlatformPayPalShown::from).unwrap_or_default();
    Ok(Success::ok(shown).tagged_by_content())
}

/// Sets up what the platform is at PayPal.
///
/// Its webhook must post to `/webhooks/paypal` of the webhook URL, with the events of subscriptions
/// (`BILLING.SUBSCRIPTION.*`) and of their payments (`PAYMENT.SALE.*`).
#[utoipa::path(
    put,
    path = "/v1/platform/paypal",
    operation_id = "setPlatformPayPal",
    tag = "Platform",
    request_body(content = PutPlatformPayPal, example = json!({
        "client_id": "AfalconShop-client_1", "secret": "…", "webhook_id": "4WEBHOOKFALCON1",
        "return_url": "https://console.example.com/paid", "cancel_url": "https://console.example.com/plans"
    })),
    responses(
        (status = 200, body = Enveloped<PlatformPayPalShown>, description = "The account as it is now, without its secret"),
        Refuses<400>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManagePlatform)))),
)]
pub async fn set_paypal(
    State(app): State<App>,
    Caller(caller): Caller,
    body: Bytes,
) -> Outcome<PlatformPayPalShown> {
    let principal = caller.may(Action::ManagePlatform)?;
    let put = parse::<PutPlatformPayPal>(&body)?;
    let edit = PayPalEdit {
        client_id: put.client_id,
        secret: put.secret,
        webhook_id: put.webhook_id,
        return_url: put.return_url,
        cancel_url: put.cancel_url,
    };
    let set = app.paypal_setup().set(&principal, &edit).await?;
    Ok(Success::ok(PlatformPayPalShown::from(set)))
}
