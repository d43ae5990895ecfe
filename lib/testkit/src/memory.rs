//! Every storage port in memory, with the rules of the real store: conditions, versions, all or
//! nothing. Any operation can be told to fail before or after its effect, as networks do.

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
    fn run<T>(
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

impl State {
    fn tell(&mut self, message: &Message) {
        self.stream.push(MessageChange {
            tenant: message.tenant,
            job: message.job,
            row: RowChange {
                row: message.row,
                version: message.version,
                status: message.status(),
            },
        });
    }

    fn save(&mut self, message: &mut Message, notice: Option<&Notice>) -> Saved {
        let key = (message.tenant, message.id);
        let current = self.messages.get(&key).map(|m| m.version);
        if current != Some(message.version) {
            return Saved::Stale;
        }
        message.version += 1;
        self.messages.insert(key, message.clone());
        self.tell(message);
        if let Some(notice) = notice {
            self.notices.insert(notice.key.clone(), notice.clone());
        }
        Saved::Done
    }

    fn commit(&mut self, a: &Acceptance) -> Committed {
        let tenant = a.message.tenant;
        if let Some(record) = &a.idempotency {
            let known = self.keys.get(&(tenant, record.key.clone()));
            if let Some(known) = known.filter(|k| k.expires_at > a.message.created_at) {
                return Committed::Repeated(known.clone());
            }
        }
        let used = self.usage.entry((tenant, a.message.usage_day)).or_default();
        if *used >= a.daily_limit {
            return Committed::LimitReached;
        }
        *used += 1;
        if let Some(record) = &a.idempotency {
            self.keys
                .insert((tenant, record.key.clone()), record.clone());
        }
        if let Some(contact) = &a.new_contact {
            self.contacts
                .entry((tenant, contact.id))
                .or_insert_with(|| contact.clone());
        }
        let conversation = self
            .conversations
            .entry((tenant, a.touch.id))
            .or_insert_with(|| Conversation {
                id: a.touch.id,
                tenant,
                channel: a.message.channel,
                contact: a.message.contact,
                last_message_at: a.touch.at,
                preview: String::new(),
                unread: 0,
                last_inbound_at: None,
                prompt: None,
            });
        conversation.last_message_at = a.touch.at;
        conversation.preview.clone_from(&a.touch.preview);
        if a.touch.prompt.is_some() {
            conversation.prompt.clone_from(&a.touch.prompt);
        }
        let mut message = a.message.clone();
        message.version = 1;
        self.jobs.insert((tenant, a.job.id), a.job.clone());
        self.payloads
            .insert((tenant, message.id), a.payload.clone());
        self.audit.push((tenant, a.audit.clone()));
        self.tell(&message);
        self.messages.insert((tenant, message.id), message);
        Committed::Done
    }

    fn receive(&mut self, r: &Reception) -> Received {
        let key = (r.message.tenant, r.message.id);
        if let Some(known) = self.inbound.get(&key) {
            return Received::Duplicate(Box::new(known.clone()));
        }
        let tenant = r.message.tenant;
        let contact = self
            .contacts
            .entry((tenant, r.contact.id))
            .or_insert_with(|| r.contact.clone());
        if contact.name.is_none() {
            contact.name.clone_from(&r.contact.name);
        }
        let conversation = self
            .conversations
            .entry((tenant, r.message.conversation))
            .or_insert_with(|| Conversation {
                id: r.message.conversation,
                tenant,
                channel: r.message.channel,
                contact: r.message.contact,
                last_message_at: r.message.arrived_at,
                preview: String::new(),
                unread: 0,
                last_inbound_at: None,
                prompt: None,
            });
        conversation.last_message_at = r.message.arrived_at;
        conversation.preview = r.message.content.preview();
        if r.unread {
            conversation.unread += 1;
            conversation.last_inbound_at = Some(r.message.at);
        }
        self.inbound.insert(key, r.message.clone());
        Received::New
    }
}

impl Directory for MemoryStore {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreFailure> {
        self.run("directory.tenant", |s| s.tenants.get(&id).cloned())
    }

    async fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.run("directory.channel", |s| {
            s.channels.get(&(tenant, id)).cloned()
        })
    }

    async fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.run("directory.channel_auth", |s| {
            if let Some(channel) = s.channels.get_mut(&(tenant, id)) {
                channel.auth = auth;
            }
        })
    }
}

