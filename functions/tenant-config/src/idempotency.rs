//! The `Idempotency-Key` of a request that makes something.

use axum::http::HeaderMap;
use domain::{failure::AppFailure, service::accept::IdempotencyKey};

/// The caller's key for this route, with the body it came with.
///
/// # Errors
/// VALIDATION when it is no key.
pub fn idempotency_key(
    route: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, AppFailure> {
    let header = headers.get("idempotency-key");
    // What is no text fails the key's own check, with its sentence.
    let text = header.map(|value| value.to_str().unwrap_or_default());
    text.map(|text| IdempotencyKey::parse(route, text, body))
        .transpose()
}
