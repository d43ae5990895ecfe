//! The message log as it is read: by status class or by thread, within a stretch of time.

use std::{collections::HashMap, future::Future};

use jiff::Timestamp;

use crate::{
    failure::StoreFailure,
    ids::{ContactId, ConversationId, TenantId},
    message::{Class, Message},
};

/// Which end of a log comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogOrder {
    /// The newest.
    #[default]
    NewestFirst,
    /// The oldest.
    OldestFirst,
}

/// Which messages a log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogPart {
    /// Those of these status classes.
    Classes(Vec<Class>),
    /// Those of these threads.
    Threads(Vec<ConversationId>),
}

/// A stretch of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRange {
    /// Which messages.
    pub part: LogPart,
    /// Accepted at this millisecond or later.
    pub from: Option<Timestamp>,
    /// Accepted in this millisecond or before.
    pub until: Option<Timestamp>,
    /// Which end comes first.
    pub order: LogOrder,
}

/// Entries of a log. What stands behind an entry may have moved on since: whoever asked for a status
/// looks at the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Each message with the position after it.
    pub items: Vec<(Message, String)>,
    /// The position to go on from; none at the end.
    pub next: Option<String>,
}

/// The message log of a tenant.
pub trait MessageLog: Send + Sync {
    /// Entries after a position, at most this many.
    fn log(
        &self,
        tenant: TenantId,
        range: &LogRange,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<LogPage, StoreFailure>> + Send;

    /// What contacts are called, as far as that is known; those merged into another by its name.
    fn contact_names(
        &self,
        tenant: TenantId,
        contacts: &[ContactId],
    ) -> impl Future<Output = Result<HashMap<ContactId, String>, StoreFailure>> + Send;
}
