#![doc = include_str!("../README.md")]
// A new variant of ours must be decided, not defaulted.
#![cfg_attr(not(test), warn(clippy::wildcard_enum_match_arm))]

mod calls;
mod event;
mod exchange;
mod headers;
mod login;
mod wire;

pub use self::{
    calls::PayPalApi,
    event::read_event,
    exchange::{BadEndpoint, PAYPAL, TOTAL_TIMEOUT},
    login::Account,
};
