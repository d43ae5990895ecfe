//! What a caller reads.

pub mod contact;
pub mod conversation;
pub mod import;
pub mod item;
