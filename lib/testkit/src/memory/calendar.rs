//! Festivals, and the work of days.

use domain::{
    failure::StoreFailure,
    festival::Festival,
    ids::{FestivalId, TenantId},
    ports::{AuditEntry, Days, Festivals, Page, Saved},
    reminder::DayWork,
};

use super::{MemoryStore, State, page::page};

impl State {
    fn save_festival(&mut self, festival: &mut Festival) -> Saved {
        let known = self.festivals.get_mut(&(festival.tenant, festival.id));
        let Some(known) = known.filter(|known| known.revision == festival.revision) else {
            return Saved::Stale;
        };
        festival.revision += 1;
        *known = festival.clone();
        Saved::Done
    }
}

impl Festivals for MemoryStore {
    async fn make_festival(
        &self,
        festival: &Festival,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("festivals.make", |s| {
            let key = (festival.tenant, festival.id);
            if s.festivals.contains_key(&key) {
                return Saved::Stale;
            }
            s.festivals.insert(key, festival.clone());
            s.audit.push((festival.tenant, audit.clone()));
            Saved::Done
        })
    }

    async fn festival(
        &self,
        tenant: TenantId,
        id: FestivalId,
    ) -> Result<Option<Festival>, StoreFailure> {
        self.run("festivals.read", |s| {
            s.festivals.get(&(tenant, id)).cloned()
        })
    }

    async fn festivals(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Festival>, StoreFailure> {
        let rows = self.run("festivals.list", |s| {
            let own = s.festivals.values().filter(|one| one.tenant == tenant);
            own.map(|one| {
                let sort = format!("{}#{}", one.name.to_lowercase(), one.id.key());
                (sort, one.clone())
            })
            .collect()
        })?;
        page("festivals.list", tenant, rows, after, limit)
    }

    async fn change_festival(
        &self,
        festival: &mut Festival,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("festivals.change", |s| {
            let saved = s.save_festival(festival);
            if saved == Saved::Done {
                s.audit.push((festival.tenant, audit.clone()));
            }
            saved
        })
    }

    async fn save_festival(&self, festival: &mut Festival) -> Result<Saved, StoreFailure> {
        self.run("festivals.save", |s| s.save_festival(festival))
    }

    async fn delete_festival(
        &self,
        festival: &Festival,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("festivals.delete", |s| {
            let key = (festival.tenant, festival.id);
            let known = s.festivals.get(&key).map(|known| known.revision);
            if known != Some(festival.revision) {
                return Saved::Stale;
            }
            s.festivals.remove(&key);
            s.audit.push((festival.tenant, audit.clone()));
            Saved::Done
        })
    }
}

impl Days for MemoryStore {
    async fn day_work(&self, tenant: TenantId) -> Result<Option<DayWork>, StoreFailure> {
        self.run("days.read", |s| s.days.get(&tenant).cloned())
    }

    async fn save_day_work(&self, work: &mut DayWork) -> Result<Saved, StoreFailure> {
        self.run("days.save", |s| {
            let known = s.days.get(&work.tenant).map_or(0, |known| known.version);
            if known != work.version {
                return Saved::Stale;
            }
            work.version += 1;
            s.days.insert(work.tenant, work.clone());
            Saved::Done
        })
    }
}
