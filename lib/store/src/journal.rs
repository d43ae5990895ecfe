//! The webhook journal: raw bodies, packed, in the order they came.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::{Journal, Page},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    compress::{pack, unpack},
    keys::{Form, Key, Position, due, journal_of},
    list::page,
    shape::{Blob, Id, Item, Row, When, corrupt, days_after, read, text},
    table::{Range, Read, TenantTable, key_of},
    write::Write,
};

/// As long as the bucket keeps the bodies that are too large for an item.
const DAYS: i64 = 90;

#[derive(Serialize, Deserialize)]
struct JournalItem {
    c: Id,
    /// The body, packed; or the file it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Blob>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    vs: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ra: Option<When>,
    tr: u16,
    ttl: i64,
}

impl JournalItem {
    fn of(entry: &JournalEntry) -> std::io::Result<Self> {
        let (b, f) = match &entry.body {
            JournalBody::Here(bytes) => (Some(Blob(pack(bytes)?)), None),
            JournalBody::File(key) => (None, Some(key.clone())),
        };
        Ok(Self {
            c: Id(entry.channel.uuid()),
            b,
            f,
            vs: entry.verdicts.clone(),
            ra: entry.retry_at.map(When),
            tr: entry.tries,
            ttl: days_after(entry.key.arrived_at, DAYS),
        })
    }

    fn entry(self, key: &JournalKey) -> Option<JournalEntry> {
        let body = match (self.b, self.f) {
            (Some(Blob(packed)), _) => JournalBody::Here(unpack(&packed)?),
            (None, Some(file)) => JournalBody::File(file),
            (None, None) => return None,
        };
        Some(JournalEntry {
            key: key.clone(),
            channel: ChannelId::from_uuid(self.c.0),
            body,
            verdicts: self.vs,
            retry_at: self.ra.map(|When(at)| at),
            tries: self.tr,
        })
    }
}

fn entry(item: Item) -> Result<JournalEntry, StoreFailure> {
    const OPERATION: &str = "journal.list";
    let damaged = || corrupt(OPERATION);
    let (pk, sk) = key_of(OPERATION, &item)?;
    let key = journal_of(&pk, &sk).ok_or_else(damaged)?;
    let item: JournalItem = read(OPERATION, item)?;
    item.entry(&key).ok_or_else(damaged)
}

impl TenantTable<'_> {
    async fn entries(
        &self,
        day: Date,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<JournalEntry>, StoreFailure> {
        const OPERATION: &str = "journal.list";
        let after = self.position(OPERATION, Form::Journal, after)?;
        let limit = page(limit);
        let range = Range {
            index: None,
            partition: &self.keys().journal_day(day),
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|position| (":after", text(position.sort())))
                .into_iter()
                .collect(),
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut items = self.query(OPERATION, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last
            .map(|item| key_of(OPERATION, item))
            .transpose()?
            .map(|(_, sk)| Position::write(self.id(), &sk));
        let items = items.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

impl Journal for Store {
    async fn write(&self, entry: &JournalEntry) -> Result<(), StoreFailure> {
        const OPERATION: &str = "journal.write";
        let item = JournalItem::of(entry).map_err(|cause| {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(cause)
        })?;
        let due = entry.retry_at.map(|at| due(at, entry.key.id));
        let row = Row::new(OPERATION, Key::from(&entry.key), &item)?.due(due.as_ref());
        let table = self.tenant(entry.key.tenant);
        table.write(OPERATION, &Write::put(row)).await.map(drop)
    }

    async fn entry(&self, key: &JournalKey) -> Result<Option<JournalEntry>, StoreFailure> {
        const OPERATION: &str = "journal.read";
        let item: Option<JournalItem> = self
            .tenant(key.tenant)
            .get(OPERATION, &Key::from(key), Read::Strong)
            .await?;
        item.map(|item| item.entry(key).ok_or_else(|| corrupt(OPERATION)))
            .transpose()
    }

    async fn entries(
        &self,
        tenant: TenantId,
        day: Date,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<JournalEntry>, StoreFailure> {
        self.tenant(tenant).entries(day, after, limit).await
    }
}
