//! Acceptances and messages.

use domain::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    message::{Message, Payload},
    notice::Notice,
    ports::{Acceptance, Acceptances, AuditEntry, Committed, IdempotencyRecord, Messages, Saved},
};
use jiff::{Timestamp, civil::Date};

use super::MemoryStore;

impl Acceptances for MemoryStore {
    async fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        self.run("acceptances.repeated", |s| {
            s.keys
                .get(&(tenant, key.to_owned()))
                .filter(|record| record.expires_at > now)
                .cloned()
        })
    }

    async fn commit(&self, acceptance: &Acceptance) -> Result<Committed, StoreFailure> {
        self.run("acceptances.commit", |s| s.commit(acceptance))?
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.run("acceptances.used", |s| {
            s.usage.get(&(tenant, day)).copied().unwrap_or(0)
        })
    }
}

impl Messages for MemoryStore {
    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreFailure> {
        self.run("messages.message", |s| {
            s.messages.get(&(tenant, id)).cloned()
        })
    }

    async fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Payload>, StoreFailure> {
        self.run("messages.payload", |s| {
            s.payloads.get(&(tenant, id)).cloned()
        })
    }

    async fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save", |s| s.save(message, notice))
    }

    async fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.withdraw", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                let used = s
                    .usage
                    .entry((message.tenant, message.usage_day))
                    .or_default();
                *used = used.saturating_sub(1);
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }

    async fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("messages.save_audited", |s| {
            let saved = s.save(message, None);
            if saved == Saved::Done {
                s.audit.push((message.tenant, audit.clone()));
            }
            saved
        })
    }
}
