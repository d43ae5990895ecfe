//! Everything that one fact about money changes: one transaction.

use domain::{
    billing::{Account, Applied, Change, Entry},
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{Money, Page},
};

use super::{
    account::{self, Sums},
    entry, managed, notification, payment, subscription,
};
use crate::{
    Store, audit,
    shape::Item,
    table::Read,
    tenant,
    write::{Held, Transacted, Write, nonce},
};

const OPERATION: &str = "money.apply";

/// A change is tried anew when a refusal showed that a part of it has nothing to do; there are two such
/// parts, and once more for an account that moved in between.
const TRIES: u8 = 4;

/// What one write of the transaction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Entry,
    Account,
    /// Something that is written at the version it was read at.
    Record,
    Tenant,
    Notification,
    /// Nothing that can be refused.
    Audit,
}

/// What is left of a change's parts that may have nothing to do.
#[derive(Debug, Clone, Copy)]
struct Aim {
    /// Whether there is a slot to give back.
    gives_slot: bool,
    /// Whether the tenant is still to be told.
    tells: bool,
}

fn writes(change: &Change, aim: Aim, nonce: &[u8]) -> Result<Vec<(About, Write)>, StoreFailure> {
    let mut writes = Vec::new();
    for (nth, one) in change.entries.iter().enumerate() {
        writes.push((About::Entry, entry::write(OPERATION, one, nth, nonce)?));
    }
    if let Some(moved) = account::moved(change, aim.gives_slot) {
        writes.push((About::Account, moved));
    }
    if let Some(one) = &change.subscription {
        writes.push((About::Record, subscription::write(OPERATION, one, nonce)?));
    }
    if let Some(one) = &change.payment {
        writes.push((About::Record, payment::write(OPERATION, one, nonce)?));
    }
    if let Some(one) = &change.managed {
        writes.push((About::Record, managed::write(OPERATION, one, nonce)?));
    }
    if let Some(limits) = &change.limits {
        let write = tenant::plan(OPERATION, change.tenant, limits)?;
        writes.push((About::Tenant, write));
    }
    if let Some(one) = change.notification.as_ref().filter(|_| aim.tells) {
        writes.push((
            About::Notification,
            notification::first(OPERATION, one, nonce)?,
        ));
    }
    let line = audit::note(OPERATION, change.tenant, &change.audit)?;
    writes.push((About::Audit, line));
    Ok(writes)
}

/// What the refused parts of a transaction say.
#[derive(Debug, Default)]
struct Refused {
    /// What stands there is what this change puts there: our own earlier try, which was applied and
    /// whose answer was lost (hazards.md, failure point 11).
    own: bool,
    /// An entry of this name is there.
    entry: bool,
    /// A record is another than the one that was read, or there is no such tenant.
    stale: bool,
    /// The account as it stands.
    account: Option<Option<Item>>,
    /// The tenant was told.
    told: bool,
}

impl Refused {
    fn of(writes: &[(About, Write)], mut reasons: Vec<Held>) -> Self {
        let mut refused = Self::default();
        for (place, (about, write)) in writes.iter().enumerate() {
            let Some(stands) = Held::item(&mut reasons, place) else {
                continue;
            };
            refused.own |= stands.as_ref().is_some_and(|item| write.puts(item));
            match about {
                About::Entry => refused.entry = true,
                About::Account => refused.account = Some(stands),
                About::Record | About::Tenant => refused.stale = true,
                About::Notification => refused.told = true,
                About::Audit => {}
            }
        }
        refused
    }
}

/// What becomes of a change whose transaction was refused; nothing when it is to be tried anew.
fn judge(
    change: &Change,
    refused: Refused,
    aim: &mut Aim,
) -> Result<Option<Applied>, StoreFailure> {
    if refused.own {
        return Ok(Some(Applied::Done));
    }
    if refused.entry {
        return Ok(Some(Applied::Repeated));
    }
    if refused.stale {
        return Ok(Some(Applied::Stale));
    }
    if let Some(stands) = refused.account {
        let account = account::account(OPERATION, change.tenant, stands)?;
        if !change.is_of(&account) {
            return Ok(Some(Applied::Stale));
        }
        if !Sums::of(change).covered_by(&account) {
            return Ok(Some(Applied::NoDays));
        }
        if change
            .take_slot
            .is_some_and(|limit| account.channels >= limit)
        {
            return Ok(Some(Applied::NoSlot));
        }
        // A channel that was made before they were counted gives nothing back.
        aim.gives_slot = account.channels > 0;
    }
    if refused.told {
        aim.tells = false;
    }
    Ok(None)
}

impl Store {
    async fn apply_change(&self, change: &Change) -> Result<Applied, StoreFailure> {
        let table = self.tenant(change.tenant);
        let mut aim = Aim {
            gives_slot: true,
            tells: true,
        };
        let nonce = nonce();
        for _ in 0..TRIES {
            let writes = writes(change, aim, &nonce)?;
            let parts: Vec<Write> = writes.iter().map(|(_, write)| write.clone()).collect();
            let reasons = match table.transact(OPERATION, &parts).await? {
                Transacted::Applied => return Ok(Applied::Done),
                Transacted::Held(reasons) => reasons,
            };
            let refused = Refused::of(&writes, reasons);
            if let Some(applied) = judge(change, refused, &mut aim)? {
                return Ok(applied);
            }
        }
        Err(StoreFailure::new(OPERATION, StoreFailureKind::Throttled)
            .because("the account keeps moving"))
    }
}

impl Money for Store {
    async fn account(&self, tenant: TenantId) -> Result<Account, StoreFailure> {
        const OPERATION: &str = "account.read";
        let table = self.tenant(tenant);
        let key = table.keys().account();
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        account::account(OPERATION, tenant, item)
    }

    async fn apply(&self, change: &Change) -> Result<Applied, StoreFailure> {
        self.apply_change(change).await
    }

    async fn entries(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Entry>, StoreFailure> {
        self.tenant(tenant).ledger(after, limit).await
    }
}
