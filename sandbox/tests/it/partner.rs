//! WHAPI's manager: channels made, found again, extended, logged in to and deleted; its balance.

use std::time::Duration;

use sandbox::{
    provider::Provider,
    whapi::partner::{DeedKind, ManagedShown, PartnerShown},
};
use serde_json::{Value, json};

use crate::support::World;

const TOKEN: &str = "partner-token-of-the-platform-3Xy";
const PROJECT: &str = "project-of-the-tests";

struct Manager {
    world: World,
}

impl Manager {
    async fn with(changes: Value) -> Self {
        let world = World::empty().await;
        let mut partner = json!({
            "token": TOKEN, "name": "acme-platform", "projects": [PROJECT], "live_days": 60,
        });
        for (key, value) in changes.as_object().unwrap() {
            partner[key] = value.clone();
        }
        world.order("PUT", "/manager/partners", &partner).await;
        Self { world }
    }

    /// A call with a token; none when no answer came within 300 ms.
    async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Option<(u16, Value)> {
        let request = self
            .world
            .client
            .request(method.parse().unwrap(), self.world.url(path))
            .bearer_auth(token)
            .timeout(Duration::from_millis(300))
            .body(body.to_string());
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.ok()?;
        Some((status, text.parse().unwrap_or(Value::String(text))))
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let path = format!("/manager{path}");
        self.ask(TOKEN, method, &path, body).await.unwrap()
    }

    async fn create(&self, name: &str) -> Value {
        let body = json!({"name": name, "projectId": PROJECT});
        let (status, channel) = self.call("PUT", "/channels", body).await;
        assert_eq!(status, 200, "{channel}");
        channel
    }

    async fn lose(&self, method: &str, kind: &str) {
        let order = json!({"kind": kind, "path": "/manager/channels*", "method": method});
        self.world.fault(order).await;
    }

    fn shown(&self) -> PartnerShown {
        self.world.sandbox.partner_shown("acme-platform").unwrap()
    }

    fn only(&self) -> ManagedShown {
        let [channel] = self.shown().channels.try_into().unwrap();
        channel
    }

    fn deeds(&self) -> Vec<(DeedKind, i64)> {
        let deeds = self.shown().deeds;
        deeds.iter().map(|deed| (deed.kind, deed.days)).collect()
    }
}

#[tokio::test]
async fn only_the_partners_token_opens_it() {
    let manager = Manager::with(json!({})).await;
    for (method, path) in [
        ("GET", "/manager/projects"),
        ("PUT", "/manager/channels"),
        ("GET", "/manager/partners/acme-platform/settings"),
    ] {
        let answer = manager.ask("another", method, path, json!({})).await;
        assert_eq!(answer.unwrap().0, 401, "{path}");
    }
    let (status, projects) = manager.call("GET", "/projects", json!({})).await;
    assert_eq!((status, &projects[0]["id"]), (200, &json!(PROJECT)));
    let wrapped = Manager::with(json!({"wrapped": true})).await;
    let (_, projects) = wrapped.call("GET", "/projects", json!({})).await;
    assert_eq!(projects["projects"][0]["id"], PROJECT);
    let gate = manager.ask(TOKEN, "GET", "/health", json!({})).await;
    assert_eq!(gate.unwrap().0, 401, "a partner's token is no channel's");
}

#[tokio::test]
async fn a_new_channel_is_the_gates_and_nobody_is_logged_in() {
    let manager = Manager::with(json!({})).await;
    for odd in [
        json!({}),
        json!({"name": "", "projectId": PROJECT}),
        json!({"name": "Shop"}),
        json!({"name": "Shop", "projectId": PROJECT, "phone": 97_333_000_001_i64}),
    ] {
        assert_eq!(manager.call("PUT", "/channels", odd).await.0, 400);
    }
    let elsewhere = json!({"name": "Shop", "projectId": "another"});
    assert_eq!(manager.call("PUT", "/channels", elsewhere).await.0, 404);

    let made = manager.create("Shop").await;
    assert_eq!(
        (&made["mode"], &made["stopped"]),
        (&json!("trial"), &json!(false))
    );
    let five_days = 5 * 24 * 60 * 60 * 1_000;
    let (from, till) = (made["creationTS"].as_i64(), made["activeTill"].as_i64());
    assert_eq!(till.unwrap() - from.unwrap(), five_days);
    assert_eq!(made.get("phone"), None);

    let id = made["id"].as_str().unwrap();
    let path = format!("/channels/{id}");
    assert_eq!(
        manager.call("GET", &path, json!({})).await,
        (200, made.clone())
    );
    for list in ["/channels", &format!("/channels/list/{PROJECT}")] {
        assert_eq!(manager.call("GET", list, json!({})).await.1, json!([made]));
    }
    let other = manager
        .call("GET", "/channels/list/another", json!({}))
        .await;
    assert_eq!(other.1, json!([]));
    assert_eq!(
        manager.call("GET", "/channels/NOBODY-1", json!({})).await.0,
        404
    );

    let token = made["token"].as_str().unwrap();
    let health = manager
        .ask(token, "GET", "/health?wakeup=false", json!({}))
        .await;
    assert_eq!(health.unwrap().1["status"]["text"], "QR");
    let text = json!({"to": "97333000001", "body": "hello"});
    let sent = manager.ask(token, "POST", "/messages/text", text).await;
    assert_eq!(sent.unwrap().0, 401, "nobody is logged in");
}

