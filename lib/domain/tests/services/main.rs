//! The services over memory ports and the real WHAPI adapter: everything but the network and AWS.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a broken expectation stops the test where it is"
)]

mod accepting;
mod attempting;
mod changing;
mod doubting;
mod ingesting;
mod mailing;
mod reading;
mod sweeping;
mod world;
