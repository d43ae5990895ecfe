//! What counts against a day's limit. The counter is no projection: its limit is a condition inside
//! the transaction that accepts.

use domain::{failure::StoreFailure, ids::TenantId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    keys::TenantKeys,
    shape::number,
    table::{Read, TenantTable},
    write::Write,
};

#[derive(Debug, Deserialize)]
struct UsageItem {
    n: u32,
}

/// Takes one place of a day's limit.
pub(crate) fn take(tenant: TenantId, day: Date, limit: u32) -> Write {
    // A day nobody used has no item; under a limit of nothing that must not count as room.
    let room = if limit == 0 {
        "n < :limit"
    } else {
        "attribute_not_exists(n) OR n < :limit"
    };
    Write::update(TenantKeys::new(tenant).usage(day), "ADD n :one")
        .when(room)
        .value(":one", number(1))
        .value(":limit", number(limit))
}

/// Gives one place back.
pub(crate) fn give_back(tenant: TenantId, day: Date) -> Write {
    Write::update(TenantKeys::new(tenant).usage(day), "ADD n :less")
        .when("n >= :one")
        .value(":less", number(-1))
        .value(":one", number(1))
}

impl TenantTable<'_> {
    pub(crate) async fn used(&self, day: Date) -> Result<u32, StoreFailure> {
        let item: Option<UsageItem> = self
            .get("usage.read", &self.keys().usage(day), Read::Strong)
            .await?;
        Ok(item.map_or(0, |item| item.n))
    }
}
