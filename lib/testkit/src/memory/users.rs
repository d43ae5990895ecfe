//! Companies, their users, and who has which address.

use domain::{
    failure::StoreFailure,
    ids::{TenantId, UserId},
    ports::{
        AuditEntry, Begun, Changed, InvitationKey, Page, Saved, Standings, TenantBook, UserBook,
    },
    principal::Role,
    tenant::Tenant,
    user::{Standing, User, UserState},
};

use super::{MemoryStore, State, page::page};

impl State {
    fn user_by_email(&self, user: &User) -> Option<&User> {
        self.users.values().find(|one| one.email == user.email)
    }

    fn key(user: &User) -> (TenantId, UserId) {
        (user.tenant, user.id.clone())
    }

    fn stands(&self, user: &User) -> bool {
        let stored = self.users.get(&Self::key(user));
        stored.is_some_and(|stored| stored.version == user.version)
    }

    fn put_user(&mut self, user: &mut User) -> Saved {
        if !self.stands(user) {
            return Saved::Stale;
        }
        user.version += 1;
        self.users.insert(Self::key(user), user.clone());
        Saved::Done
    }
}

impl UserBook for MemoryStore {
    async fn begin_invitation(
        &self,
        user: &User,
        key: Option<&InvitationKey>,
    ) -> Result<Begun, StoreFailure> {
        self.run("users.begin", |s| {
            let held = key.and_then(|key| s.invitation_keys.get(&(user.tenant, key.key.clone())));
            let held = held.filter(|held| held.expires_at > user.invited_at);
            if held.is_some_and(|held| key.is_some_and(|key| key.request != held.request)) {
                return Begun::KeyReused;
            }
            match s.user_by_email(user) {
                Some(known) if known.tenant == user.tenant => Begun::Known(Box::new(known.clone())),
                Some(_) => Begun::Taken,
                None if held.is_some() => Begun::Over,
                None => {
                    if let Some(key) = key {
                        let name = (user.tenant, key.key.clone());
                        s.invitation_keys.insert(name, key.clone());
                    }
                    s.users.insert(State::key(user), user.clone());
                    Begun::Done
                }
            }
        })
    }

    async fn adopt_user(
        &self,
        invited: &User,
        user: &User,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("users.adopt", |s| {
            let key = State::key(user);
            if !s.stands(invited) || s.users.contains_key(&key) || s.gone.contains(&key) {
                return Saved::Stale;
            }
            s.users.remove(&State::key(invited));
            s.users.insert(State::key(user), user.clone());
            s.audit.push((user.tenant, audit.clone()));
            Saved::Done
        })
    }

    async fn withdraw_invitation(&self, user: &User) -> Result<Saved, StoreFailure> {
        self.run("users.withdraw", |s| {
            if !s.stands(user) {
                return Saved::Stale;
            }
            s.users.remove(&State::key(user));
            if user.is_made() {
                s.gone.insert(State::key(user));
            }
            Saved::Done
        })
    }

    async fn user(&self, tenant: TenantId, id: &UserId) -> Result<Option<User>, StoreFailure> {
        self.run("users.read", |s| {
            s.users.get(&(tenant, id.clone())).cloned()
        })
    }

    async fn users(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<User>, StoreFailure> {
        const OPERATION: &str = "users.list";
        let rows = self.run(OPERATION, |s| {
            let own = s.users.values().filter(|one| one.tenant == tenant);
            own.map(|one| (one.email.as_str().to_owned(), one.clone()))
                .collect()
        })?;
        page(OPERATION, tenant, rows, after, limit)
    }

    async fn change_user(
        &self,
        by: &UserId,
        user: &mut User,
        audit: &AuditEntry,
    ) -> Result<Changed, StoreFailure> {
        self.run("users.change", |s| {
            let asking = s.users.get(&(user.tenant, by.clone()));
            let may = |one: &User| one.state == UserState::Active && one.role == Role::Manager;
            if !asking.is_none_or(may) {
                return Changed::NotByThem;
            }
            match s.put_user(user) {
                Saved::Done => {
                    s.audit.push((user.tenant, audit.clone()));
                    Changed::Done
                }
                Saved::Stale => Changed::Stale,
            }
        })
    }

    async fn save_user(&self, user: &mut User) -> Result<Saved, StoreFailure> {
        self.run("users.save", |s| s.put_user(user))
    }
}

impl TenantBook for MemoryStore {
    async fn found_tenant(
        &self,
        tenant: &Tenant,
        founder: &User,
        audit: &AuditEntry,
    ) -> Result<Begun, StoreFailure> {
        self.run("tenants.found", |s| {
            if let Some(known) = s.user_by_email(founder) {
                return Begun::Known(Box::new(known.clone()));
            }
            s.tenants.insert(tenant.id, tenant.clone());
            s.users.insert(State::key(founder), founder.clone());
            s.audit.push((tenant.id, audit.clone()));
            Begun::Done
        })
    }

    async fn tenants(&self, after: Option<&str>, limit: u16) -> Result<Page<Tenant>, StoreFailure> {
        self.run("tenants.list", |s| {
            let place = |one: &Tenant| format!("{}#{}", one.name.to_lowercase(), one.id.key());
            let mut rows: Vec<(String, Tenant)> = s
                .tenants
                .values()
                .map(|one| (place(one), one.clone()))
                .filter(|(sort, _)| after.is_none_or(|after| sort.as_str() > after))
                .collect();
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
            let limit = usize::from(limit.max(1));
            let more = rows.len() > limit;
            rows.truncate(limit);
            Page {
                next: rows.last().filter(|_| more).map(|(sort, _)| sort.clone()),
                items: rows.into_iter().map(|(_, one)| one).collect(),
            }
        })
    }

    async fn switch_tenant(
        &self,
        id: TenantId,
        active: bool,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("tenants.switch", |s| {
            let known = s.tenants.get_mut(&id);
            let Some(known) = known.filter(|known| known.active != active) else {
                return Saved::Stale;
            };
            known.active = active;
            s.audit.push((id, audit.clone()));
            Saved::Done
        })
    }
}

impl Standings for MemoryStore {
    async fn standing(&self, tenant: TenantId, user: &UserId) -> Result<Standing, StoreFailure> {
        self.run("users.standing", |s| {
            if s.tenants.get(&tenant).is_some_and(|one| !one.active) {
                return Standing::CompanyOff;
            }
            let key = (tenant, user.clone());
            if s.gone.contains(&key) {
                return Standing::Out;
            }
            let known = s.users.get(&key);
            known.map_or(Standing::Unknown, User::standing)
        })
    }
}
