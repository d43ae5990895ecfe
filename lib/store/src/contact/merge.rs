//! Two contacts that turned out to be one person: one transaction, after which every alias leads to
//! the survivor and every thread of the other is read with the survivor's.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::ContactId,
    ports::{Merger, Saved},
};

use super::{
    at_version,
    places::{further, redirect},
    replace,
};
use crate::{
    audit, conversation,
    shape::id,
    table::TenantTable,
    write::{Transacted, Write},
};

const OPERATION: &str = "contacts.merge";

/// The places of the other's further aliases, which lead to the survivor from now on.
fn lead_on(merger: &Merger) -> Result<Vec<Write>, StoreFailure> {
    let (survivor, other) = (merger.survivor.id, merger.other.id);
    let themselves: [ContactId; 2] = [survivor, other];
    further(merger.other.tenant, &merger.other.aliases, &themselves)
        .into_iter()
        .map(|key| {
            Ok(redirect(OPERATION, key, survivor)?
                .when("attribute_not_exists(pk) OR #to = :to OR #to = :other")
                .name("#to", "to")
                .value(":to", id(survivor.uuid()))
                .value(":other", id(other.uuid())))
        })
        .collect()
}

fn writes(table: &TenantTable<'_>, merger: &Merger) -> Result<Vec<Write>, StoreFailure> {
    let (survivor, other) = (&merger.survivor, &merger.other);
    if survivor.id == other.id {
        return Err(StoreFailure::new(OPERATION, StoreFailureKind::Refused)
            .because("a contact is not merged with itself"));
    }
    let place = redirect(OPERATION, table.keys().contact(other.id), survivor.id)?;
    let mut writes = vec![
        replace(OPERATION, survivor)?,
        at_version(place, other.version),
    ];
    writes.extend(lead_on(merger)?);
    for (stays, joins) in &merger.threads {
        writes.push(conversation::take_in(OPERATION, stays, joins)?);
        writes.push(conversation::join(joins, stays.id));
    }
    if let Some(entry) = &merger.audit {
        writes.push(audit::note(OPERATION, survivor.tenant, entry)?);
    }
    Ok(writes)
}

impl TenantTable<'_> {
    pub(super) async fn merge_contacts(&self, merger: &Merger) -> Result<Saved, StoreFailure> {
        let writes = writes(self, merger)?;
        Ok(match self.transact(OPERATION, &writes).await? {
            Transacted::Applied => Saved::Done,
            Transacted::Held(_) => Saved::Stale,
        })
    }
}
