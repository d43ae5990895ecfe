//! Idempotency keys. TTL deletes late, so the expiry is compared wherever a record is used.

use domain::{
    failure::StoreFailure,
    ids::{JobId, MessageId, TenantId},
    ports::IdempotencyRecord,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::TenantKeys,
    shape::{Id, Item, Row, When, read, time},
    table::{Read, TenantTable},
    write::Write,
};

#[derive(Debug, Serialize, Deserialize)]
struct IdempotencyItem {
    /// The key as it came; the item's own key is its hash.
    name: String,
    request: String,
    j: Id,
    m: Id,
    exp: When,
    ttl: i64,
}

/// Claims a key, if nobody holds it or the holder's time is over.
pub(crate) fn claim(
    operation: &'static str,
    tenant: TenantId,
    record: &IdempotencyRecord,
    now: Timestamp,
) -> Result<Write, StoreFailure> {
    let item = IdempotencyItem {
        name: record.key.clone(),
        request: record.request.clone(),
        j: Id(record.job.uuid()),
        m: Id(record.message.uuid()),
        exp: When(record.expires_at),
        ttl: record.expires_at.as_second(),
    };
    let key = TenantKeys::new(tenant).idempotency(&record.key);
    Ok(Write::put(Row::new(operation, key, &item)?)
        .when("attribute_not_exists(pk) OR exp <= :now")
        .value(":now", time(now)))
}

/// Reads a record.
pub(crate) fn record(
    operation: &'static str,
    item: Item,
) -> Result<IdempotencyRecord, StoreFailure> {
    read::<IdempotencyItem>(operation, item).map(IdempotencyRecord::from)
}

impl From<IdempotencyItem> for IdempotencyRecord {
    fn from(item: IdempotencyItem) -> Self {
        Self {
            key: item.name,
            request: item.request,
            job: JobId::from_uuid(item.j.0),
            message: MessageId::from_uuid(item.m.0),
            expires_at: item.exp.0,
        }
    }
}

impl TenantTable<'_> {
    /// What a live key stands for.
    pub(crate) async fn repeated(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        let item: Option<IdempotencyItem> = self
            .get(
                "idempotency.read",
                &self.keys().idempotency(key),
                Read::Strong,
            )
            .await?;
        Ok(item
            .map(IdempotencyRecord::from)
            .filter(|record| record.expires_at > now))
    }
}
