//! Opening a bulk job: one transaction, all of it or nothing.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ports::{Opened, Opening},
};

use super::{rows::content_row, run_row};
use crate::{
    audit, idempotency,
    job::job_row,
    table::TenantTable,
    usage,
    write::{Held, Transacted, Write, nonce},
};

const OPERATION: &str = "run.open";

// Places in the transaction of the writes whose conditions mean something; the idempotency key, if there
// is one, comes last.
const RUN: usize = 0;
const DAY: usize = 1;
const CYCLE: usize = 2;

fn writes(table: &TenantTable<'_>, opening: &Opening) -> Result<Vec<Write>, StoreFailure> {
    let Opening { run, job, .. } = opening;
    let tenant = run.tenant;
    let content = content_row(
        OPERATION,
        table.keys().job_content(run.job),
        &opening.content,
    )?;
    let mut writes = vec![
        Write::put(run_row(OPERATION, run, 1, &nonce())?).when_new(),
        usage::take(tenant, run.usage_day, run.size, opening.daily_limit),
        usage::take_bulk(tenant, run.cycle, run.size, opening.bulk_limit),
        Write::put(job_row(OPERATION, job)?).when_new(),
        Write::put(content),
        audit::note(OPERATION, tenant, &opening.audit)?,
    ];
    if let Some(record) = &opening.idempotency {
        writes.push(idempotency::claim(
            OPERATION,
            tenant,
            record,
            run.created_at,
        )?);
    }
    Ok(writes)
}

fn judge(opening: &Opening, mut reasons: Vec<Held>) -> Result<Opened, StoreFailure> {
    let lost = || StoreFailure::new(OPERATION, StoreFailureKind::Conflict);
    if opening.idempotency.is_some()
        && let Some(last) = reasons.len().checked_sub(1)
        && let Some(stands) = Held::item(&mut reasons, last)
    {
        let record = idempotency::record(OPERATION, stands.ok_or_else(lost)?)?;
        // Our own earlier try: it was applied, and its answer was lost.
        if record.job == opening.run.job {
            return Ok(Opened::Done);
        }
        return Ok(Opened::Repeated(record));
    }
    // A job's id is its key, so whoever wrote it meant the same job.
    if Held::item(&mut reasons, RUN).is_some() {
        return Ok(Opened::Done);
    }
    if Held::item(&mut reasons, DAY).is_some() {
        return Ok(Opened::DailyLimit);
    }
    if Held::item(&mut reasons, CYCLE).is_some() {
        return Ok(Opened::BulkLimit);
    }
    Err(lost())
}

impl TenantTable<'_> {
    pub(super) async fn open(&self, opening: &Opening) -> Result<Opened, StoreFailure> {
        match self.transact(OPERATION, &writes(self, opening)?).await? {
            Transacted::Applied => Ok(Opened::Done),
            Transacted::Held(reasons) => judge(opening, reasons),
        }
    }
}
