//! A sandbox with one channel, a webhook receiver, and a client.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    routing::any,
};
use http::{HeaderMap, StatusCode};
use sandbox::{Sandbox, channel::ChannelSpec};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const TOKEN: &str = "channel-token-of-shop-7fQ2";
pub const CUSTOMER: &str = "97300000001";
/// What the receiver expects in Meta's handshake.
pub const VERIFY: &str = "verify-me-9Kd";
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct World {
    pub sandbox: Sandbox,
    pub receiver: Receiver,
    pub client: reqwest::Client,
}

impl World {
    /// One channel posting to the receiver, changed by `changes`.
    pub async fn with(changes: Value) -> Self {
        let world = Self::empty().await;
        let mut channel = json!({
            "token": TOKEN,
            "channel_id": "TESTER-AB123",
            "phone": "97300000009",
            "webhook": {"url": world.receiver.url(), "headers": {"x-webhook-token": "hook-secret"}},
            "retry": {"step_ms": 1},
        });
        for (key, value) in changes.as_object().unwrap() {
            channel[key] = value.clone();
        }
        world.order("PUT", "/channels", &channel).await;
        world
    }

    /// A sandbox where nobody is registered.
    pub async fn empty() -> Self {
        Self {
            sandbox: Sandbox::start().await.unwrap(),
            receiver: Receiver::start().await,
            client: client(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    /// A gate call with the channel's token.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, String), reqwest::Error> {
        let mut request = self
            .client
            .request(method.parse().unwrap(), self.url(path))
            .bearer_auth(TOKEN);
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

    pub async fn send(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.call("POST", path, Some(body)).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    /// Sends a text and returns the message's id.
    pub async fn send_text(&self) -> String {
        let (status, answer) = self.send("/messages/text", &text()).await;
        assert_eq!(status, 200, "{answer}");
        answer["message"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .client
            .request(
                method.parse().unwrap(),
                self.url(&format!("/_sandbox{path}")),
            )
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let problem = |error| panic!("{error}: {text}");
        (status, serde_json::from_str(&text).unwrap_or_else(problem))
    }

    /// An order that must be obeyed.
    pub async fn order(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.control(method, path, body).await;
        assert_eq!(status, 200, "{path} {body} {answer}");
        answer
    }

    /// Orders a fault.
    pub async fn fault(&self, order: Value) {
        self.order("POST", "/faults", &order).await;
    }

    /// Waits until nothing is under way and returns the received webhook bodies.
    pub async fn received(&self) -> Vec<Value> {
        assert!(self.sandbox.idle(PATIENCE).await, "the sandbox stays busy");
        self.receiver.bodies()
    }

    /// The received statuses, in order of arrival.
    pub async fn statuses(&self) -> Vec<String> {
        statuses(&self.received().await)
    }
}

pub fn statuses(bodies: &[Value]) -> Vec<String> {
    let status = |body: &Value| {
        body["statuses"][0]["status"]
            .as_str()
            .map(ToOwned::to_owned)
    };
    bodies.iter().filter_map(status).collect()
}

pub fn text() -> Value {
    json!({"to": CUSTOMER, "body": "Your table is ready"})
}

pub fn question() -> Value {
    json!({
        "to": CUSTOMER,
        "type": "button",
        "header": {"text": "Table 7"},
        "body": {"text": "Will you come?"},
        "footer": {"text": "Shop"},
        "action": {"buttons": [
            {"type": "quick_reply", "title": "I will come", "id": "yes"},
            {"type": "quick_reply", "title": "Not today", "id": "no"},
        ]},
    })
}

/// reqwest is built with TLS in this workspace and wants a crypto provider.
pub fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test binary's thread cannot have installed one in this process.
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Waits for something that no handle announces.
pub async fn eventually(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

/// A channel that posts nothing.
pub fn silent(token: &str) -> ChannelSpec {
    ChannelSpec::new(token, "TESTER-CD456", "97300000008")
}

#[derive(Clone)]
pub struct Received {
    pub headers: HeaderMap,
    pub path: String,
    pub body: Bytes,
}

/// Takes webhooks, and answers with the planned statuses, then with 200.
#[derive(Clone)]
pub struct Receiver {
    pub address: String,
    received: Arc<Mutex<Vec<Received>>>,
    planned: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap().to_string(),
            received: Arc::default(),
            planned: Arc::default(),
        };
        let router = Router::new()
            .fallback(any(take))
            .layer(DefaultBodyLimit::disable())
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks/whapi?v=1", self.address)
    }

    pub fn plan(&self, statuses: impl IntoIterator<Item = u16>) {
        self.planned.lock().unwrap().extend(statuses);
    }

    pub fn all(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn bodies(&self) -> Vec<Value> {
        let parsed = |received: &Received| serde_json::from_slice(&received.body).unwrap();
        self.all().iter().map(parsed).collect()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    Query(query): Query<HashMap<String, String>>,
    uri: http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    if let Some(challenge) = query.get("hub.challenge") {
        return match query.get("hub.verify_token").map(String::as_str) {
            Some(VERIFY) => (StatusCode::OK, challenge.clone()),
            _ => (StatusCode::FORBIDDEN, String::new()),
        };
    }
    let path = uri.to_string();
    let received = Received {
        headers,
        path,
        body,
    };
    receiver.received.lock().unwrap().push(received);
    let planned = receiver.planned.lock().unwrap().pop_front();
    let status = planned.map_or(StatusCode::OK, |status| {
        StatusCode::from_u16(status).unwrap()
    });
    (status, String::new())
}
