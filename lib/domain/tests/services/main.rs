//! The services over memory ports and the real WHAPI adapter: everything but the network and AWS.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a broken expectation stops the test where it is"
)]

mod accepting;
mod advising;
mod analysing;
mod answering;
mod asking;
mod attempting;
mod befriending;
mod bulk;
mod changing;
mod channels;
mod cloud;
mod conversing;
mod copying;
mod counting;
mod desks;
mod doubting;
mod ending;
mod exporting;
mod filing;
mod folding;
mod founding;
mod from_templates;
mod greeting;
mod happening;
mod holding;
mod importing;
mod ingesting;
mod inviting;
mod inviting_again;
mod looking;
mod mailing;
mod managed;
mod merging;
mod month;
mod paging;
mod partnering;
mod paying;
mod paypal;
mod reading;
mod recounting;
mod rehearsing;
mod reminding;
mod replying;
mod shutting_out;
mod sweeping;
mod switching;
mod syncing;
mod templating;
mod wording;
mod world;
