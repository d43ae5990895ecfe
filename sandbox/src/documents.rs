//! Files of a company's own server, for events that link to one: put and served at the same address.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use crate::{
    control::{Answer, json},
    state::{Handle, Refusal},
};

/// A file and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    content_type: String,
    bytes: Bytes,
}

impl Handle {
    /// Serves a file at `/_sandbox/documents/{name}`, as this type.
    pub fn document(&self, name: &str, content_type: &str, bytes: impl Into<Bytes>) {
        let document = Document {
            content_type: content_type.to_owned(),
            bytes: bytes.into(),
        };
        self.memory().documents.insert(name.to_owned(), document);
    }
}

pub(crate) async fn put(
    State(handle): State<Handle>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or("application/octet-stream");
    handle.document(&name, content_type, body);
    Ok(json(&serde_json::json!({"name": name})))
}

pub(crate) async fn get(State(handle): State<Handle>, Path(name): Path<String>) -> Response {
    let found = handle.memory().documents.get(&name).cloned();
    match found {
        Some(document) => (
            [(header::CONTENT_TYPE, document.content_type)],
            document.bytes,
        )
            .into_response(),
        None => {
            let refusal = Refusal::Unknown(format!("document `{name}`"));
            (StatusCode::NOT_FOUND, refusal.to_string()).into_response()
        }
    }
}
