//! What a handler answers when something went wrong: the table code → status.

use std::{sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use domain::failure::{AppFailure, Code};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::http::{MAX_BODY, openapi::Details};

/// How long a caller waits before trying again when the cause does not say.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// An [`AppFailure`] on its way to the caller. Handlers never name it: `?` makes it.
#[derive(Debug, Clone)]
pub struct Failed {
    failure: Arc<AppFailure>,
    /// The two answers that HTTP has its own word for.
    special: Option<StatusCode>,
}

impl<E: Into<AppFailure>> From<E> for Failed {
    fn from(failure: E) -> Self {
        Self {
            failure: Arc::new(failure.into()),
            special: None,
        }
    }
}

impl Failed {
    pub(crate) fn wrong_method() -> Self {
        let failure = AppFailure::not_found(
            "This address exists, but not with this method; see the `allow` header.",
        )
        .with_detail("reason", "METHOD_NOT_ALLOWED");
        Self {
            special: Some(StatusCode::METHOD_NOT_ALLOWED),
            ..Self::from(failure)
        }
    }

    /// The refusal of a body over a limit: 413.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let failure = AppFailure::unreadable(format!(
            "The body is too large: at most {} KB are read.",
            limit / 1024
        ))
        .with_detail("reason", "BODY_TOO_LARGE");
        Self {
            special: Some(StatusCode::PAYLOAD_TOO_LARGE),
            ..Self::from(failure)
        }
    }

    /// The failure behind a status that did not come from us: axum's own extractors refuse in plain text.
    pub(crate) fn of_others(status: StatusCode) -> Option<Self> {
        let said = || format!("answered {status} without a failure of ours");
        match status.as_u16() {
            0..400 => None,
            404 => Some(AppFailure::not_found("There is no such address.").into()),
            413 => Some(Self::too_large(MAX_BODY)),
            400..500 => Some(AppFailure::unreadable("The request cannot be read.").into()),
            _ => Some(AppFailure::unknown(said()).into()),
        }
    }

    /// The failure itself.
    #[must_use]
    pub fn failure(&self) -> &AppFailure {
        &self.failure
    }

    /// The status of its code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.special.unwrap_or_else(|| status(&self.failure))
    }

    /// Whole seconds to wait, where trying again may help.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let said = self.failure.retry_after();
        (self.status() == StatusCode::SERVICE_UNAVAILABLE)
            .then(|| {
                said.unwrap_or(RETRY_AFTER)
                    .as_millis()
                    .div_ceil(1000)
                    .max(1)
            })
            .and_then(|seconds| u64::try_from(seconds).ok())
    }

    /// The body the caller reads. The cause is not in it.
    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let details = details(&self.failure);
        let body = WireFailure {
            success: false,
            error: WireError {
                code: self.failure.code().as_str(),
                message: self.failure.message(),
                details: (!details.is_empty()).then_some(details),
                retryable: self.failure.retryable(),
            },
            request_id,
        };
        // Maps with text keys and texts always have a JSON form.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self);
        response
    }
}

/// One code, one status.
fn status(failure: &AppFailure) -> StatusCode {
    match failure.code() {
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Validation if failure.is_unreadable() => StatusCode::BAD_REQUEST,
        Code::Validation => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Conflict => StatusCode::CONFLICT,
        Code::DbError | Code::ProviderError if failure.retryable() => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::ProviderError => StatusCode::BAD_GATEWAY,
        Code::DbError | Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The envelope of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Failure)]
pub(crate) struct WireFailure<'a> {
    /// Always `false`.
    #[schema(example = false)]
    success: bool,
    error: WireError<'a>,
    /// Names this request in our logs; quote it to support.
    request_id: &'a str,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = FailureError)]
pub(crate) struct WireError<'a> {
    /// One code, one status: `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`, `VALIDATION`, `CONFLICT`,
    /// `PROVIDER_ERROR`, `DB_ERROR`, `UNKNOWN`.
    code: &'static str,
    /// What happened and what to do, for a person.
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Details>)]
    details: Option<Map<String, Value>>,
    /// Whether the same request may succeed later.
    retryable: bool,
}

fn details(failure: &AppFailure) -> Map<String, Value> {
    let mut details: Map<_, _> = failure
        .details()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    if !failure.fields().is_empty() {
        let fields = failure
            .fields()
            .iter()
            .map(|problem| json!({"field": problem.field, "code": problem.code, "message": problem.message}))
            .collect();
        details.insert("fields".to_owned(), Value::Array(fields));
    }
    details
}

#[cfg(test)]
mod tests {
    use domain::failure::{ProviderFailure, StoreFailure, StoreFailureKind};

    use super::*;

    /// S4.21: the codes there are, each with its status.
    #[test]
    fn one_code_one_status() {
        let store = |kind| StoreFailure::new("t", kind).into();
        let cases: [(AppFailure, u16, Option<u64>); 12] = [
            (AppFailure::unauthorized("x"), 401, None),
            (AppFailure::forbidden("x"), 403, None),
            (AppFailure::not_found("x"), 404, None),
            (AppFailure::unreadable("x"), 400, None),
            (AppFailure::validation("x", Vec::new()), 422, None),
            (AppFailure::conflict("x"), 409, None),
            (store(StoreFailureKind::Throttled), 503, Some(5)),
            (store(StoreFailureKind::Refused), 500, None),
            (
                ProviderFailure::RateLimited {
                    retry_after: Some(Duration::from_millis(6100)),
                }
                .into(),
                503,
                Some(7),
            ),
            (
                ProviderFailure::OutcomeUnknown {
                    what: "timeout".into(),
                }
                .into(),
                502,
                None,
            ),
            (ProviderFailure::Unverified.into(), 401, None),
            (AppFailure::unknown("x"), 500, None),
        ];
        for (failure, status, wait) in cases {
            let failed = Failed::from(failure);
            assert_eq!(failed.status().as_u16(), status, "{failed:?}");
            assert_eq!(failed.retry_after(), wait, "{failed:?}");
        }
        assert_eq!(Failed::wrong_method().status().as_u16(), 405);
        assert_eq!(Failed::too_large(1024).status().as_u16(), 413);
    }
}
