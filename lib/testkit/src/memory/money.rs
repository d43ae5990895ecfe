//! Plans, and everything that one fact about money changes.

use domain::{
    billing::{Account, Applied, Change, Entry, Plan},
    failure::StoreFailure,
    ids::{PlanId, TenantId},
    ports::{AuditEntry, Money, Page, Plans, Saved},
};
use uuid::Uuid;

use super::{
    MemoryStore, State,
    page::{newest_first, page},
};

impl Plans for MemoryStore {
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreFailure> {
        self.run("plans.plan", |s| s.plans.get(&id).cloned())
    }

    async fn plans(&self) -> Result<Vec<Plan>, StoreFailure> {
        self.run("plans.list", |s| {
            let mut plans: Vec<Plan> = s.plans.values().cloned().collect();
            plans.sort_by_key(|plan| (plan.created_at, plan.id));
            plans
        })
    }

    async fn save_plan(
        &self,
        plan: &mut Plan,
        by: TenantId,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("plans.save", |s| {
            if s.plans.get(&plan.id).map_or(0, |known| known.version) != plan.version {
                return Saved::Stale;
            }
            plan.version += 1;
            s.plans.insert(plan.id, plan.clone());
            s.audit.push((by, audit.clone()));
            Saved::Done
        })
    }
}

impl Money for MemoryStore {
    async fn account(&self, tenant: TenantId) -> Result<Account, StoreFailure> {
        self.run("money.account", |s| s.account_of(tenant))
    }

    async fn apply(&self, change: &Change) -> Result<Applied, StoreFailure> {
        self.run("money.apply", |s| s.apply_change(change))
    }

    async fn entries(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Entry>, StoreFailure> {
        let rows = self.run("money.entries", |s| {
            let own = (0_u128..).zip(&s.entries);
            own.filter(|(_, entry)| entry.tenant == tenant)
                // What came in one change stands in the order it was written.
                .map(|(place, entry)| {
                    let id = Uuid::from_u128(u128::MAX - place);
                    (newest_first(entry.at, id), entry.clone())
                })
                .collect()
        })?;
        page("money.entries", tenant, rows, after, limit)
    }
}

/// Whether what is stored is still what was read.
fn stands(stored: Option<u32>, read: Option<u32>) -> bool {
    read.is_none_or(|version| stored.unwrap_or(0) == version)
}

impl State {
    pub(super) fn account_of(&self, tenant: TenantId) -> Account {
        let known = self.accounts.get(&tenant).cloned();
        known.unwrap_or_else(|| Account::empty(tenant))
    }

    fn apply_change(&mut self, change: &Change) -> Applied {
        let tenant = change.tenant;
        let known = |entry: &Entry| {
            let same = |one: &Entry| one.tenant == tenant && one.name == entry.name;
            self.entries.iter().any(same)
        };
        if change.entries.iter().any(known) {
            return Applied::Repeated;
        }
        if !self.is_as_read(change) {
            return Applied::Stale;
        }
        let mut account = self.account_of(tenant);
        for entry in &change.entries {
            let Some(after) = account.balances.after(entry) else {
                return Applied::NoDays;
            };
            account.balances = after;
        }
        if account.balances.free < change.needs_free {
            return Applied::NoDays;
        }
        if let Some(limit) = change.take_slot {
            if account.channels >= limit {
                return Applied::NoSlot;
            }
            account.channels += 1;
        }
        if change.give_slot {
            account.channels = account.channels.saturating_sub(1);
        }
        if let (Some(_), Some(subscription)) = (&change.limits, &change.subscription) {
            account.subscription = Some(subscription.id);
            account.limits_set += 1;
        }
        if change.moves_account() {
            account.updated_at = Some(change.audit.at);
            self.accounts.insert(tenant, account);
        }
        self.entries.extend(change.entries.iter().cloned());
        self.write_beside(change);
        Applied::Done
    }

    fn is_as_read(&self, change: &Change) -> bool {
        let tenant = change.tenant;
        let read = change.subscription.as_ref();
        let stored = read.and_then(|one| self.subscriptions.get(&(tenant, one.id)));
        let subscription = stands(stored.map(|one| one.version), read.map(|one| one.version));
        let read = change.payment.as_ref();
        let stored = read.and_then(|one| self.payments.get(&(tenant, one.id)));
        let payment = stands(stored.map(|one| one.version), read.map(|one| one.version));
        let read = change.managed.as_ref();
        let stored = read.and_then(|one| self.managed.get(&(tenant, one.id)));
        let managed = stands(stored.map(|one| one.version), read.map(|one| one.version));
        // Limits stand on the tenant itself.
        let tenant = change.limits.is_none() || self.tenants.contains_key(&tenant);
        let account = change.is_of(&self.account_of(change.tenant));
        subscription && payment && managed && tenant && account
    }

    /// What stands beside the account and the ledger.
    fn write_beside(&mut self, change: &Change) {
        let tenant = change.tenant;
        if let Some(one) = &change.subscription {
            self.subscriptions.insert((tenant, one.id), one.next());
        }
        if let Some(one) = &change.payment {
            self.payments.insert((tenant, one.id), one.next());
        }
        if let Some(one) = &change.managed {
            self.managed.insert((tenant, one.id), one.next());
        }
        if let Some(limits) = &change.limits
            && let Some(stored) = self.tenants.get_mut(&tenant)
        {
            stored.plan = Some(limits.clone());
        }
        if let Some(one) = &change.notification {
            let stored = self.notifications.entry((tenant, one.id));
            stored.or_insert_with(|| one.next());
        }
        self.audit.push((tenant, change.audit.clone()));
    }
}
