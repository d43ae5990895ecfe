//! 360Messenger.

mod lookups;
mod sends;
mod webhooks;

use serde_json::{Value, json};

use crate::support::World;

pub const KEY: &str = "k360-9f8e7d6c5b";
pub const OWN: &str = "97333000008";
pub const PERSON: &str = "97333000001";

/// One account posting to the receiver.
pub struct M360 {
    pub world: World,
}

impl M360 {
    pub async fn with(changes: Value) -> Self {
        let world = World::empty().await;
        let mut account = json!({
            "key": KEY, "phone": OWN, "webhook": {"url": world.receiver.url()},
            "retry": {"step_ms": 1},
        });
        for (key, value) in changes.as_object().unwrap() {
            account[key] = value.clone();
        }
        world.order("PUT", "/m360/accounts", &account).await;
        Self { world }
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = self.world.url(&format!("/m360/{path}"));
        self.world.client.request(method.parse().unwrap(), url)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request("GET", &format!("v2/{path}")).bearer_auth(KEY)).await
    }

    /// A form to version 2.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let request = self.request("POST", &format!("v2/{path}")).bearer_auth(KEY);
        answer(form(request, fields)).await
    }

    pub async fn sent(&self) -> String {
        let fields = [("phonenumber", PERSON), ("text", "Your order is ready")];
        let (status, answer) = self.post("sendMessage", &fields).await;
        assert_eq!(status, 201, "{answer}");
        answer["data"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn status(&self, id: &str) -> Value {
        let (status, answer) = self.get(&format!("message/status?id={id}")).await;
        assert_eq!(
            (status, &answer["success"]),
            (200, &json!(true)),
            "{answer}"
        );
        answer["data"].clone()
    }
}

pub fn form(request: reqwest::RequestBuilder, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.finish())
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap().parse().unwrap())
}
