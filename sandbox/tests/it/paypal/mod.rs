//! PayPal.

mod subscriptions;
mod webhooks;

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::World;

pub const CLIENT: &str = "AfalconShop-client_1";
pub const SECRET: &str = "EFalconShop-secret-7fQ2";
pub const WEBHOOK: &str = "4WEBHOOKFALCON1";
pub const PLAN: &str = "P-FALCON30";

/// One app posting to the receiver, and a token of its own.
pub struct PayPal {
    pub world: World,
    pub token: String,
}

impl PayPal {
    pub async fn start() -> Self {
        let world = World::empty().await;
        let app = json!({
            "client_id": CLIENT, "client_secret": SECRET, "webhook_id": WEBHOOK,
            "webhook": {"url": world.receiver.url()},
            "plans": [{"id": PLAN, "value": "26.50"}], "retry": {"step_ms": 1},
        });
        world.order("PUT", "/paypal/apps", &app).await;
        let mut paypal = Self {
            world,
            token: String::new(),
        };
        let (status, answer) = paypal.ask_token(SECRET).await;
        assert_eq!(status, 200, "{answer}");
        paypal.token = answer["access_token"].as_str().unwrap().to_owned();
        paypal
    }

    pub async fn ask_token(&self, secret: &str) -> (u16, Value) {
        let request = self.world.client.post(self.url("/v1/oauth2/token"));
        let request = request
            .basic_auth(CLIENT, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        told(request).await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        self.world.url(&format!("/paypal{path}"))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.world.client.get(self.url(path));
        told(request.bearer_auth(&self.token)).await.unwrap()
    }

    /// None when no answer came.
    pub async fn post(&self, path: &str, request_id: &str, body: String) -> Option<(u16, Value)> {
        let request = self.world.client.post(self.url(path));
        let request = request
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .header("paypal-request-id", request_id)
            .body(body);
        told(request).await
    }

    pub async fn subscribe(&self, request_id: &str) -> Option<(u16, Value)> {
        let body = json!({"plan_id": PLAN, "custom_id": request_id});
        self.post("/v1/billing/subscriptions", request_id, body.to_string())
            .await
    }

    /// A subscription that waits for its buyer.
    pub async fn subscribed(&self, request_id: &str) -> String {
        let (status, answer) = self.subscribe(request_id).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    pub async fn order(&self, id: &str, order: &str, spec: Value) {
        let path = format!("/paypal/subscriptions/{id}/{order}");
        self.world.order("POST", &path, &spec).await;
    }

    /// The types of the events that arrived, in order.
    pub async fn events(&self) -> Vec<String> {
        let bodies = self.world.received().await;
        let kind = |body: &Value| body["event_type"].as_str().unwrap().to_owned();
        bodies.iter().map(kind).collect()
    }
}

async fn told(request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
    let response = request.send().await.ok()?;
    let status = response.status();
    let text = response.text().await.ok()?;
    if status == StatusCode::NO_CONTENT {
        return Some((204, Value::Null));
    }
    Some((status.as_u16(), serde_json::from_str(&text).unwrap()))
}
