//! Bodies and roles: what is refused before anything is read from the table.

use domain::{principal::Role, service::new_channel::Randoms};
use runtime::http::parse;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::routes::{Ask, Routes, nowhere};

use super::SECRETS;
use crate::{
    App,
    edit::{PatchedChannel, PutPlatformApp},
    new_channel::PostedChannel,
    random, router,
};

fn routes() -> Routes {
    Routes::new(
        include_str!("../../../../events/channel-ops/start.json"),
        || router(App::from_env(&nowhere()).unwrap()),
    )
}

fn asked(ask: Ask<'_>) -> (u16, Value) {
    let answer = routes().ask(ask);
    (
        answer.status_code,
        serde_json::from_str(&answer.body).unwrap(),
    )
}

pub(super) fn ask(role: Role, method: &str, path: &str, body: &str) -> (u16, Value) {
    asked(Ask {
        body: body.as_bytes(),
        ..Ask::by(role, method, path)
    })
}

/// A question of the platform's people with this query.
pub(super) fn ask_with(path: &str, query: &str) -> (u16, Value) {
    asked(Ask {
        query,
        ..Ask::by(Role::PlatformAdmin, "GET", path)
    })
}

/// The status, and field and code of the first problem.
fn refused(method: &str, path: &str, body: &Value) -> (u16, String, String) {
    let (status, answer) = ask(Role::Manager, method, path, &body.to_string());
    let problem = &answer["error"]["details"]["fields"][0];
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    for secret in SECRETS {
        assert!(!answer.to_string().contains(secret), "{answer}");
    }
    (status, text("field"), text("code"))
}

fn meta() -> Value {
    json!({
        "phone_number_id": "106000000000042", "business_account_id": "207000000000042",
        "access_token": SECRETS[0], "app_secret": SECRETS[1], "verify_token": SECRETS[2],
    })
}

fn m360() -> Value {
    json!({"phone": "+97333000042", "api_key": SECRETS[3]})
}

fn randoms() -> Randoms {
    random::fresh().unwrap()
}

#[test]
fn a_body_that_cannot_be_read_is_400() {
    for body in ["", "{", "[1", "{\"name\":\"a\",\"name\":\"b\"}"] {
        for (role, method, path) in [
            (Role::Manager, "POST", "/v1/channels"),
            (
                Role::Manager,
                "PATCH",
                "/v1/channels/01930a5e-3c00-7000-8000-000000000001",
            ),
            (Role::PlatformAdmin, "PUT", "/v1/platform/meta"),
        ] {
            let (status, answer) = ask(role, method, path, body);
            assert_eq!(status, 400, "{method} {body:?}");
            assert_eq!(answer["error"]["code"], "VALIDATION");
        }
    }
}

#[test]
fn a_wrong_field_is_named_as_the_caller_wrote_it_and_without_its_value() {
    let mut extra = meta();
    extra["acess_token"] = json!("x");
    let mut short = meta();
    short["access_token"] = json!("a b");
    let mut letters = meta();
    letters["phone_number_id"] = json!(SECRETS[0]);
    let mut version = meta();
    version["api_version"] = json!("22");
    let mut number = meta();
    number["access_token"] = json!(12_345_678);
    let post = |meta: Value| json!({"provider": "meta", "name": "Shop", "meta": meta});
    let phone = json!({"phone": "0333", "api_key": SECRETS[3]});
    let third = json!({"phone": "+97333000042", "api_key": SECRETS[3], "api_version": "v3"});
    let m360 =
        |m360: Value| json!({"provider": "messenger360", "name": "Shop", "messenger360": m360});
    for (body, field, code) in [
        (
            json!({"provider": "meta", "name": "A", "key": "x"}),
            "key",
            "UNKNOWN_FIELD",
        ),
        (
            json!({"provider": "meta", "meta": meta()}),
            "name",
            "REQUIRED",
        ),
        (
            json!({"provider": "carrier", "name": "A"}),
            "provider",
            "UNKNOWN_VALUE",
        ),
        (
            json!({"provider": "meta", "name": " ", "meta": meta()}),
            "name",
            "LENGTH",
        ),
        (
            json!({"provider": "meta", "name": "a\nb", "meta": meta()}),
            "name",
            "LENGTH",
        ),
        (post(extra), "meta.acess_token", "UNKNOWN_FIELD"),
        (post(short), "meta.access_token", "FORMAT"),
        (post(letters), "meta.phone_number_id", "FORMAT"),
        (post(version), "meta.api_version", "FORMAT"),
        (post(number), "meta.access_token", "WRONG_TYPE"),
        (m360(phone), "messenger360.phone", "INVALID"),
        (m360(third), "messenger360.api_version", "UNKNOWN_VALUE"),
    ] {
        assert_eq!(
            refused("POST", "/v1/channels", &body),
            (422, field.to_owned(), code.to_owned()),
            "{body}"
        );
    }
}

