use axum::extract::State;
use domain::principal::Action;
use futures::executor::block_on;
use serde_json::{Value, json};
use testkit::memory::MemoryStore;
use utoipa::ToSchema;

use crate::{
    auth::{Caller, Guard},
    http::{Outcome, Success, Text, answer},
};

#[derive(serde::Serialize, ToSchema)]
struct Parcel {
    weight: u32,
}

mod handler {
    use super::*;
    use crate::http::openapi::{Enveloped, NotModified, Refuses, asks};

    /// Weighs a parcel.
    #[utoipa::path(
        post,
        path = "/v1/parcels/{id}",
        params(("id" = String, Path)),
        responses((status = 200, body = Enveloped<Parcel>, description = "Weighed"), Refuses<404>),
        extensions(("x-waypost-action" = json!(asks(Action::Send)))),
    )]
    pub(super) async fn weigh(
        State(weight): State<u32>,
        Caller(caller): Caller,
    ) -> Outcome<Parcel> {
        caller.may(Action::Send)?;
        Ok(Success::ok(Parcel { weight }))
    }

    /// Shows a page.
    #[utoipa::path(
        get,
        path = "/page",
        responses((status = 200, body = String, description = "The page"), NotModified),
        extensions(("x-waypost-action" = json!("Public"))),
    )]
    pub(super) async fn page() -> Text {
        Text::html("<p>Hello</p>")
    }
}

mod function {
    use super::handler;

    crate::routes! { u32; handler { weigh, page } }
}

const SEND: &str = include_str!("../../../../../events/http/send-message.json");

fn ask(method: &str, path: &str, known: Option<&str>) -> crate::http::Answer {
    let mut event: Value = serde_json::from_str(SEND).unwrap();
    event["rawPath"] = path.into();
    event["requestContext"]["http"]["method"] = method.into();
    if let Some(tag) = known {
        event["headers"]["if-none-match"] = tag.into();
    }
    let guard = Guard::of(MemoryStore::default());
    block_on(answer(function::router(7), guard, &event.to_string()))
}

#[test]
fn a_route_is_served_where_its_documentation_says() {
    let weighed = ask("POST", "/v1/parcels/1", None);
    assert_eq!(weighed.status_code, 200, "{}", weighed.body);
    assert!(weighed.body.contains(r#""data":{"weight":7}"#));
    assert_eq!(ask("GET", "/v1/parcels/1", None).status_code, 405);
    assert_eq!(ask("POST", "/page", None).status_code, 405);
}

#[test]
fn what_operations_share_is_added_to_each() {
    let document = serde_json::to_value(function::openapi()).unwrap();
    let weigh = &document["paths"]["/v1/parcels/{id}"]["post"];
    assert_eq!(weigh["x-waypost-action"], "Send");
    assert_eq!(weigh["summary"], "Weighs a parcel.");
    assert_eq!(weigh["security"], json!([{"token": []}]));
    let answers: Vec<_> = weigh["responses"].as_object().unwrap().keys().collect();
    assert_eq!(answers, ["200", "401", "403", "404", "500", "503"]);
    let page = &document["paths"]["/page"]["get"];
    assert_eq!(page["security"], Value::Null);
    let answers: Vec<_> = page["responses"].as_object().unwrap().keys().collect();
    assert_eq!(answers, ["200", "304"]);
    assert_eq!(page["parameters"][0]["name"], "If-None-Match");
    assert!(page["responses"]["200"]["headers"]["ETag"].is_object());
}

#[test]
fn refusals_are_shown_as_they_are_answered() {
    let document = serde_json::to_value(function::openapi()).unwrap();
    let refusals = document["components"]["responses"].as_object().unwrap();
    assert_eq!(refusals.len(), 10);
    let example = |name: &str| &refusals[name]["content"]["application/json"]["example"];
    assert_eq!(example("NotFound")["error"]["code"], "NOT_FOUND");
    let wrong = &example("UnprocessableEntity")["error"]["details"]["fields"][0];
    assert_eq!(wrong["field"], "to");
    assert_eq!(example("ServiceUnavailable")["error"]["retryable"], true);
    assert!(refusals["ServiceUnavailable"]["headers"]["Retry-After"].is_object());
}

#[test]
fn a_page_stands_outside_of_the_envelope_and_is_not_sent_twice() {
    let first = ask("GET", "/page", None);
    assert_eq!(
        (first.status_code, first.body.as_str()),
        (200, "<p>Hello</p>")
    );
    assert_eq!(first.headers["content-type"], "text/html; charset=utf-8");
    assert!(first.headers["content-security-policy"].starts_with("default-src 'none'"));
    let again = ask("GET", "/page", Some(&first.headers["etag"]));
    assert_eq!((again.status_code, again.body.as_str()), (304, ""));
}
