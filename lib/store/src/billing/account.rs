//! Accounts: the sums of ledgers, changed in the transactions that write their entries.

use domain::{
    billing::{Account, Balances, Change, Side},
    failure::StoreFailure,
    ids::{SubscriptionId, TenantId},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    keys::TenantKeys,
    shape::{Id, Item, When, id, number, read, time},
    update::Update,
    write::Write,
};

/// An account that never changed has no item; a sum that never moved has no attribute.
#[derive(Deserialize)]
struct AccountItem {
    #[serde(default)]
    tot: u32,
    #[serde(default)]
    fre: u32,
    #[serde(default)]
    hel: u32,
    #[serde(default)]
    spe: u32,
    #[serde(default)]
    slots: u32,
    #[serde(default)]
    sub: Option<Id>,
    #[serde(default)]
    subs: u32,
    #[serde(default)]
    up: Option<When>,
}

/// Reads an account; an empty one when there is no item.
pub(super) fn account(
    operation: &'static str,
    tenant: TenantId,
    item: Option<Item>,
) -> Result<Account, StoreFailure> {
    let Some(item) = item else {
        return Ok(Account::empty(tenant));
    };
    let item: AccountItem = read(operation, item)?;
    Ok(Account {
        tenant,
        balances: Balances {
            total: item.tot,
            free: item.fre,
            held: item.hel,
            spent: item.spe,
        },
        channels: item.slots,
        subscription: item.sub.map(|Id(uuid)| SubscriptionId::from_uuid(uuid)),
        limits_set: item.subs,
        updated_at: item.up.map(|When(at)| at),
    })
}

/// What entries do to one sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Moved {
    /// By how much it changes.
    by: i64,
    /// The lowest it gets on the way, entry by entry.
    low: i64,
}

impl Moved {
    fn step(&mut self, days: i64) {
        self.by = self.by.saturating_add(days);
        self.low = self.low.min(self.by);
    }

    /// What the sum must be before.
    fn needs(self) -> i64 {
        self.low.saturating_neg()
    }
}

/// What a change does to the sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    tot: Moved,
    fre: Moved,
    hel: Moved,
    spe: Moved,
}

impl Sums {
    /// Those of a change.
    pub(super) fn of(change: &Change) -> Self {
        let mut sums = Self::default();
        for entry in &change.entries {
            let days = i64::from(entry.days);
            match entry.from {
                Side::Granted => sums.tot.step(days),
                Side::Free => sums.fre.step(-days),
                Side::Held(_) => sums.hel.step(-days),
                Side::Channel(_) => sums.spe.step(-days),
            }
            match entry.to {
                Side::Granted => sums.tot.step(-days),
                Side::Free => sums.fre.step(days),
                Side::Held(_) => sums.hel.step(days),
                Side::Channel(_) => sums.spe.step(days),
            }
        }
        // What must be left when the entries are booked.
        let left = i64::from(change.needs_free);
        sums.fre.low = sums.fre.low.min(sums.fre.by.saturating_sub(left));
        sums
    }

    fn named(&self) -> [(&'static str, Moved); 4] {
        [
            ("tot", self.tot),
            ("fre", self.fre),
            ("hel", self.hel),
            ("spe", self.spe),
        ]
    }

    /// Whether an account has the days that this takes.
    pub(super) fn covered_by(&self, account: &Account) -> bool {
        let sums = account.balances;
        let enough = |has: u32, moved: Moved| i64::from(has) >= moved.needs();
        enough(sums.total, self.tot)
            && enough(sums.free, self.fre)
            && enough(sums.held, self.hel)
            && enough(sums.spent, self.spe)
    }
}

/// Only while fewer slots than these are taken.
fn while_free(update: &mut Update, limit: u32) {
    // Without an item no slot is taken, which helps nobody whose plan has none.
    update.when(if limit == 0 {
        "slots < :limit"
    } else {
        "attribute_not_exists(slots) OR slots < :limit"
    });
    update.value("limit", number(limit));
}

/// Takes a slot for a channel that is made, beside the channel.
pub(crate) fn take_slot(tenant: TenantId, limit: u32, at: Timestamp) -> Write {
    let mut update = Update::of(TenantKeys::new(tenant).account());
    while_free(&mut update, limit);
    update.add("slots", number(1));
    update.set("up", time(at));
    update.write()
}

/// Gives the slot of a channel back, beside what is left of the channel.
pub(crate) fn give_slot(tenant: TenantId) -> Write {
    let mut update = Update::of(TenantKeys::new(tenant).account());
    update.when("slots >= :one");
    update.value("one", number(1));
    update.add("slots", number(-1));
    update.write()
}

/// The write of what a change does to the account, if it does anything; `gives_slot` when there is a
/// slot to give back.
pub(super) fn moved(change: &Change, gives_slot: bool) -> Option<Write> {
    if !change.moves_account() {
        return None;
    }
    let mut update = Update::of(TenantKeys::new(change.tenant).account());
    for (name, moved) in Sums::of(change).named() {
        if moved.by != 0 {
            update.add(name, number(moved.by));
        }
        if moved.needs() > 0 {
            update.when(&format!("{name} >= :needs_{name}"));
            update.value(&format!("needs_{name}"), number(moved.needs()));
        }
    }
    if let Some(limit) = change.take_slot {
        while_free(&mut update, limit);
    }
    let gives = change.give_slot && gives_slot;
    match (change.take_slot.is_some(), gives) {
        (true, false) => update.add("slots", number(1)),
        (false, true) => {
            update.add("slots", number(-1));
            update.when("slots >= :one");
            update.value("one", number(1));
        }
        (true, true) | (false, false) => {}
    }
    if let (Some(_), Some(subscription)) = (&change.limits, &change.subscription) {
        update.set("sub", id(subscription.id.uuid()));
        update.add("subs", number(1));
        match change.limits_as_of {
            Some(0) => update.when("attribute_not_exists(subs)"),
            Some(read) => {
                update.when("subs = :read");
                update.value("read", number(read));
            }
            None => {}
        }
    }
    update.set("up", time(change.audit.at));
    Some(update.write())
}
