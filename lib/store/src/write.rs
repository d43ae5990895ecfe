//! One write with its condition, and what came of it. The same value is sent alone or as a part of a
//! transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{
        AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use uuid::Uuid;

use crate::{
    keys::Key,
    schema::{PK, SK},
    shape::{Item, Row, text},
};

/// A write to come.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) key: (String, String),
    /// The tenant's key it is; none for the few items that belong to no tenant.
    pub(crate) owner: Option<Key>,
    pub(crate) action: Action,
    pub(crate) condition: Option<String>,
    pub(crate) values: HashMap<String, AttributeValue>,
    /// Stand-ins for attribute names that are reserved words.
    pub(crate) names: HashMap<String, String>,
}

/// What a write does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// The whole item.
    Put(Item),
    /// An update expression.
    Update(String),
    /// No item any more.
    Delete,
    /// Nothing: only its condition counts, in a transaction.
    Check,
}

/// What came of a conditional write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    /// Applied; an update answers with what it changed.
    Applied(Option<Item>),
    /// The condition did not hold; the item as it stands, if there is one.
    Held(Option<Item>),
}

/// What came of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transacted {
    /// All of it is applied.
    Applied,
    /// None of it is: the conditions that did not hold, by position.
    Held(Vec<Held>),
}

/// How one condition of a refused transaction stood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Held {
    /// Not this one.
    No,
    /// This one; the item as it stands, if there is one.
    Yes(Option<Item>),
}

impl Held {
    /// The item whose condition did not hold; `None` when the condition held.
    pub(crate) fn item(reasons: &mut [Self], position: usize) -> Option<Option<Item>> {
        match reasons
            .get_mut(position)
            .map(|r| std::mem::replace(r, Self::No))
        {
            Some(Self::Yes(item)) => Some(item),
            Some(Self::No) | None => None,
        }
    }
}

impl Write {
    /// Puts a whole item.
    pub(crate) fn put(row: Row) -> Self {
        Self {
            key: (row.key.pk.clone(), row.key.sk.clone()),
            owner: Some(row.key),
            action: Action::Put(row.item),
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Puts an item that belongs to no tenant's partition: what leads to a channel, the platform's app.
    pub(crate) fn put_shared(key: (String, String), mut item: Item) -> Self {
        item.insert(PK.into(), text(&key.0));
        item.insert(SK.into(), text(&key.1));
        Self {
            key,
            owner: None,
            action: Action::Put(item),
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Updates an item, making it if it is not there.
    pub(crate) fn update(key: Key, expression: impl Into<String>) -> Self {
        Self {
            key: (key.pk.clone(), key.sk.clone()),
            owner: Some(key),
            action: Action::Update(expression.into()),
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Updates an item that belongs to no tenant's partition.
    pub(crate) fn update_shared(key: (String, String), expression: impl Into<String>) -> Self {
        Self {
            key,
            owner: None,
            action: Action::Update(expression.into()),
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Takes an item away; one that is not there is gone already.
    pub(crate) fn delete(key: Key) -> Self {
        Self {
            key: (key.pk.clone(), key.sk.clone()),
            owner: Some(key),
            action: Action::Delete,
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Leaves an item as it is; the transaction it is a part of is applied only when this holds.
    pub(crate) fn check(key: Key, condition: impl Into<String>) -> Self {
        Self {
            key: (key.pk.clone(), key.sk.clone()),
            owner: Some(key),
            action: Action::Check,
            condition: Some(condition.into()),
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Takes an item away that belongs to no tenant's partition.
    pub(crate) fn delete_shared(key: (String, String)) -> Self {
        Self {
            key,
            owner: None,
            action: Action::Delete,
            condition: None,
            values: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// The same beside writes of another tenant: where the platform's people change what is a company's,
    /// the line about it stands in their own log.
    pub(crate) fn across(mut self) -> Self {
        self.owner = None;
        self
    }

    /// Only when this holds.
    pub(crate) fn when(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Only when the item is not there yet.
    pub(crate) fn when_new(self) -> Self {
        self.when("attribute_not_exists(pk)")
    }

    /// A value of the expressions.
    pub(crate) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.into(), value);
        self
    }

    /// A stand-in for an attribute name that is a reserved word.
    pub(crate) fn name(mut self, stand_in: &str, name: &str) -> Self {
        self.names.insert(stand_in.into(), name.into());
        self
    }

    /// Whether it puts exactly this item.
    pub(crate) fn puts(&self, item: &Item) -> bool {
        match &self.action {
            Action::Put(own) => own == item,
            Action::Update(_) | Action::Delete | Action::Check => false,
        }
    }

    /// The names as a request wants them.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// The key as a request wants it.
    pub(crate) fn item_key(&self) -> Item {
        Item::from([
            (PK.to_owned(), text(&self.key.0)),
            (SK.to_owned(), text(&self.key.1)),
        ])
    }

    /// The values of its expressions.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// As a part of a transaction.
    pub(crate) fn part(&self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let part = TransactWriteItem::builder();
        Ok(match &self.action {
            Action::Put(item) => part.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item.clone()))
                    .set_condition_expression(self.condition.clone())
                    .set_expression_attribute_values(self.values())
                    .set_expression_attribute_names(self.names())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            Action::Update(expression) => part.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(self.item_key()))
                    .update_expression(expression)
                    .set_condition_expression(self.condition.clone())
                    .set_expression_attribute_values(self.values())
                    .set_expression_attribute_names(self.names())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            Action::Delete => part.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(self.item_key()))
                    .set_condition_expression(self.condition.clone())
                    .set_expression_attribute_values(self.values())
                    .set_expression_attribute_names(self.names())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
            Action::Check => part.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(self.item_key()))
                    .set_condition_expression(self.condition.clone())
                    .set_expression_attribute_values(self.values())
                    .set_expression_attribute_names(self.names())
                    .return_values_on_condition_check_failure(old)
                    .build()?,
            ),
        }
        .build())
    }
}

/// Eight random bytes that name one write: when its answer is lost and the SDK's second try finds
/// the condition false, they tell our own success from somebody else's.
pub(crate) fn nonce() -> Vec<u8> {
    let (_, low) = Uuid::now_v7().as_u64_pair();
    low.to_be_bytes().to_vec()
}
