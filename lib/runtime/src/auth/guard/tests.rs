//! Tokens that the gateway verified, and what the guard makes of them.

use std::sync::Mutex;

use axum::{Router, routing::get};
use domain::{failure::StoreFailureKind, principal::Role};
use futures::executor::block_on;
use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::{
    auth::Caller,
    http::{Outcome, Success, answer},
};

const GET: &str = include_str!("../../../../../events/http/get-message.json");
/// When the token of every sample was issued.
const ISSUED: i64 = 1_795_219_200;

type Says = Result<Standing, StoreFailureKind>;

/// Somebody who says one thing, and remembers who was asked about.
struct Told {
    says: Says,
    asked: Arc<Mutex<Vec<(TenantId, UserId)>>>,
}

impl Standings for Told {
    async fn standing(&self, tenant: TenantId, user: &UserId) -> Result<Standing, StoreFailure> {
        self.asked.lock().unwrap().push((tenant, user.clone()));
        self.says
            .map_err(|kind| StoreFailure::new("user.standing", kind))
    }
}

async fn who(Caller(principal): Caller) -> Outcome<String> {
    Ok(Success::ok(principal.user().to_string()))
}

/// Status and reason, and how often the guard was asked, of a request with these claims changed.
fn ask(says: Says, path: &str, change: impl FnOnce(&mut Value)) -> (u16, String, usize) {
    let mut event: Value = serde_json::from_str(GET).unwrap();
    let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
    claims["iat"] = ISSUED.to_string().into();
    change(claims);
    event["rawPath"] = path.into();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let guard = Guard::of(Told {
        says,
        asked: Arc::clone(&asked),
    });
    let router = Router::new()
        .route("/v1/who", get(who))
        .route("/v1/public", get(async || "read"));
    let answer = block_on(answer(router, guard, &event.to_string()));
    let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    let details = &body["error"]["details"];
    let reason = details["reason"].as_str().unwrap_or_default().to_owned();
    let times = asked.lock().unwrap().len();
    (answer.status_code, reason, times)
}

fn known(role: Role, since: Option<i64>) -> Says {
    let since = since.map(|second| Timestamp::from_second(second).unwrap());
    Ok(Standing::Known { role, since })
}

/// X37: the token is good for an hour; whoever was shut out is refused on their next request.
#[test]
fn a_verified_token_counts_only_while_its_user_does() {
    let role = sample_role();
    for (says, status, reason) in [
        (Ok(Standing::Unknown), 200, ""),
        (known(role, None), 200, ""),
        // Signed in again after they were let in again.
        (known(role, Some(ISSUED - 1)), 200, ""),
        (known(role, Some(ISSUED)), 401, "SIGNED_OUT"),
        (known(role, Some(ISSUED + 600)), 401, "SIGNED_OUT"),
        (known(Role::Viewer, None), 401, "SIGNED_OUT"),
        (Ok(Standing::Out), 401, "SIGNED_OUT"),
        (Ok(Standing::CompanyOff), 401, "TENANT_INACTIVE"),
    ] {
        let answer = ask(says, "/v1/who", |_| {});
        assert_eq!(answer, (status, reason.to_owned(), 1), "{says:?}");
    }
}

/// Nobody is let in by storage that cannot be asked.
#[test]
fn what_cannot_be_asked_lets_nobody_in() {
    for (kind, status) in [
        (StoreFailureKind::Unavailable, 503),
        (StoreFailureKind::Throttled, 503),
        (StoreFailureKind::Refused, 500),
        (StoreFailureKind::Corrupt, 500),
    ] {
        assert_eq!(ask(Err(kind), "/v1/who", |_| {}).0, status, "{kind:?}");
    }
}

/// A token that does not say when it was issued is of before every change; written as a number it is read too.
#[test]
fn when_a_token_was_issued_is_read_whatever_its_spelling() {
    let since = known(sample_role(), Some(ISSUED - 1));
    for (iat, status) in [
        (Value::Null, 401),
        ("".into(), 401),
        ("yesterday".into(), 401),
        ((-1).into(), 401),
        (ISSUED.into(), 200),
        (u64::MAX.into(), 200),
    ] {
        let answer = ask(since, "/v1/who", |claims| claims["iat"] = iat.clone());
        assert_eq!(answer.0, status, "{iat}");
    }
}

/// What needs nobody asks about nobody, and a token that is none is refused before anybody is asked.
#[test]
fn the_guard_is_asked_about_callers_alone() {
    let out = Ok(Standing::Out);
    assert_eq!(ask(out, "/v1/public", |_| {}), (200, String::new(), 0));
    let (status, _, asked) = ask(out, "/v1/who", |claims| claims["exp"] = "1".into());
    assert_eq!((status, asked), (401, 0));
}

/// The role that the sample's token names.
fn sample_role() -> Role {
    let event: Value = serde_json::from_str(GET).unwrap();
    let groups = &event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"];
    let named = groups.as_str().unwrap().trim_matches(['[', ']']).split(' ');
    named.filter_map(Role::from_group).max().unwrap()
}
