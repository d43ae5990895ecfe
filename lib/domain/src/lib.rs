//! What Waypost knows without any outside world: its words, its rules, its services.
#![doc = include_str!("../README.md")]

pub mod bulk;
pub mod business;
pub mod channel;
pub mod contact;
pub mod conversation;
pub mod copy;
pub mod failure;
pub mod ids;
pub mod job;
pub mod message;
pub mod notice;
pub mod phone;
pub mod ports;
pub mod principal;
pub mod provider;
pub mod quiet;
pub mod search;
pub mod service;
pub mod settings;
pub mod template;
pub mod tenant;
pub mod webhook;