#[tokio::test]
async fn a_scan_logs_in_and_tells_the_webhook_that_the_settings_named() {
    let manager = Manager::with(json!({"channels": {"qr_data_uri": false}})).await;
    let token = manager.create("Shop").await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let receiver = &manager.world.receiver;
    let settings = json!({"webhooks": [{
        "url": receiver.url(), "mode": "body", "headers": {"X-Webhook-Secret": "s3cret"},
        "events": [{"type": "users", "method": "post"}, {"type": "channel", "method": "post"}],
    }]});
    let set = manager
        .ask(&token, "PATCH", "/settings", settings.clone())
        .await;
    assert_eq!(set.unwrap().0, 200);
    let kept = manager
        .ask(&token, "GET", "/settings", json!({}))
        .await
        .unwrap()
        .1;
    assert_eq!(kept["webhooks"], settings["webhooks"]);

    let code = manager
        .ask(&token, "GET", "/users/login?wakeup=true", json!({}))
        .await;
    let (_, code) = code.unwrap();
    assert!(
        code["base64"].as_str().unwrap().starts_with("iVBOR"),
        "{code}"
    );
    assert_eq!(code["expire"], 20);

    let id = manager.only().id;
    let scan = format!("/manager/channels/{id}/scan");
    let nobody = manager.world.control("POST", &scan, &json!({})).await;
    assert_eq!(nobody.0, 400, "it was made for no number");
    manager
        .world
        .order("POST", &scan, &json!({"phone": "+97333000001"}))
        .await;
    let bodies = manager.world.received().await;
    let user = bodies
        .iter()
        .find(|body| body.get("user").is_some())
        .unwrap();
    assert_eq!(user["user"]["id"], "97333000001");
    assert_eq!(bodies.len(), 2, "the channel's health too: {bodies:?}");
    assert!(
        receiver
            .all()
            .iter()
            .all(|hook| hook.headers["x-webhook-secret"] == "s3cret")
    );
    let again = manager.ask(&token, "GET", "/users/login", json!({})).await;
    assert_eq!(again.unwrap().0, 409);
    let (_, shown) = manager
        .call("GET", &format!("/channels/{id}"), json!({}))
        .await;
    assert_eq!(shown["phone"], "97333000001");
}

#[tokio::test]
async fn a_stopped_channel_stays_stopped_until_somebody_wakes_it() {
    let manager = Manager::with(json!({})).await;
    manager.create("Shop").await;
    let ManagedShown { id, token, .. } = manager.only();
    let stop = json!({"stopped": true, "active_till": "2020-01-01T00:00:00Z"});
    let order = format!("/manager/channels/{id}");
    manager.world.order("POST", &order, &stop).await;
    manager
        .ask(&token, "GET", "/health?wakeup=false", json!({}))
        .await;
    assert!(manager.only().stopped);
    manager.ask(&token, "GET", "/health", json!({})).await;
    assert_eq!(manager.only().health, "LAUNCH");

    manager.world.order("POST", &order, &stop).await;
    for status in ["WAITING", "OK"] {
        let code = manager
            .ask(&token, "GET", "/users/login?wakeup=true", json!({}))
            .await;
        assert_eq!(code.unwrap().1["status"], status);
    }
}

#[tokio::test]
async fn days_are_spent_and_whole_unused_ones_come_back() {
    let manager = Manager::with(json!({})).await;
    let made = manager.create("Shop").await;
    let id = made["id"].as_str().unwrap();
    let path = format!("/channels/{id}/extend");
    for odd in [
        json!({"days": 30}),
        json!({"days": 0, "comment": "x"}),
        json!({"comment": "x"}),
    ] {
        assert_eq!(manager.call("POST", &path, odd).await.0, 400);
    }
    let month = json!({"days": 30, "comment": "Auto top-up for ada@example.com"});
    let (status, extended) = manager.call("POST", &path, month).await;
    let till = |channel: &Value| channel["activeTill"].as_i64().unwrap();
    assert_eq!(status, 200);
    assert_eq!(till(&extended) - till(&made), 30 * 24 * 60 * 60 * 1_000);
    assert_eq!(extended["mode"], "live");
    assert_eq!(manager.shown().live_days, 30);
    let too_many = json!({"days": 31, "comment": "x"});
    assert_eq!(manager.call("POST", &path, too_many).await.0, 402);

    let mode = format!("/channels/{id}/mode");
    assert_eq!(
        manager.call("PATCH", &mode, json!({"mode": "odd"})).await.0,
        400
    );
    let trial = manager.call("PATCH", &mode, json!({"mode": "trial"})).await;
    assert_eq!(trial.1["mode"], "trial");

    let channel = format!("/channels/{id}");
    assert_eq!(manager.call("DELETE", &channel, json!({})).await.0, 200);
    assert_eq!(manager.call("DELETE", &channel, json!({})).await.0, 404);
    let token = made["token"].as_str().unwrap();
    let gate = manager.ask(token, "GET", "/health", json!({})).await;
    assert_eq!(gate.unwrap().0, 401);
    assert_eq!(
        manager.shown().live_days,
        60,
        "the trial's days were nobody's"
    );
    assert_eq!(
        manager.deeds(),
        [
            (DeedKind::Create, 0),
            (DeedKind::Extend, 30),
            (DeedKind::Mode, 0),
            (DeedKind::Delete, -30),
        ]
    );
    let requests = manager.world.sandbox.requests(Some(TOKEN));
    assert!(
        requests
            .iter()
            .all(|request| request.provider == Provider::WhapiManager)
    );
    let shown = serde_json::to_string(&requests).unwrap();
    assert!(!requests.is_empty() && !shown.contains(TOKEN), "{shown}");
}

