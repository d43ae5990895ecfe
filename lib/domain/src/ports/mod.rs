//! What the services need from the outside worlds: one small trait per need. `store`, `queue`,
//! `vault`, `mail`, `files` and `providers` implement them; `testkit` has them in memory.

mod inbound;
mod outbox;
mod sending;
mod work;
mod worlds;

pub use self::{
    inbound::{Files, Inbox, Journal, Pointed, Pointers, Received, Reception},
    outbox::{Boards, Outbox, Page},
    sending::{
        Acceptance, Acceptances, AuditEntry, ChannelKeys, Committed, Contacts, Directory,
        IdempotencyRecord, Messages, Saved,
    },
    work::{DUE_SHARDS, Due, DueThing, HandOver, Lanes, Notices, Task},
    worlds::{Clock, Gate, Mailer, Pacer, Vault},
};
