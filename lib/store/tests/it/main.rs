//! The store over an embedded DynamoDB: every access pattern, its conditions and what it costs.
#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers here are of tests"
)]

mod about;
mod acceptance;
mod audits;
mod billing;
mod bulk;
mod business;
mod calendar;
mod channels;
mod contacts;
mod contents;
mod conversations;
mod copies;
mod corrupt;
mod costs;
mod directory;
mod faults;
mod fields;
mod growth;
mod inbox;
mod invitations;
mod isolation;
mod lists;
mod log;
mod merging;
mod messages;
mod notices;
mod own_templates;
mod partner;
mod paypal;
mod pointers;
mod schema;
mod sheets;
mod stream;
mod sweep;
mod synced_templates;
mod template_costs;
mod templates;
mod threads;
mod units;
mod user_costs;
mod users;
mod world;
