//! Templates of providers: of each kind of change, the newest counts.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::ProviderTemplates,
    provider::{TemplateChange, TemplateItem},
    template::KnownTemplate,
};
use jiff::Timestamp;

use super::MemoryStore;

/// A template, and when each kind of change was last heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// What is known.
    pub known: KnownTemplate,
    /// When the status was heard of.
    pub status_at: Option<Timestamp>,
    /// When the category was.
    pub category_at: Option<Timestamp>,
    /// When the quality was.
    pub quality_at: Option<Timestamp>,
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
            }
            TemplateChange::Category(category) => known.category = Some(category.clone()),
            TemplateChange::Quality(quality) => known.quality = Some(quality.clone()),
        }
        known.changed_at = known.changed_at.max(Some(at));
    }
}

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
    ) -> Result<Option<KnownTemplate>, StoreFailure> {
        let key = key(tenant, account, name, language);
        self.run("templates.template", |s| {
            s.templates.get(&key).map(|noted| noted.known.clone())
        })
    }
}

fn key(
    tenant: TenantId,
    account: &str,
    name: &str,
    language: &str,
) -> (TenantId, String, String, String) {
    (
        tenant,
        account.to_owned(),
        name.to_owned(),
        language.to_owned(),
    )
}
