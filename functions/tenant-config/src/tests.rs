//! The routes, as far as they go without storage: who is asked, and what is refused.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::principal::{Action, Role};
use futures::executor::block_on;
use runtime::{
    env::Env,
    http::{Answer, answer, openapi::asks},
};
use serde_json::Value;

use crate::{App, router};

const START: &str = include_str!("../../../events/tenant-config/start.json");

/// An app whose storage does not exist: whatever reaches it fails.
fn app() -> App {
    let env = Env::given([
        ("AWS_REGION", "me-south-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDSAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "sample"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("TABLE_NAME", "waypost"),
        ("USER_POOL_ID", "me-south-1_sample"),
    ]);
    App::from_env(&env).unwrap()
}

#[derive(Clone, Copy)]
struct Ask<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    body: &'a [u8],
    role: Option<Role>,
}

fn ask(asked: Ask<'_>) -> Answer {
    let mut event: Value = serde_json::from_str(START).unwrap();
    event["rawPath"] = asked.path.into();
    event["rawQueryString"] = asked.query.into();
    event["requestContext"]["http"]["method"] = asked.method.into();
    event["body"] = STANDARD.encode(asked.body).into();
    event["isBase64Encoded"] = true.into();
    match asked.role {
        Some(role) => {
            let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
            claims["cognito:groups"] = format!("[{}]", role.as_str()).into();
        }
        None => event["requestContext"]["authorizer"] = Value::Null,
    }
    block_on(answer(router(app()), &event.to_string()))
}

/// S1.12, S1.153, X37: every route asks who it is, and lets only those in that its action is for,
/// before it looks at what they sent.
#[test]
fn nobody_does_what_their_role_does_not_allow() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    let (mut operations, mut refused) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations += 1;
            let path = &path
                .replace("{id}", "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5")
                .replace("{name}", "welcome");
            let action = operation["x-waypost-action"].as_str().unwrap();
            let action = Action::ALL
                .into_iter()
                .find(|a| asks(*a) == action)
                .unwrap();
            let asked = Ask {
                method: &method.to_uppercase(),
                path,
                query: "",
                body: b"{",
                role: None,
            };
            assert_eq!(ask(asked).status_code, 401, "{method} {path}");
            for role in Role::ALL.into_iter().filter(|role| !action.allows(*role)) {
                refused += 1;
                let role = Some(role);
                let answer = ask(Ask { role, ..asked });
                assert_eq!(answer.status_code, 403, "{method} {path}: {}", answer.body);
            }
        }
    }
    assert_eq!((operations, refused), (28, 84));
}

fn check(method: &str, path: &str, body: &str, expected: (u16, &str)) {
    let answer = ask(Ask {
        method,
        path,
        query: "",
        body: body.as_bytes(),
        role: Some(Role::Manager),
    });
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let field = &said["error"]["details"]["fields"][0]["field"];
    let told = (answer.status_code, field.as_str().unwrap_or_default());
    assert_eq!(told, expected, "{method} {path} {body}: {}", answer.body);
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
    let id = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5";
    let put = format!("/v1/templates/{id}");
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
        let role = Some(Role::Manager);
        let (method, body) = ("GET", &b""[..]);
        let answer = ask(Ask {
            method,
            path,
            query,
            body,
            role,
        });
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        let told = &said["error"]["details"]["fields"][0]["field"];
        assert_eq!(told, field, "{path}?{query}: {}", answer.body);
        assert_eq!(answer.status_code, 422);
    }
}