#[tokio::test]
async fn answers_are_lost_after_the_deed_and_refusals_come_before_it() {
    for fault in [
        "timeout_after_accept",
        "reset_after_accept",
        "error_after_accept",
    ] {
        let manager = Manager::with(json!({})).await;
        let body = json!({"name": "Shop", "projectId": PROJECT});
        manager.lose("PUT", fault).await;
        let lost = manager
            .ask(TOKEN, "PUT", "/manager/channels", body.clone())
            .await;
        assert!(lost.is_none_or(|(status, _)| status == 500), "{fault}");
        let id = manager.only().id;
        manager.lose("POST", fault).await;
        let path = format!("/manager/channels/{id}/extend");
        let days = json!({"days": 30, "comment": "x"});
        let lost = manager.ask(TOKEN, "POST", &path, days).await;
        assert!(lost.is_none_or(|(status, _)| status == 500), "{fault}");
        assert_eq!(manager.only().spent, 30);
        manager.lose("DELETE", fault).await;
        let path = format!("/manager/channels/{id}");
        let lost = manager.ask(TOKEN, "DELETE", &path, json!({})).await;
        assert!(lost.is_none_or(|(status, _)| status == 500), "{fault}");
        assert!(manager.shown().channels.is_empty());

        for before in [
            json!({"kind": "status", "code": 503}),
            json!({"kind": "timeout_before_accept"}),
            json!({"kind": "reset_before_accept"}),
        ] {
            manager.world.fault(before).await;
            let refused = manager
                .ask(TOKEN, "PUT", "/manager/channels", body.clone())
                .await;
            assert!(refused.is_none_or(|(status, _)| status == 503));
            assert!(manager.shown().channels.is_empty());
        }
    }
}

#[tokio::test]
async fn the_twenty_first_channel_of_half_an_hour_has_to_wait() {
    let manager = Manager::with(json!({})).await;
    for n in 0..20 {
        manager.create(&format!("Shop {n}")).await;
    }
    let body = json!({"name": "Shop 20", "projectId": PROJECT});
    let (status, refused) = manager.call("PUT", "/channels", body).await;
    assert_eq!((status, &refused["error"]["code"]), (429, &json!(429)));
    assert_eq!(manager.shown().channels.len(), 20);
}

#[tokio::test]
async fn a_low_balance_is_told_once_when_it_falls_below_the_limit() {
    let manager = Manager::with(json!({"live_days": 100})).await;
    let url = manager.world.receiver.url();
    let settings = json!({"days_limit": 70, "webhooks": [{
        "url": url, "mode": "body", "events": [{"type": "days", "method": "post"}],
        "headers": {"X-Webhook-Secret": "notice-s3cret"},
    }]});
    let path = "/partners/acme-platform/settings";
    let (status, set) = manager.call("PATCH", path, settings).await;
    assert_eq!((status, &set["liveDays"]), (200, &json!(100)));
    assert_eq!(manager.call("GET", path, json!({})).await, (200, set));
    let other = manager
        .call("GET", "/partners/another/settings", json!({}))
        .await;
    assert_eq!(other.0, 404);

    let id = manager.create("Shop").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let extend = format!("/channels/{id}/extend");
    for (days, notices) in [(30, 0), (10, 1), (10, 1)] {
        let body = json!({"days": days, "comment": "x"});
        assert_eq!(manager.call("POST", &extend, body).await.0, 200);
        assert_eq!(manager.world.received().await.len(), notices, "{days}");
    }
    let [notice] = manager.world.receiver.all().try_into().ok().unwrap();
    assert_eq!(notice.headers["x-webhook-secret"], "notice-s3cret");
    let body: Value = serde_json::from_slice(&notice.body).unwrap();
    assert_eq!(body["days"], json!({"current_days": 60, "days_limit": 70}));

    let other = json!({"partner": "acme-platform", "body": {"left": 3}});
    manager.world.order("POST", "/manager/notice", &other).await;
    assert_eq!(manager.world.received().await[1], json!({"left": 3}));
}