#[test]
fn a_channel_has_the_object_of_its_provider_and_no_other() {
    for (body, field, code) in [
        (json!({"provider": "meta", "name": "A"}), "meta", "REQUIRED"),
        (
            json!({"provider": "messenger360", "name": "A"}),
            "messenger360",
            "REQUIRED",
        ),
        (
            json!({"provider": "meta", "name": "A", "messenger360": m360()}),
            "meta",
            "REQUIRED",
        ),
        (
            json!({"provider": "meta", "name": "A", "meta": meta(), "messenger360": m360()}),
            "messenger360",
            "OTHER_PROVIDER",
        ),
        (
            json!({"provider": "messenger360", "name": "A", "meta": meta(), "messenger360": m360()}),
            "meta",
            "OTHER_PROVIDER",
        ),
        (
            json!({"provider": "whapi", "name": "A", "default": true}),
            "default",
            "NOT_HERE",
        ),
        (
            json!({"provider": "whapi", "name": "A", "meta": meta()}),
            "meta",
            "NOT_HERE",
        ),
        (json!({"provider": "whapi", "name": " "}), "name", "LENGTH"),
        (
            json!({"provider": "whapi", "name": "A", "days": 366}),
            "days",
            "RANGE",
        ),
        (
            json!({"provider": "meta", "name": "A", "meta": meta(), "days": 30}),
            "days",
            "NOT_HERE",
        ),
        (
            json!({"provider": "meta", "name": "A", "meta": meta(), "phone": "+97333000042"}),
            "phone",
            "NOT_HERE",
        ),
    ] {
        assert_eq!(
            refused("POST", "/v1/channels", &body),
            (422, field.to_owned(), code.to_owned()),
            "{body}"
        );
    }
}

/// X37: agents see no channels, viewers change none, and what all companies share is the platform's.
#[test]
fn a_role_that_may_not_is_told_so_before_anything_is_looked_at() {
    let one = "/v1/channels/01930a5e-3c00-7000-8000-000000000001";
    let check = format!("{one}/check");
    let (extend, qr) = (format!("{one}/extend"), format!("{one}/qr"));
    let post = json!({"provider": "messenger360", "name": "A", "messenger360": m360()}).to_string();
    let secret = json!({"app_secret": SECRETS[1]}).to_string();
    let routes = [
        ("GET", "/v1/channels", "", "viewer manager"),
        ("GET", one, "", "viewer manager"),
        ("POST", "/v1/channels", post.as_str(), "manager"),
        ("PATCH", one, "{}", "manager"),
        ("POST", check.as_str(), "", "manager"),
        ("POST", extend.as_str(), r#"{"days": 30}"#, "manager"),
        ("GET", qr.as_str(), "", "manager"),
        ("DELETE", one, "", "manager"),
        ("GET", "/v1/platform/meta", "", "platform_admin"),
        (
            "PUT",
            "/v1/platform/meta",
            secret.as_str(),
            "platform_admin",
        ),
    ];
    for (method, path, body, may) in routes {
        for role in Role::ALL {
            if may.contains(role.as_str()) {
                continue;
            }
            let (status, answer) = ask(role, method, path, body);
            assert_eq!(
                (status, answer["error"]["code"].as_str()),
                (403, Some("FORBIDDEN")),
                "{role:?} {method} {path}"
            );
        }
    }
}

#[test]
fn what_is_no_id_names_nothing() {
    let (status, _) = ask(Role::Manager, "GET", "/v1/channels/FALCON-1", "");
    assert_eq!(status, 404);
}

/// S1.156: what is posted prints no secret, before and after it is read.
#[test]
fn no_body_prints_its_secrets() {
    let parsed = |body: Value| parse::<PostedChannel>(body.to_string().as_bytes()).unwrap();
    let both =
        || json!({"provider": "meta", "name": "Shop", "meta": meta(), "messenger360": m360()});
    let one = json!({"provider": "meta", "name": "Shop", "meta": meta()});
    let other = json!({"provider": "messenger360", "name": "Shop", "messenger360": m360()});
    let change =
        json!({"access_token": SECRETS[0], "app_secret": SECRETS[1], "verify_token": SECRETS[2]});
    let app = json!({"app_secret": SECRETS[1], "verify_token": SECRETS[2]});
    let bodies = [
        format!("{:?}", parsed(both())),
        format!(
            "{:?}",
            parse::<PatchedChannel>(change.to_string().as_bytes()).unwrap()
        ),
        format!(
            "{:?}",
            parse::<PutPlatformApp>(app.to_string().as_bytes()).unwrap()
        ),
    ];
    let read = [one, other].map(|body| format!("{:?}", parsed(body).read(randoms()).unwrap()));
    let refused = format!("{:?}", parsed(both()).read(randoms()).unwrap_err());
    for printed in bodies.iter().chain(&read).chain([&refused]) {
        for secret in SECRETS {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    assert!(
        !bodies.concat().contains("97333000042"),
        "a number is printed"
    );
}

#[test]
fn the_verify_token_is_shown_where_waypost_made_it() {
    let read = |body: Value| {
        let fresh = randoms();
        let made = fresh.verify_token.expose_secret().to_owned();
        let posted = parse::<PostedChannel>(body.to_string().as_bytes()).unwrap();
        let posted = posted.read(fresh).unwrap();
        (made, posted)
    };
    let mut bare = meta();
    bare.as_object_mut().unwrap().remove("verify_token");
    let (made, posted) = read(json!({"provider": "meta", "name": "Shop", "meta": bare}));
    assert_eq!(posted.verify_token.unwrap().expose_secret(), made);
    assert_eq!(posted.new.verify_token.expose_secret(), made);

    let (_, own) = read(json!({"provider": "meta", "name": "Shop", "meta": meta()}));
    assert!(own.verify_token.is_none());
    assert_eq!(own.new.verify_token.expose_secret(), SECRETS[2]);

    let (_, m360) = read(json!({"provider": "messenger360", "name": "A", "messenger360": m360()}));
    assert!(
        m360.verify_token.is_none(),
        "360Messenger knows no such thing"
    );
}
