//! Everything that webhooks read and write.

use std::future::Future;

use jiff::{Timestamp, civil::Date};

use super::{Page, Saved};
use crate::{
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ConversationId, MessageId, TenantId},
    message::{InboundMessage, MediaCopy},
    webhook::{JournalEntry, JournalKey, Observed, Pointer},
};

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
    /// Further aliases of a new writer that get slots of their own.
    pub claimed: Vec<Alias>,
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

    /// An inbound message.
    fn inbound(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> impl Future<Output = Result<Option<InboundMessage>, StoreFailure>> + Send;

    /// Moves the copy of an inbound file from where it was read to stand; `due` is when the sweep looks
    /// at it again.
    fn move_copy(
        &self,
        message: &InboundMessage,
        to: &MediaCopy,
        due: Option<Timestamp>,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
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

    /// Entries of one UTC day in the order they came.
    fn entries(
        &self,
        tenant: TenantId,
        day: Date,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<JournalEntry>, StoreFailure>> + Send;
}

/// Copies of inbound files, and links to them.
pub trait MediaFiles: Send + Sync {
    /// Stores a copy under its type.
    fn keep(
        &self,
        key: &str,
        bytes: Vec<u8>,
        mime: &str,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// A link that works for an hour and serves the file as this type: for a provider that fetches it.
    fn share(
        &self,
        key: &str,
        mime: &str,
    ) -> impl Future<Output = Result<String, StoreFailure>> + Send;

    /// A link that works for a few minutes and saves the file under this name.
    fn link(
        &self,
        key: &str,
        filename: &str,
        mime: &str,
    ) -> impl Future<Output = Result<String, StoreFailure>> + Send;
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
