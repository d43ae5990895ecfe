//! One company of a test: its API, its channel, and hands to move its messages with.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    ids::MessageId,
    message::{Message, Phase},
    ports::{Journal, Messages, Saved},
    webhook::JournalBody,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use reqwest::Method;
use sandbox::messages::MessageEntry;
use serde_json::{Value, json};
use xtask::{
    client::{Answer, Api},
    seed::{Seeded, Wanted},
    stack::SignedIn,
};

use super::{People, World};

pub struct Company {
    pub world: Arc<World>,
    pub seeded: Seeded,
    /// The manager's API.
    pub api: Api,
    pub token: String,
    /// The manager's address.
    pub email: String,
    pub others: BTreeMap<&'static str, SignedIn>,
}

impl Company {
    pub(super) async fn founded(
        world: &Arc<World>,
        people: People,
        name: &str,
        automatic: Value,
        daily: u32,
    ) -> Self {
        let wanted = Wanted {
            tenant: people.tenant,
            name: name.to_owned(),
            daily_messages: daily,
            automatic,
        };
        world.tenants.lock().unwrap().push(people.tenant);
        let base = world.sandbox.base_url();
        let seeded = world
            .worlds
            .seed(&world.http, &world.stack, &base, &wanted)
            .await
            .unwrap();
        for secret in [
            &seeded.token,
            &seeded.webhook_secret,
            &people.manager.id_token,
        ] {
            world.plant(secret);
        }
        world.plant(seeded.channel.key.as_str());
        Self {
            world: Arc::clone(world),
            seeded,
            api: world.api(Some(people.manager.id_token.clone())),
            token: people.manager.id_token,
            email: people.email,
            others: people.others,
        }
    }

    /// Posts a message and gives its answer's data.
    pub async fn send(&self, body: &Value) -> Value {
        self.api
            .post("/v1/messages", body)
            .await
            .unwrap()
            .data()
            .unwrap()
            .clone()
    }

    /// Posts a message whose first attempt is left to the lane.
    pub async fn send_to_lane(&self, body: &Value) -> Value {
        let answer = self
            .api
            .call(
                Method::POST,
                "/v1/messages",
                &[("prefer", "respond-async")],
                Some(body.to_string()),
            )
            .await
            .unwrap();
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.data().unwrap().clone()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.api.get(path).await.unwrap().data().unwrap().clone()
    }

    pub async fn shown(&self, id: &str) -> Value {
        self.get(&format!("/v1/messages/{id}")).await
    }

    /// Waits until a message shows a status.
    pub async fn until_status(&self, id: &str, status: &str) -> Value {
        self.world
            .until(&format!("message {id} is {status}"), async || {
                let shown = self.shown(id).await;
                (shown["status"] == status).then_some(shown)
            })
            .await
    }

    /// Waits until a job's totals have one message in this status.
    pub async fn until_total(&self, job: &str, status: &str) -> Value {
        self.world
            .until(&format!("job {job} counts one {status}"), async || {
                let shown = self.get(&format!("/v1/jobs/{job}")).await;
                let totals = shown["totals"].clone();
                let sum: u64 = totals
                    .as_object()
                    .unwrap()
                    .values()
                    .map(|n| n.as_u64().unwrap())
                    .sum();
                assert_eq!(Some(sum), shown["size"].as_u64(), "{totals}");
                (totals[status] == 1).then_some(totals)
            })
            .await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        let body = Some(body.to_string());
        self.api.call(Method::PUT, path, &[], body).await.unwrap()
    }

    /// The bodies in this company's journal of today and yesterday.
    pub async fn journalled(&self) -> Vec<String> {
        let (store, tenant) = (&self.world.worlds.store, self.seeded.tenant.id);
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let mut bodies = Vec::new();
        for day in [today.yesterday().unwrap(), today] {
            let page = store.entries(tenant, day, None, 100).await.unwrap();
            for entry in page.items {
                if let JournalBody::Here(bytes) = entry.body {
                    bodies.push(String::from_utf8_lossy(&bytes).into_owned());
                }
            }
        }
        bodies
    }

    /// Orders a fault of this company's channel.
    pub async fn fault(&self, mut order: Value) {
        order["token"] = json!(self.seeded.token);
        self.control("/_sandbox/faults", &order).await;
    }

    pub async fn control(&self, path: &str, body: &Value) -> Value {
        let answer = self
            .world
            .http
            .post(format!("{}{path}", self.world.sandbox.base_url()))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// What the provider took from this company.
    pub fn taken(&self) -> Vec<MessageEntry> {
        let rows = self.world.sandbox.messages(Some(&self.seeded.token));
        rows.into_iter().filter(|row| row.from_me).collect()
    }

    /// How many sends the provider saw, refused ones included.
    pub fn requests(&self) -> usize {
        let rows = self.world.sandbox.requests(Some(&self.seeded.token));
        rows.iter().filter(|row| row.method == "POST").count()
    }

    /// Posts a raw webhook body to this company's address.
    pub async fn webhook(&self, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        self.webhook_to(&self.seeded.webhook_path(), body, headers)
            .await
    }

    pub async fn webhook_to(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let stack = &self.world.stack;
        let mut request = self
            .world
            .http
            .post(format!("{}{path}", stack.emulator().endpoint()))
            .header("host", stack.webhook_host())
            .header("content-type", "application/json")
            .body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answer {
            status,
            replayed: false,
            etag: None,
            successor: None,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        }
    }

    /// Lets time pass for one message: everything it waits for is so much nearer.
    pub async fn age(&self, id: &str, by: SignedDuration) {
        let id = MessageId::parse(id).unwrap();
        let tenant = self.seeded.tenant.id;
        let store = &self.world.worlds.store;
        for _ in 0..10 {
            let mut message = store.message(tenant, id).await.unwrap().unwrap();
            age(&mut message, by);
            if store.save(&mut message, None).await.unwrap() == Saved::Done {
                return;
            }
        }
        panic!("the message keeps changing");
    }
}

fn age(message: &mut Message, by: SignedDuration) {
    let sending = &mut message.sending;
    sending.phase = match sending.phase {
        Phase::Ready { at, counts } => Phase::Ready {
            at: at - by,
            counts,
        },
        Phase::Calling { lease } => Phase::Calling { lease: lease - by },
        Phase::Unknown { since } => Phase::Unknown { since: since - by },
        same @ (Phase::Accepted | Phase::Failed | Phase::Cancelled) => same,
    };
    sending.due = sending.due.map(|due| due - by);
    for accepted in message.facts.accepted.values_mut() {
        accepted.at -= by;
    }
}

/// A text message to a number of this run.
pub fn text(to: &str, body: &str) -> Value {
    json!({"to": to, "name": "Ada Example", "text": {"body": body}})
}

/// A message with two buttons.
pub fn interactive(to: &str) -> Value {
    json!({"to": to, "name": "Ada Example", "interactive": {"header": "Delivery",
        "body": "Your parcel arrives tomorrow. Does that suit you?", "footer": "Example Courier",
        "buttons": [{"title": "Confirmed"}, {"title": "Reschedule"}]}})
}
