//! `/webhooks/whapi-partner/{key}`: WHAPI tells that the partner's days run low. Kept whole, and shown to
//! the platform's people (S3.51, S3.52).

use domain::{channel::ChannelKey, failure::AppFailure, service::partner_balance::PartnerBalance};
use http::Method;
use runtime::raw::{RawAnswer, RawRequest};

use crate::handler::App;

/// The header that notices bring their secret in.
const SECRET: &str = "x-webhook-secret";

/// The key in the address, when a request goes here; a key of the wrong form answers like an unknown one.
pub fn addressed(request: &RawRequest) -> Option<Result<ChannelKey, AppFailure>> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let ["webhooks", "whapi-partner", key] = segments.as_slice() else {
        return None;
    };
    if request.method != Method::POST {
        return Some(Err(AppFailure::not_found("There is no such address.")));
    }
    let unproven = || AppFailure::unauthorized("The webhook could not be verified.");
    Some(ChannelKey::parse(key).ok_or_else(unproven))
}

/// Takes a notice.
///
/// # Errors
/// UNAUTHORIZED without the address's key and its secret, `DB_ERROR` when it could not be kept.
pub async fn take(
    app: &App,
    key: &ChannelKey,
    request: &RawRequest,
) -> Result<RawAnswer, AppFailure> {
    let secret = request.headers.get(SECRET);
    let secret = secret.map(http::HeaderValue::as_bytes).unwrap_or_default();
    let balance = PartnerBalance {
        store: &app.store,
        clock: &app.clock,
    };
    balance
        .take(key, secret, &request.body, providers::notice)
        .await?;
    Ok(RawAnswer::taken())
}

#[cfg(test)]
mod tests {
    use domain::failure::Code;

    use super::*;

    const KEY: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

    fn asked(method: Method, path: &str) -> Option<Result<ChannelKey, Code>> {
        let request = RawRequest {
            method,
            segments: path.split('/').skip(1).map(str::to_owned).collect(),
            query: Vec::new(),
            headers: http::HeaderMap::new(),
            body: Vec::new().into(),
            request_id: "request-1".into(),
            source_ip: "192.0.2.1".into(),
        };
        addressed(&request).map(|found| found.map_err(|failure| failure.code()))
    }

    /// S3.52: one address, with a key.
    #[test]
    fn only_the_address_with_a_key_leads_here() {
        let path = format!("/webhooks/whapi-partner/{KEY}");
        let key = ChannelKey::parse(KEY).unwrap();
        assert_eq!(asked(Method::POST, &path), Some(Ok(key)));
        let get = asked(Method::GET, &path);
        assert_eq!(get, Some(Err(Code::NotFound)));
        let short = asked(Method::POST, "/webhooks/whapi-partner/short");
        assert_eq!(short, Some(Err(Code::Unauthorized)));
        for other in ["/webhooks/whapi-partner", "/webhooks/whapi/x", "/"] {
            assert_eq!(asked(Method::POST, other), None, "{other}");
        }
    }
}
