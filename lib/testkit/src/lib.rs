//! What tests stand on: builders, every port in memory, fakes that answer as they are told, and (with
//! the feature `database`) an embedded DynamoDB, (with `routes`) a function's routes without storage. A
//! dev-dependency only: nothing that is deployed knows this crate.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set its stage must fail at once"
)]

pub mod billing;
pub mod builders;
#[cfg(feature = "database")]
pub mod database;
pub mod fakes;
#[cfg(feature = "database")]
pub mod faults;
pub mod memory;
#[cfg(feature = "database")]
pub mod meter;
#[cfg(feature = "routes")]
#[expect(
    clippy::indexing_slicing,
    reason = "an event or a document without what every one has must fail a test at once"
)]
pub mod routes;
