//! Every storage port in memory, with the rules of the real store: conditions, versions, all or
//! nothing. Any operation can be told to fail before or after its effect, as networks do.

mod inbound;
mod rules;
mod sending;
mod work;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use domain::{
    channel::{AuthStatus, Channel, ChannelKey},
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId},
    job::{Board, Job, RowChange},
    message::{InboundMessage, Message, Payload},
    notice::{Notice, NoticeKey, NoticeState},
    ports::*,
    service::projections::MessageChange,
    tenant::Tenant,
    webhook::{JournalEntry, JournalKey, Observed, Pointer},
};
use jiff::{Timestamp, civil::Date};

/// Everything a tenant-aware store keeps.
#[derive(Debug, Default)]
pub struct State {
    /// Tenants.
    pub tenants: HashMap<TenantId, Tenant>,
    /// Channels.
    pub channels: HashMap<(TenantId, ChannelId), Channel>,
    /// Contacts by the id of their alias.
    pub contacts: HashMap<(TenantId, ContactId), Contact>,
    /// Conversations.
    pub conversations: HashMap<(TenantId, ConversationId), Conversation>,
    /// Jobs.
    pub jobs: BTreeMap<(TenantId, JobId), Job>,
    /// Boards with their versions.
    pub boards: HashMap<(TenantId, JobId, u32), (Board, u32)>,
    /// Outbound messages.
    pub messages: BTreeMap<(TenantId, MessageId), Message>,
    /// Their payloads.
    pub payloads: HashMap<(TenantId, MessageId), Payload>,
    /// Inbound messages.
    pub inbound: BTreeMap<(TenantId, MessageId), InboundMessage>,
    /// Pointers.
    pub pointers: HashMap<(TenantId, ChannelId, String), Pointer>,
    /// Parked observations.
    pub parked: HashMap<(TenantId, ChannelId, String), BTreeMap<String, Observed>>,
    /// Messages counted per day.
    pub usage: HashMap<(TenantId, Date), u32>,
    /// Idempotency records.
    pub keys: HashMap<(TenantId, String), IdempotencyRecord>,
    /// Audit lines.
    pub audit: Vec<(TenantId, AuditEntry)>,
    /// The journal.
    pub journal: HashMap<JournalKey, JournalEntry>,
    /// Notices.
    pub notices: HashMap<NoticeKey, Notice>,
    /// Failures counted per window.
    pub failures: HashMap<(TenantId, Timestamp), u32>,
    /// Files.
    pub files: HashMap<String, Vec<u8>>,
    /// A pointer that is written, by somebody who saw nothing parked, just before the next observation
    /// is parked under its name.
    pub pointer_before_park: Option<((TenantId, ChannelId, String), Pointer)>,
    /// What a lagging index still says is due, although it no longer is.
    pub lagging: Vec<DueThing>,
    /// What the stream would have told, in order.
    pub stream: Vec<MessageChange>,
}

/// When an operation should fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailWhen {
    /// The request never arrived.
    Before,
    /// It was applied, and the answer was lost.
    After,
}

#[derive(Debug, Clone)]
struct Order {
    operation: &'static str,
    skip: u32,
    times: u32,
    when: FailWhen,
    kind: StoreFailureKind,
}

/// The store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    orders: Mutex<Vec<Order>>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks into, or changes, what is stored.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lets the next `times` calls of an operation (`messages.save`) fail.
    pub fn fail(&self, operation: &'static str, times: u32, when: FailWhen) {
        self.fail_after(operation, 0, times, when, StoreFailureKind::Unavailable);
    }

    /// The same after `skip` calls that work, with a kind of failure.
    pub fn fail_after(
        &self,
        operation: &'static str,
        skip: u32,
        times: u32,
        when: FailWhen,
        kind: StoreFailureKind,
    ) {
        self.orders.lock().unwrap().push(Order {
            operation,
            skip,
            times,
            when,
            kind,
        });
    }

    /// What the stream told so far; empties it.
    pub fn drain_stream(&self) -> Vec<MessageChange> {
        std::mem::take(&mut self.state().stream)
    }

    /// Runs an operation under the orders.
    pub(crate) fn run<T>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreFailure> {
        let order = {
            let mut orders = self.orders.lock().unwrap();
            let found = orders
                .iter_mut()
                .find(|o| o.operation == operation && o.times > 0);
            match found {
                Some(order) if order.skip > 0 => {
                    order.skip -= 1;
                    None
                }
                Some(order) => {
                    order.times -= 1;
                    Some(order.clone())
                }
                None => None,
            }
        };
        match order {
            Some(order) if order.when == FailWhen::Before => {
                Err(StoreFailure::new(operation, order.kind))
            }
            Some(order) => {
                f(&mut self.state());
                Err(StoreFailure::new(operation, order.kind))
            }
            None => Ok(f(&mut self.state())),
        }
    }
}
