//! PayPal's errors: `{"name", "message", "debug_id", "details": [{"issue", "description"}]}`, and the
//! two of OAuth, which are worded otherwise.

use serde_json::json;

use crate::answer::Answer;

/// An error by its name and issue.
pub(super) fn error(status: u16, name: &str, issue: &str) -> Answer {
    let body = json!({
        "name": name,
        "message": "The sandbox refused this request.",
        "debug_id": "5a0d1b0cf1e2a",
        "details": [{"issue": issue, "description": "See the name of the issue."}],
        "links": [],
    });
    Answer::json(status, &body)
}

/// The usual error of an HTTP status, for faults.
pub(crate) fn error_by_status(status: u16, message: Option<&str>) -> Answer {
    let name = match status {
        400 => "INVALID_REQUEST",
        401 => "AUTHENTICATION_FAILURE",
        403 => "NOT_AUTHORIZED",
        404 => "RESOURCE_NOT_FOUND",
        422 => "UNPROCESSABLE_ENTITY",
        429 => "RATE_LIMIT_REACHED",
        503 => "SERVICE_UNAVAILABLE",
        _ => "INTERNAL_SERVER_ERROR",
    };
    error(status, name, message.unwrap_or(name))
}

/// A client id or secret that is not right.
pub(super) fn client_failed() -> Answer {
    let body = json!({
        "error": "invalid_client",
        "error_description": "Client Authentication failed",
    });
    Answer::json(401, &body)
}

/// A token that is over, or was never given.
pub(super) fn token_failed() -> Answer {
    let body = json!({
        "error": "invalid_token",
        "error_description": "Token signature verification failed",
    });
    Answer::json(401, &body)
}
