use axum::routing::{get, post};
use domain::{
    failure::{ProviderFailure, StoreFailure, StoreFailureKind},
    principal::{Action, Role},
};
use futures::executor::block_on;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use testkit::memory::MemoryStore;

use super::*;
use crate::{auth::Caller, tracing::tests::Captured};

const SEND: &str = include_str!("../../../../events/http/send-message.json");
const GET: &str = include_str!("../../../../events/http/get-message.json");
const LIST: &str = include_str!("../../../../events/http/list-messages.json");
const FORGED: &str = include_str!("../../../../events/http/forged-claims.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    to: domain::phone::PhoneNumber,
    text: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    body: String,
}

#[derive(Serialize)]
struct Accepted {
    status: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    limit: u16,
    status: String,
}

async fn accept(Caller(principal): Caller, body: Bytes) -> Outcome<Accepted> {
    principal.may(Action::Send)?;
    let draft = parse::<Draft>(&body)?;
    match draft.text.body.as_str() {
        "panic" => panic!("no {}", draft.to.as_str()),
        "store" => Err(
            StoreFailure::new("messages.save", StoreFailureKind::Throttled)
                .because(draft.to.as_str().to_owned()),
        )?,
        "limited" => Err(ProviderFailure::RateLimited { retry_after: None })?,
        _ => {}
    }
    Ok(Success::accepted(Accepted { status: "queued" }).header(header::LOCATION, "/v1/messages/1"))
}

async fn list(Caller(principal): Caller, Query(filter): Query<Filter>) -> Outcome<Value> {
    let role = principal.may(Action::ReadOutbox)?.role();
    assert_eq!(
        (role, filter.limit, filter.status.as_str()),
        (Role::Manager, 20, "failed")
    );
    Ok(Success::ok(json!({"items": []})).tagged_by_content())
}

async fn one(Path(id): Path<uuid::Uuid>) -> Outcome<String> {
    Ok(Success::ok(id.to_string()).tagged("v 7\""))
}

fn router() -> Router {
    Router::new()
        .route("/v1/messages", post(accept).get(list))
        .route("/v1/messages/{id}", get(one))
        .route("/v1/bytes", post(async |_: Bytes| "read"))
        .route("/v1/odd", post(async || StatusCode::IM_A_TEAPOT))
        .route(
            "/v1/messages.csv",
            get(async || ([(header::CONTENT_TYPE, "text/csv")], "id,status\n")),
        )
}

fn ask(event: &str, change: impl FnOnce(&mut Value)) -> (u16, Value, Answer) {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let guard = Guard::of(MemoryStore::default());
    let answer = block_on(answer(router(), guard, &event.to_string()));
    let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    (answer.status_code, body, answer)
}

fn check(event: &str, change: impl FnOnce(&mut Value), status: u16, code: &str) -> Value {
    let (answered, body, answer) = ask(event, change);
    assert_eq!(
        (answered, body["error"]["code"].as_str()),
        (status, Some(code)),
        "{body}"
    );
    assert_eq!(body["success"], false);
    assert!(body["error"]["retryable"].is_boolean());
    assert!(
        body["error"]["message"]
            .as_str()
            .is_some_and(|said| !said.is_empty())
    );
    assert_eq!(body["request_id"], answer.headers["x-request-id"]);
    assert_eq!(answer.headers["content-type"], "application/json");
    body["error"].clone()
}

fn saying(text: &str) -> impl FnOnce(&mut Value) {
    let body = json!({"to": "+97339000001", "text": {"body": text}}).to_string();
    move |event| event["body"] = body.into()
}

/// S4.20: what worked is `success` with its data.
#[test]
fn success_has_the_envelope_the_status_and_the_headers() {
    let (status, body, answer) = ask(SEND, |_| ());
    assert_eq!(status, 202);
    assert_eq!(
        body,
        json!({"success": true, "data": {"status": "queued"}, "request_id": "JKJaXmPLvHcESHA="})
    );
    assert_eq!(answer.headers["location"], "/v1/messages/1");
    assert!(!answer.headers.contains_key("content-length"));
    assert_eq!(answer.headers["x-request-id"], "JKJaXmPLvHcESHA=");
}

