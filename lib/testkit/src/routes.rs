//! A function's routes as the gateway calls them, without storage: who is asked, and what is refused before
//! anything is read. Everybody's token counts here; what the guard refuses is the runtime's own test.

use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::principal::{Action, Role};
use futures::executor::block_on;
use runtime::{
    auth::Guard,
    env::Env,
    http::{
        Answer, answer,
        openapi::{ACTION, asks},
    },
};
use serde_json::{Value, json};

use crate::memory::MemoryStore;

/// What stands for every id in a path.
pub const SOME_ID: &str = "01930a5e-3c00-7000-8000-000000000001";

/// An environment where nothing answers: a request that comes as far as storage fails.
#[must_use]
pub fn nowhere() -> Env {
    Env::given([
        ("AWS_REGION", "me-south-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDSAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "sample"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("TABLE_NAME", "waypost"),
        ("BUCKET_NAME", "waypost-files"),
        ("TOKEN_KEY_ID", "alias/waypost"),
        ("USER_POOL_ID", "me-south-1_sample"),
        ("WEBHOOK_BASE_URL", "https://hooks.example/"),
    ])
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Of HTTP.
    pub method: &'a str,
    /// Without its query.
    pub path: &'a str,
    /// Without its question mark.
    pub query: &'a str,
    /// Byte by byte.
    pub body: &'a [u8],
    /// Who asks; `None` for somebody without a token.
    pub role: Option<Role>,
}

impl<'a> Ask<'a> {
    /// Somebody in this role asks, and says no more than where.
    #[must_use]
    pub const fn by(role: Role, method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            query: "",
            body: b"",
            role: Some(role),
        }
    }
}

/// The routes of one function.
#[derive(Debug)]
pub struct Routes {
    event: Value,
    router: fn() -> Router,
}

impl Routes {
    /// Routes that are asked with events like this one, a file under `events/`.
    #[must_use]
    pub fn new(event: &str, router: fn() -> Router) -> Self {
        Self {
            event: serde_json::from_str(event).unwrap(),
            router,
        }
    }

    /// What is answered.
    #[must_use]
    pub fn ask(&self, asked: Ask<'_>) -> Answer {
        let mut event = self.event.clone();
        event["rawPath"] = asked.path.into();
        event["rawQueryString"] = asked.query.into();
        event["requestContext"]["http"]["method"] = asked.method.into();
        event["body"] = STANDARD.encode(asked.body).into();
        event["isBase64Encoded"] = true.into();
        let authorizer = &mut event["requestContext"]["authorizer"];
        match asked.role {
            Some(role) => {
                let group = format!("[{}]", role.as_str());
                authorizer["jwt"]["claims"]["cognito:groups"] = json!(group);
            }
            None => *authorizer = Value::Null,
        }
        let guard = Guard::of(MemoryStore::default());
        block_on(answer((self.router)(), guard, &event.to_string()))
    }

    /// Checks the status of an answer, and the first field that it tells to be wrong: an empty one when it
    /// names none.
    #[track_caller]
    pub fn check(&self, asked: Ask<'_>, expected: (u16, &str)) {
        let answer = self.ask(asked);
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        let field = &said["error"]["details"]["fields"][0]["field"];
        let told = (answer.status_code, field.as_str().unwrap_or_default());
        assert_eq!(told, expected, "{asked:?}: {said}");
    }

    /// Asks for every operation of the function's document, without a token and in every role that its
    /// action is not for, with a body that cannot be read: 401 and 403 come before anything is looked at.
    /// How many operations there are, and how often a role was refused.
    #[must_use]
    pub fn refuse_whoever_may_not(&self, document: &Value) -> (usize, usize) {
        let (mut operations, mut refused) = (0, 0);
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                operations += 1;
                let action = operation[ACTION].as_str().unwrap();
                let action = Action::ALL
                    .into_iter()
                    .find(|one| asks(*one) == action)
                    .unwrap();
                let method = &method.to_uppercase();
                let path = &path
                    .replace("{id}", SOME_ID)
                    .replace("{message_id}", SOME_ID)
                    .replace("{name}", "welcome");
                let body = &b"{"[..];
                let asked = |role| Ask {
                    body,
                    ..Ask::by(role, method, path)
                };
                let nobody = Ask {
                    role: None,
                    ..asked(Role::Manager)
                };
                assert_eq!(self.ask(nobody).status_code, 401, "{method} {path}");
                for role in Role::ALL.into_iter().filter(|role| !action.allows(*role)) {
                    refused += 1;
                    let answer = self.ask(asked(role));
                    assert_eq!(answer.status_code, 403, "{method} {path}: {}", answer.body);
                }
            }
        }
        (operations, refused)
    }
}
