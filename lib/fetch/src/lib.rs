#![doc = include_str!("../README.md")]

mod address;
mod destination;
mod failing;
mod fetcher;
mod refusal;
mod resolver;
mod sniff;

#[cfg(test)]
mod tests;

pub use self::{
    address::is_global,
    destination::BadTrust,
    fetcher::{Fetched, Fetcher, NotBuilt, TOTAL_TIMEOUT},
    refusal::Refusal,
    sniff::{MediaType, judge},
};
