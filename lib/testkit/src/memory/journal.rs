//! The webhook journal, and the files of bodies too large for it.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{Files, Journal, Page},
    webhook::{JournalEntry, JournalKey},
};
use jiff::{civil::Date, tz::TimeZone};

use super::{
    MemoryStore,
    page::{oldest_first, page},
};

impl Journal for MemoryStore {
    async fn write(&self, entry: &JournalEntry) -> Result<(), StoreFailure> {
        self.run("journal.write", |s| {
            s.journal.insert(entry.key.clone(), entry.clone());
        })
    }

    async fn entry(&self, key: &JournalKey) -> Result<Option<JournalEntry>, StoreFailure> {
        self.run("journal.entry", |s| s.journal.get(key).cloned())
    }

    async fn entries(
        &self,
        tenant: TenantId,
        day: Date,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<JournalEntry>, StoreFailure> {
        const OPERATION: &str = "journal.entries";
        let came_on = |key: &JournalKey| key.arrived_at.to_zoned(TimeZone::UTC).date();
        self.run(OPERATION, |s| {
            let rows = s
                .journal
                .values()
                .filter(|entry| entry.key.tenant == tenant && came_on(&entry.key) == day)
                .map(|entry| {
                    let sort = oldest_first(entry.key.arrived_at, entry.key.id.uuid());
                    (sort, entry.clone())
                })
                .collect();
            page(OPERATION, tenant, rows, after, limit)
        })?
    }
}

impl Files for MemoryStore {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.run("files.put", |s| {
            s.files.insert(key.to_owned(), bytes);
        })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.run("files.get", |s| s.files.get(key).cloned())
    }
}
