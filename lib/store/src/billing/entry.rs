//! Entries of a ledger: each written once, under a name that follows from its fact.

use domain::{
    billing::{Entry, Side},
    failure::StoreFailure,
    ids::{TenantId, UserId},
    ports::Page,
};
use serde::{Deserialize, Serialize};

use super::at_version;
use crate::{
    keys::{Form, TenantKeys},
    list::each,
    schema::LIST,
    shape::{Item, Row, When, read},
    table::TenantTable,
    write::Write,
};

#[derive(Serialize, Deserialize)]
struct EntryItem {
    name: String,
    from: Side,
    to: Side,
    days: u32,
    at: When,
    by: UserId,
}

/// Writes the n-th entry of a change, unless there is one of its name.
pub(super) fn write(
    operation: &'static str,
    entry: &Entry,
    nth: usize,
    nonce: &[u8],
) -> Result<Write, StoreFailure> {
    let keys = TenantKeys::new(entry.tenant);
    let item = EntryItem {
        name: entry.name.clone(),
        from: entry.from,
        to: entry.to,
        days: entry.days,
        at: When(entry.at),
        by: entry.by.clone(),
    };
    let nth = u8::try_from(nth).unwrap_or(u8::MAX);
    let row = Row::new(operation, keys.entry(&entry.name), &item)?
        .listed(LIST, &keys.ledger(entry.at, nth, &entry.name));
    Ok(at_version(row, 0, nonce))
}

fn entry(operation: &'static str, tenant: TenantId, item: Item) -> Result<Entry, StoreFailure> {
    let item: EntryItem = read(operation, item)?;
    Ok(Entry {
        tenant,
        name: item.name,
        from: item.from,
        to: item.to,
        days: item.days,
        at: item.at.0,
        by: item.by,
    })
}

impl TenantTable<'_> {
    pub(super) async fn ledger(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Entry>, StoreFailure> {
        const OPERATION: &str = "ledger.list";
        let all = [self.keys().all_entries()];
        let page = self
            .page_of(OPERATION, Form::Newest, &all, after, limit)
            .await?;
        each(page, |item| entry(OPERATION, self.id(), item))
    }
}
