//! Turning an event into webhooks: who subscribed, with which headers, to which address,
//! and how duplicate and reorder faults change it. `lanes.rs` carries them out.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    address::Address,
    channel::Webhook,
    fault_book::{Faults, Subject},
    faults::{Fault, Moment},
    journal::{DeliveryState, Journal, WebhookEntry, mask, readable},
    lanes::Job,
    state::{Handle, Refusal},
};

/// What to post.
#[derive(Debug)]
pub(crate) struct Hook {
    /// The event type, by which webhooks subscribe: `messages`, `statuses`, ...
    pub(crate) event: &'static str,
    /// The entity verb: `post`, `patch`, `delete`, ...
    pub(crate) verb: &'static str,
    /// The message it is about; webhooks of one message stay in order.
    pub(crate) message_id: Option<String>,
    pub(crate) body: Bytes,
    /// Header changes for this one webhook; none removes a registered header.
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// Tries, if not the channel's number.
    pub(crate) tries: Option<u32>,
}

impl Hook {
    /// A webhook with the channel's own headers and retries.
    pub(crate) fn new(event: &'static str, message_id: Option<&str>, body: &Value) -> Self {
        Self {
            event,
            verb: "post",
            message_id: message_id.map(ToOwned::to_owned),
            body: body.to_string().into(),
            headers: BTreeMap::new(),
            tries: None,
        }
    }
}

/// One posted webhook, as seen by whoever caused it.
#[derive(Debug)]
pub struct Posted {
    /// Its number in the webhook journal.
    pub id: u64,
    first: oneshot::Receiver<Option<u16>>,
}

impl Posted {
    /// The status the first try was answered with; none without an answer.
    pub async fn first_status(self) -> Option<u16> {
        self.first.await.ok().flatten()
    }
}

/// A raw webhook to deliver as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSpec {
    /// The channel.
    pub token: String,
    /// A string is posted as its text, anything else as JSON.
    pub body: Value,
    /// Header changes; `null` removes a registered header.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Tries; one when absent.
    #[serde(default)]
    pub tries: Option<u32>,
}

/// Webhooks held back by a `reorder_webhooks` fault.
#[derive(Debug)]
pub(crate) struct Hold {
    token: String,
    event: Option<String>,
    window: usize,
    /// Never empty: the first one names the hold.
    jobs: Vec<Job>,
}

impl Hold {
    fn named(&self, id: u64) -> bool {
        self.jobs.first().is_some_and(|job| job.id == id)
    }

    /// The held webhooks, last first, all on one lane so that they stay that way round.
    fn reversed(self, journal: &mut Journal<WebhookEntry>) -> Vec<Job> {
        let mut jobs = self.jobs;
        let lane = jobs.first().map_or(0, |job| job.lane);
        jobs.reverse();
        for job in &mut jobs {
            job.lane = lane;
            mark(journal, job.id, DeliveryState::Waiting);
        }
        jobs
    }
}

fn mark(journal: &mut Journal<WebhookEntry>, id: u64, state: DeliveryState) {
    if let Some(entry) = journal.get_mut(id) {
        entry.state = state;
    }
}

impl Handle {
    /// Posts `hook` to every subscribed webhook of the channel, as the faults will.
    pub(crate) fn post(&self, token: &str, hook: &Hook) -> Vec<Posted> {
        let mut guard = self.memory();
        let memory = &mut *guard;
        let Some(channel) = memory.channels.get(token) else {
            return Vec::new();
        };
        let subject = Subject {
            token: token.into(),
            event: Some(hook.event.into()),
            ..Subject::default()
        };
        let subscribed =
            |webhook: &&Webhook| hook.event == "raw" || webhook.wants(hook.event, hook.verb);
        let mut posted = Vec::new();
        for webhook in channel.webhooks.iter().filter(subscribed) {
            let address = match Address::of(webhook, channel) {
                Ok(address) => address,
                Err(problem) => {
                    tracing::warn!(%problem, "a webhook has an unusable address");
                    continue;
                }
            };
            for _ in 0..copies(&mut memory.faults, &subject) {
                let id = memory.webhooks.add(|id| entry(id, token, webhook, hook));
                let (first, receiver) = oneshot::channel();
                posted.push(Posted {
                    id,
                    first: receiver,
                });
                let job = Job {
                    id,
                    generation: self.generation(),
                    lane: lane(hook),
                    url: address.url.clone(),
                    headers: address.headers(webhook, hook),
                    body: hook.body.clone(),
                    retry: channel.spec.retry,
                    tries: hook.tries.unwrap_or(channel.spec.retry.tries),
                    first: Some(first),
                    work: self.work(),
                };
                let jobs = self.hold(
                    &mut memory.holds,
                    &mut memory.faults,
                    &mut memory.webhooks,
                    &subject,
                    job,
                );
                channel.lanes.push(jobs);
            }
        }
        posted
    }

