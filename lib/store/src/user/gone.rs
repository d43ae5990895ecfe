//! What stays of a user whose invitation was taken back: that none of their tokens counts. One may have been
//! issued in the very moment, and without this nothing would be known of them.

use domain::failure::StoreFailure;
use serde::Serialize;

use crate::{
    keys::Key,
    shape::{Item, Row},
};

const GONE: &str = "gone";

#[derive(Serialize)]
struct GoneItem {
    gone: bool,
}

/// The item, in the user's place and in no list.
pub(super) fn row(operation: &'static str, user: Key) -> Result<Row, StoreFailure> {
    Row::new(operation, user, &GoneItem { gone: true })
}

/// Whether an item in a user's place is this.
pub(super) fn is_so(item: &Item) -> bool {
    item.contains_key(GONE)
}
