//! What Waypost does, as functions over ports.

pub mod accept;
pub mod attempt;
pub mod change;
mod compose;
mod draft;
pub mod facts;
mod inbound;
pub mod ingest;
pub mod lane;
pub mod notify;
pub mod outbox;
pub mod preflight;
pub mod projections;
pub mod reconcile;
pub mod send;
pub mod sweep;
