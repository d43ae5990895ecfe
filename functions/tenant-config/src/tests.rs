//! The routes, as far as they go without storage: who is asked, and what is refused.

use domain::principal::Role;
use testkit::routes::{Ask, Routes, SOME_ID, nowhere};

use crate::{App, router};

fn routes() -> Routes {
    Routes::new(
        include_str!("../../../events/tenant-config/start.json"),
        || router(App::from_env(&nowhere()).unwrap()),
    )
}

/// S1.12, S1.153, X37: every route asks who it is, and lets only those in that its action is for,
/// before it looks at what they sent.
#[test]
fn nobody_does_what_their_role_does_not_allow() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    assert_eq!(routes().refuse_whoever_may_not(&document), (30, 90));
}

fn check(method: &str, path: &str, body: &str, expected: (u16, &str)) {
    let asked = Ask {
        body: body.as_bytes(),
        ..Ask::by(Role::Manager, method, path)
    };
    routes().check(asked, expected);
}

/// What is wrong is told with its field before anything is read.
#[test]
fn what_is_wrong_is_named() {
    for (body, expected) in [
        ("", (400, "")),
        (r#"{"zone": 3}"#, (422, "zone")),
        (r#"{"api_key": "x"}"#, (422, "api_key")),
        (r#"{"retry_max": -1}"#, (422, "retry_max")),
        (r#"{"retry_max": 256}"#, (422, "retry_max")),
        (r#"{"reminder_days": [3, -7]}"#, (422, "reminder_days[1]")),
        (r#"{"reminder_basis": "birthday"}"#, (422, "reminder_basis")),
        (
            r#"{"disabled_types": ["invoice", "spam"]}"#,
            (422, "disabled_types[1]"),
        ),
        (
            r#"{"quiet_hours": {"from": "25:00", "until": "08:00"}}"#,
            (422, "quiet_hours.from"),
        ),
        (
            r#"{"quiet_hours": {"from": "21:00"}}"#,
            (422, "quiet_hours.until"),
        ),
    ] {
        check("PUT", "/v1/settings", body, expected);
    }
    check("POST", "/v1/settings", "{}", (405, ""));
}

/// S1.122, S1.123: what is wrong with a template is told with its field before anything is read, and an
/// unsaved one is previewed without storage.
#[test]
fn what_is_wrong_with_a_template_is_named() {
    for (body, expected) in [
        ("", (400, "")),
        (r#"{"message_type": "welcome"}"#, (422, "name")),
        (
            r#"{"name": "a", "message_type": "spam", "content": "Hi"}"#,
            (422, "message_type"),
        ),
        (
            r#"{"name": "", "message_type": "welcome", "content": "Hi"}"#,
            (422, "name"),
        ),
        (
            r#"{"name": "a", "message_type": "welcome", "content": "{orderNumber}"}"#,
            (422, "content"),
        ),
        (
            r#"{"name": "a", "message_type": "welcome", "content": "Hi", "defaults": {"b": "c"}}"#,
            (422, "defaults.b"),
        ),
    ] {
        check("POST", "/v1/templates", body, expected);
    }
    let put = format!("/v1/templates/{SOME_ID}");
    check("PUT", &put, r#"{"active": true}"#, (422, "version"));
    check("GET", "/v1/templates/7", "", (404, ""));
    let preview = |body: &str, expected| check("POST", "/v1/templates/preview", body, expected);
    let draft = r#"{"message_type": "welcome", "content": "Hi {customerName}"}"#;
    preview(draft, (200, ""));
    let empty = draft.replace("\"}", "\", \"variables\": {}}");
    preview(&empty, (422, "variables.customerName"));
    let odd = draft.replace("Hi", "{Hi");
    preview(&odd, (422, "content"));
}

/// What a list is asked for is checked before it is read.
#[test]
fn what_is_wrong_with_a_list_is_named() {
    for (path, query, field) in [
        ("/v1/templates", "limit=0", "limit"),
        ("/v1/templates", "limit=101", "limit"),
        ("/v1/templates", "message_type=spam", "message_type"),
        ("/v1/templates", "cursor=abc", "cursor"),
        ("/v1/provider-templates", "cursor=abc", "cursor"),
        ("/v1/provider-templates", "limit=2147483648", "limit"),
    ] {
        let asked = Ask {
            query,
            ..Ask::by(Role::Manager, "GET", path)
        };
        routes().check(asked, (422, field));
    }
}
