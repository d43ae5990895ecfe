//! The only type with reads and writes on tenant data.

use aws_sdk_dynamodb::{
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError,
        transact_write_items::TransactWriteItemsError, update_item::UpdateItemError,
    },
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    Store,
    keys::{Key, TenantKeys},
    query::Direction,
    retry::patiently,
    schema::{Index, PK, SK},
    sdk::{failure, held, unbuilt},
    shape::{Item, corrupt, read},
    write::{Action, Transacted, Write, Written},
};

/// One tenant's part of the table. It refuses keys of any other tenant.
#[derive(Debug, Clone, Copy)]
pub struct TenantTable<'s> {
    pub(crate) store: &'s Store,
    tenant: TenantId,
}

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// Everything written before is seen; costs twice as much.
    Strong,
    /// May lag by a moment.
    Eventual,
}

/// What a query asks of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Range<'k> {
    pub(crate) index: Option<Index>,
    pub(crate) partition: &'k str,
    /// Condition on the sort key, with `#s` for its name: `#s > :after`.
    pub(crate) sort: Option<&'static str>,
    pub(crate) filter: Option<&'static str>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
    pub(crate) read: Read,
    pub(crate) limit: usize,
}

impl Store {
    /// The part of the table that belongs to this tenant.
    #[must_use]
    pub const fn tenant(&self, tenant: TenantId) -> TenantTable<'_> {
        TenantTable {
            store: self,
            tenant,
        }
    }
}

impl TenantTable<'_> {
    pub(crate) const fn keys(&self) -> TenantKeys {
        TenantKeys::new(self.tenant)
    }

    pub(crate) const fn id(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn own(&self, operation: &'static str, key: &Key) -> Result<(), StoreFailure> {
        if key.owner == self.tenant {
            return Ok(());
        }
        Err(StoreFailure::new(operation, StoreFailureKind::Refused)
            .because("a key of another tenant"))
    }

    /// One item.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &Key,
        freshness: Read,
    ) -> Result<Option<T>, StoreFailure> {
        self.item(operation, key, freshness)
            .await?
            .map(|item| read(operation, item))
            .transpose()
    }

    /// One item as it is stored.
    pub(crate) async fn item(
        &self,
        operation: &'static str,
        key: &Key,
        freshness: Read,
    ) -> Result<Option<Item>, StoreFailure> {
        self.own(operation, key)?;
        self.store
            .item(operation, &key.pk, &key.sk, freshness)
            .await
    }

    /// Items of one partition in the order of their sort keys, at most `limit`.
    pub(crate) async fn query(
        &self,
        operation: &'static str,
        range: &Range<'_>,
    ) -> Result<Vec<Item>, StoreFailure> {
        self.query_from(operation, range, Direction::Forward).await
    }

    /// Items of one partition from either end, at most `limit`.
    pub(crate) async fn query_from(
        &self,
        operation: &'static str,
        range: &Range<'_>,
        direction: Direction,
    ) -> Result<Vec<Item>, StoreFailure> {
        let inside = TenantKeys::new(self.tenant).holds(range.partition);
        if !inside {
            return Err(StoreFailure::new(operation, StoreFailureKind::Refused)
                .because("a partition of another tenant"));
        }
        self.store.query_from(operation, range, direction).await
    }

    /// One write.
    pub(crate) async fn write(
        &self,
        operation: &'static str,
        write: &Write,
    ) -> Result<Written, StoreFailure> {
        self.allowed(operation, write)?;
        patiently(|| async {
            match &write.action {
                Action::Put(item) => self.put(operation, write, item).await,
                Action::Update(expression) => self.update(operation, write, expression).await,
                Action::Delete => self.delete(operation, write).await,
                Action::Check => Err(StoreFailure::new(operation, StoreFailureKind::Refused)
                    .because("a check is a part of a transaction")),
            }
        })
        .await
    }

    /// Several writes, all or nothing.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        writes: &[Write],
    ) -> Result<Transacted, StoreFailure> {
        let mut parts = Vec::with_capacity(writes.len());
        for write in writes {
            self.allowed(operation, write)?;
            parts.push(
                write
                    .part(&self.store.table)
                    .map_err(|cause| unbuilt(operation, &cause))?,
            );
        }
        // The same request is tried again under the same token, so a try that was applied and whose
        // answer was lost is not applied twice. A changed request comes here as a new one.
        let token = Uuid::now_v7().to_string();
        patiently(|| async {
            let answer = self
                .store
                .client
                .transact_write_items()
                .set_transact_items(Some(parts.clone()))
                .client_request_token(&token)
                .send()
                .await;
            match answer {
                Ok(_) => Ok(Transacted::Applied),
                Err(cause) => match cause.as_service_error() {
                    Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                        held(operation, cancelled.cancellation_reasons())
                    }
                    _ => Err(failure(operation, &cause)),
                },
            }
        })
        .await
    }

    fn allowed(&self, operation: &'static str, write: &Write) -> Result<(), StoreFailure> {
        write
            .owner
            .as_ref()
            .map_or(Ok(()), |key| self.own(operation, key))
    }

    async fn put(
        &self,
        operation: &'static str,
        write: &Write,
        item: &Item,
    ) -> Result<Written, StoreFailure> {
        let answer = self
            .store
            .client
            .put_item()
            .table_name(&self.store.table)
            .set_item(Some(item.clone()))
            .set_condition_expression(write.condition.clone())
            .set_expression_attribute_values(write.values())
            .set_expression_attribute_names(write.names())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Written::Applied(None)),
            Err(cause) => match cause.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(held)) => {
                    Ok(Written::Held(held.item.clone()))
                }
                _ => Err(failure(operation, &cause)),
            },
        }
    }

    async fn update(
        &self,
        operation: &'static str,
        write: &Write,
        expression: &str,
    ) -> Result<Written, StoreFailure> {
        let answer = self
            .store
            .client
            .update_item()
            .table_name(&self.store.table)
            .set_key(Some(write.item_key()))
            .update_expression(expression)
            .set_condition_expression(write.condition.clone())
            .set_expression_attribute_values(write.values())
            .set_expression_attribute_names(write.names())
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(Written::Applied(answer.attributes)),
            Err(cause) => match cause.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(held)) => {
                    Ok(Written::Held(held.item.clone()))
                }
                _ => Err(failure(operation, &cause)),
            },
        }
    }

    async fn delete(
        &self,
        operation: &'static str,
        write: &Write,
    ) -> Result<Written, StoreFailure> {
        let answer = self
            .store
            .client
            .delete_item()
            .table_name(&self.store.table)
            .set_key(Some(write.item_key()))
            .set_condition_expression(write.condition.clone())
            .set_expression_attribute_values(write.values())
            .set_expression_attribute_names(write.names())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Written::Applied(None)),
            Err(cause) => match cause.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(held)) => {
                    Ok(Written::Held(held.item.clone()))
                }
                _ => Err(failure(operation, &cause)),
            },
        }
    }
}

/// Partition and sort key of an item.
pub(crate) fn key_of(
    operation: &'static str,
    item: &Item,
) -> Result<(String, String), StoreFailure> {
    let part = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    part(PK).zip(part(SK)).ok_or_else(|| corrupt(operation))
}
