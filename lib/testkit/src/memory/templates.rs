//! Templates of providers: of each kind of change, the newest counts.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::{Accounts, Page, ProviderTemplates, Synced, TemplateBook},
    provider::{ProviderKind, TemplateChange, TemplateItem},
    template::{ListedTemplate, ProviderTemplate, TemplateShape, TemplateSync},
};
use jiff::Timestamp;

use super::{MemoryStore, page::page};

/// A template, and when each kind of change was last heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// What is known.
    pub known: domain::template::KnownTemplate,
    /// When the status was heard of.
    pub status_at: Option<Timestamp>,
    /// When the category was.
    pub category_at: Option<Timestamp>,
    /// When the quality was.
    pub quality_at: Option<Timestamp>,
    /// What it looks like.
    pub shape: Option<TemplateShape>,
    /// When a sync last wrote it.
    pub synced_at: Option<Timestamp>,
    /// Since when it is gone.
    pub missing_since: Option<Timestamp>,
}

impl Noted {
    fn note(&mut self, change: &TemplateChange, at: Timestamp) {
        let last = match change {
            TemplateChange::Status { .. } => &mut self.status_at,
            TemplateChange::Category(_) => &mut self.category_at,
            TemplateChange::Quality(_) => &mut self.quality_at,
        };
        if last.is_some_and(|known| known > at) {
            return;
        }
        *last = Some(at);
        let known = &mut self.known;
        match change {
            TemplateChange::Status { status, reason } => {
                known.status = Some(status.clone());
                known.reason.clone_from(reason);
                self.missing_since = None;
            }
            TemplateChange::Category(category) => known.category = Some(category.clone()),
            TemplateChange::Quality(quality) => known.quality = Some(quality.clone()),
        }
        known.changed_at = known.changed_at.max(Some(at));
    }

    fn of(&self, key: &Key) -> ProviderTemplate {
        ProviderTemplate {
            account: key.1.clone(),
            name: key.2.clone(),
            language: key.3.clone(),
            known: self.known.clone(),
            shape: self.shape.clone(),
            synced_at: self.synced_at,
            missing_since: self.missing_since,
        }
    }

    /// What a list showed, as far as nothing newer is known.
    fn listed(&self, listed: &ListedTemplate, at: Timestamp) -> Self {
        let mut noted = self.clone();
        let status = TemplateChange::Status {
            status: listed.status.clone(),
            reason: listed.reason.clone(),
        };
        let category = listed.category.clone().map(TemplateChange::Category);
        let quality = listed.quality.clone().map(TemplateChange::Quality);
        for change in [Some(status), category, quality].into_iter().flatten() {
            let (mut next, same) = (noted.clone(), noted.known.clone());
            next.note(&change, at);
            // What says the same is no change, and moves no time.
            next.known.changed_at = same.changed_at;
            if next.known != same {
                next.known.changed_at = same.changed_at.max(Some(at));
                noted = next;
            }
        }
        noted.shape = Some(listed.shape.clone());
        noted.missing_since = None;
        noted
    }
}

type Key = (TenantId, String, String, String);

impl ProviderTemplates for MemoryStore {
    async fn note_template(
        &self,
        tenant: TenantId,
        account: &str,
        change: &TemplateItem,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let key = key(tenant, account, &change.name, &change.language);
        self.run("templates.note", |s| {
            s.templates.entry(key).or_default().note(&change.change, at);
        })
    }

    async fn template(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
        language: &str,
    ) -> Result<Option<ProviderTemplate>, StoreFailure> {
        let key = key(tenant, account, name, language);
        self.run("templates.template", |s| {
            s.templates.get(&key).map(|noted| noted.of(&key))
        })
    }

    async fn template_languages(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
    ) -> Result<Vec<ProviderTemplate>, StoreFailure> {
        self.run("templates.languages", |s| {
            let of = |key: &Key| key.0 == tenant && key.1 == account && key.2 == name;
            let found = s.templates.iter().filter(|(key, _)| of(key));
            let mut found: Vec<_> = found.map(|(key, noted)| noted.of(key)).collect();
            found.sort_by(|one, other| one.language.cmp(&other.language));
            found
        })
    }
}

impl TemplateBook for MemoryStore {
    async fn sync_template(
        &self,
        tenant: TenantId,
        account: &str,
        listed: &ListedTemplate,
        at: Timestamp,
    ) -> Result<Synced, StoreFailure> {
        let key = key(tenant, account, &listed.name, &listed.language);
        self.run("templates.sync", |s| {
            let before = s.templates.get(&key).cloned();
            let mut after = before.clone().unwrap_or_default().listed(listed, at);
            if before.as_ref() == Some(&after) {
                return Synced::Unchanged;
            }
            after.synced_at = Some(at);
            s.templates.insert(key, after);
            match before {
                Some(_) => Synced::Changed,
                None => Synced::Added,
            }
        })
    }

    async fn miss_template(
        &self,
        template: &ProviderTemplate,
        tenant: TenantId,
        at: Timestamp,
    ) -> Result<bool, StoreFailure> {
        let key = key(
            tenant,
            &template.account,
            &template.name,
            &template.language,
        );
        self.run("templates.miss", |s| {
            let Some(noted) = s.templates.get_mut(&key) else {
                return false;
            };
            let heard = [noted.status_at, noted.synced_at].into_iter().flatten();
            if noted.missing_since.is_some() || heard.max().is_some_and(|heard| heard >= at) {
                return false;
            }
            noted.missing_since = Some(at);
            true
        })
    }

    async fn templates(
        &self,
        tenant: TenantId,
        approved: bool,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ProviderTemplate>, StoreFailure> {
        let rows = self.run("templates.list", |s| {
            let own = s.templates.iter().filter(|(key, _)| key.0 == tenant);
            let all = own.map(|(key, noted)| noted.of(key));
            all.filter(|one| !approved || one.is_approved())
                .map(|one| {
                    (
                        format!("{}\0{}\0{}", one.name, one.language, one.account),
                        one,
                    )
                })
                .collect()
        })?;
        page("templates.list", tenant, rows, after, limit)
    }

    async fn note_sync(
        &self,
        tenant: TenantId,
        account: &str,
        sync: &TemplateSync,
    ) -> Result<(), StoreFailure> {
        self.run("templates.note_sync", |s| {
            s.syncs.insert((tenant, account.to_owned()), *sync);
        })
    }

    async fn last_sync(
        &self,
        tenant: TenantId,
        account: &str,
    ) -> Result<Option<TemplateSync>, StoreFailure> {
        let key = (tenant, account.to_owned());
        self.run("templates.last_sync", |s| s.syncs.get(&key).copied())
    }
}

impl Accounts for MemoryStore {
    async fn accounts(
        &self,
        provider: ProviderKind,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<(TenantId, String)>, StoreFailure> {
        let mut rows: Vec<_> = self.run("accounts.list", |s| {
            let channels = s.channels.values().filter(|one| one.provider == provider);
            let accounts = channels.filter_map(|one| Some((one.account.clone()?, one.tenant)));
            accounts
                .map(|(account, tenant)| (account.clone(), (tenant, account)))
                .collect()
        })?;
        rows.sort();
        rows.dedup();
        page("accounts.list", TenantId::PLATFORM, rows, after, limit)
    }
}

fn key(tenant: TenantId, account: &str, name: &str, language: &str) -> Key {
    let owned = str::to_owned;
    (tenant, owned(account), owned(name), owned(language))
}
