//! The store in memory keeps the promises of the ports: conditions, versions, all or nothing.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a broken expectation stops the test where it is"
)]

mod channels;
mod contacts;
mod conversations;
mod fakes;
mod files;
mod lists;
mod merging;
mod money;
mod partner;
mod receiving;
mod world;
