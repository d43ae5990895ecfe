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

const START: &str = include_str!("../../../events/payment-review/start.json");

/// An app whose storage does not exist: whatever reaches it fails.
fn app() -> App {
    let env = Env::given([
        ("AWS_REGION", "me-south-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDSAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "sample"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("TABLE_NAME", "waypost"),
        ("BUCKET_NAME", "waypost-files"),
        ("TOKEN_KEY_ID", "alias/waypost"),
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
    assert_eq!((operations, refused), (25, 55));
}
