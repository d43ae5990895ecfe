//! What the services need from the outside worlds: one small trait per need. `store`, `queue`,
//! `vault`, `mail`, `files` and `providers` implement them; `testkit` has them in memory.

use std::future::Future;

use jiff::{Timestamp, civil::Date};

use crate::{
    channel::{AuthStatus, Channel, ChannelKey, Secret},
    contact::{Alias, Contact},
    conversation::{Conversation, Touch},
    failure::{ProviderFailure, StoreFailure},
    ids::{ChannelId, ConversationId, JobId, MessageId, TenantId, UserId},
    job::{Board, Job},
    message::{InboundMessage, Message, Payload},
    notice::{Mail, Notice, NoticeKey},
    provider::{WireRequest, WireResponse},
    tenant::Tenant,
    webhook::{JournalEntry, JournalKey, Observed, Pointer},
};

/// The time; tests move it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Settings of one tenant.
pub trait Directory: Send + Sync {
    /// The tenant with its settings and plan.
    fn tenant(
        &self,
        id: TenantId,
    ) -> impl Future<Output = Result<Option<Tenant>, StoreFailure>> + Send;

    /// One of its channels.
    fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> impl Future<Output = Result<Option<Channel>, StoreFailure>> + Send;

    /// Notes that a channel's login changed, unless something newer is known.
    fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Looks across tenants, for the one function that starts from a webhook URL.
pub trait ChannelKeys: Send + Sync {
    /// The channel whose webhook URL has this key.
    fn channel_by_key(
        &self,
        key: &ChannelKey,
    ) -> impl Future<Output = Result<Option<Channel>, StoreFailure>> + Send;
}

/// Contacts of a tenant.
pub trait Contacts: Send + Sync {
    /// The contact known by this alias.
    fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> impl Future<Output = Result<Option<Contact>, StoreFailure>> + Send;
}

/// Everything that accepting one message writes: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The job of one.
    pub job: Job,
    /// The message, at version 0; stored as version 1.
    pub message: Message,
    /// What it says and the exact request.
    pub payload: Payload,
    /// The contact, when it is a new one.
    pub new_contact: Option<Contact>,
    /// What changes in the conversation.
    pub touch: Touch,
    /// The day's limit of the tenant's plan; the write is refused when it is reached.
    pub daily_limit: u32,
    /// The caller's idempotency key, if one came.
    pub idempotency: Option<IdempotencyRecord>,
    /// Who did what.
    pub audit: AuditEntry,
}

/// What an idempotency key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Hash of route and key.
    pub key: String,
    /// Hash of the body that came with it.
    pub request: String,
    /// The job that came of it.
    pub job: JobId,
    /// The message that came of it.
    pub message: MessageId,
    /// From then on the key is free again, whether the item is still there or not.
    pub expires_at: Timestamp,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who.
    pub user: UserId,
    /// What: `messages.accept`.
    pub action: &'static str,
    /// Of which thing.
    pub entity: String,
    /// When.
    pub at: Timestamp,
}

/// What came of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// Everything is stored.
    Done,
    /// The key was used before; nothing was stored.
    Repeated(IdempotencyRecord),
    /// The day's limit is reached; nothing was stored.
    LimitReached,
}

/// Stores acceptances.
pub trait Acceptances: Send + Sync {
    /// What a live idempotency key stands for.
    fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<IdempotencyRecord>, StoreFailure>> + Send;

    /// Stores all of it or nothing.
    fn commit(
        &self,
        acceptance: &Acceptance,
    ) -> impl Future<Output = Result<Committed, StoreFailure>> + Send;

    /// How many messages count against a day's limit.
    fn used(
        &self,
        tenant: TenantId,
        day: Date,
    ) -> impl Future<Output = Result<u32, StoreFailure>> + Send;
}

/// What came of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Written.
    Done,
    /// Somebody else was first: read again.
    Stale,
}

