//! Webhooks: requests whose signature covers the raw bytes, so nothing is parsed before the function
//! has verified them.

use std::time::Instant;

use bytes::Bytes;
use domain::failure::AppFailure;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lambda_runtime::Diagnostic;
use percent_encoding::percent_decode_str;
use tracing::{Span, info};

pub use crate::event::Answer;
use crate::{
    event::{self, Gateway, Incoming},
    http::{self as api, Failed, common_headers},
    lambda::{self, StartFailure, millis_since},
    panics,
};

/// Meta sends up to 3 MB; more is nobody we know.
pub const MAX_BODY: usize = 3_500_000;

/// A request as it was sent, its body decoded from base64 and otherwise untouched.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// The path between its slashes, percent-decoded: `/webhooks/meta` is `["webhooks", "meta"]`.
    pub segments: Vec<String>,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw bytes.
    pub body: Bytes,
    /// What support asks for.
    pub request_id: String,
    /// Where it came from.
    pub source_ip: String,
}

impl RawRequest {
    /// A header that was sent exactly once. One sent twice is none: a function URL joins both with a
    /// comma, which no signature or secret contains, and which of the two was meant is not ours to guess.
    #[must_use]
    pub fn header_once(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return None;
        };
        value.to_str().ok().filter(|value| !value.contains(','))
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a webhook's sender is answered: providers read the status, and Meta one text.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    status: StatusCode,
    content_type: &'static str,
    body: String,
}

impl RawAnswer {
    /// 200: we have it.
    #[must_use]
    pub fn taken() -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json",
            body: r#"{"success":true}"#.to_owned(),
        }
    }

    /// 200 with a text, as challenges are answered. It is never shown as a page.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/plain; charset=utf-8",
            body: text.into(),
        }
    }
}

/// Serves raw requests behind a function URL until the environment ends.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve<F>(handle: F) -> Result<(), StartFailure>
where
    F: AsyncFn(RawRequest) -> Result<RawAnswer, AppFailure>,
{
    lambda::run(async |event: &str| Ok::<_, Diagnostic>(answer(event, &handle).await)).await
}

/// Answers one event as [`serve`] would. Tests give it the files under `events/webhook`.
pub async fn answer<F>(event: &str, handle: &F) -> Answer
where
    F: AsyncFn(RawRequest) -> Result<RawAnswer, AppFailure>,
{
    let started = Instant::now();
    let answer = answered(event, handle).await;
    info!(
        http.status = answer.status_code,
        duration_ms = millis_since(started),
        "answered a webhook"
    );
    answer
}

async fn answered<F>(event: &str, handle: &F) -> Answer
where
    F: AsyncFn(RawRequest) -> Result<RawAnswer, AppFailure>,
{
    let request = match event::read(event) {
        Ok(request) => raw(request),
        Err(unread) => return api::respond(unread.failure, "webhook", &unread.request_id),
    };
    let id = request.request_id.clone();
    Span::current().record("request_id", &id);
    if request.body.len() > MAX_BODY {
        return api::respond(Failed::too_large(MAX_BODY), "webhook", &id);
    }
    match panics::caught(Box::pin(handle(request))).await {
        Ok(Ok(answer)) => {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(answer.content_type),
            );
            common_headers(&mut headers, &id);
            Answer::new(answer.status, &headers, answer.body.as_bytes())
        }
        Ok(Err(failure)) => api::respond(failure, "webhook", &id),
        Err(panic) => api::respond(AppFailure::unknown(panic), "webhook", &id),
    }
}

fn raw(request: Incoming) -> RawRequest {
    let (parts, body) = request.into_parts();
    let gateway = parts
        .extensions
        .get::<Gateway>()
        .cloned()
        .unwrap_or_default();
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    RawRequest {
        method: parts.method,
        segments: parts
            .uri
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decoded)
            .collect(),
        query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        headers: without_trailing_space(parts.headers),
        body,
        request_id: gateway.request_id,
        source_ip: gateway.source_ip,
    }
}

