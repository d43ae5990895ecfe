//! What a gate can do with a caller: answer, stay silent, or hang up.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::{
    dialect::Dialect,
    faults::{BodyShape, Fault},
    meta,
};

/// What the gate does with the caller.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Answers by HTTP.
    Http(Box<Response>),
    /// Says nothing for so long, then cuts the connection.
    Hold { ms: u64 },
    /// Cuts the connection.
    Cut,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json; charset=utf-8", body.to_string())
    }

    /// Any body. An unusable media type is left out.
    pub(crate) fn bytes(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(Body::from(body.into()));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Ok(value) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        Self::Http(Box::new(response))
    }

    pub(crate) fn empty(status: u16) -> Self {
        let response = Response::builder().status(status).body(Body::empty());
        Self::Http(Box::new(response.unwrap_or_default()))
    }

    /// A success whose body cannot be read.
    pub(crate) fn garbage(status: u16) -> Self {
        Self::bytes(
            status,
            "application/json; charset=utf-8",
            "{\"sent\":tr\u{fffd}",
        )
    }

    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        if let (Self::Http(response), Some(seconds)) = (&mut self, seconds) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        self
    }

    /// What a refusing fault does.
    pub(crate) fn refusing(dialect: Dialect, fault: Fault) -> Self {
        match fault {
            Fault::Status {
                code,
                body_shape,
                message,
                retry_after,
            } => dialect
                .error(code, body_shape, message.as_deref())
                .retry_after(retry_after),
            Fault::MetaError { retry_after, .. } if dialect == Dialect::Meta => {
                meta::ordered_error(&fault).retry_after(retry_after)
            }
            Fault::MetaError { http, message, .. } => {
                let status = http.unwrap_or(400);
                dialect.error(status, BodyShape::Nested, message.as_deref())
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
            | Fault::BatchWebhooks { .. }
            | Fault::EarlyStatus { .. } => Answer::Cut,
        }
    }
}