/// Messages of one tenant.
pub trait Messages: Send + Sync {
    /// The message as of now (strongly consistent).
    fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> impl Future<Output = Result<Option<Message>, StoreFailure>> + Send;

    /// What it says and its exact request.
    fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> impl Future<Output = Result<Option<Payload>, StoreFailure>> + Send;

    /// Writes the message if nobody wrote it since it was read, with the notice its failure calls
    /// for in the same transaction. On [`Saved::Done`] the version is raised here too.
    fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Writes a cancelled message, gives its place in the day's limit back and notes who did it, all or nothing.
    fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Writes a message somebody asked to send again, and notes who did it.
    fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Whether a provider id could be taken for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointed {
    /// It points to this message and attempt, now or already.
    Here,
    /// It already points elsewhere.
    Elsewhere(Pointer),
}

/// From what a provider calls a message to the message, and what waits for that.
pub trait Pointers: Send + Sync {
    /// Where a provider id points (strongly consistent).
    fn pointer(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> impl Future<Output = Result<Option<Pointer>, StoreFailure>> + Send;

    /// Points a provider id to an attempt, once.
    fn point(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        to: Pointer,
    ) -> impl Future<Output = Result<Pointed, StoreFailure>> + Send;

    /// Keeps an observation until its pointer is written.
    fn park(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        observed: &Observed,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Everything that waits under a provider id (strongly consistent).
    fn parked(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> impl Future<Output = Result<Vec<Observed>, StoreFailure>> + Send;
}

/// Everything that one inbound message writes: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    /// The writer; created if new, never overwritten.
    pub contact: Contact,
    /// The message.
    pub message: InboundMessage,
    /// Counts as unread.
    pub unread: bool,
}

/// What came of a reception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Stored.
    New,
    /// It was there already; this is how it was stored.
    Duplicate(Box<InboundMessage>),
}

/// Conversations and what people write in them.
pub trait Inbox: Send + Sync {
    /// A conversation.
    fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> impl Future<Output = Result<Option<Conversation>, StoreFailure>> + Send;

    /// Stores an inbound message with contact and conversation.
    fn receive(
        &self,
        reception: &Reception,
    ) -> impl Future<Output = Result<Received, StoreFailure>> + Send;
}

/// The webhook journal.
pub trait Journal: Send + Sync {
    /// Writes an entry, or what became of it after another try.
    fn write(&self, entry: &JournalEntry) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Reads an entry.
    fn entry(
        &self,
        key: &JournalKey,
    ) -> impl Future<Output = Result<Option<JournalEntry>, StoreFailure>> + Send;
}

/// Files: webhook bodies too large for an item.
pub trait Files: Send + Sync {
    /// Stores a file.
    fn put(
        &self,
        key: &str,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Reads a file.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreFailure>> + Send;
}

/// A thing whose time has come, found across tenants. The index may lag: the thing itself decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueThing {
    /// A message that wants an attempt, a look-up, or nothing any more.
    Message(TenantId, MessageId),
    /// A webhook with an item that could not be applied.
    Journal(JournalKey),
    /// A failure notice.
    Notice(NoticeKey),
}

/// Due work across tenants, for the sweep alone.
pub trait Due: Send + Sync {
    /// Up to `limit` things of one shard that are due, earliest first.
    fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<DueThing>, StoreFailure>> + Send;
}

/// How many shards the due index has.
pub const DUE_SHARDS: u8 = 8;

/// What a worker of a lane is asked to do; the message itself says what it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Attempt or reconcile a message.
    Message(TenantId, MessageId),
    /// Mail a failure notice.
    Notice(NoticeKey),
}

/// A task on its way into a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// The lane: tasks of one lane keep their order, and one lane never holds up another.
    pub lane: String,
    /// Tasks of one order are worked one after the other; those of other orders of the same lane may
    /// be worked beside them. A contact's messages are one order.
    pub order: String,
    /// Hand-overs with the same name within five minutes are one.
    pub name: String,
    /// What to do.
    pub task: Task,
}

