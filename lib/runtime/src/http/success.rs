//! What a handler answers when all went well.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::failure::AppFailure;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::http::Failed;

/// What a handler returns; `?` takes an `AppFailure` and whatever becomes one.
pub type Outcome<T> = Result<Success<T>, Failed>;

/// A good answer: `data` goes into the envelope. With the stored status, headers and data, it is also
/// how the first answer to an idempotency key is given again.
#[derive(Debug)]
pub struct Success<T> {
    status: StatusCode,
    headers: HeaderMap,
    tag_content: bool,
    data: T,
}

/// The serialized data, carried to where the envelope is written.
#[derive(Clone)]
pub(crate) struct Data(pub(crate) Bytes);

impl<T: Serialize> Success<T> {
    /// 200 with this.
    pub fn ok(data: T) -> Self {
        Self::with(StatusCode::OK, data)
    }

    /// 201: it exists now.
    pub fn created(data: T) -> Self {
        Self::with(StatusCode::CREATED, data)
    }

    /// 202: it is accepted and will happen.
    pub fn accepted(data: T) -> Self {
        Self::with(StatusCode::ACCEPTED, data)
    }

    /// Any status. What is no success (a stored 5xx) is the caller's mistake and is answered as it is.
    pub fn with(status: StatusCode, data: T) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            tag_content: false,
            data,
        }
    }

    /// Adds a header; a value that no header may have is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// Tags the answer with a version of what it shows: asked again with `If-None-Match`, it is 304.
    #[must_use]
    pub fn tagged(self, version: impl Display) -> Self {
        let clean: String = version
            .to_string()
            .chars()
            .filter(|c| c.is_ascii_graphic() && *c != '"')
            .collect();
        self.header(header::ETAG, &format!("W/\"{clean}\""))
    }

    /// Tags the answer with a hash of its data, where it has no version of its own.
    #[must_use]
    pub fn tagged_by_content(mut self) -> Self {
        self.tag_content = true;
        self
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        let data = match serde_json::to_vec(&self.data) {
            Ok(data) => data,
            Err(cause) => return Failed::from(AppFailure::unknown(cause)).into_response(),
        };
        let mut response = Response::default();
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if self.tag_content
            && let Some(tag) = content_tag(&data)
        {
            headers.insert(header::ETAG, tag);
        }
        response.extensions_mut().insert(Data(data.into()));
        response
    }
}

/// A tag for what has no version of its own: a hash.
pub(crate) fn content_tag(content: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("W/\"{:.32x}\"", Sha256::digest(content))).ok()
}
