//! The provider as a scenario needs it. The sandbox stamps messages with the machine's clock, while a
//! scenario's hours pass in milliseconds; so what a look-up shows is dated back to the scenario's
//! clock here. And the webhooks the provider posts.

use std::sync::Mutex;

use domain::{
    channel::{Channel, Secret},
    failure::ProviderFailure,
    ports::Gate,
    provider::{WireRequest, WireResponse},
};
use jiff::Timestamp;
use providers::Transport;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

/// What the channel is called at the provider: `testkit::builders` has it so.
const CHANNEL: &str = "FALCON-T35T1";

/// The number everybody writes to, as the provider spells it.
pub const DIGITS: &str = "97300000001";

/// Which time the scenario's clock showed at which time of the machine's.
#[derive(Debug, Default)]
pub struct Dates(Mutex<Vec<(Timestamp, Timestamp)>>);

impl Dates {
    /// From this moment of the machine's clock on, the scenario's clock shows that.
    pub fn note(&self, wall: Timestamp, shown: Timestamp) {
        let mut dates = self.0.lock().unwrap();
        dates.push((wall, shown));
        dates.sort_unstable();
    }

    fn shown(&self, wall: Timestamp) -> Option<Timestamp> {
        let dates = self.0.lock().unwrap();
        let (_, shown) = dates.iter().rev().find(|(from, _)| *from <= wall)?;
        Some(*shown)
    }
}

/// Told as soon as the provider took a message; the answer to the sender waits for the reply.
pub type Taken = (String, oneshot::Sender<()>);

/// The production transport, in front of a provider that lives by the scenario's clock.
#[derive(Debug)]
pub struct Provider {
    transport: Transport,
    control: Control,
    pub dates: Dates,
    taken: Mutex<Option<mpsc::UnboundedSender<Taken>>>,
}

impl Provider {
    pub fn new(transport: Transport, control: Control) -> Self {
        Self {
            transport,
            control,
            dates: Dates::default(),
            taken: Mutex::default(),
        }
    }

    /// Holds the answers to sends back until somebody here allowed them.
    pub fn hold_answers(&self) -> mpsc::UnboundedReceiver<Taken> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.taken.lock().unwrap() = Some(sender);
        receiver
    }

    async fn look_up(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let (path, since) = undated(&request.path);
        let undated = WireRequest {
            path,
            ..request.clone()
        };
        let mut response = self.transport.exchange(channel, token, &undated).await?;
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else {
            return Ok(response);
        };
        let walls = self.control.accepted().await;
        if let Some(list) = body.get_mut("messages").and_then(Value::as_array_mut) {
            for message in list.iter_mut() {
                let id = message["id"].as_str().unwrap_or_default();
                let wall = walls.iter().find(|(known, _)| known == id);
                if let Some(shown) = wall.and_then(|(_, wall)| self.dates.shown(*wall)) {
                    message["timestamp"] = json!(shown.as_second());
                }
            }
            list.retain(|message| message["timestamp"].as_i64() >= since);
        }
        response.body = body.to_string().into_bytes();
        Ok(response)
    }
}

/// A list's path without its earliest time, and that time.
fn undated(path: &str) -> (String, Option<i64>) {
    let (list, query) = path.split_once('?').unwrap_or((path, ""));
    let (from, rest): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .partition(|pair| pair.starts_with("time_from="));
    let since = from
        .first()
        .and_then(|pair| pair.split('=').nth(1)?.parse().ok());
    (format!("{list}?{}", rest.join("&")), since)
}

impl Gate for Provider {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        if request.path.starts_with("/messages/list") {
            return self.look_up(channel, token, request).await;
        }
        let response = self.transport.exchange(channel, token, request).await?;
        let sender = self.taken.lock().unwrap().clone();
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if let (Some(sender), Some(id)) = (sender, body["message"]["id"].as_str()) {
            let (allow, allowed) = oneshot::channel();
            sender.send((id.to_owned(), allow)).ok();
            // Whoever listened may be gone; then the answer simply arrives.
            allowed.await.ok();
        }
        Ok(response)
    }
}

/// The sandbox's control plane.
#[derive(Debug, Clone)]
pub struct Control {
    client: reqwest::Client,
    base: String,
}

impl Control {
    pub const fn new(client: reqwest::Client, base: String) -> Self {
        Self { client, base }
    }

    /// Ids of the messages the provider took, with the machine's time.
    async fn accepted(&self) -> Vec<(String, Timestamp)> {
        let url = format!("{}/_sandbox/messages", self.base);
        let answer = self.client.get(url).send().await.unwrap();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let entry = |message: &Value| {
            let at = message["at"].as_str()?.parse().ok()?;
            Some((message["id"].as_str()?.to_owned(), at))
        };
        body["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(entry)
            .collect()
    }
}

/// A webhook with these statuses of one message.
pub fn statuses(id: &str, words: &[&str], at: Timestamp) -> String {
    posted(words.iter().map(|word| (id, *word)), at)
}

/// A webhook with the same status of all these messages.
pub fn all(ids: &[&str], status: &str, at: Timestamp) -> String {
    posted(ids.iter().map(|id| (*id, status)), at)
}

fn posted<'a>(items: impl Iterator<Item = (&'a str, &'a str)>, at: Timestamp) -> String {
    let item = |(id, status)| {
        json!({"id": id, "status": status, "recipient_id": format!("{DIGITS}@s.whatsapp.net"),
            "timestamp": at.as_second().to_string()})
    };
    let items: Vec<Value> = items.map(item).collect();
    json!({"statuses": items, "event": {"type": "statuses", "event": "post"}, "channel_id": CHANNEL})
        .to_string()
}

/// A webhook with these messages.
pub fn messages(items: &[Value]) -> String {
    json!({"messages": items, "event": {"type": "messages", "event": "post"}, "channel_id": CHANNEL})
        .to_string()
}

/// What somebody writes; `rest` is its content.
pub fn inbound(id: &str, at: Timestamp, mut rest: Value) -> Value {
    let base = json!({"id": id, "from_me": false, "chat_id": format!("{DIGITS}@s.whatsapp.net"),
        "timestamp": at.as_second(), "source": "mobile", "from": DIGITS, "from_name": "Ada Example"});
    for (name, value) in base.as_object().unwrap() {
        let rest = rest.as_object_mut().unwrap();
        rest.entry(name.clone()).or_insert_with(|| value.clone());
    }
    rest
}

/// The press of the first button of a message.
pub fn press(quoted: &str, at: Timestamp) -> Value {
    let reply = json!({"type": "reply", "context": {"quoted_id": quoted, "quoted_type": "hsm"},
        "reply": {"type": "buttons_reply",
            "buttons_reply": {"id": "ButtonsV3:btn1", "title": "Confirmed"}}});
    inbound(&format!("press-{quoted}"), at, reply)
}
