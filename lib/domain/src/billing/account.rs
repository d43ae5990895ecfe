//! A company's account: the sums of its ledger, and the channels it uses.

use jiff::Timestamp;

use super::{Entry, Side};
use crate::ids::{SubscriptionId, TenantId};

/// The sums of a ledger, in days. `total = free + held + spent`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balances {
    /// Credited in all.
    pub total: u32,
    /// On no channel.
    pub free: u32,
    /// Set aside for extensions under way.
    pub held: u32,
    /// On channels.
    pub spent: u32,
}

impl Balances {
    /// What is no longer free (S3.47).
    #[must_use]
    pub const fn consumed(&self) -> u32 {
        self.total.saturating_sub(self.free)
    }

    /// What may still be given to channels (S3.47).
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.free
    }

    /// The sums after an entry; none when a sum would become negative, which no ledger allows.
    #[must_use]
    pub fn after(mut self, entry: &Entry) -> Option<Self> {
        match entry.from {
            Side::Granted => self.total = self.total.checked_add(entry.days)?,
            Side::Free => self.free = self.free.checked_sub(entry.days)?,
            Side::Held(_) => self.held = self.held.checked_sub(entry.days)?,
            Side::Channel(_) => self.spent = self.spent.checked_sub(entry.days)?,
        }
        match entry.to {
            Side::Granted => self.total = self.total.checked_sub(entry.days)?,
            Side::Free => self.free = self.free.checked_add(entry.days)?,
            Side::Held(_) => self.held = self.held.checked_add(entry.days)?,
            Side::Channel(_) => self.spent = self.spent.checked_add(entry.days)?,
        }
        Some(self)
    }

    /// The sums of all entries, in their order.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Option<Self> {
        entries
            .into_iter()
            .try_fold(Self::default(), |sums, entry| sums.after(entry))
    }

    /// The same of entries in any order: what a recount compares with the account. None when a sum is
    /// negative in the end.
    #[must_use]
    pub fn in_any_order<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Option<Self> {
        let (mut total, mut free, mut held, mut spent) = (0_i64, 0_i64, 0_i64, 0_i64);
        for entry in entries {
            let days = i64::from(entry.days);
            for (side, days) in [(entry.from, -days), (entry.to, days)] {
                match side {
                    Side::Granted => total -= days,
                    Side::Free => free += days,
                    Side::Held(_) => held += days,
                    Side::Channel(_) => spent += days,
                }
            }
        }
        Some(Self {
            total: u32::try_from(total).ok()?,
            free: u32::try_from(free).ok()?,
            held: u32::try_from(held).ok()?,
            spent: u32::try_from(spent).ok()?,
        })
    }
}

/// A company's account. One that never paid and has no channel has none stored: everything is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub tenant: TenantId,
    /// The sums of its ledger.
    pub balances: Balances,
    /// Channels that count against the plan's limit.
    pub channels: u32,
    /// The subscription that counts, if any.
    pub subscription: Option<SubscriptionId>,
    /// How often a subscription became the one that counts, or counts for another time. Whoever compared
    /// subscriptions and finds it raised compares again.
    pub limits_set: u32,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

impl Account {
    /// The account of a company that has none stored.
    #[must_use]
    pub const fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            balances: Balances {
                total: 0,
                free: 0,
                held: 0,
                spent: 0,
            },
            channels: 0,
            subscription: None,
            limits_set: 0,
            updated_at: None,
        }
    }
}
