//! What a record of the table's stream says of a job's row. The projector reads nothing else from
//! the stream.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{JobId, TenantId},
    job::RowChange,
    message::Status,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{keys::message_of, shape::Id};

#[derive(Deserialize)]
struct Keyed {
    pk: String,
    sk: String,
}

/// What the projector needs of a message's item.
#[derive(Deserialize)]
struct Image {
    j: Id,
    r: u32,
    v: u32,
    s: u8,
}

/// The change that a record's images (DynamoDB's JSON, as the event has them) tell of a job's row.
/// None for every other item, for what was deleted, and when the shown status is what it was: rows
/// that nobody touched are queued, so a new message that is queued changes nothing either. That is
/// safe in any order: a version that is passed over shows the same status as the one before it.
///
/// # Errors
/// Corrupt when it is no item, or a message's item that cannot be read.
pub fn change(
    new: Option<&str>,
    old: Option<&str>,
) -> Result<Option<(TenantId, JobId, RowChange)>, StoreFailure> {
    let Some(new) = new.map(item).transpose()? else {
        return Ok(None);
    };
    let Keyed { pk, sk } = read(new.clone())?;
    let Some((tenant, _)) = message_of(&pk, &sk) else {
        return Ok(None);
    };
    let (image, status) = message(new)?;
    let before = match old.map(item).transpose()? {
        Some(old) => message(old)?.1,
        None => Status::Queued,
    };
    if before == status {
        return Ok(None);
    }
    let change = RowChange {
        row: image.r,
        version: image.v,
        status,
    };
    Ok(Some((tenant, JobId::from_uuid(image.j.0), change)))
}

fn item(image: &str) -> Result<serde_dynamo::Item, StoreFailure> {
    serde_json::from_str(image).map_err(|_| corrupt())
}

fn message(item: serde_dynamo::Item) -> Result<(Image, Status), StoreFailure> {
    let image: Image = read(item)?;
    let status = Status::from_code(image.s).ok_or_else(corrupt)?;
    Ok((image, status))
}

fn read<T: DeserializeOwned>(item: serde_dynamo::Item) -> Result<T, StoreFailure> {
    serde_dynamo::from_item(item).map_err(|_| corrupt())
}

fn corrupt() -> StoreFailure {
    StoreFailure::new("stream.read", StoreFailureKind::Corrupt)
        .because("the image is not of its shape")
}