/// S4.20, S4.22, S4.25: `success: false` with code, message, details where there are any, and whether a
/// person may press Retry: after a provider's failure they may (X10).
#[test]
fn every_failure_has_its_status_and_one_shape() {
    let store = check(SEND, saying("store"), 503, "DB_ERROR");
    assert_eq!(store["retryable"], true);
    let limited = check(SEND, saying("limited"), 503, "PROVIDER_ERROR");
    assert_eq!(limited["retryable"], true);
    assert_eq!(ask(SEND, saying("limited")).2.headers["retry-after"], "5");
    check(
        SEND,
        |event| event["rawPath"] = "/v1/nothing".into(),
        404,
        "NOT_FOUND",
    );
    check(
        GET,
        |event| event["rawPath"] = "/v1/messages/T%23other".into(),
        404,
        "NOT_FOUND",
    );
    check(
        SEND,
        |event| event["rawPath"] = "no slash".into(),
        400,
        "VALIDATION",
    );
    let method = |event: &mut Value| event["requestContext"]["http"]["method"] = "DELETE".into();
    assert_eq!(
        check(SEND, method, 405, "NOT_FOUND")["details"]["reason"],
        "METHOD_NOT_ALLOWED"
    );
    assert!(ask(SEND, method).2.headers["allow"].contains("POST"));
}

#[test]
fn bad_bodies_are_refused_by_what_is_wrong() {
    check(
        SEND,
        |event| event["body"] = r#"{"to":"\ud800"#.into(),
        400,
        "VALIDATION",
    );
    check(SEND, |event| event["body"] = Value::Null, 400, "VALIDATION");
    check(
        SEND,
        |event| event["body"] = format!("\"{}\"", "x".repeat(MAX_BODY)).into(),
        413,
        "VALIDATION",
    );
    let wrong = check(
        SEND,
        |event| event["body"] = r#"{"to":"12","text":{"body":"x"}}"#.into(),
        422,
        "VALIDATION",
    );
    assert_eq!(wrong["details"]["fields"][0]["field"], "to");
    for query in [
        "limit=20",
        "limit=x&status=failed",
        "limit=1&limit=2&status=failed",
        "limit=70000&status=failed",
        "limit=1&status=failed&x=1",
    ] {
        let wrong = check(
            LIST,
            |event| event["rawQueryString"] = query.into(),
            422,
            "VALIDATION",
        );
        assert!(
            !wrong["details"]["fields"][0]["field"]
                .as_str()
                .unwrap()
                .is_empty(),
            "{query}: {wrong}"
        );
    }
}

#[test]
fn what_axum_itself_refuses_has_the_same_shape() {
    let to = |path: &'static str| {
        move |event: &mut Value| {
            event["rawPath"] = path.into();
            event["body"] = "x".repeat(MAX_BODY + 1).into();
        }
    };
    let large = check(SEND, to("/v1/bytes"), 413, "VALIDATION");
    assert_eq!(large["details"]["reason"], "BODY_TOO_LARGE");
    check(SEND, to("/v1/odd"), 400, "VALIDATION");
}

#[test]
fn claims_come_from_the_gateway_and_from_nowhere_else() {
    check(FORGED, |_| (), 401, "UNAUTHORIZED");
    let claims = "/requestContext/authorizer/jwt/claims";
    let set = |name: &'static str, value: Value| {
        move |event: &mut Value| event.pointer_mut(claims).unwrap()[name] = value
    };
    check(
        SEND,
        set("custom:tenant", json!("acme")),
        401,
        "UNAUTHORIZED",
    );
    check(SEND, set("token_use", json!("access")), 401, "UNAUTHORIZED");
    check(SEND, set("exp", json!("1")), 401, "UNAUTHORIZED");
    check(
        SEND,
        set("cognito:groups", json!("[viewer]")),
        403,
        "FORBIDDEN",
    );
    assert_eq!(
        ask(SEND, set("email_verified", json!(true))).0,
        202,
        "a claim that is no text breaks nothing"
    );
    let both = |event: &mut Value| {
        event["headers"]["x-tenant"] = "00000000-0000-0000-0000-000000000000".into()
    };
    assert_eq!(ask(SEND, both).0, 202);
}

