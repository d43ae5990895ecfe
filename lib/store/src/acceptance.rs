//! Accepting a message: one transaction, all of it or nothing.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{Acceptance, Acceptances, Committed, IdempotencyRecord},
};
use jiff::{Timestamp, civil::Date};

use crate::{
    Store, audit, contact, context,
    conversation::{self, Aim},
    idempotency,
    job::job_row,
    keys::TenantKeys,
    message::{message_row, payload_row},
    shape::Item,
    usage,
    write::{Held, Transacted, Write, nonce},
};

const OPERATION: &str = "acceptance.commit";

// Places in the transaction of the writes whose conditions mean something; the contact, if it is new,
// and the idempotency key, if there is one, come last.
const MESSAGE: usize = 0;
const USAGE: usize = 1;
const CONVERSATION: usize = 2;
const CONTACT: usize = 6;

/// Everything an acceptance writes, in the order of the constants above.
fn writes(
    acceptance: &Acceptance,
    aim: Aim,
    contact: Option<&Write>,
) -> Result<Vec<Write>, StoreFailure> {
    let message = &acceptance.message;
    let keys = TenantKeys::new(message.tenant);
    let message_row = message_row(OPERATION, message, 1, &nonce())?;
    let payload_row = payload_row(OPERATION, keys.payload(message.id), &acceptance.payload)?;
    let mut writes = vec![
        Write::put(message_row).when_new(),
        usage::take(message.tenant, message.usage_day, 1, acceptance.daily_limit),
        conversation::touch(message, &acceptance.touch, aim),
        Write::put(payload_row),
        Write::put(job_row(OPERATION, &acceptance.job)?).when_new(),
        audit::note(OPERATION, message.tenant, &acceptance.audit)?,
    ];
    writes.extend(contact.cloned());
    // Never refused, so its place among the writes is nobody's concern.
    writes.extend(context::list(OPERATION, message)?);
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

/// What stood in the way.
enum Judged {
    /// That is what came of it.
    Committed(Committed),
    /// The conversation, as it stands.
    Conversation(Option<Item>),
    /// The contact, as it stands: somebody else met them meanwhile.
    Contact(Option<Item>),
}

/// What the conditions that did not hold mean.
fn judge(acceptance: &Acceptance, mut reasons: Vec<Held>) -> Result<Judged, StoreFailure> {
    let lost = || StoreFailure::new(OPERATION, StoreFailureKind::Conflict);
    if acceptance.idempotency.is_some()
        && let Some(last) = reasons.len().checked_sub(1)
        && let Some(stands) = Held::item(&mut reasons, last)
    {
        let record = idempotency::record(OPERATION, stands.ok_or_else(lost)?)?;
        // Our own earlier try: it was applied, and its answer was lost (hazards.md, failure point 11).
        if record.message == acceptance.message.id {
            return Ok(Judged::Committed(Committed::Done));
        }
        return Ok(Judged::Committed(Committed::Repeated(record)));
    }
    // A message's id is its key, so whoever wrote it meant the same message.
    if Held::item(&mut reasons, MESSAGE).is_some() {
        return Ok(Judged::Committed(Committed::Done));
    }
    if Held::item(&mut reasons, USAGE).is_some() {
        return Ok(Judged::Committed(Committed::LimitReached));
    }
    if let Some(stands) = Held::item(&mut reasons, CONVERSATION) {
        return Ok(Judged::Conversation(stands));
    }
    if let Some(stands) = Held::item(&mut reasons, CONTACT) {
        return Ok(Judged::Contact(stands));
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
        let new = acceptance.new_contact.as_ref();
        let mut contact = new.map(|new| contact::meet(OPERATION, new)).transpose()?;
        let mut aim = Aim::at(acceptance.touch.id);
        // Each round aims lower or knows more; there are as many as there is to learn.
        loop {
            let writes = writes(acceptance, aim, contact.as_ref())?;
            let reasons = match table.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(Committed::Done),
                Transacted::Held(reasons) => reasons,
            };
            match judge(acceptance, reasons)? {
                Judged::Committed(committed) => return Ok(committed),
                Judged::Conversation(stands) => aim = aim.again(OPERATION, stands)?,
                Judged::Contact(stands) => {
                    let lost = || StoreFailure::new(OPERATION, StoreFailureKind::Conflict);
                    let new = new.ok_or_else(lost)?;
                    contact = contact::met(OPERATION, new, stands)?;
                }
            }
        }
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.tenant(tenant).used(day).await
    }
}
