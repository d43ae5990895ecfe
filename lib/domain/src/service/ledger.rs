//! Folds a company's ledger again and compares it with the account.

use crate::{
    billing::{Account, Balances, Entry},
    failure::StoreFailure,
    ids::TenantId,
    ports::Money,
};

/// Entries read at a time.
const PAGE: u16 = 100;

/// How often the account is read again when it moved while the entries were read.
const TRIES: u8 = 3;

/// A ledger as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// How many entries there are.
    pub entries: usize,
    /// Their sums; none when one is below nothing.
    pub sums: Option<Balances>,
    /// The account, as it stood before and after the entries were read.
    pub account: Account,
}

impl Folded {
    /// Whether the account holds what the entries sum up to.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.sums == Some(self.account.balances)
    }
}

/// Folds the ledger of a company. An account that moves meanwhile is counted again.
///
/// # Errors
/// Storage failures.
pub async fn fold<S: Money>(store: &S, tenant: TenantId) -> Result<Folded, StoreFailure> {
    let mut tries = 0;
    loop {
        let before = store.account(tenant).await?;
        let entries = entries(store, tenant).await?;
        let account = store.account(tenant).await?;
        tries += 1;
        let folded = Folded {
            entries: entries.len(),
            sums: Balances::in_any_order(&entries),
            account,
        };
        if folded.agrees() || folded.account == before || tries >= TRIES {
            return Ok(folded);
        }
    }
}

async fn entries<S: Money>(store: &S, tenant: TenantId) -> Result<Vec<Entry>, StoreFailure> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = store.entries(tenant, after.as_deref(), PAGE).await?;
        entries.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(entries);
        }
    }
}