/// X37: whoever forgets the guard has let nobody in: it is our mistake, told in the log, and no handler runs.
#[test]
fn a_router_without_a_guard_refuses_every_caller() {
    let log = Captured::start();
    let unguarded = |event: &str| block_on(answered(&prepared(router()), event));
    for event in [SEND, LIST] {
        let answer = unguarded(event);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer.status_code, 500, "{body}");
        assert_eq!(body["error"]["code"], "UNKNOWN");
        assert_eq!(body["data"], Value::Null);
    }
    let told = log.lines();
    assert_eq!(told.len(), 2, "{}", log.text());
    assert!(told.iter().all(|line| line["level"] == "ERROR"));
    assert!(log.text().contains("no guard"), "{}", log.text());
    assert_eq!(unguarded(FORGED).status_code, 401);
    assert_eq!(unguarded(GET).status_code, 200, "it asks for no caller");
}

#[test]
fn a_polled_answer_that_is_known_is_not_sent_again() {
    for event in [GET, LIST] {
        let (status, _, first) = ask(event, |_| ());
        assert_eq!(status, 200, "{first:?}");
        let tag = first.headers["etag"].clone();
        let known =
            |tag: String| move |event: &mut Value| event["headers"]["if-none-match"] = tag.into();
        let (status, _, again) = ask(event, known(format!("\"x\", {tag}")));
        assert_eq!((status, again.body.as_str()), (304, ""));
        assert_eq!(again.headers["etag"], tag);
        assert_eq!(ask(event, known("W/\"other\"".to_owned())).0, 200);
    }
}

#[test]
fn what_is_no_json_is_handed_through_with_a_request_id() {
    let (status, _, answer) = ask(LIST, |event| event["rawPath"] = "/v1/messages.csv".into());
    assert_eq!((status, answer.body.as_str()), (200, "id,status\n"));
    assert_eq!(answer.headers["content-type"], "text/csv");
    assert_eq!(answer.headers["x-request-id"], "JKJaXmPLvHcESHA=");
}

/// S4.15: nothing that is thrown leaks to the caller.
#[test]
fn a_panic_is_one_500_and_the_next_request_is_served() {
    let log = Captured::start();
    let error = check(SEND, saying("panic"), 500, "UNKNOWN");
    assert!(!error.to_string().contains("39000001"));
    assert_eq!(
        log.lines()
            .iter()
            .filter(|line| line["level"] == "ERROR")
            .count(),
        1
    );
    assert_eq!(ask(SEND, |_| ()).0, 202);
}

/// S4.9, S4.15, S2.109: whatever becomes of a request, it is one structured line.
#[test]
fn each_request_is_one_line_and_holds_neither_numbers_nor_bodies() {
    let log = Captured::start();
    let events: [(&str, &str); 6] = [
        (SEND, "Hello there"),
        (SEND, "store"),
        (SEND, "panic"),
        (FORGED, ""),
        (SEND, "limited"),
        (GET, ""),
    ];
    for (event, text) in events {
        if text.is_empty() {
            ask(event, |_| ())
        } else {
            ask(event, saying(text))
        };
    }
    assert_eq!(log.lines().len(), events.len(), "{}", log.text());
    for hidden in ["39000001", "Hello there", "eyJ", "forged"] {
        assert!(!log.text().contains(hidden), "{hidden} in {}", log.text());
    }
    let message = |nth: usize| log.lines()[nth]["message"].clone();
    assert_eq!(message(0), "answered `POST /v1/messages`");
    assert_eq!(message(5), "answered `GET /v1/messages/{id}`");
}
