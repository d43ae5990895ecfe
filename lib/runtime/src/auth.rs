//! Who is asking: the claims of a token that API Gateway verified, and nothing else. Headers and
//! bodies are the caller's own words. The gateway knows when a token ends, but not that its user was shut
//! out meanwhile: that is asked of the [`Guard`], on every request.

mod guard;

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::FromRequestParts;
use domain::{
    failure::AppFailure,
    ids::{TenantId, UserId},
    principal::{Principal, Role},
};
use http::request::Parts;
use serde_json::{Map, Value};
use tracing::Span;

pub use self::guard::Guard;
use crate::{event::Gateway, http::Failed, tracing as log};

/// The verified user, taken out of the request: `Caller(principal): Caller`.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failed> {
        let claims = parts
            .extensions
            .get::<Gateway>()
            .and_then(|gateway| gateway.claims.as_ref())
            .ok_or_else(|| refused("no verified token"))?;
        let principal = principal(claims, SystemTime::now()).map_err(refused)?;
        log::tenant(principal.tenant());
        Span::current().record("user.id", principal.user().as_str());
        // A router that was given no guard can ask nobody, so it admits nobody.
        let guard = parts
            .extensions
            .get::<Guard>()
            .ok_or_else(|| AppFailure::unknown("no guard to ask about a caller"))?;
        let issued = claims.get("iat").and_then(seconds).unwrap_or(0);
        guard.admit(&principal, issued).await?;
        Ok(Self(principal))
    }
}

/// The caller is told the same whatever is wrong: which claim is odd helps only someone who guesses.
fn refused(why: &'static str) -> Failed {
    let failure = AppFailure::unauthorized(
        "Please sign in again: the request carries no valid sign-in of a Waypost user.",
    );
    Failed::from(failure.with_detail("reason", why))
}

fn principal(claims: &Map<String, Value>, now: SystemTime) -> Result<Principal, &'static str> {
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if text("token_use") != Some("id") {
        return Err("not an id token");
    }
    let expires = claims.get("exp").and_then(seconds).ok_or("no expiry")?;
    // The gateway checked it too; a cached verdict must not outlive the token.
    if now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
        >= expires
    {
        return Err("expired");
    }
    let tenant = text("custom:tenant")
        .and_then(|id| TenantId::parse(id).ok())
        .ok_or("no tenant")?;
    let user = text("sub").map(UserId::new).ok_or("no subject")?;
    let role = claims
        .get("cognito:groups")
        .map(groups)
        .unwrap_or_default()
        .iter()
        .filter_map(|group| Role::from_group(group))
        .max()
        .ok_or("no role")?;
    let principal = Principal::verified(tenant, user, role);
    Ok(match text("email") {
        Some(email) => principal.known_as(email),
        None => principal,
    })
}

/// HTTP APIs hand over every claim as a text; emulators keep the number.
fn seconds(claim: &Value) -> Option<u64> {
    claim.as_u64().or_else(|| claim.as_str()?.parse().ok())
}

/// HTTP APIs write an array as `[manager agent]`; others as a JSON array, in a text or not, or with commas.
fn groups(claim: &Value) -> Vec<String> {
    match claim {
        Value::Array(groups) => groups
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::String(text) => text
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .split([' ', ','])
            .map(|group| group.trim_matches(['"', ' ']).to_owned())
            .filter(|group| !group.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    const TENANT: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

    fn check(change: &str, to: Value) -> Result<Principal, &'static str> {
        let mut claims = json!({
            "token_use": "id", "sub": "u-1", "custom:tenant": TENANT, "exp": "2000", "cognito:groups": "[agent manager]",
        });
        match to {
            Value::Null => claims.as_object_mut().unwrap().remove(change),
            to => claims
                .as_object_mut()
                .unwrap()
                .insert(change.to_owned(), to),
        };
        principal(
            claims.as_object().unwrap(),
            UNIX_EPOCH + Duration::from_secs(1000),
        )
    }

    #[test]
    fn the_highest_role_of_every_spelling_wins() {
        for spelling in [
            json!("[viewer manager agent]"),
            json!(r#"["viewer","manager"]"#),
            json!("viewer, manager"),
            json!(["manager", "viewer", "root"]),
            json!("admin"),
        ] {
            let principal = check("cognito:groups", spelling.clone()).unwrap();
            assert_eq!(principal.role(), Role::Manager, "{spelling}");
            assert_eq!(principal.tenant().to_string(), TENANT);
        }
        assert!(check("exp", json!(2000)).is_ok());
    }

    #[test]
    fn a_missing_or_odd_claim_is_nobody() {
        for (claim, odd) in [
            ("token_use", json!("access")),
            ("token_use", Value::Null),
            ("sub", json!("")),
            ("sub", Value::Null),
            ("custom:tenant", json!("T#acme")),
            ("custom:tenant", json!("*")),
            ("custom:tenant", json!([TENANT])),
            ("custom:tenant", Value::Null),
            ("exp", json!("1000")),
            ("exp", json!("never")),
            ("exp", json!(-1)),
            ("exp", Value::Null),
            ("cognito:groups", json!("[]")),
            ("cognito:groups", json!("[root Manager managers]")),
            ("cognito:groups", json!({"manager": true})),
            ("cognito:groups", Value::Null),
        ] {
            assert!(check(claim, odd.clone()).is_err(), "{claim}: {odd}");
        }
    }
}
