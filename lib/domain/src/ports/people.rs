//! What people do and see in the inbox: conversations, contacts, channels, and the log of who did what.

use std::{collections::BTreeMap, future::Future};

use jiff::Timestamp;

use super::{Page, Saved};
use crate::{
    channel::{Channel, PlatformApp, SealedSecret, Secret},
    contact::Contact,
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ContactId, ConversationId, TenantId, UserId},
    message::{Content, InboundMessage, Message},
};

/// One line of the audit log, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who.
    pub user: UserId,
    /// What kind of thing: `messages`, `conversations`, `contacts`, `channels`.
    pub entity_type: &'static str,
    /// What was done: `accept`, `mark_read`.
    pub action: &'static str,
    /// To which of them.
    pub entity: String,
    /// When.
    pub at: Timestamp,
    /// What it was before, as far as it changed: names and values without any secret.
    pub before: BTreeMap<&'static str, String>,
    /// What it is now, as far as it changed.
    pub after: BTreeMap<&'static str, String>,
}

impl AuditEntry {
    /// A line without details.
    #[must_use]
    pub fn new(
        user: &UserId,
        entity_type: &'static str,
        action: &'static str,
        entity: impl ToString,
        at: Timestamp,
    ) -> Self {
        Self {
            user: user.clone(),
            entity_type,
            action,
            entity: entity.to_string(),
            at,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        }
    }

    /// The same with a value that changed.
    #[must_use]
    pub fn changed(
        mut self,
        name: &'static str,
        before: impl ToString,
        after: impl ToString,
    ) -> Self {
        self.before.insert(name, before.to_string());
        self.after.insert(name, after.to_string());
        self
    }

    /// The same with a value that is new or goes along.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.after.insert(name, value.to_string());
        self
    }
}

/// One line of the audit log, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Names the line.
    pub id: String,
    /// Who.
    pub user: UserId,
    /// What kind of thing.
    pub entity_type: String,
    /// What was done.
    pub action: String,
    /// To which of them.
    pub entity: String,
    /// When.
    pub at: Timestamp,
    /// What it was before.
    pub before: BTreeMap<String, String>,
    /// What it was afterwards.
    pub after: BTreeMap<String, String>,
}

/// The audit log. Most lines are written in the transaction of what they tell; these stand alone.
pub trait Audits: Send + Sync {
    /// Notes something.
    fn note(
        &self,
        tenant: TenantId,
        entry: &AuditEntry,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Lines, newest first, beginning at or before `until`.
    fn audits(
        &self,
        tenant: TenantId,
        until: Timestamp,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<AuditLine>, StoreFailure>> + Send;
}

/// One item of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadItem {
    /// One of ours, with what it says.
    Outbound(Box<(Message, Content)>),
    /// One of theirs, or one that the tenant's own phone sent.
    Inbound(Box<InboundMessage>),
}

/// Conversations as people read and change them.
pub trait Conversations: Send + Sync {
    /// Conversations of these channels, archived or not: newest first, then by id (X39).
    fn conversations(
        &self,
        tenant: TenantId,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Conversation>, StoreFailure>> + Send;

    /// Conversations by id, in the order asked for; unknown ids are left out.
    fn conversations_by_id(
        &self,
        tenant: TenantId,
        ids: &[ConversationId],
    ) -> impl Future<Output = Result<Vec<Conversation>, StoreFailure>> + Send;

    /// Messages of these threads together: newest first, then by id.
    fn thread(
        &self,
        tenant: TenantId,
        threads: &[ConversationId],
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<ThreadItem>, StoreFailure>> + Send;

    /// Writes who takes care of a conversation, whether it is put away and how much of it is unread,
    /// if all three are still what `before` says, and notes who did it.
    fn save_conversation(
        &self,
        before: &Conversation,
        after: &Conversation,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Two contacts that turned out to be one person, and what becomes of their threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merger {
    /// Who stays, as it then is; its version is the one it was read at.
    pub survivor: Contact,
    /// Who becomes another name of the survivor, as it was read.
    pub other: Contact,
    /// For each channel on which the other has a thread: the survivor's thread there as it then is, and
    /// the other's as it was read.
    pub threads: Vec<(Conversation, Conversation)>,
    /// Who did it; nobody when the provider said so.
    pub audit: Option<AuditEntry>,
}

/// Contacts as people read and change them.
pub trait ContactBook: Send + Sync {
    /// Contacts of a tenant, by number.
    fn contacts(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Contact>, StoreFailure>> + Send;

    /// Contacts with a word of their name, or their number, beginning like this (already folded by
    /// [`crate::search::fold`]), at most this many.
    fn find_contacts(
        &self,
        tenant: TenantId,
        prefix: &str,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Contact>, StoreFailure>> + Send;

    /// Joins two contacts: every alias of the other leads to the survivor from now on, and its threads
    /// are read with the survivor's. All or nothing; [`Saved::Stale`] when either moved.
    fn merge_contacts(
        &self,
        merger: &Merger,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// The search index: words of contacts' names, derived from the table's stream.
pub trait SearchIndex: Send + Sync {
    /// Makes these words lead to the contact and those no longer; doing it again changes nothing.
    fn index_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
        words: &[String],
        stale: &[String],
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// What came of making a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It exists.
    Done,
    /// What the provider calls it belongs to a channel already, of this tenant or another.
    RefTaken,
    /// The provider's account belongs to another tenant.
    AccountTaken,
    /// Every slot of the plan is taken.
    NoSlot,
}

/// Channels as people make and change them.
pub trait ChannelBook: Send + Sync {
    /// Makes a channel with its webhook key and what its provider calls it, and notes who did it.
    fn make_channel(
        &self,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Made, StoreFailure>> + Send;

    /// The same, and takes a slot of the plan with it when fewer than so many are taken: two who make one
    /// at once never have more than the plan allows. The slot comes back when the channel is buried.
    fn make_channel_within(
        &self,
        limit: u32,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Made, StoreFailure>> + Send;

    /// Writes name, secrets, pace, login and whether it is used, if nobody did since it was read.
    fn save_channel(
        &self,
        channel: &mut Channel,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Makes a channel the one that is used when a request names none.
    fn save_default_channel(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Writes the platform's own app, and notes in the caller's log who did it.
    fn save_platform_app(
        &self,
        app: &PlatformApp,
        tenant: TenantId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Seals secrets so that only the vault opens them.
pub trait Seals: Send + Sync {
    /// For one channel of one tenant.
    fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> impl Future<Output = Result<SealedSecret, StoreFailure>> + Send;

    /// For the platform itself.
    fn seal_platform(
        &self,
        secret: &Secret,
    ) -> impl Future<Output = Result<SealedSecret, StoreFailure>> + Send;
}
