//! What companies pay for. Everything that one fact about money changes is one transaction
//! ([`domain::ports::Money::apply`]); each thing has its item and its file.

mod account;
mod across;
mod apply;
mod entry;
mod managed;
mod notification;
mod payment;
mod plan;
mod request;
mod subscription;

pub(crate) use self::account::{give_slot, take_slot};

use domain::{failure::StoreFailure, ports::Saved};

use crate::{
    shape::{Row, bytes, number},
    table::TenantTable,
    write::{Held, Transacted, Write, Written},
};

/// Puts the next version of something at the version it was read at; what was at 0 is new. The nonce
/// tells our own write, whose answer was lost, from somebody else's of the same content: of two who claim
/// something, one alone has it.
fn at_version(mut row: Row, seen: u32, nonce: &[u8]) -> Write {
    row.item.insert("n".into(), bytes(nonce));
    let write = Write::put(row);
    if seen == 0 {
        return write.when_new();
    }
    write.when("v = :seen").value(":seen", number(seen))
}

impl TenantTable<'_> {
    /// Writes one thing at its version.
    async fn save_at_version(
        &self,
        operation: &'static str,
        write: &Write,
    ) -> Result<Saved, StoreFailure> {
        Ok(match self.write(operation, write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost.
            Written::Held(Some(item)) if write.puts(&item) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }

    /// Writes several things of which the first is at its version.
    pub(crate) async fn save_with(
        &self,
        operation: &'static str,
        writes: &[Write],
    ) -> Result<Saved, StoreFailure> {
        let mut reasons = match self.transact(operation, writes).await? {
            Transacted::Applied => return Ok(Saved::Done),
            Transacted::Held(reasons) => reasons,
        };
        let own = |item| writes.first().is_some_and(|write| write.puts(item));
        Ok(match Held::item(&mut reasons, 0) {
            Some(Some(item)) if own(&item) => Saved::Done,
            Some(_) | None => Saved::Stale,
        })
    }
}
