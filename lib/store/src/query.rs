//! Reads of one item and of one partition. Those of tenants come here through [`crate::TenantTable`],
//! which checks whose they are; the others through [`crate::CrossTenant`].

use domain::failure::StoreFailure;

use crate::{
    Store,
    schema::{PK, SK},
    sdk::failure,
    shape::{Item, text},
    table::{Range, Read},
};

/// From which end a partition is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// In the order of the sort keys.
    Forward,
    /// Against it.
    Backward,
}

impl Store {
    /// One item.
    pub(crate) async fn item(
        &self,
        operation: &'static str,
        pk: &str,
        sk: &str,
        freshness: Read,
    ) -> Result<Option<Item>, StoreFailure> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, text(pk))
            .key(SK, text(sk))
            .consistent_read(freshness == Read::Strong)
            .send()
            .await
            .map_err(|cause| failure(operation, &cause))?;
        Ok(answer.item)
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
        let (partition, sort) = range
            .index
            .map_or((PK, SK), |index| (index.partition, index.sort));
        let mut found: Vec<Item> = Vec::new();
        let mut from = None;
        loop {
            let missing = range.limit.saturating_sub(found.len());
            let mut request = self
                .client
                .query()
                .table_name(&self.table)
                .set_index_name(range.index.map(|index| index.name.to_owned()))
                .expression_attribute_names("#p", partition)
                .expression_attribute_values(":p", text(range.partition))
                .set_filter_expression(range.filter.map(str::to_owned))
                .set_exclusive_start_key(from)
                .scan_index_forward(direction == Direction::Forward)
                .consistent_read(range.read == Read::Strong)
                .limit(i32::try_from(missing.clamp(1, 1_000)).unwrap_or(1_000));
            request = match range.sort {
                Some(condition) => request
                    .expression_attribute_names("#s", sort)
                    .key_condition_expression(format!("#p = :p AND {condition}")),
                None => request.key_condition_expression("#p = :p"),
            };
            for (name, value) in &range.values {
                request = request.expression_attribute_values(*name, value.clone());
            }
            let answer = request
                .send()
                .await
                .map_err(|cause| failure(operation, &cause))?;
            found.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() || found.len() >= range.limit {
                found.truncate(range.limit);
                return Ok(found);
            }
        }
    }
}
