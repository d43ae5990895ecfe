//! Bulk jobs: accepted with frozen rows, made into messages at their channel's pace, paused, resumed and
//! cancelled by people.

pub mod accept;
pub mod control;
pub mod draft;
pub mod expand;
mod judge;
mod open;
mod report;
mod sheet;

pub use self::{
    accept::{AcceptBulk, BulkAccepted},
    control::Control,
    draft::{BulkDraft, NewRow, Recipients, UPLOAD_MOST_BYTES, upload_key},
    expand::{Expand, Passed},
};
