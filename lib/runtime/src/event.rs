//! The wire of API Gateway's HTTP APIs and of function URLs (payload format 2.0), read leniently and
//! without ever panicking: whatever stands in an event, its sender gets an answer. docs/decisions says
//! why this is not `lambda_http`.

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::failure::AppFailure;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::tracing::function_request_id;

/// What no URI may hold as it stands; a percent sign that begins no escape is escaped apart.
const NOT_IN_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the gateway knows about a request; an extension of the request.
#[derive(Clone, Default)]
pub(crate) struct Gateway {
    pub(crate) request_id: String,
    pub(crate) source_ip: String,
    /// The claims of a token that the gateway verified; absent without an authorizer.
    pub(crate) claims: Option<Map<String, Value>>,
}

/// A request as it came, body decoded.
pub(crate) type Incoming = Request<Bytes>;

/// The answer to one request, as the gateway wants it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers, by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body: text, or base64 of what is no text.
    pub body: String,
    /// Whether the body is base64.
    pub is_base64_encoded: bool,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut joined = BTreeMap::<String, String>::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            joined
                .entry(name.as_str().to_owned())
                .and_modify(|earlier| *earlier = format!("{earlier}, {value}"))
                .or_insert_with(|| value.into_owned());
        }
        let (body, is_base64_encoded) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), false),
            Err(_binary) => (STANDARD.encode(body), true),
        };
        Self {
            status_code: status.as_u16(),
            headers: joined,
            body,
            is_base64_encoded,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    raw_path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    raw_query_string: Option<Cow<'a, str>>,
    headers: Option<Map<String, Value>>,
    request_context: WireContext,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireContext {
    request_id: Option<String>,
    stage: Option<String>,
    http: WireHttp,
    authorizer: Option<WireAuthorizer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHttp {
    method: String,
    source_ip: Option<String>,
}

#[derive(Deserialize)]
struct WireAuthorizer {
    jwt: Option<WireJwt>,
}

#[derive(Deserialize)]
struct WireJwt {
    claims: Option<Map<String, Value>>,
}

/// Whether an event is a request at all. Functions that also listen to a bus ask first.
pub(crate) fn is_request(event: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shape {
        request_context: Option<ShapeContext>,
    }
    #[derive(Deserialize)]
    struct ShapeContext {
        http: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Shape>(event).is_ok_and(|shape| {
        shape
            .request_context
            .is_some_and(|context| context.http.is_some())
    })
}

/// An event that cannot be read, with what is known of it.
pub(crate) struct Unread {
    pub(crate) request_id: String,
    pub(crate) failure: AppFailure,
}

/// Reads an event.
pub(crate) fn read(event: &str) -> Result<Incoming, Box<Unread>> {
    let unread = |request_id: &str, failure| {
        let request_id = request_id.to_owned();
        Box::new(Unread {
            request_id,
            failure,
        })
    };
    let wire: Wire<'_> = serde_json::from_str(event).map_err(|cause| {
        let cause = format!("no event of payload format 2.0: {cause}");
        unread(&function_request_id(), AppFailure::unknown(cause))
    })?;
    let context = wire.request_context;
    let gateway = Gateway {
        request_id: context.request_id.unwrap_or_else(function_request_id),
        source_ip: context.http.source_ip.unwrap_or_default(),
        claims: context
            .authorizer
            .and_then(|by| by.jwt)
            .and_then(|jwt| jwt.claims),
    };
    let refused = |said: &'static str| unread(&gateway.request_id, AppFailure::unreadable(said));

    let path = without_stage(
        wire.raw_path.as_deref().unwrap_or("/"),
        context.stage.as_deref(),
    );
    let uri = uri(path, wire.raw_query_string.as_deref())
        .ok_or_else(|| refused("The path of the request cannot be read."))?;
    let method = Method::from_bytes(context.http.method.as_bytes())
        .map_err(|_odd| refused("The method of the request cannot be read."))?;
    let body = body(
        wire.body.as_deref().unwrap_or_default(),
        wire.is_base64_encoded,
    )
    .ok_or_else(|| refused("The body of the request is marked as base64 and is not."))?;

    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers(wire.headers.unwrap_or_default());
    request.extensions_mut().insert(gateway);
    Ok(request)
}

/// A named stage stands before the path; routes do not know it.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    stage
        .and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage))
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

