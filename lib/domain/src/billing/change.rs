//! Everything one fact about money changes, as one transaction.

use super::{Account, Entry, Notification, Payment, Subscription};
use crate::{ids::TenantId, managed::ManagedChannel, ports::AuditEntry, tenant::PlanLimits};

/// What changes together: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose account.
    pub tenant: TenantId,
    /// Ledger entries; each is written once by its name. At most 3.
    pub entries: Vec<Entry>,
    /// Takes a channel's slot when fewer than so many are taken.
    pub take_slot: Option<u32>,
    /// Gives a channel's slot back.
    pub give_slot: bool,
    /// Only while at least so many days are left free when the entries are booked.
    pub needs_free: u32,
    /// A subscription at the version it was read at, or new (version 0); becomes the account's own when
    /// `limits` are given too.
    pub subscription: Option<Subscription>,
    /// A payment at the version it was read at.
    pub payment: Option<Payment>,
    /// A managed channel at the version it was read at, or new (version 0).
    pub managed: Option<ManagedChannel>,
    /// What the tenant may do from now on.
    pub limits: Option<PlanLimits>,
    /// Only while the account's `limits_set` is so: for whoever compared subscriptions to find out which
    /// counts.
    pub limits_as_of: Option<u32>,
    /// What the tenant is told. One that is there already stays as it is.
    pub notification: Option<Notification>,
    /// Who did it.
    pub audit: AuditEntry,
}

impl Change {
    /// A change of nothing yet.
    #[must_use]
    pub const fn of(tenant: TenantId, audit: AuditEntry) -> Self {
        Self {
            tenant,
            entries: Vec::new(),
            take_slot: None,
            give_slot: false,
            needs_free: 0,
            subscription: None,
            payment: None,
            managed: None,
            limits: None,
            limits_as_of: None,
            notification: None,
            audit,
        }
    }

    /// Whether the account is a part of it.
    #[must_use]
    pub const fn moves_account(&self) -> bool {
        let slots = self.take_slot.is_some() || self.give_slot;
        !self.entries.is_empty() || slots || self.needs_free > 0 || self.counts()
    }

    /// Whether its subscription becomes the one that counts.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.limits.is_some() && self.subscription.is_some()
    }

    /// Whether it was decided on this account as it stands.
    #[must_use]
    pub fn is_of(&self, account: &Account) -> bool {
        let read = self.limits_as_of.filter(|_| self.counts());
        read.is_none_or(|read| read == account.limits_set)
    }
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// All of it is stored; the versions in storage are one higher.
    Done,
    /// An entry of this name is there already: the fact was told before.
    Repeated,
    /// Something was changed by somebody else: read again.
    Stale,
    /// Not so many days are free (or held, or spent).
    NoDays,
    /// Every slot of the plan is taken.
    NoSlot,
}
