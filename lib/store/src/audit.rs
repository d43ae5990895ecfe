//! The audit log: who did what, a month's lines in one partition, newest first.

use domain::{failure::StoreFailure, ids::TenantId, ports::AuditEntry};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    keys::TenantKeys,
    shape::{Row, When},
    write::Write,
};

#[derive(Debug, Serialize)]
struct AuditItem<'e> {
    who: &'e str,
    what: &'static str,
    of: &'e str,
    at: When,
}

/// Notes who did what, beside the write that did it. The line's id is made here, once, so that
/// trying the same transaction again writes the same line.
pub(crate) fn note(
    operation: &'static str,
    tenant: TenantId,
    entry: &AuditEntry,
) -> Result<Write, StoreFailure> {
    let key = TenantKeys::new(tenant).audit(entry.at, Uuid::now_v7());
    let item = AuditItem {
        who: entry.user.as_str(),
        what: entry.action,
        of: &entry.entity,
        at: When(entry.at),
    };
    Row::new(operation, key, &item).map(Write::put)
}
