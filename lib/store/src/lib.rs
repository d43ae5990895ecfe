#![doc = include_str!("../README.md")]

mod acceptance;
mod audit;
mod batch;
mod billing;
mod board;
mod bulk;
mod channel;
mod compress;
mod contact;
mod context;
mod conversation;
mod cross_tenant;
mod day;
mod event;
mod festival;
mod idempotency;
mod inbound;
mod invoice;
mod job;
mod journal;
mod keys;
mod list;
mod log;
mod message;
mod notice;
mod partner;
mod paypal;
mod platform;
mod pointer;
mod query;
mod retry;
pub mod schema;
mod sdk;
mod shape;
mod sheet;
pub mod size;
pub mod stream;
mod table;
mod template;
mod tenant;
mod thread;
mod update;
mod usage;
mod user;
mod workflow;
mod write;

use aws_sdk_dynamodb::Client;

pub use self::{cross_tenant::CrossTenant, table::TenantTable};

/// The table. Everything of a tenant starts at [`Store::tenant`]; the few lookups that cannot are
/// on [`Store::cross_tenant`].
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}
