//! What the manager is asked and what its answers mean, in every shape that somebody has seen.

mod answers;
mod fuzz;

use domain::{
    channel::Secret,
    ports::WebhookTarget,
    provider::{Credential, Method, WireResponse},
};
use serde_json::json;

use super::*;

pub(super) const CHANNEL: &str = include_str!("../../../../../fixtures/whapi/partner_channel.json");

pub(super) fn answer(status: u16, body: impl ToString) -> WireResponse {
    WireResponse {
        status,
        retry_after_seconds: None,
        body: body.to_string().into_bytes(),
    }
}

fn target() -> WebhookTarget {
    WebhookTarget {
        url: "https://hooks.example/webhooks/whapi/0192".into(),
        secret: Secret::from("a-secret-nobody-guesses"),
    }
}

/// S3.4–S3.6, S3.12, S3.13, S3.17, X30: what WHAPI is asked, to the letter.
#[test]
fn the_manager_is_asked_like_this() {
    let comment = "Auto top-up for ada@acme.example";
    for (request, method, path, body) in [
        (ask_projects(), Method::Get, "/projects", None),
        (
            ask_create("project-7", "Shop 01", Some("+97333000001")),
            Method::Put,
            "/channels",
            Some(json!({"name": "Shop 01", "phone": "97333000001", "projectId": "project-7"})),
        ),
        (
            ask_create("project-7", "Shop", None),
            Method::Put,
            "/channels",
            Some(json!({"name": "Shop", "projectId": "project-7"})),
        ),
        (
            ask_list("p 7").unwrap(),
            Method::Get,
            "/channels/list/p%207",
            None,
        ),
        (ask_all(), Method::Get, "/channels", None),
        (
            ask_channel("HERON-7TEST").unwrap(),
            Method::Get,
            "/channels/HERON-7TEST",
            None,
        ),
        (
            ask_delete("HERON-7TEST").unwrap(),
            Method::Delete,
            "/channels/HERON-7TEST",
            None,
        ),
        (
            ask_extend("HERON-7TEST", 30, comment).unwrap(),
            Method::Post,
            "/channels/HERON-7TEST/extend",
            Some(json!({"days": 30, "comment": comment})),
        ),
    ] {
        assert_eq!((request.method, request.path.as_str()), (method, path));
        assert_eq!(request.body, body, "{path}");
        assert_eq!(request.credential, Credential::Bearer);
    }
    for up in ["..", ""] {
        assert_eq!(ask_channel(up), Err(NOT_BUILT));
        assert_eq!(ask_extend(up, 1, "x"), Err(NOT_BUILT));
        assert_eq!(ask_delete(up), Err(NOT_BUILT));
        assert_eq!(ask_list(up), Err(NOT_BUILT));
        assert_eq!(ask_notices(up, &target(), 1), Err(NOT_BUILT));
    }
    assert_eq!(ask_channel("a/../b").unwrap().path, "/channels/a%2F..%2Fb");
}

/// S3.20: with the channel's own token, and it may wake the channel: somebody asked for it.
#[test]
fn the_code_is_asked_for_at_the_gate() {
    let request = ask_login();
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Get, "/users/login?wakeup=true")
    );
}

/// X31, S3.28: the whole list, each webhook with its secret header.
#[test]
fn webhooks_are_registered_with_their_secret() {
    let request = ask_webhooks(&target());
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Patch, "/settings")
    );
    let hooks = &request.body.unwrap()["webhooks"];
    assert_eq!(hooks.as_array().unwrap().len(), 1);
    assert_eq!(hooks[0]["url"], target().url);
    assert_eq!(hooks[0]["mode"], "body");
    assert_eq!(
        hooks[0]["headers"],
        json!({"X-Webhook-Secret": "a-secret-nobody-guesses"})
    );
    for wanted in [
        json!({"type": "messages", "method": "post"}),
        json!({"type": "statuses", "method": "post"}),
        json!({"type": "channel", "method": "patch"}),
        json!({"type": "users", "method": "post"}),
        json!({"type": "users", "method": "delete"}),
    ] {
        assert!(
            hooks[0]["events"].as_array().unwrap().contains(&wanted),
            "{wanted}"
        );
    }

    let request = ask_notices("acme", &target(), 30).unwrap();
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Patch, "/partners/acme/settings")
    );
    let body = request.body.unwrap();
    assert_eq!(body["days_limit"], 30);
    assert_eq!(
        body["webhooks"][0]["events"],
        json!([{"type": "days", "method": "post"}])
    );
    assert_eq!(body["webhooks"][0]["headers"], hooks[0]["headers"]);
}