impl ChannelKeys for MemoryStore {
    async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        self.run("channels.by_key", |s| {
            s.channels.values().find(|c| &c.key == key).cloned()
        })
    }
}

impl Contacts for MemoryStore {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        let id = ContactId::of_alias(tenant, alias.as_str());
        self.run("contacts.contact", |s| {
            s.contacts.get(&(tenant, id)).cloned()
        })
    }
}

impl Acceptances for MemoryStore {
    async fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        self.run("acceptances.repeated", |s| {
            s.keys
                .get(&(tenant, key.to_owned()))
                .filter(|record| record.expires_at > now)
                .cloned()
        })
    }

    async fn commit(&self, acceptance: &Acceptance) -> Result<Committed, StoreFailure> {
        self.run("acceptances.commit", |s| s.commit(acceptance))
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.run("acceptances.used", |s| {
            s.usage.get(&(tenant, day)).copied().unwrap_or(0)
        })
    }
}

impl Messages for MemoryStore {
    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreFailure> {
        self.run("messages.message", |s| {
            s.messages.get(&(tenant, id)).cloned()
        })
    }

    async fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Payload>, StoreFailure> {
        self.run("messages.payload", |s| {
            s.payloads.get(&(tenant, id)).cloned()
        })
    }

    async fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save", |s| s.save(message, notice))
    }

    async fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.withdraw", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                let used = s
                    .usage
                    .entry((message.tenant, message.usage_day))
                    .or_default();
                *used = used.saturating_sub(1);
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }

    async fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save_audited", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }
}

impl Pointers for MemoryStore {
    async fn pointer(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Option<Pointer>, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.pointer", |s| s.pointers.get(&key).copied())
    }

    async fn point(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        to: Pointer,
    ) -> Result<Pointed, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.point", |s| {
            let known = *s.pointers.entry(key).or_insert(to);
            if known == to {
                Pointed::Here
            } else {
                Pointed::Elsewhere(known)
            }
        })
    }

    async fn park(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        observed: &Observed,
        _now: Timestamp,
    ) -> Result<(), StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.park", |s| {
            s.parked
                .entry(key)
                .or_default()
                .insert(observed.name(), observed.clone());
        })
    }

    async fn parked(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Vec<Observed>, StoreFailure> {
        let key = (tenant, channel, provider_id.to_owned());
        self.run("pointers.parked", |s| {
            s.parked
                .get(&key)
                .map(|m| m.values().cloned().collect())
                .unwrap_or_default()
        })
    }
}

impl Inbox for MemoryStore {
    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        self.run("inbox.conversation", |s| {
            s.conversations.get(&(tenant, id)).cloned()
        })
    }

    async fn receive(&self, reception: &Reception) -> Result<Received, StoreFailure> {
        self.run("inbox.receive", |s| s.receive(reception))
    }
}

impl Journal for MemoryStore {
    async fn write(&self, entry: &JournalEntry) -> Result<(), StoreFailure> {
        self.run("journal.write", |s| {
            s.journal.insert(entry.key.clone(), entry.clone());
        })
    }

    async fn entry(&self, key: &JournalKey) -> Result<Option<JournalEntry>, StoreFailure> {
        self.run("journal.entry", |s| s.journal.get(key).cloned())
    }
}

impl Files for MemoryStore {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.run("files.put", |s| {
            s.files.insert(key.to_owned(), bytes);
        })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.run("files.get", |s| s.files.get(key).cloned())
    }
}