/// HTTP lets spaces stand around a value; they are no part of it.
fn without_trailing_space(headers: HeaderMap) -> HeaderMap {
    let mut name: Option<HeaderName> = None;
    let mut clean = HeaderMap::with_capacity(headers.len());
    for (next, value) in headers {
        name = next.or(name);
        let trimmed = HeaderValue::from_bytes(value.as_bytes().trim_ascii()).unwrap_or(value);
        if let Some(name) = &name {
            clean.append(name.clone(), trimmed);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use futures::executor::block_on;
    use serde_json::{Value, json};

    use super::*;
    use crate::tracing::tests::Captured;

    const BASE64: &str = include_str!("../../../events/webhook/meta-status-base64.json");
    const CHALLENGE: &str = include_str!("../../../events/webhook/meta-challenge.json");

    fn edited(change: impl FnOnce(&mut Value)) -> String {
        let mut event = serde_json::from_str(BASE64).unwrap();
        change(&mut event);
        event.to_string()
    }

    #[test]
    fn the_raw_bytes_reach_the_function_and_the_path_is_split() {
        let answer = block_on(answer(BASE64, &async |request: RawRequest| {
            assert_eq!(request.method, Method::POST);
            assert_eq!(request.segments, ["webhooks", "meta"]);
            assert!(
                request
                    .body
                    .starts_with(b"{\"object\": \"whatsapp_business_account\""),
                "spacing is kept"
            );
            assert!(
                request
                    .header_once("X-Hub-Signature-256")
                    .unwrap()
                    .starts_with("sha256=")
            );
            Ok(RawAnswer::taken())
        }));
        assert_eq!(answer.status_code, 200);
        assert!(!answer.headers["x-request-id"].is_empty());
    }

    /// S4.81: how long a webhook took is always logged, whatever became of it.
    #[test]
    fn every_webhook_is_one_line_with_its_duration() {
        let taken = async |_: RawRequest| Ok(RawAnswer::taken());
        let refused = async |_: RawRequest| Err(AppFailure::unauthorized("Not proven."));
        let panicking = async |_: RawRequest| -> Result<RawAnswer, AppFailure> { panic!("odd") };
        let log = Captured::start();
        block_on(answer(BASE64, &taken));
        block_on(answer(BASE64, &refused));
        block_on(answer(BASE64, &panicking));
        let lines = log.lines();
        let statuses: Vec<_> = lines
            .iter()
            .filter(|line| line["duration_ms"].is_number())
            .map(|line| line["http.status"].as_u64())
            .collect();
        assert_eq!(
            statuses,
            [Some(200), Some(401), Some(500)],
            "{}",
            log.text()
        );
    }

    #[test]
    fn a_challenge_is_answered_as_plain_text() {
        let answer = block_on(answer(CHALLENGE, &async |request: RawRequest| {
            assert_eq!(request.method, Method::GET);
            Ok(RawAnswer::text(request.parameter("hub.challenge").unwrap()))
        }));
        assert_eq!(answer.body, "1158201444");
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    }

    #[test]
    fn a_signature_sent_twice_is_none() {
        for twice in [
            json!("sha256=aa,sha256=bb"),
            json!(["sha256=aa", "sha256=bb"]),
        ] {
            let event = edited(|event| event["headers"]["x-hub-signature-256"] = twice);
            let answer = block_on(answer(&event, &async |request: RawRequest| {
                assert_eq!(request.header_once("x-hub-signature-256"), None);
                assert!(request.headers.contains_key("x-hub-signature-256"));
                Err(AppFailure::unauthorized(
                    "The webhook could not be verified.",
                ))
            }));
            assert_eq!(answer.status_code, 401);
        }
    }

    #[test]
    fn what_is_too_large_or_no_base64_never_reaches_the_function() {
        let never = async |_: RawRequest| -> Result<RawAnswer, AppFailure> { panic!("reached") };
        let large =
            edited(|event| event["body"] = STANDARD.encode(vec![b'x'; MAX_BODY + 1]).into());
        assert_eq!(block_on(answer(&large, &never)).status_code, 413);
        let broken = edited(|event| event["body"] = "{\"entry\":[]}".into());
        assert_eq!(block_on(answer(&broken, &never)).status_code, 400);
        let panicking = block_on(answer(BASE64, &never));
        assert_eq!(panicking.status_code, 500);
        assert!(panicking.body.contains("UNKNOWN") && !panicking.body.contains("reached"));
    }
}
