//! HTTP functions: an axum router behind API Gateway. This is the only place where a failure becomes
//! a status, where it is logged, and where the envelope is put around what handlers answer.

pub mod cursor;
mod extract;
mod failed;
mod idempotency;
mod json;
mod list;
pub mod openapi;
mod strict;
mod success;
mod text;

use std::time::Instant;

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, MatchedPath, Request},
    middleware::{Next, from_fn},
    response::Response,
};
use bytes::Bytes;
use domain::failure::AppFailure;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lambda_runtime::Diagnostic;
use tower::ServiceExt;
use tracing::{Span, info};

pub use self::{
    extract::{Path, Query},
    failed::Failed,
    idempotency::idempotency_key,
    json::{MAX_BODY, parse},
    list::{Part, Place, limited},
    success::{Outcome, Success},
    text::Text,
};
pub use crate::event::Answer;
use crate::{
    auth::Guard,
    cron::{self, Event},
    event::{self, Gateway, Incoming},
    lambda::{self, StartFailure, millis_since},
    panics, tracing as log,
};

/// Lambda's own limit of an answer is 6 MB; whatever is larger would be lost without a word.
const MAX_ANSWER: usize = 5_500_000;

/// Serves a router behind an HTTP API until the environment ends. The guard is asked about every caller.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve(router: Router, guard: Guard) -> Result<(), StartFailure> {
    let router = guarded(router, guard);
    lambda::run(async |event: &str| Ok::<_, Diagnostic>(answered(&router, event).await)).await
}

/// Serves a router, and gives every event that is no request (a bus, a schedule) to `on_event`.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve_with_events<F>(
    router: Router,
    guard: Guard,
    on_event: F,
) -> Result<(), StartFailure>
where
    F: AsyncFn(Event) -> Result<(), AppFailure>,
{
    let router = guarded(router, guard);
    lambda::run(async |event: &str| {
        if event::is_request(event) {
            return Ok(Some(answered(&router, event).await));
        }
        cron::handled(event, &on_event).await.map(|()| None)
    })
    .await
}

/// Answers one event as [`serve`] would: for tests, which give it the files under `events/`.
pub async fn answer(router: Router, guard: Guard, event: &str) -> Answer {
    answered(&guarded(router, guard), event).await
}

fn guarded(router: Router, guard: Guard) -> Router {
    prepared(router).layer(Extension(guard))
}

fn prepared(router: Router) -> Router {
    router
        .fallback(async || Failed::from(AppFailure::not_found("There is no such address.")))
        .method_not_allowed_fallback(async || Failed::wrong_method())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(note_route))
}

/// The route's pattern, for logs: the path itself holds ids, and whatever a caller puts there.
#[derive(Clone)]
struct Route(String);

async fn note_route(request: Request, next: Next) -> Response {
    let pattern = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    response
        .extensions_mut()
        .insert(Route(pattern.unwrap_or_else(|| "no route".to_owned())));
    response
}

async fn answered(router: &Router, event: &str) -> Answer {
    let request = match event::read(event) {
        Ok(request) => request,
        Err(unread) => return respond(unread.failure, "unreadable event", &unread.request_id),
    };
    let asked = Asked::new(&request);
    Span::current().record("request_id", &asked.id);
    match panics::caught(router.clone().oneshot(request.map(Body::from))).await {
        Ok(Ok(response)) => asked.finish(response).await,
        Ok(Err(never)) => match never {},
        Err(panic) => respond(AppFailure::unknown(panic), asked.method.as_str(), &asked.id),
    }
}

/// What is kept of a request until it is answered.
struct Asked {
    at: Instant,
    id: String,
    method: Method,
    /// What the caller has already: `If-None-Match`.
    known: Option<HeaderValue>,
}

impl Asked {
    fn new(request: &Incoming) -> Self {
        let gateway = request.extensions().get::<Gateway>();
        Self {
            at: Instant::now(),
            id: gateway.map_or_else(String::new, |gateway| gateway.request_id.clone()),
            method: request.method().clone(),
            known: request.headers().get(header::IF_NONE_MATCH).cloned(),
        }
    }

    async fn finish(self, response: Response) -> Answer {
        let route = response.extensions().get::<Route>();
        let what = format!(
            "{} {}",
            self.method,
            route.map_or("no route", |route| route.0.as_str())
        );
        let (parts, body) = response.into_parts();
        let mut headers = parts.headers;
        // The router measured an empty body; the gateway measures what it sends.
        headers.remove(header::CONTENT_LENGTH);
        if let Some(failed) = parts.extensions.get::<Failed>() {
            return refused(failed, &what, &self.id, headers);
        }
        let data = parts.extensions.get::<success::Data>();
        if let (None, Some(failed)) = (data, Failed::of_others(parts.status)) {
            return refused(&failed, &what, &self.id, headers);
        }
        let body = match data {
            Some(data) => enveloped(&data.0, &self.id),
            None => match to_bytes(body, MAX_ANSWER).await {
                Ok(body) => body,
                Err(cause) => return respond(AppFailure::unknown(cause), &what, &self.id),
            },
        };
        if body.len() > MAX_ANSWER {
            let large = AppFailure::unknown(format!("an answer of {} bytes", body.len()));
            return respond(large, &what, &self.id);
        }
        let known = is_known(&self.method, parts.status, &headers, self.known.as_ref());
        let (status, body) = if known {
            (StatusCode::NOT_MODIFIED, Bytes::new())
        } else {
            (parts.status, body)
        };
        let duration_ms = millis_since(self.at);
        info!(
            http.status = status.as_u16(),
            duration_ms, "answered `{what}`"
        );
        common_headers(&mut headers, &self.id);
        Answer::new(status, &headers, &body)
    }
}

/// Turns a failure into an answer and logs it: the one place.
fn refused(failed: &Failed, what: &str, request_id: &str, mut headers: HeaderMap) -> Answer {
    log::failed(failed.failure(), what);
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    if let Some(seconds) = failed.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    common_headers(&mut headers, request_id);
    Answer::new(failed.status(), &headers, &failed.body(request_id))
}

/// The answer to a failure outside a router: webhooks speak the same shape.
pub(crate) fn respond(failure: impl Into<Failed>, what: &str, request_id: &str) -> Answer {
    refused(&failure.into(), what, request_id, HeaderMap::new())
}

pub(crate) fn common_headers(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // A polled answer may be kept and asked about again; it belongs to one person.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
}

fn enveloped(data: &[u8], request_id: &str) -> Bytes {
    // A string always has a JSON form.
    let id = serde_json::to_vec(request_id).unwrap_or_else(|_infallible| b"null".to_vec());
    [
        br#"{"success":true,"data":"#,
        data,
        br#","request_id":"#,
        &id,
        b"}",
    ]
    .concat()
    .into()
}

/// Whether the caller has this very answer already (`If-None-Match`, compared weakly).
fn is_known(
    method: &Method,
    status: StatusCode,
    headers: &HeaderMap,
    known: Option<&HeaderValue>,
) -> bool {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let (Some(tag), Some(Ok(known))) = (tag, known.map(HeaderValue::to_str)) else {
        return false;
    };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    (method == Method::GET || method == Method::HEAD)
        && status == StatusCode::OK
        && known
            .split(',')
            .any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

#[cfg(test)]
mod tests;