impl Due for MemoryStore {
    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueThing>, StoreFailure> {
        self.run("due.due", |s| {
            let shard_of =
                |id: MessageId| (id.uuid().as_u64_pair().1 % u64::from(DUE_SHARDS)) as u8;
            let mut due: Vec<(Timestamp, DueThing)> = Vec::new();
            for message in s.messages.values() {
                if let Some(at) = message
                    .sending
                    .due
                    .filter(|at| *at <= now && shard_of(message.id) == shard)
                {
                    due.push((at, DueThing::Message(message.tenant, message.id)));
                }
            }
            for entry in s.journal.values() {
                if let Some(at) = entry
                    .retry_at
                    .filter(|at| *at <= now && shard_of(entry.key.id) == shard)
                {
                    due.push((at, DueThing::Journal(entry.key.clone())));
                }
            }
            for notice in s.notices.values() {
                if let Some(at) = notice
                    .due
                    .filter(|at| *at <= now && shard_of(notice.key.message) == shard)
                {
                    due.push((at, DueThing::Notice(notice.key.clone())));
                }
            }
            due.sort_by_key(|(at, _)| *at);
            if shard == 0 {
                due.extend(s.lagging.iter().map(|thing| (now, thing.clone())));
            }
            due.into_iter()
                .take(usize::from(limit))
                .map(|(_, thing)| thing)
                .collect()
        })
    }
}

impl Notices for MemoryStore {
    async fn notice(&self, key: &NoticeKey) -> Result<Option<Notice>, StoreFailure> {
        self.run("notices.notice", |s| s.notices.get(key).cloned())
    }

    async fn move_notice(&self, from: &Notice, to: &Notice) -> Result<Saved, StoreFailure> {
        self.run("notices.move", |s| match s.notices.get_mut(&from.key) {
            Some(stored) if stored == from => {
                *stored = to.clone();
                Saved::Done
            }
            _ => Saved::Stale,
        })
    }

    async fn count_failure(
        &self,
        tenant: TenantId,
        window: Timestamp,
    ) -> Result<u32, StoreFailure> {
        self.run("notices.count", |s| {
            let count = s.failures.entry((tenant, window)).or_default();
            *count += 1;
            *count
        })
    }

    async fn digest(
        &self,
        tenant: TenantId,
        window: Timestamp,
        limit: u16,
    ) -> Result<Vec<Notice>, StoreFailure> {
        self.run("notices.digest", |s| {
            s.notices
                .values()
                .filter(|n| {
                    n.key.tenant == tenant
                        && n.key.window == window
                        && n.state == NoticeState::Digest
                })
                .take(usize::from(limit))
                .cloned()
                .collect()
        })
    }
}

impl Boards for MemoryStore {
    async fn board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
    ) -> Result<Option<(Board, u32)>, StoreFailure> {
        self.run("boards.board", |s| {
            s.jobs.get(&(tenant, job))?;
            Some(
                s.boards
                    .get(&(tenant, job, number))
                    .cloned()
                    .unwrap_or_default(),
            )
        })
    }

    async fn save_board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
        board: &Board,
        version: u32,
    ) -> Result<Saved, StoreFailure> {
        self.run("boards.save", |s| {
            let stored = s.boards.entry((tenant, job, number)).or_default();
            if stored.1 != version {
                return Saved::Stale;
            }
            *stored = (board.clone(), version + 1);
            Saved::Done
        })
    }
}

impl Outbox for MemoryStore {
    async fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<Job>, StoreFailure> {
        self.run("outbox.job", |s| s.jobs.get(&(tenant, id)).cloned())
    }

    async fn jobs(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Job>, StoreFailure> {
        let skip: usize = after.and_then(|a| a.parse().ok()).unwrap_or(0);
        self.run("outbox.jobs", |s| {
            let mut jobs: Vec<Job> = s
                .jobs
                .values()
                .filter(|j| j.tenant == tenant)
                .cloned()
                .collect();
            jobs.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id)));
            let items: Vec<Job> = jobs
                .iter()
                .skip(skip)
                .take(usize::from(limit))
                .cloned()
                .collect();
            let end = skip + items.len();
            Page {
                items,
                next: (end < jobs.len()).then(|| end.to_string()),
            }
        })
    }

    async fn boards(
        &self,
        tenant: TenantId,
        job: JobId,
        numbers: std::ops::Range<u32>,
    ) -> Result<Vec<Board>, StoreFailure> {
        self.run("outbox.boards", |s| {
            numbers
                .map(|n| {
                    s.boards
                        .get(&(tenant, job, n))
                        .map(|(b, _)| b.clone())
                        .unwrap_or_default()
                })
                .collect()
        })
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreFailure> {
        self.run("outbox.messages", |s| {
            ids.iter()
                .filter_map(|id| s.messages.get(&(tenant, *id)).cloned())
                .collect()
        })
    }
}
