//! What counts against a day's limit. The counter is no projection: its limit is a condition inside
//! the transaction that accepts.

use domain::{failure::StoreFailure, ids::TenantId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    keys::{Key, TenantKeys},
    shape::number,
    table::{Read, TenantTable},
    write::Write,
};

#[derive(Debug, Deserialize)]
pub(crate) struct UsageItem {
    pub(crate) n: u32,
}

/// Takes places of a day's limit.
pub(crate) fn take(tenant: TenantId, day: Date, count: u32, limit: u32) -> Write {
    taken(TenantKeys::new(tenant).usage(day), count, limit)
}

/// Takes places of a cycle's bulk limit.
pub(crate) fn take_bulk(tenant: TenantId, cycle: Date, count: u32, limit: u32) -> Write {
    taken(TenantKeys::new(tenant).bulk_usage(cycle), count, limit)
}

/// Gives places of a day back.
pub(crate) fn give_back(tenant: TenantId, day: Date, count: u32) -> Write {
    given(TenantKeys::new(tenant).usage(day), count)
}

/// Gives places of a cycle back.
pub(crate) fn give_back_bulk(tenant: TenantId, cycle: Date, count: u32) -> Write {
    given(TenantKeys::new(tenant).bulk_usage(cycle), count)
}

fn taken(key: Key, count: u32, limit: u32) -> Write {
    let room = i64::from(limit) - i64::from(count);
    // A day nobody used has no item; where there is no room at all that must not count as some.
    let condition = if room < 0 {
        "n <= :room"
    } else {
        "attribute_not_exists(n) OR n <= :room"
    };
    Write::update(key, "ADD n :count")
        .when(condition)
        .value(":count", number(count))
        .value(":room", number(room))
}

fn given(key: Key, count: u32) -> Write {
    Write::update(key, "ADD n :less")
        .when("n >= :count")
        .value(":less", number(-i64::from(count)))
        .value(":count", number(count))
}

impl TenantTable<'_> {
    pub(crate) async fn used(&self, day: Date) -> Result<u32, StoreFailure> {
        let item: Option<UsageItem> = self
            .get("usage.read", &self.keys().usage(day), Read::Strong)
            .await?;
        Ok(item.map_or(0, |item| item.n))
    }
}
