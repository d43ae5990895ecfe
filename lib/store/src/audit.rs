//! The audit log: who did what, a month's lines in one partition, newest first.

use std::collections::BTreeMap;

use domain::{
    failure::StoreFailure,
    ids::{TenantId, UserId},
    ports::{AuditEntry, AuditLine, Audits, Page},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Store,
    keys::{Form, Position, TenantKeys, audit_time},
    list::page,
    shape::{Item, Row, When, corrupt, read, text},
    table::{Range, Read, TenantTable, key_of},
    write::Write,
};

/// After so many months without a line the log is taken to have begun.
const QUIET_MONTHS: u8 = 12;

#[derive(Serialize, Deserialize)]
struct AuditItem {
    who: String,
    what: String,
    of: String,
    /// What kind of thing; lines from before there were several have none.
    #[serde(default)]
    kind: String,
    at: When,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    before: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    after: BTreeMap<String, String>,
}

/// Notes who did what, beside the write that did it. The line's id is made here, once, so that
/// trying the same transaction again writes the same line.
pub(crate) fn note(
    operation: &'static str,
    tenant: TenantId,
    entry: &AuditEntry,
) -> Result<Write, StoreFailure> {
    let key = TenantKeys::new(tenant).audit(entry.at, Uuid::now_v7());
    let told = |values: &BTreeMap<&'static str, String>| {
        let told = values.iter();
        told.map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    };
    let item = AuditItem {
        who: entry.user.as_str().to_owned(),
        what: entry.action.to_owned(),
        of: entry.entity.clone(),
        kind: entry.entity_type.to_owned(),
        at: When(entry.at),
        before: told(&entry.before),
        after: told(&entry.after),
    };
    Row::new(operation, key, &item).map(Write::put)
}

fn line(operation: &'static str, item: Item) -> Result<AuditLine, StoreFailure> {
    let (_, sk) = key_of(operation, &item)?;
    let (_, id) = sk.split_once('#').ok_or_else(|| corrupt(operation))?;
    let item: AuditItem = read(operation, item)?;
    Ok(AuditLine {
        id: id.to_owned(),
        user: UserId::new(&item.who),
        entity_type: item.kind,
        action: item.what,
        entity: item.of,
        at: item.at.0,
        before: item.before,
        after: item.after,
    })
}

/// The last moment of the month before.
fn month_before(at: Timestamp) -> Option<Timestamp> {
    let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let start = first.to_zoned(TimeZone::UTC).ok()?.timestamp();
    start.checked_sub(1.nanosecond()).ok()
}

impl TenantTable<'_> {
    async fn audits(
        &self,
        until: Timestamp,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<AuditLine>, StoreFailure> {
        const OPERATION: &str = "audit.list";
        let limit = page(limit);
        let mut after = self.position(OPERATION, Form::Audit, after)?;
        let mut month = match after {
            Some(position) => audit_time(position.sort()),
            None => Some(until),
        };
        let mut items: Vec<Item> = Vec::new();
        let mut quiet = 0;
        while let Some(moment) = month
            && items.len() <= limit
            && quiet < QUIET_MONTHS
        {
            let missing = limit + 1 - items.len();
            let found = self.audits_of(moment, after.take(), missing).await?;
            quiet = if found.is_empty() { quiet + 1 } else { 0 };
            items.extend(found);
            month = month_before(moment);
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last
            .map(|item| key_of(OPERATION, item))
            .transpose()?
            .map(|(_, sk)| Position::write(self.id(), &sk));
        let lines = items.into_iter().map(|item| line(OPERATION, item));
        let items = lines.collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// Lines of one month: those after a position, else those not later than this moment.
    async fn audits_of(
        &self,
        moment: Timestamp,
        after: Option<Position<'_>>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreFailure> {
        let first = self.keys().audits_from(moment);
        let (condition, from) = match after {
            Some(position) => ("#s > :from", position.sort()),
            None => ("#s >= :from", first.sk.as_str()),
        };
        let range = Range {
            index: None,
            partition: &first.pk,
            sort: Some(condition),
            filter: None,
            values: vec![(":from", text(from))],
            read: Read::Eventual,
            limit,
        };
        self.query("audit.list", &range).await
    }
}

impl Audits for Store {
    async fn note(&self, tenant: TenantId, entry: &AuditEntry) -> Result<(), StoreFailure> {
        const OPERATION: &str = "audit.note";
        let write = note(OPERATION, tenant, entry)?;
        self.tenant(tenant).write(OPERATION, &write).await.map(drop)
    }

    async fn audits(
        &self,
        tenant: TenantId,
        until: Timestamp,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<AuditLine>, StoreFailure> {
        self.tenant(tenant).audits(until, after, limit).await
    }
}
