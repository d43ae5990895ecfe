//! What Waypost knows without any outside world: its words, its rules, its services.
#![doc = include_str!("../README.md")]

pub mod failure;
pub mod ids;
pub mod phone;
pub mod principal;
