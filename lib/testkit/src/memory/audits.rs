//! The audit log.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{AuditEntry, AuditLine, Audits, Page},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    MemoryStore,
    page::{newest_first, page},
};

impl Audits for MemoryStore {
    async fn note(&self, tenant: TenantId, entry: &AuditEntry) -> Result<(), StoreFailure> {
        self.run("audits.note", |s| s.audit.push((tenant, entry.clone())))
    }

    async fn audits(
        &self,
        tenant: TenantId,
        until: Timestamp,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<AuditLine>, StoreFailure> {
        const OPERATION: &str = "audits.list";
        self.run(OPERATION, |s| {
            let rows = (0_u128..)
                .zip(&s.audit)
                .filter(|(_, (owner, entry))| *owner == tenant && entry.at <= until)
                .map(|(place, (_, entry))| {
                    let id = Uuid::from_u128(place);
                    (newest_first(entry.at, id), line(id, entry))
                })
                .collect();
            page(OPERATION, tenant, rows, after, limit)
        })?
    }
}

fn line(id: Uuid, entry: &AuditEntry) -> AuditLine {
    let owned = |values: &std::collections::BTreeMap<&'static str, String>| {
        values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    };
    AuditLine {
        id: id.simple().to_string(),
        user: entry.user.clone(),
        entity_type: entry.entity_type.to_owned(),
        action: entry.action.to_owned(),
        entity: entry.entity.clone(),
        at: entry.at,
        before: owned(&entry.before),
        after: owned(&entry.after),
    }
}
