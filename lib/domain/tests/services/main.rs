//! The services over memory ports and the real WHAPI adapter: everything but the network and AWS.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a broken expectation stops the test where it is"
)]

mod accepting;
mod answering;
mod asking;
mod attempting;
mod befriending;
mod changing;
mod channels;
mod cloud;
mod conversing;
mod copying;
mod desks;
mod doubting;
mod filing;
mod folding;
mod happening;
mod holding;
mod importing;
mod ingesting;
mod mailing;
mod merging;
mod paging;
mod reading;
mod replying;
mod sweeping;
mod switching;
mod world;
