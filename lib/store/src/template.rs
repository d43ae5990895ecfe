//! Templates of providers, as far as their webhooks told: status, category and quality each have a time
//! of their own, for they are told apart and in any order.

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::ProviderTemplates,
    provider::{TemplateChange, TemplateItem},
    template::KnownTemplate,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    Store,
    shape::{When, text, time},
    table::Read,
    update::Update,
};

#[derive(Deserialize)]
struct StoredTemplate {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    status_at: Option<When>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    category_at: Option<When>,
    #[serde(default)]
    quality: Option<String>,
    #[serde(default)]
    quality_at: Option<When>,
}

impl From<StoredTemplate> for KnownTemplate {
    fn from(item: StoredTemplate) -> Self {
        let times = [item.status_at, item.category_at, item.quality_at];
        Self {
            status: item.status,
            reason: item.reason,
            category: item.category,
            quality: item.quality,
            changed_at: times.into_iter().flatten().map(|When(at)| at).max(),
        }
    }
}

/// One change, unless something newer of the same kind is known. Of two changes of one moment the one
/// that was told last counts.
fn note(update: &mut Update, change: &TemplateChange, at: Timestamp) {
    let (kind, kind_at, word) = match change {
        TemplateChange::Status { status, reason } => {
            update.give("reason", reason.as_deref().map(text));
            ("status", "status_at", status)
        }
        TemplateChange::Category(category) => ("category", "category_at", category),
        TemplateChange::Quality(quality) => ("quality", "quality_at", quality),
    };
    update.set(kind, text(word));
    update.set(kind_at, time(at));
    update.when(&format!(
        "attribute_not_exists({kind_at}) OR {kind_at} <= :{kind_at}"
    ));
}

impl ProviderTemplates for Store {
    async fn note_template(
        &self,
        tenant: TenantId,
        account: &str,
        change: &TemplateItem,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let table = self.tenant(tenant);
        let key = table
            .keys()
            .template(account, &change.name, &change.language);
        let mut update = Update::of(key);
        note(&mut update, &change.change, at);
        // A condition that did not hold means that something newer is known.
        table
            .write("template.note", &update.write())
            .await
            .map(drop)
    }

    async fn template(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
        language: &str,
    ) -> Result<Option<KnownTemplate>, StoreFailure> {
        let table = self.tenant(tenant);
        let key = table.keys().template(account, name, language);
        let item: Option<StoredTemplate> = table.get("template.read", &key, Read::Eventual).await?;
        Ok(item.map(KnownTemplate::from))
    }
}
