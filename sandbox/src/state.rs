//! The sandbox's memory, and [`Handle`], through which tests, the control plane and the
//! gates reach it.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    runtime,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    documents::Document,
    fault_book::{Faults, PendingFault},
    faults::FaultOrder,
    hold::Hold,
    journal::{Journal, RequestEntry, WebhookEntry},
    lanes::webhook_client,
    m360::Account,
    messages::{MessageEntry, Messages},
    meta::Business,
    outlet::Outlet,
    paypal,
    provider::{Party, Provider},
    whapi::{Channel, partner::Partner},
};

/// Why the sandbox refused an order (not why a provider refused a message).
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Refusal {
    /// The order names a channel or message that does not exist.
    #[error("unknown {0}")]
    Unknown(String),
    /// The order makes no sense.
    #[error("{0}")]
    Invalid(String),
}

impl Refusal {
    pub(crate) fn channel() -> Self {
        Self::Unknown("channel".into())
    }

    pub(crate) fn message() -> Self {
        Self::Unknown("message".into())
    }
}

/// Access to one sandbox. Clones share the same memory.
#[derive(Clone, Debug)]
pub struct Handle(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    memory: Mutex<Memory>,
    open_work: watch::Sender<usize>,
    /// Raised by a reset, under the memory's lock: work begun earlier stops.
    generation: watch::Sender<u64>,
    pub(crate) client: reqwest::Client,
    pub(crate) runtime: runtime::Handle,
}

/// Everything behind the lock. The lock is never held across an await.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// WHAPI's channels by their token.
    pub(crate) channels: HashMap<String, Channel>,
    /// WHAPI's partners by their token.
    pub(crate) partners: HashMap<String, Partner>,
    pub(crate) business: Business,
    /// 360Messenger's accounts by their key.
    pub(crate) accounts: HashMap<String, Account>,
    /// PayPal's apps by their client id.
    pub(crate) paypal: HashMap<String, paypal::App>,
    pub(crate) messages: Messages,
    /// Files of a company's own server by their name.
    pub(crate) documents: HashMap<String, Document>,
    pub(crate) requests: Journal<RequestEntry>,
    pub(crate) webhooks: Journal<WebhookEntry>,
    pub(crate) faults: Faults,
    pub(crate) holds: Vec<Hold>,
}

impl Memory {
    /// Whom a key of any provider belongs to.
    pub(crate) fn party(&self, key: &str) -> Option<Party> {
        if self.channels.contains_key(key) {
            return Some(Party::whapi(key));
        }
        if self.partners.contains_key(key) {
            return Some(Party::at(Provider::WhapiManager, key));
        }
        if self.accounts.contains_key(key) {
            return Some(Party::m360(key));
        }
        if self.paypal.contains_key(key) {
            return Some(Party::paypal(key));
        }
        self.business.knows(key).then(|| Party::meta(key))
    }

    /// Where the party's webhooks go.
    pub(crate) fn outlet(&self, party: &Party) -> Option<Outlet> {
        match party.provider {
            Provider::Whapi => Some(self.channels.get(&party.key)?.outlet.clone()),
            Provider::WhapiManager => Some(self.partners.get(&party.key)?.outlet.clone()),
            Provider::Meta => self.business.outlet(&party.key),
            Provider::Messenger360 => Some(self.accounts.get(&party.key)?.outlet.clone()),
            Provider::PayPal => Some(self.paypal.get(&party.key)?.outlet.clone()),
        }
    }
}

/// Counts as open work until it is dropped.
#[derive(Debug)]
pub(crate) struct Work(watch::Sender<usize>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open = open.saturating_sub(1));
    }
}

