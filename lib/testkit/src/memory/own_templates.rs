//! A company's own templates, with every version.

use domain::{
    failure::StoreFailure,
    ids::{TemplateId, TenantId},
    ports::{AuditEntry, Kept, OwnTemplates, Page, Saved, TemplateFilter},
    template::OwnTemplate,
};

use super::{MemoryStore, State, page::page};

impl State {
    fn name_is_taken(&self, template: &OwnTemplate) -> bool {
        let mut others = self.own_templates.values();
        others.any(|other| {
            other.tenant == template.tenant
                && other.id != template.id
                && other.unique_name() == template.unique_name()
        })
    }

    fn keep_template(&mut self, template: &OwnTemplate, audit: &AuditEntry) {
        let key = (template.tenant, template.id);
        self.own_templates.insert(key, template.clone());
        let versions = self.template_versions.entry(key).or_default();
        versions.push(template.clone());
        self.audit.push((template.tenant, audit.clone()));
    }
}

impl OwnTemplates for MemoryStore {
    async fn make_template(
        &self,
        template: &OwnTemplate,
        audit: &AuditEntry,
    ) -> Result<Kept, StoreFailure> {
        self.run("own_templates.make", |s| {
            if s.name_is_taken(template) {
                return Kept::NameTaken;
            }
            s.keep_template(template, audit);
            Kept::Done
        })
    }

    async fn change_template(
        &self,
        before: &OwnTemplate,
        after: &OwnTemplate,
        audit: &AuditEntry,
    ) -> Result<Kept, StoreFailure> {
        self.run("own_templates.change", |s| {
            let known = s.own_templates.get(&(before.tenant, before.id));
            if known.map(|known| known.version) != Some(before.version) {
                return Kept::Stale;
            }
            if s.name_is_taken(after) {
                return Kept::NameTaken;
            }
            s.keep_template(after, audit);
            Kept::Done
        })
    }

    async fn delete_template(
        &self,
        template: &OwnTemplate,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("own_templates.delete", |s| {
            let key = (template.tenant, template.id);
            let known = s.own_templates.get(&key).map(|known| known.version);
            if known != Some(template.version) {
                return Saved::Stale;
            }
            s.own_templates.remove(&key);
            s.audit.push((template.tenant, audit.clone()));
            Saved::Done
        })
    }

    async fn own_template(
        &self,
        tenant: TenantId,
        id: TemplateId,
    ) -> Result<Option<OwnTemplate>, StoreFailure> {
        self.run("own_templates.read", |s| {
            s.own_templates.get(&(tenant, id)).cloned()
        })
    }

    async fn own_templates(
        &self,
        tenant: TenantId,
        filter: TemplateFilter,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, StoreFailure> {
        let fits = |one: &OwnTemplate| {
            one.tenant == tenant
                && filter
                    .message_type
                    .is_none_or(|wanted| one.message_type == wanted)
                && filter.active.is_none_or(|wanted| one.active == wanted)
        };
        let rows = self.run("own_templates.list", |s| {
            let found = s.own_templates.values().filter(|one| fits(one));
            found.map(|one| (one.unique_name(), one.clone())).collect()
        })?;
        page("own_templates.list", tenant, rows, after, limit)
    }

    async fn template_versions(
        &self,
        tenant: TenantId,
        id: TemplateId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, StoreFailure> {
        let rows = self.run("own_templates.versions", |s| {
            let versions = s.template_versions.get(&(tenant, id)).into_iter().flatten();
            let newest = |version: u32| format!("{:08x}", u32::MAX - version);
            versions
                .map(|one| (newest(one.version), one.clone()))
                .collect()
        })?;
        page("own_templates.versions", tenant, rows, after, limit)
    }
}
