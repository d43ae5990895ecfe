//! What a function stands on.
#![doc = include_str!("../README.md")]

pub mod aws;
pub mod env;
pub mod net;
mod sdk_http;