/// HTTP APIs hand over the path decoded, function URLs as it was sent: escape what is no escape.
fn uri(path: &str, query: Option<&str>) -> Option<Uri> {
    let mut text = escaped(path);
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        text.push('?');
        text.push_str(&escaped(query).replace("%3F", "?"));
    }
    if text.starts_with('/') {
        text.try_into().ok()
    } else {
        None
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (nth, part) in text.split('%').enumerate() {
        if nth > 0 {
            let is_escape = part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
            escaped.push_str(if is_escape { "%" } else { "%25" });
        }
        escaped.extend(percent_encode(part.as_bytes(), NOT_IN_URI));
    }
    escaped
}

/// Header values as they stand: the gateway joins a header that was sent twice with a comma, and an
/// emulator may send an array. A header no HTTP library would read is left out.
fn headers(wire: Map<String, Value>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(wire.len());
    for (name, value) in wire {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        for value in values {
            if let Some(value) = value
                .as_str()
                .and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok())
            {
                headers.append(name.clone(), value);
            }
        }
    }
    headers
}

fn body(text: &str, is_base64: Option<bool>) -> Option<Bytes> {
    if is_base64 == Some(true) {
        STANDARD.decode(text).ok().map(Bytes::from)
    } else {
        Some(Bytes::copy_from_slice(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(path: &str, body: &str, base64: bool) -> String {
        json!({
            "version": "2.0", "rawPath": path, "rawQueryString": "q=a b&c=?",
            "headers": {"x-one": "1", "X-Two": ["a", "b"], "bad name": "x", "x-bad": "a\nb", "x-number": 5, "x-arabic": "\u{645}"},
            "requestContext": {"requestId": "r1", "stage": "prod", "http": {"method": "POST", "sourceIp": "192.0.2.1"},
                "authorizer": {"jwt": {"claims": {"email_verified": true, "exp": 17}}}},
            "body": body, "isBase64Encoded": base64,
        })
        .to_string()
    }

    #[test]
    fn odd_paths_headers_and_claims_are_read_without_a_panic() {
        for (path, read_as) in [
            ("/prod/v1/messages", "/v1/messages"),
            ("/production", "/production"),
            (
                "/v1/a b/\u{645}/[x]/100%/%41/%zz",
                "/v1/a%20b/%D9%85/%5Bx%5D/100%25/%41/%25zz",
            ),
            ("//evil.example/x", "//evil.example/x"),
            ("/a/../b", "/a/../b"),
        ] {
            let request = read(&event(path, "{}", false)).unwrap_or_else(|_| panic!("{path}"));
            assert_eq!(request.uri().path(), read_as);
            assert_eq!(request.uri().query(), Some("q=a%20b&c=?"));
        }
        let request = read(&event("/", "{}", false)).ok().unwrap();
        let twice: Vec<_> = request.headers().get_all("x-two").iter().collect();
        assert_eq!(twice, ["a", "b"]);
        assert!(
            request.headers().contains_key("x-arabic") && !request.headers().contains_key("x-bad")
        );
        assert!(
            request
                .extensions()
                .get::<Gateway>()
                .unwrap()
                .claims
                .is_some()
        );
    }

    #[test]
    fn what_cannot_be_a_request_is_refused_with_its_id() {
        for (path, body, base64) in [("no-slash", "", false), ("", "", false), ("/", "###", true)] {
            let unread = read(&event(path, body, base64)).err().unwrap();
            assert_eq!(unread.request_id, "r1");
            assert!(unread.failure.is_unreadable());
        }
        assert!(read("{}").is_err());
        assert!(
            !is_request(r#"{"source":"waypost","detail":{}}"#)
                && is_request(&event("/", "", false))
        );
    }

    #[test]
    fn an_answer_is_text_where_it_can_be_and_base64_where_not() {
        let answer = Answer::new(StatusCode::OK, &HeaderMap::new(), &[0xff, 0xfe]);
        assert!(answer.is_base64_encoded);
        assert_eq!(answer.body, "//4=");
        assert_eq!(
            read(&event("/", "//4=", true))
                .ok()
                .unwrap()
                .body()
                .as_ref(),
            [0xff, 0xfe]
        );
    }
}