    /// Lets `job` pass, or holds it back, or completes a window of held ones.
    fn hold(
        &self,
        holds: &mut Vec<Hold>,
        faults: &mut Faults,
        journal: &mut Journal<WebhookEntry>,
        subject: &Subject,
        job: Job,
    ) -> Vec<Job> {
        let ours = |hold: &Hold| {
            hold.token == subject.token && (hold.event.is_none() || hold.event == subject.event)
        };
        let id = job.id;
        let index = match holds.iter().position(ours) {
            Some(index) => {
                if let Some(hold) = holds.get_mut(index) {
                    hold.jobs.push(job);
                }
                index
            }
            None => {
                let Some(order) = faults.take_order(Moment::Reorder, subject) else {
                    return vec![job];
                };
                let Fault::ReorderWebhooks { window, hold_ms } = order.kind else {
                    return vec![job];
                };
                holds.push(Hold {
                    token: subject.token.clone(),
                    event: order.event,
                    window,
                    jobs: vec![job],
                });
                self.release_later(subject.token.clone(), id, hold_ms);
                holds.len() - 1
            }
        };
        mark(journal, id, DeliveryState::Held);
        if holds
            .get(index)
            .is_some_and(|hold| hold.jobs.len() >= hold.window)
        {
            return holds.swap_remove(index).reversed(journal);
        }
        Vec::new()
    }

    fn release_later(&self, token: String, id: u64, hold_ms: u64) {
        let (handle, generation) = (self.clone(), self.generation());
        self.0.runtime.spawn(async move {
            let moment = Instant::now() + Duration::from_millis(hold_ms);
            if !handle.pause(moment, generation).await {
                return;
            }
            let mut guard = handle.memory();
            let memory = &mut *guard;
            let Some(index) = memory.holds.iter().position(|hold| hold.named(id)) else {
                return;
            };
            let jobs = memory
                .holds
                .swap_remove(index)
                .reversed(&mut memory.webhooks);
            if let Some(channel) = memory.channels.get(&token) {
                channel.lanes.push(jobs);
            }
        });
    }

    /// Posts a raw body and returns what the first try was answered with.
    ///
    /// # Errors
    /// When the channel does not exist or has no webhook.
    pub async fn raw(&self, spec: RawSpec) -> Result<RawAnswer, Refusal> {
        self.known(&spec.token)?;
        let body = match &spec.body {
            Value::String(text) => Bytes::from(text.clone()),
            other => Bytes::from(other.to_string()),
        };
        let hook = Hook {
            event: "raw",
            verb: "post",
            message_id: None,
            body,
            headers: spec.headers,
            tries: Some(spec.tries.unwrap_or(1)),
        };
        let Some(posted) = self.post(&spec.token, &hook).into_iter().next() else {
            return Err(Refusal::Invalid("the channel has no webhook".into()));
        };
        let webhook = posted.id;
        Ok(RawAnswer {
            webhook,
            status: posted.first_status().await,
        })
    }
}

/// What became of a raw webhook's first try.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RawAnswer {
    /// Its number in the webhook journal.
    pub webhook: u64,
    /// The answered HTTP status; none without an answer.
    pub status: Option<u16>,
}

fn copies(faults: &mut Faults, subject: &Subject) -> u32 {
    match faults.take(Moment::Duplicate, subject) {
        Some(Fault::DuplicateWebhooks { n }) => n.saturating_add(1),
        Some(_) | None => 1,
    }
}

fn entry(id: u64, token: &str, webhook: &Webhook, hook: &Hook) -> WebhookEntry {
    WebhookEntry {
        id,
        token: mask(token),
        full_token: token.into(),
        event: hook.event.into(),
        message_id: hook.message_id.clone(),
        url: webhook.url.clone(),
        body: readable(&hook.body),
        at: Timestamp::now(),
        state: DeliveryState::Waiting,
        tries: Vec::new(),
    }
}

/// All webhooks about one message share a lane.
fn lane(hook: &Hook) -> usize {
    let id = hook.message_id.as_deref().unwrap_or_default();
    id.bytes().fold(0, |sum: usize, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(byte))
    })
}
