//! `POST /webhooks/paypal`: one address for all companies, whose events PayPal itself confirms.

use domain::{
    failure::AppFailure,
    service::paypal::{PayPalHooks, PayPalSetup},
};
use http::Method;
use runtime::raw::{RawAnswer, RawRequest};

use crate::handler::{App, raw};

/// Whether a request came to PayPal's address.
pub fn is_paypals(request: &RawRequest) -> bool {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    segments == ["webhooks", "paypal"] && request.method == Method::POST
}

/// Takes one event.
///
/// # Errors
/// UNAUTHORIZED when PayPal says that it is not its own; `PROVIDER_ERROR` when PayPal cannot be asked and
/// `DB_ERROR` when it could not be kept or applied, so that PayPal repeats it.
pub async fn take(app: &App, request: &RawRequest) -> Result<RawAnswer, AppFailure> {
    let setup = PayPalSetup {
        store: &app.store,
        vault: &app.vault,
        clock: &app.clock,
    };
    let paypal = app.paypal.open(setup.access().await?);
    let hooks = PayPalHooks {
        store: &app.store,
        paypal: &paypal,
        clock: &app.clock,
        read: paypal::read_event,
    };
    hooks.take(&raw(request, None)).await?;
    Ok(RawAnswer::taken())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X49: PayPal has one address, and only posts to it.
    #[test]
    fn paypals_address_is_one() {
        for (method, path, own) in [
            (Method::POST, "/webhooks/paypal", true),
            (Method::GET, "/webhooks/paypal", false),
            (Method::POST, "/webhooks/paypal/key", false),
            (Method::POST, "/webhooks/meta", false),
        ] {
            let request = RawRequest {
                method,
                segments: path.split('/').skip(1).map(str::to_owned).collect(),
                query: Vec::new(),
                headers: http::HeaderMap::new(),
                body: Vec::new().into(),
                request_id: "request-1".into(),
                source_ip: "192.0.2.1".into(),
            };
            assert_eq!(is_paypals(&request), own, "{path}");
        }
    }
}
