//! Texts that are part of the program, answered as they are: pages and documents.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use crate::http::success::content_tag;

/// A text answered outside of the envelope, tagged with its content.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    media_type: &'static str,
    body: &'static str,
}

impl Text {
    /// A page. It may show itself and load nothing: no script, no picture, no font.
    #[must_use]
    pub const fn html(body: &'static str) -> Self {
        Self {
            media_type: "text/html; charset=utf-8",
            body,
        }
    }

    /// A JSON document.
    #[must_use]
    pub const fn json(body: &'static str) -> Self {
        Self {
            media_type: "application/json",
            body,
        }
    }
}

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(self.media_type);
        headers.insert(header::CONTENT_TYPE, media_type);
        let policy = HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        );
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(tag) = content_tag(self.body.as_bytes()) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}
