//! The store over an embedded DynamoDB: every access pattern, its conditions and what it costs.
#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers here are of tests"
)]

mod acceptance;
mod corrupt;
mod directory;
mod faults;
mod inbox;
mod isolation;
mod lists;
mod messages;
mod notices;
mod pointers;
mod schema;
mod stream;
mod sweep;
mod units;
mod world;
