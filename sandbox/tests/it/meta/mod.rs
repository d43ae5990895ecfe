//! Meta's WhatsApp Cloud API.

mod batches;
mod faults;
mod inbound;
mod lists;
mod sends;
mod statuses;
mod updates;
mod webhooks;

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Received, VERIFY, World};

pub const APP: &str = "400100";
pub const SECRET: &str = "app-secret-of-waypost-3Lm";
pub const WABA: &str = "820001";
pub const NUMBER: &str = "710001";
pub const BEARER: &str = "system-user-token-Qz81";
pub const OWN: &str = "97333000009";
pub const PERSON: &str = "97333000001";

/// An app with one account and one number, whose customer has just written.
pub struct Meta {
    pub world: World,
}

impl Meta {
    /// The number changed by `changes`.
    pub async fn with(changes: Value) -> Self {
        let world = World::empty().await;
        let app = json!({
            "app_id": APP, "app_secret": SECRET, "verify_token": VERIFY,
            "webhook": {"url": world.receiver.url()}, "retry": {"step_ms": 1},
        });
        world.order("PUT", "/meta/apps", &app).await;
        let waba = json!({"waba_id": WABA, "app_id": APP, "tokens": [BEARER]});
        world.order("PUT", "/meta/wabas", &waba).await;
        let meta = Self { world };
        meta.number(NUMBER, WABA, changes).await;
        meta.heard(PERSON, json!("2999-01-01T00:00:00Z")).await;
        meta
    }

    pub async fn number(&self, id: &str, waba: &str, changes: Value) {
        let mut number = json!({
            "phone_number_id": id, "waba_id": waba, "display_phone_number": "+973 3300 0009",
        });
        for (key, value) in changes.as_object().unwrap() {
            number[key] = value.clone();
        }
        self.world.order("PUT", "/meta/numbers", &number).await;
    }

    /// When somebody last wrote; never, with null.
    pub async fn heard(&self, person: &str, at: Value) {
        let order = json!({"phone_number_id": NUMBER, "person": person, "at": at});
        self.world.order("POST", "/meta/heard", &order).await;
    }

    /// A template with one place, a quick reply and a status.
    pub async fn template(&self, name: &str, status: &str) {
        let template = json!({
            "waba_id": WABA, "name": name, "language": "en_US", "status": status, "components": [
                {"type": "BODY", "text": "Your order {{1}} is ready."},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"}]},
            ],
        });
        self.world.order("PUT", "/meta/templates", &template).await;
    }

    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, String), reqwest::Error> {
        let url = self.world.url(&format!("/meta/v23.0/{path}"));
        let request = self.world.client.request(method.parse().unwrap(), url);
        let mut request = request.bearer_auth(BEARER);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let (status, text) = self.call("GET", path, None).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    /// Sends `content` to the customer; its keys win, and null removes one.
    pub async fn send(&self, content: Value) -> (u16, Value) {
        let path = format!("{NUMBER}/messages");
        let (status, text) = self.call("POST", &path, Some(&to(content))).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    /// Sends something acceptable and returns its id.
    pub async fn sent(&self, content: Value) -> String {
        let (status, answer) = self.send(content).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// The values of the received changes, in order.
    pub async fn values(&self) -> Vec<Value> {
        values(&self.world.received().await)
    }

    /// The received statuses, in order.
    pub async fn statuses(&self) -> Vec<Value> {
        items(&self.values().await, "statuses")
    }

    pub fn kept(&self) -> usize {
        self.world.sandbox.messages(Some(NUMBER)).len()
    }
}

pub fn to(content: Value) -> Value {
    let mut body = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": format!("+{PERSON}"),
    });
    for (key, value) in content.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(key)),
            value => body[key] = value.clone(),
        }
    }
    body
}

pub fn text() -> Value {
    json!({"type": "text", "text": {"body": "Your table is ready – été"}})
}

pub fn question() -> Value {
    json!({"type": "interactive", "interactive": {
        "type": "button",
        "body": {"text": "Will you come?"},
        "action": {"buttons": [
            {"type": "reply", "reply": {"id": "yes", "title": "I will come"}},
            {"type": "reply", "reply": {"id": "no", "title": "Not today"}},
        ]},
    }})
}

pub fn values(bodies: &[Value]) -> Vec<Value> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let entries = bodies.iter().flat_map(|body| list(&body["entry"]));
    let changes = entries.flat_map(|entry| list(&entry["changes"]));
    changes.map(|change| change["value"].clone()).collect()
}

pub fn items(values: &[Value], key: &str) -> Vec<Value> {
    let list = |value: &Value| value.get(key).and_then(Value::as_array).cloned();
    values.iter().filter_map(list).flatten().collect()
}

pub fn words(statuses: &[Value]) -> Vec<&str> {
    statuses
        .iter()
        .map(|status| status["status"].as_str().unwrap())
        .collect()
}

/// Whether a webhook is signed with `secret` over its very bytes.
pub fn is_signed(received: &Received, secret: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.body);
    let wanted = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    received
        .headers
        .get("x-hub-signature-256")
        .is_some_and(|value| *value == wanted)
}
