//! The webhook journal: raw bodies, packed, in the order they came.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::ChannelId,
    ports::Journal,
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    compress::{pack, unpack},
    keys::{Key, due},
    shape::{Blob, Id, Row, When, corrupt, days_after},
    table::Read,
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
}
