//! What a function stands on.
#![doc = include_str!("../README.md")]

pub mod auth;
pub mod aws;
pub mod batch;
pub mod cron;
pub mod env;
mod event;
pub mod http;
mod lambda;
pub mod net;
mod panics;
pub mod raw;
mod sdk_http;
pub mod stream;
pub mod time;
pub mod tracing;

pub use lambda::{StartFailure, start};
