//! Templates of providers, as their lists and their webhooks told: status, category and quality each
//! have a time of their own, for they are told apart and in any order.

mod book;
mod own;

use domain::{
    failure::StoreFailure,
    ids::TenantId,
    ports::ProviderTemplates,
    provider::{TemplateChange, TemplateItem},
    template::{KnownTemplate, ProviderTemplate, TemplateShape},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    Store,
    keys::{Place, TenantKeys},
    schema::LIST,
    shape::{Item, When, corrupt, read, text, time},
    table::{Range, Read, key_of},
    update::Update,
};

/// More languages than any template has.
const MOST_LANGUAGES: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct StoredTemplate {
    #[serde(default)]
    account: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: Option<String>,
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
    #[serde(default)]
    shape: Option<TemplateShape>,
    /// When a sync last wrote it.
    #[serde(default)]
    synced: Option<When>,
    /// Since when the provider's list no longer holds it.
    #[serde(default)]
    gone: Option<When>,
}

impl StoredTemplate {
    fn template(self, language: &str) -> ProviderTemplate {
        let times = [self.status_at, self.category_at, self.quality_at];
        ProviderTemplate {
            account: self.account,
            name: self.name,
            language: self.language.unwrap_or_else(|| language.to_owned()),
            known: KnownTemplate {
                status: self.status,
                reason: self.reason,
                category: self.category,
                quality: self.quality,
                changed_at: times.into_iter().flatten().map(|When(at)| at).max(),
            },
            shape: self.shape,
            synced_at: self.synced.map(|When(at)| at),
            missing_since: self.gone.map(|When(at)| at),
        }
    }
}

/// A template with its language as its key has it.
fn template(operation: &'static str, item: Item) -> Result<ProviderTemplate, StoreFailure> {
    let (_, sk) = key_of(operation, &item)?;
    let language = sk.strip_prefix("P#").ok_or_else(|| corrupt(operation))?;
    let stored: StoredTemplate = read(operation, item)?;
    Ok(stored.template(language))
}

/// The word, unless something newer of its kind is known.
fn word(update: &mut Update, kind: &'static str, kind_at: &'static str, word: &str, at: Timestamp) {
    update.set(kind, text(word));
    update.set(kind_at, time(at));
}

/// Lists a template where its state belongs.
fn list(update: &mut Update, place: &Place) {
    update.set(LIST.partition, text(&place.partition));
    update.set(LIST.sort, text(&place.sort));
}

/// Lists a template that is not listed yet.
fn list_once(update: &mut Update, place: &Place) {
    update.set_once(LIST.partition, text(&place.partition));
    update.set_once(LIST.sort, text(&place.sort));
}

/// What a template is called, on every item: its key holds only a hash.
fn call(update: &mut Update, account: &str, name: &str, language: &str) {
    update.set("account", text(account));
    update.set("name", text(name));
    update.set("language", text(language));
}

/// Where a template is listed.
fn place(
    keys: TenantKeys,
    status: Option<&str>,
    gone: bool,
    account: &str,
    name: &str,
    language: &str,
) -> Place {
    let known = KnownTemplate {
        status: status.map(str::to_owned),
        ..KnownTemplate::default()
    };
    keys.provider_templates(known.is_approved() && !gone, account, name, language)
}

/// One change, unless something newer of the same kind is known. Of two changes of one moment the one
/// that was told last counts.
fn note(
    update: &mut Update,
    keys: TenantKeys,
    account: &str,
    change: &TemplateItem,
    at: Timestamp,
) {
    let (name, language) = (change.name.as_str(), change.language.as_str());
    let kind_at = match &change.change {
        TemplateChange::Status { status, reason } => {
            update.give("reason", reason.as_deref().map(text));
            word(update, "status", "status_at", status, at);
            update.remove("gone");
            let place = place(keys, Some(status), false, account, name, language);
            list(update, &place);
            "status_at"
        }
        TemplateChange::Category(category) => {
            word(update, "category", "category_at", category, at);
            list_once(update, &place(keys, None, false, account, name, language));
            "category_at"
        }
        TemplateChange::Quality(quality) => {
            word(update, "quality", "quality_at", quality, at);
            list_once(update, &place(keys, None, false, account, name, language));
            "quality_at"
        }
    };
    call(update, account, name, language);
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
        let keys = table.keys();
        let mut update = Update::of(keys.template(account, &change.name, &change.language));
        note(&mut update, keys, account, change, at);
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
    ) -> Result<Option<ProviderTemplate>, StoreFailure> {
        const OPERATION: &str = "template.read";
        let table = self.tenant(tenant);
        let key = table.keys().template(account, name, language);
        let item = table.item(OPERATION, &key, Read::Eventual).await?;
        item.map(|item| template(OPERATION, item)).transpose()
    }

    async fn template_languages(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
    ) -> Result<Vec<ProviderTemplate>, StoreFailure> {
        const OPERATION: &str = "template.languages";
        let table = self.tenant(tenant);
        let first = table.keys().template(account, name, "");
        let range = Range {
            index: None,
            partition: &first.pk,
            sort: Some("begins_with(#s, :prefix)"),
            filter: None,
            values: vec![(":prefix", text(&first.sk))],
            read: Read::Eventual,
            limit: MOST_LANGUAGES,
        };
        let items = table.query(OPERATION, &range).await?;
        items
            .into_iter()
            .map(|item| template(OPERATION, item))
            .collect()
    }
}
