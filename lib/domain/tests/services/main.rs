//! The services over memory ports and the real WHAPI adapter: everything but the network and AWS.

mod accepting;
mod attempting;
mod changing;
mod ingesting;
mod mailing;
mod reading;
mod sweeping;
mod world;
