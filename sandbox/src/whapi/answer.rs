//! What the gate can do with a caller: answer, stay silent, or hang up.

use axum::{body::Body, response::Response};
use http::{StatusCode, header};
use serde_json::Value;

use super::wire;
use crate::faults::{BodyShape, Fault};

/// What the gate does with the caller.
#[derive(Debug)]
pub(super) enum Answer {
    /// Answers by HTTP.
    Http(Response),
    /// Says nothing for so long, then cuts the connection.
    Hold { ms: u64 },
    /// Cuts the connection.
    Cut,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(super) fn text(status: u16, content_type: &'static str, body: String) -> Self {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static(content_type),
        );
        Self::Http(response)
    }

    /// An error in the documented form.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::shaped_error(status, BodyShape::Nested, message)
    }

    pub(super) fn shaped_error(status: u16, shape: BodyShape, message: &str) -> Self {
        match shape {
            BodyShape::Nested => Self::json(status, &wire::nested_error(status, message)),
            BodyShape::Flat => Self::json(status, &wire::flat_error(status, message)),
            BodyShape::Html => Self::text(status, "text/html", wire::html_error(status)),
            BodyShape::Empty => Self::Http(
                Response::builder()
                    .status(status)
                    .body(Body::empty())
                    .unwrap_or_default(),
            ),
        }
    }

    pub(super) fn garbage() -> Self {
        Self::text(
            200,
            "application/json; charset=utf-8",
            "{\"sent\":tr\u{fffd}".into(),
        )
    }

    pub(super) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        if let (Self::Http(response), Some(seconds)) = (&mut self, seconds) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        self
    }

    /// What a fault before acceptance does.
    pub(super) fn refusing(fault: Fault) -> Self {
        match fault {
            Fault::Status {
                code,
                body_shape,
                message,
                retry_after,
            } => {
                let message = message.unwrap_or_else(|| wire::usual_message(code).into());
                Answer::shaped_error(code, body_shape, &message).retry_after(retry_after)
            }
            Fault::TimeoutBeforeAccept { ms } => Answer::Hold { ms },
            Fault::ResetBeforeAccept
            | Fault::Latency { .. }
            | Fault::TimeoutAfterAccept { .. }
            | Fault::ResetAfterAccept
            | Fault::ErrorAfterAccept { .. }
            | Fault::OkWithoutId
            | Fault::GarbageBody
            | Fault::DuplicateWebhooks { .. }
            | Fault::ReorderWebhooks { .. }
            | Fault::EarlyStatus { .. } => Answer::Cut,
        }
    }
}
