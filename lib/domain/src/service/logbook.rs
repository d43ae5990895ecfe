//! What a manager may look up: who did what, and what webhooks came to.

use jiff::{Timestamp, civil::Date};

use crate::{
    failure::AppFailure,
    ports::{AuditLine, Audits, Journal, Page},
    principal::Principal,
    webhook::JournalEntry,
};

/// Lines of the tenant's audit log, newest first.
///
/// # Errors
/// Storage failures.
pub async fn audit<S: Audits>(
    store: &S,
    principal: &Principal,
    until: Timestamp,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<AuditLine>, AppFailure> {
    Ok(store
        .audits(principal.tenant(), until, after, limit)
        .await?)
}

/// The webhooks of one UTC day, in the order they came, with what became of their items.
///
/// # Errors
/// Storage failures.
pub async fn webhooks<S: Journal>(
    store: &S,
    principal: &Principal,
    day: Date,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<JournalEntry>, AppFailure> {
    Ok(store.entries(principal.tenant(), day, after, limit).await?)
}
