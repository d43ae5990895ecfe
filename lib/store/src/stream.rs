//! What a record of the table's stream says of a job's row, and of the words a contact is found by. The
//! projector reads nothing else from the stream.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, JobId, TenantId},
    job::RowChange,
    message::Status,
    search::words,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    keys::{contact_of, message_of},
    shape::Id,
};

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

/// What changed about the words that a contact is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactChange {
    /// Whose contact.
    pub tenant: TenantId,
    /// Which.
    pub contact: ContactId,
    /// Words that lead to the contact from now on.
    pub words: Vec<String>,
    /// Words that no longer do.
    pub stale: Vec<String>,
}

/// What the search index needs of a contact's item. What only leads to another contact has no name.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    shown: Option<String>,
}

/// The change of words that a record's images tell of a contact. None for every other item, and when
/// the words are what they were. A contact that was merged into another, or is no more, has none.
///
/// # Errors
/// Corrupt when it is no item, or a contact's item that cannot be read.
pub fn contact_change(
    new: Option<&str>,
    old: Option<&str>,
) -> Result<Option<ContactChange>, StoreFailure> {
    let new = new.map(item).transpose()?;
    let old = old.map(item).transpose()?;
    let Some(any) = new.as_ref().or(old.as_ref()) else {
        return Ok(None);
    };
    let Keyed { pk, sk } = read(any.clone())?;
    let Some((tenant, contact)) = contact_of(&pk, &sk) else {
        return Ok(None);
    };
    let now = new.map(words_of).transpose()?.unwrap_or_default();
    let before = old.map(words_of).transpose()?.unwrap_or_default();
    let without = |all: &[String], known: &[String]| -> Vec<String> {
        let rest = all.iter().filter(|word| !known.contains(word));
        rest.cloned().collect()
    };
    let change = ContactChange {
        tenant,
        contact,
        words: without(&now, &before),
        stale: without(&before, &now),
    };
    let changed = !change.words.is_empty() || !change.stale.is_empty();
    Ok(changed.then_some(change))
}

fn words_of(image: serde_dynamo::Item) -> Result<Vec<String>, StoreFailure> {
    let Named { shown } = read(image)?;
    Ok(shown.as_deref().map(words).unwrap_or_default())
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
