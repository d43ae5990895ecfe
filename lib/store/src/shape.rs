//! Building blocks of stored items: ids as 16 bytes, times as exact numbers, binaries, and the way
//! from a serde struct to an item and back.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::failure::{StoreFailure, StoreFailureKind};
use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error, Visitor},
};
use uuid::Uuid;

use crate::{
    keys::{Key, Place},
    schema::{DUE, Index, PK, SK},
};

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item with its key.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) item: Item,
}

impl Row {
    /// The item of this shape under this key.
    ///
    /// # Errors
    /// Refused when the shape is no item.
    pub(crate) fn new<T: Serialize>(
        operation: &'static str,
        key: Key,
        shape: &T,
    ) -> Result<Self, StoreFailure> {
        let mut item = to_item(operation, shape)?;
        item.insert(PK.into(), text(&key.pk));
        item.insert(SK.into(), text(&key.sk));
        Ok(Self { key, item })
    }

    /// The same, listed in an index.
    pub(crate) fn listed(mut self, index: Index, place: &Place) -> Self {
        self.item
            .insert(index.partition.into(), text(&place.partition));
        self.item.insert(index.sort.into(), text(&place.sort));
        self
    }

    /// The same, in the due index when there is a place for it.
    pub(crate) fn due(self, place: Option<&Place>) -> Self {
        match place {
            Some(place) => self.listed(DUE, place),
            None => self,
        }
    }
}

/// The item of this shape, without a key.
///
/// # Errors
/// Refused when the shape is no item.
pub(crate) fn to_item<T: Serialize>(
    operation: &'static str,
    shape: &T,
) -> Result<Item, StoreFailure> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(shape)
        .map_err(|_| StoreFailure::new(operation, StoreFailureKind::Refused).because("not an item"))
}

/// Reads an item. What was wrong with it is not told: it could be somebody's number.
///
/// # Errors
/// Corrupt when it is not of this shape.
pub(crate) fn read<T: DeserializeOwned>(
    operation: &'static str,
    item: Item,
) -> Result<T, StoreFailure> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|_| corrupt(operation))
}

/// An item that cannot be what it should be.
pub(crate) fn corrupt(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Corrupt)
        .because("the stored item is not of its shape")
}

/// An attribute of this shape.
///
/// # Errors
/// Refused when the shape is no attribute.
pub(crate) fn value<T: Serialize>(
    operation: &'static str,
    shape: &T,
) -> Result<AttributeValue, StoreFailure> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(shape).map_err(|_| {
        StoreFailure::new(operation, StoreFailureKind::Refused).because("not an attribute")
    })
}

/// A text attribute.
pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number attribute.
pub(crate) fn number(value: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time attribute, as [`When`] stores it.
pub(crate) fn time(at: Timestamp) -> AttributeValue {
    match i64::try_from(at.as_nanosecond()) {
        Ok(nanos) => number(nanos),
        Err(_) => text(&at.to_string()),
    }
}

/// A binary attribute, as [`Blob`] stores it.
pub(crate) fn bytes(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(bytes.to_vec().into())
}

/// An id attribute, as [`Id`] stores it.
pub(crate) fn id(uuid: Uuid) -> AttributeValue {
    bytes(uuid.as_bytes())
}

/// The epoch second some days after a moment, for the TTL attribute.
pub(crate) fn days_after(at: Timestamp, days: i64) -> i64 {
    at.as_second().saturating_add(days * 86_400)
}

/// An id as 16 bytes: half of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) Uuid);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Blob(bytes) = Blob::deserialize(deserializer)?;
        Uuid::from_slice(&bytes).map(Self).map_err(D::Error::custom)
    }
}

/// Bytes as a binary attribute.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Blob;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Blob, E> {
                Ok(Blob(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// A time as its nanoseconds: exact, comparable in conditions, and short, for DynamoDB does not
/// charge for a number's trailing zeros. Beyond the year 2262 it is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When(pub(crate) Timestamp);

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0.as_nanosecond()) {
            Ok(nanos) => serializer.serialize_i64(nanos),
            Err(_) => serializer.serialize_str(&self.0.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Time;
        impl Visitor<'_> for Time {
            type Value = When;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time")
            }
            fn visit_i64<E: Error>(self, nanos: i64) -> Result<When, E> {
                Timestamp::from_nanosecond(i128::from(nanos))
                    .map(When)
                    .map_err(E::custom)
            }
            fn visit_u64<E: Error>(self, nanos: u64) -> Result<When, E> {
                Timestamp::from_nanosecond(i128::from(nanos))
                    .map(When)
                    .map_err(E::custom)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<When, E> {
                text.parse().map(When).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Time)
    }
}
