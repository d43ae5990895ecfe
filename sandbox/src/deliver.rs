//! Turning an event into webhooks: who subscribed, with which headers, to which address,
//! and how duplicate faults multiply it. `hold.rs` reorders and batches them, `lanes.rs`
//! carries them out.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

pub use crate::raw::{RawAnswer, RawSpec};
use crate::{
    address::Address,
    channel::Webhook,
    fault_book::{Faults, Subject},
    faults::{Fault, Moment},
    journal::{DeliveryState, WebhookEntry, masked_text, readable},
    lanes::Job,
    outlet::Outlet,
    provider::{Party, Provider},
    signing,
    state::{Handle, Memory},
};

/// What to post.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    /// The event type, by which webhooks subscribe: `messages`, `statuses`, ...
    pub(crate) event: String,
    /// The entity verb: `post`, `patch`, `delete`, ...
    pub(crate) verb: &'static str,
    /// The message it is about; webhooks of one message stay in order.
    pub(crate) message_id: Option<String>,
    pub(crate) body: Bytes,
    /// Header changes for this one webhook; none removes a registered header.
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// Tries, if not the outlet's number.
    pub(crate) tries: Option<u32>,
    /// Where it goes, if not to the registered address.
    pub(crate) to: Option<String>,
}

impl Hook {
    /// A webhook with the outlet's own headers and retries.
    pub(crate) fn new(event: &str, message_id: Option<&str>, body: &Value) -> Self {
        Self::of(event, message_id, body.to_string())
    }

    /// The same, in the spelling of Meta's encoder.
    pub(crate) fn escaped(event: &str, message_id: Option<&str>, body: &Value) -> Self {
        Self::of(event, message_id, signing::escaped(body))
    }

    /// A webhook with a body that is written already.
    pub(crate) fn of(event: &str, message_id: Option<&str>, body: impl Into<Bytes>) -> Self {
        Self {
            event: event.into(),
            verb: "post",
            message_id: message_id.map(ToOwned::to_owned),
            body: body.into(),
            headers: BTreeMap::new(),
            tries: None,
            to: None,
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

impl Handle {
    /// Posts `hook` to every subscribed webhook of the party, as the faults will.
    pub(crate) fn post(&self, party: &Party, hook: &Hook) -> Vec<Posted> {
        let mut guard = self.memory();
        let memory = &mut *guard;
        let Some(mut outlet) = memory.outlet(party) else {
            return Vec::new();
        };
        if let Some(url) = &hook.to {
            outlet = outlet.to(url);
        }
        let subscribed =
            |webhook: &&Webhook| hook.event == "raw" || webhook.wants(&hook.event, hook.verb);
        let mut posted = Vec::new();
        for webhook in outlet.webhooks.iter().filter(subscribed) {
            let address = match Address::of(&webhook.url, outlet.connect_to.as_deref()) {
                Ok(address) => address,
                Err(problem) => {
                    tracing::warn!(%problem, "a webhook has an unusable address");
                    continue;
                }
            };
            posted.extend(self.emit(memory, party, hook, (webhook, &address), &outlet));
        }
        posted
    }

    /// Puts the copies of one webhook on their way.
    fn emit(
        &self,
        memory: &mut Memory,
        party: &Party,
        hook: &Hook,
        (webhook, address): (&Webhook, &Address),
        outlet: &Outlet,
    ) -> Vec<Posted> {
        let subject = Subject {
            token: party.key.clone(),
            event: Some(hook.event.clone()),
            ..Subject::default()
        };
        let copies = copies(&mut memory.faults, &subject);
        let copy = |_| {
            let id = memory.webhooks.add(|id| entry(id, party, webhook, hook));
            let (first, receiver) = oneshot::channel();
            let job = Job {
                ids: vec![id],
                generation: self.generation(),
                lane: lane(hook),
                url: address.url.clone(),
                headers: address.headers(webhook, hook, outlet),
                body: hook.body.clone(),
                retry: outlet.retry,
                tries: hook.tries.unwrap_or(outlet.retry.tries),
                first: vec![first],
                work: vec![self.work()],
            };
            let jobs = self.hold(memory, &subject, outlet, job);
            outlet.lanes.push(jobs);
            Posted {
                id,
                first: receiver,
            }
        };
        (0..copies).map(copy).collect()
    }
}

fn copies(faults: &mut Faults, subject: &Subject) -> u32 {
    match faults.take(Moment::Duplicate, subject) {
        Some(Fault::DuplicateWebhooks { n }) => n.saturating_add(1),
        Some(_) | None => 1,
    }
}

fn entry(id: u64, party: &Party, webhook: &Webhook, hook: &Hook) -> WebhookEntry {
    // 360Messenger puts the account's key into its bodies.
    let secret = match party.provider {
        Provider::Messenger360 => Some(party.key.as_str()),
        Provider::Whapi | Provider::WhapiManager | Provider::Meta | Provider::PayPal => None,
    };
    let body = match secret {
        Some(_) => {
            let text = String::from_utf8_lossy(&hook.body);
            readable(masked_text(&text, secret).as_bytes())
        }
        None => readable(&hook.body),
    };
    WebhookEntry {
        id,
        provider: party.provider,
        token: party.shown(),
        key: party.key.clone(),
        event: hook.event.clone(),
        message_id: hook.message_id.clone(),
        url: hook.to.clone().unwrap_or_else(|| webhook.url.clone()),
        body,
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