impl Handle {
    /// An empty sandbox. Call it inside a Tokio runtime, on which its work will run.
    ///
    /// # Errors
    /// When there is no runtime, or the webhook client cannot be built.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            memory: Mutex::default(),
            open_work: watch::Sender::new(0),
            generation: watch::Sender::new(0),
            client: webhook_client()?,
            runtime: runtime::Handle::try_current().map_err(io::Error::other)?,
        })))
    }

    /// A poisoned lock is used all the same: the memory has no invariant that a panic
    /// between two statements could break.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn work(&self) -> Work {
        self.0.open_work.send_modify(|open| *open += 1);
        Work(self.0.open_work.clone())
    }

    pub(crate) fn generation(&self) -> u64 {
        *self.0.generation.borrow()
    }

    /// Waits until `moment`; false when a reset ends `generation` before.
    pub(crate) async fn pause(&self, moment: Instant, generation: u64) -> bool {
        let mut watcher = self.0.generation.subscribe();
        let ended = watcher.wait_for(|current| *current != generation);
        // An error of the channel cannot happen while the handle lives.
        timeout_at(moment, ended).await.is_err()
    }

    /// What the gates received: with one token of WHAPI's, one key of 360Messenger's, for
    /// one id in Meta's path, or anything.
    #[must_use]
    pub fn requests(&self, token: Option<&str>) -> Vec<RequestEntry> {
        let wanted =
            |entry: &&RequestEntry| token.is_none_or(|token| entry.key.as_deref() == Some(token));
        self.memory()
            .requests
            .iter()
            .filter(wanted)
            .cloned()
            .collect()
    }

    /// The messages of one channel or of all, in order of acceptance.
    #[must_use]
    pub fn messages(&self, token: Option<&str>) -> Vec<MessageEntry> {
        self.memory().messages.of(token).cloned().collect()
    }

    /// The webhooks of one channel or of all, in order of emission.
    #[must_use]
    pub fn webhooks(&self, token: Option<&str>) -> Vec<WebhookEntry> {
        let wanted = |entry: &&WebhookEntry| token.is_none_or(|token| entry.key == token);
        self.memory()
            .webhooks
            .iter()
            .filter(wanted)
            .cloned()
            .collect()
    }

    /// Orders a fault and returns its number.
    ///
    /// # Errors
    /// When the fault could never be carried out.
    pub fn fault(&self, order: FaultOrder) -> Result<u64, Refusal> {
        order.check()?;
        Ok(self.memory().faults.add(order))
    }

    /// The faults that still wait for a request.
    #[must_use]
    pub fn faults(&self) -> Vec<PendingFault> {
        self.memory().faults.pending()
    }

    /// Withdraws all faults that still wait.
    pub fn clear_faults(&self) {
        self.memory().faults.clear();
    }

    /// Forgets everything and stops what is under way; optionally keeps what is registered
    /// at any provider.
    pub fn reset(&self, keep_channels: bool) {
        let mut memory = self.memory();
        let held = std::mem::take(&mut memory.holds);
        memory.business.forget_people();
        let registered = match keep_channels {
            true => None,
            false => Some((
                std::mem::take(&mut memory.channels),
                std::mem::take(&mut memory.partners),
                std::mem::take(&mut memory.business),
                std::mem::take(&mut memory.accounts),
                std::mem::take(&mut memory.paypal),
            )),
        };
        self.0.generation.send_modify(|generation| *generation += 1);
        memory.messages = Messages::default();
        memory.documents.clear();
        memory.requests.clear();
        memory.webhooks.clear();
        memory.faults.clear();
        drop(memory);
        // Outside the lock: dropping them ends lanes and open work.
        drop((held, registered));
    }

    /// Stops what is under way and keeps what was recorded.
    pub fn halt(&self) {
        let mut memory = self.memory();
        self.0.generation.send_modify(|generation| *generation += 1);
        let held = std::mem::take(&mut memory.holds);
        drop(memory);
        drop(held);
    }

    /// How many automatic steps and undelivered webhooks are under way.
    #[must_use]
    pub fn open_work(&self) -> usize {
        *self.0.open_work.borrow()
    }

    /// Waits until nothing is under way; false when `limit` passes first.
    pub async fn idle(&self, limit: Duration) -> bool {
        let mut watcher = self.0.open_work.subscribe();
        let waited = timeout(limit, watcher.wait_for(|open| *open == 0)).await;
        waited.is_ok_and(|answer| answer.is_ok())
    }
}
