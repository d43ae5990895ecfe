//! What the services need from the outside worlds: one small trait per need. `store`, `queue`,
//! `vault`, `mail`, `files` and `providers` implement them; `testkit` has them in memory.

mod business;
mod inbound;
mod outbox;
mod people;
mod sending;
mod work;
mod worlds;

pub use self::{
    business::{EventBook, EventKept, EventList, Invoices, Workflows},
    inbound::{
        Files, Inbox, Journal, MediaFiles, Pointed, Pointers, ProviderTemplates, Received,
        Reception,
    },
    outbox::{Boards, Outbox, Page},
    people::{
        AuditEntry, AuditLine, Audits, ChannelBook, ContactBook, Conversations, Made, Merger,
        Seals, SearchIndex, ThreadItem,
    },
    sending::{
        Acceptance, Acceptances, ChannelKeys, Committed, Contacts, Directory, IdempotencyRecord,
        Messages, Saved, SettingsBook,
    },
    work::{DUE_SHARDS, Due, DueThing, HandOver, Lanes, Notices, Task},
    worlds::{
        Clock, DocumentGate, FetchedFile, FileGate, Gate, Mailer, NotFetched, Pacer, Signatures,
        Vault,
    },
};
