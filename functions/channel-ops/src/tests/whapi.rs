//! The platform's account at WHAPI: who may ask, what is refused before anything is read, what is shown.

use domain::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    ids::BalanceNoticeId,
    partner::{BalanceNotice, PartnerSettings},
    principal::Role,
    service::{partner_settings::PartnerChange, partner_settings::Tested},
};
use runtime::http::parse;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::asking::ask;
use crate::{
    webhook_urls::WebhookUrls,
    whapi_view::{BalanceShown, PostedNotices, PutWhapi, WhapiSettingsShown, WhapiTested},
};

const TOKEN: &str = "inventedpartnertoken01";
const KEY: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

fn settings() -> PartnerSettings {
    PartnerSettings {
        sealed_token: Some(SealedSecret(TOKEN.into())),
        token_hint: "en01".into(),
        project: Some("project-7".into()),
        partner: Some("acme".into()),
        key: ChannelKey::parse(KEY),
        webhook_secrets: vec![SecretHash::of(b"secret")],
        days_limit: Some(30),
        registered_at: None,
        tested_at: None,
        refused: true,
        keeps_unused_days: false,
        changed_at: Some("2026-11-21T10:00:00Z".parse().unwrap()),
        version: 3,
    }
}

fn urls() -> WebhookUrls {
    WebhookUrls::below("https://hooks.example/")
}

/// S3.26, S3.73: the platform's people alone; the role is asked before the body is read.
#[test]
fn only_the_platforms_people_may() {
    for (method, path) in [
        ("GET", "/v1/platform/whapi"),
        ("PUT", "/v1/platform/whapi"),
        ("POST", "/v1/platform/whapi/test"),
        ("POST", "/v1/platform/whapi/notices"),
        ("GET", "/v1/platform/partner-balance"),
    ] {
        for role in [Role::Manager, Role::Agent, Role::Viewer] {
            let (status, answer) = ask(role, method, path, "{");
            assert_eq!(status, 403, "{role:?} {method} {path}");
            assert_eq!(answer["error"]["details"]["reason"], "ROLE");
        }
    }
}

/// What is odd is refused by field, before the table is asked.
#[test]
fn odd_bodies_are_refused() {
    for (method, path, body, wanted) in [
        ("PUT", "/v1/platform/whapi", json!({}), 422),
        (
            "PUT",
            "/v1/platform/whapi",
            json!({"partner_token": "short"}),
            422,
        ),
        ("PUT", "/v1/platform/whapi", json!({"token": TOKEN}), 422),
        (
            "PUT",
            "/v1/platform/whapi",
            json!({"partner_name": "a/b"}),
            422,
        ),
        (
            "POST",
            "/v1/platform/whapi/notices",
            json!({"days_limit": 0}),
            422,
        ),
        (
            "POST",
            "/v1/platform/whapi/notices",
            json!({"days_limit": -1}),
            422,
        ),
        ("POST", "/v1/platform/whapi/notices", json!({}), 422),
    ] {
        let (status, answer) = ask(Role::PlatformAdmin, method, path, &body.to_string());
        assert_eq!(status, wanted, "{body} {answer}");
        assert!(!answer.to_string().contains(TOKEN), "{answer}");
    }
    for odd in ["limit=0", "limit=101", "cursor=x"] {
        let path = "/v1/platform/partner-balance";
        let (status, answer) = super::asking::ask_with(path, odd);
        assert_eq!(status, 422, "{odd} {answer}");
    }
}

/// S3.27: secrets go in, wrapped as they are read.
#[test]
fn a_token_is_read_and_not_printed() {
    let body = json!({"partner_token": TOKEN, "webhook_secret": "invented-hook-secret", "credit_unused_days": false});
    let put: PutWhapi = parse(body.to_string().as_bytes()).unwrap();
    assert!(!format!("{put:?}").contains(TOKEN));
    let change = PartnerChange::from(put);
    assert_eq!(change.keeps_unused_days, Some(true));
    assert_eq!(change.token.unwrap().expose_secret(), TOKEN);
    let posted: PostedNotices = parse(br#"{"days_limit": 30}"#).unwrap();
    assert_eq!(posted.days_limit, 30);
}

/// S3.31, S3.54: everything but secrets, the banner word for word, and where notices go.
#[test]
fn the_settings_are_shown_without_secrets() {
    let shown = serde_json::to_value(WhapiSettingsShown::new(settings(), &urls())).unwrap();
    let url = format!("https://hooks.example/webhooks/whapi-partner/{KEY}");
    assert_eq!(
        shown,
        json!({
            "has_partner_token": true, "partner_token_hint": "en01", "project_id": "project-7",
            "partner_name": "acme", "credit_unused_days": true, "tested_at": null, "changed_at": "2026-11-21T10:00:00Z",
            "banner": "WHAPI Partner Token missing or invalid — please update integration settings.",
            "webhook": {
                "url": url, "header": "X-Webhook-Secret", "has_secret": true, "event": "days",
                "days_limit": 30, "registered_at": null,
            },
        })
    );
    let empty = WhapiSettingsShown::new(PartnerSettings::default(), &urls());
    let empty = serde_json::to_value(empty).unwrap();
    assert_eq!(empty["webhook"]["url"], Value::Null);
    assert_eq!(empty["has_partner_token"], false);
    let tested = Tested {
        projects: vec!["other".into()],
        settings: settings(),
    };
    let tested = serde_json::to_value(WhapiTested::new(tested, &urls())).unwrap();
    assert_eq!(tested["project_found"], false);
}

/// S3.53, S3.64: the sentence, and every field of a notice.
#[test]
fn a_balance_shows_the_latest_notice() {
    let notice = BalanceNotice {
        id: BalanceNoticeId::fresh(),
        current_days: Some(12),
        days_limit: Some(30),
        received_at: "2026-11-21T10:00:00Z".parse().unwrap(),
        as_of: "2026-11-21T10:00:00Z".parse().unwrap(),
        raw: "{}".into(),
    };
    let id = notice.id.to_string();
    let items = vec![notice.clone()];
    let shown = BalanceShown::new(Some(notice), items, None);
    let item = json!({"id": id, "current_days": 12, "days_limit": 30,
        "received_at": "2026-11-21T10:00:00Z", "raw": "{}"});
    assert_eq!(
        serde_json::to_value(shown).unwrap(),
        json!({
            "latest": item, "items": [item], "next_cursor": null,
            "sentence": "Partner balance: 12 days remaining (updated 2026-11-21T10:00:00Z)",
        })
    );
    let none = serde_json::to_value(BalanceShown::new(None, Vec::new(), None)).unwrap();
    assert_eq!(none["sentence"], Value::Null);
}