impl HandOver {
    /// A message into its channel's lane. The version is part of the name: what was handed over and
    /// came back to wait may be handed over again.
    #[must_use]
    pub fn message(message: &Message, channel: &Channel) -> Self {
        Self {
            lane: channel.lane(message.contact),
            order: message.contact.key(),
            name: format!(
                "{}-{}-{}",
                message.id.key(),
                message.sending.attempt,
                message.version
            ),
            task: Task::Message(message.tenant, message.id),
        }
    }

    /// A notice into its tenant's mail lane.
    #[must_use]
    pub fn notice(key: &NoticeKey, now: Timestamp) -> Self {
        Self {
            lane: format!("mail-{}", key.tenant.key()),
            order: "mail".into(),
            name: format!(
                "mail-{}-{}-{}",
                key.message.key(),
                key.attempt,
                now.as_second() / 60
            ),
            task: Task::Notice(key.clone()),
        }
    }
}

/// The lanes.
pub trait Lanes: Send + Sync {
    /// Puts a task into its lane.
    fn hand_over(
        &self,
        hand_over: &HandOver,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Opens channel tokens.
pub trait Vault: Send + Sync {
    /// The channel's provider token.
    fn token(&self, channel: &Channel)
    -> impl Future<Output = Result<Secret, StoreFailure>> + Send;
}

/// Sends wire requests to providers.
pub trait Gate: Send + Sync {
    /// One exchange. A failure says whether the request may have been taken.
    fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> impl Future<Output = Result<WireResponse, ProviderFailure>> + Send;
}

/// Failure notices.
pub trait Notices: Send + Sync {
    /// Reads a notice.
    fn notice(
        &self,
        key: &NoticeKey,
    ) -> impl Future<Output = Result<Option<Notice>, StoreFailure>> + Send;

    /// Moves a notice from the state it was read in; [`Saved::Stale`] when somebody else did.
    fn move_notice(
        &self,
        from: &Notice,
        to: &Notice,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Counts a failure of a window; answers how many there are now.
    fn count_failure(
        &self,
        tenant: TenantId,
        window: Timestamp,
    ) -> impl Future<Output = Result<u32, StoreFailure>> + Send;

    /// The notices of a window that wait for its digest, at most this many.
    fn digest(
        &self,
        tenant: TenantId,
        window: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Notice>, StoreFailure>> + Send;
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Sends one mail; there is no idempotency behind it.
    fn mail(&self, mail: &Mail) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Boards of jobs, for the projector.
pub trait Boards: Send + Sync {
    /// A board and its version; a board nobody wrote is empty, version 0. None when there is no such job.
    fn board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
    ) -> impl Future<Output = Result<Option<(Board, u32)>, StoreFailure>> + Send;

    /// Writes a board if nobody wrote it since.
    fn save_board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
        board: &Board,
        version: u32,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// One page of a list and where the next begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Position after the last item; opaque to services.
    pub next: Option<String>,
}

/// The outbox, for reading.
pub trait Outbox: Send + Sync {
    /// A job.
    fn job(
        &self,
        tenant: TenantId,
        id: JobId,
    ) -> impl Future<Output = Result<Option<Job>, StoreFailure>> + Send;

    /// Jobs, newest first.
    fn jobs(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Job>, StoreFailure>> + Send;

    /// Boards of a job by number, in the order asked for; unwritten ones are empty.
    fn boards(
        &self,
        tenant: TenantId,
        job: JobId,
        numbers: std::ops::Range<u32>,
    ) -> impl Future<Output = Result<Vec<Board>, StoreFailure>> + Send;

    /// Messages by id, in the order asked for; unknown ids are left out.
    fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> impl Future<Output = Result<Vec<Message>, StoreFailure>> + Send;
}

/// Keeps the pace of what calls a provider side by side.
pub trait Pacer: Send + Sync {
    /// Waits for the next turn of `who`: turns of one name are at least `gap_millis` apart.
    fn turn(&self, who: &str, gap_millis: u64) -> impl Future<Output = ()> + Send;
}
