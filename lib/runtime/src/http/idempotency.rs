//! The `Idempotency-Key` of a request that must not be done twice.

use domain::{failure::AppFailure, service::accept::IdempotencyKey};
use http::HeaderMap;

/// The caller's key for this route, with the body it came with; nothing when there is none.
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

#[cfg(test)]
mod tests {
    use domain::failure::Code;
    use http::HeaderValue;

    use super::*;

    fn read(key: Option<&[u8]>) -> Result<Option<IdempotencyKey>, AppFailure> {
        let key = key.map(|key| HeaderValue::from_bytes(key).unwrap());
        let headers = key.map(|key| ("idempotency-key".parse().unwrap(), key));
        idempotency_key("POST /v1/parcels", &headers.into_iter().collect(), b"{}")
    }

    /// S4.36: a key is one to 255 visible characters, and what is none is told, never passed over: the
    /// caller counts on it.
    #[test]
    fn a_key_is_read_or_refused_and_never_passed_over() {
        assert!(read(None).unwrap().is_none());
        for key in ["k", "order-1001", &"k".repeat(255)] {
            assert!(read(Some(key.as_bytes())).unwrap().is_some(), "{key}");
        }
        for odd in [
            &b""[..],
            b"a b",
            "b\u{e9}".as_bytes(),
            b"\xff",
            &[b'k'; 256],
        ] {
            let refused = read(Some(odd)).unwrap_err();
            assert_eq!(refused.code(), Code::Validation, "{odd:?}");
        }
    }
}
