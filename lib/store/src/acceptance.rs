//! Accepting a message: one transaction, all of it or nothing.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{Acceptance, Acceptances, Committed, IdempotencyRecord},
};
use jiff::{Timestamp, civil::Date};

use crate::{
    Store, audit, contact,
    conversation::{self, Place},
    idempotency,
    job::job_row,
    keys::TenantKeys,
    message::{message_row, payload_row},
    usage,
    write::{Held, Transacted, Write, nonce},
};

const OPERATION: &str = "acceptance.commit";

// Places in the transaction of the writes whose conditions mean something; an idempotency key, if
// there is one, comes last.
const MESSAGE: usize = 0;
const USAGE: usize = 1;
const CONVERSATION: usize = 2;

/// Everything an acceptance writes, in the order of the constants above.
fn writes(acceptance: &Acceptance) -> Result<Vec<Write>, StoreFailure> {
    let message = &acceptance.message;
    let keys = TenantKeys::new(message.tenant);
    let message_row = message_row(OPERATION, message, 1, &nonce())?;
    let payload_row = payload_row(OPERATION, keys.payload(message.id), &acceptance.payload)?;
    let mut writes = vec![
        Write::put(message_row).when_new(),
        usage::take(message.tenant, message.usage_day, acceptance.daily_limit),
        conversation::touch(message, &acceptance.touch, Place::Newest),
        Write::put(payload_row),
        Write::put(job_row(OPERATION, &acceptance.job)?).when_new(),
        audit::note(OPERATION, message.tenant, &acceptance.audit)?,
    ];
    writes.extend(acceptance.new_contact.as_ref().map(contact::meet));
    if let Some(record) = &acceptance.idempotency {
        writes.push(idempotency::claim(
            OPERATION,
            message.tenant,
            record,
            message.created_at,
        )?);
    }
    Ok(writes)
}

/// What the conditions that did not hold mean; none when only the conversation's stood in the way.
fn judge(
    acceptance: &Acceptance,
    mut reasons: Vec<Held>,
) -> Result<Option<Committed>, StoreFailure> {
    let lost = || StoreFailure::new(OPERATION, StoreFailureKind::Conflict);
    if acceptance.idempotency.is_some()
        && let Some(last) = reasons.len().checked_sub(1)
        && let Some(stands) = Held::item(&mut reasons, last)
    {
        let record = idempotency::record(OPERATION, stands.ok_or_else(lost)?)?;
        // Our own earlier try: it was applied, and its answer was lost (hazards.md, failure point 11).
        if record.message == acceptance.message.id {
            return Ok(Some(Committed::Done));
        }
        return Ok(Some(Committed::Repeated(record)));
    }
    // A message's id is its key, so whoever wrote it meant the same message.
    if Held::item(&mut reasons, MESSAGE).is_some() {
        return Ok(Some(Committed::Done));
    }
    if Held::item(&mut reasons, USAGE).is_some() {
        return Ok(Some(Committed::LimitReached));
    }
    if Held::item(&mut reasons, CONVERSATION).is_some() {
        return Ok(None);
    }
    Err(lost())
}

impl Acceptances for Store {
    async fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        self.tenant(tenant).repeated(key, now).await
    }

    async fn commit(&self, acceptance: &Acceptance) -> Result<Committed, StoreFailure> {
        let table = self.tenant(acceptance.message.tenant);
        let mut writes = writes(acceptance)?;
        for place in [Place::Newest, Place::Older] {
            if let Some(write) = writes.get_mut(CONVERSATION) {
                *write = conversation::touch(&acceptance.message, &acceptance.touch, place);
            }
            match table.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(Committed::Done),
                Transacted::Held(reasons) => {
                    if let Some(committed) = judge(acceptance, reasons)? {
                        return Ok(committed);
                    }
                }
            }
        }
        Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict))
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.tenant(tenant).used(day).await
    }
}
