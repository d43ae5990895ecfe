//! Lists of providers' templates brought in, and read by people; and whose accounts there are.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    ports::{Accounts, Page, Synced, TemplateBook},
    provider::ProviderKind,
    template::{ListedTemplate, ProviderTemplate, TemplateSync},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{StoredTemplate, call, list, place, template};
use crate::{
    Store,
    keys::Form,
    list::each,
    shape::{Row, When, read, text, time, value},
    table::{Read, TenantTable},
    update::Update,
    write::{Write, Written},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

#[derive(Serialize, Deserialize)]
struct SyncItem {
    at: When,
    added: u32,
    changed: u32,
    unchanged: u32,
    gone: u32,
    complete: bool,
}

impl StoredTemplate {
    /// The same with what a list showed that was asked for at `at`, as far as nothing newer is known.
    fn listed(&self, listed: &ListedTemplate, at: Timestamp) -> Self {
        let mut next = self.clone();
        let newer = |known: Option<When>| known.is_some_and(|When(known)| known > at);
        let says = Some(&listed.status) != self.status.as_ref() || listed.reason != self.reason;
        if says && !newer(self.status_at) {
            next.status = Some(listed.status.clone());
            next.reason.clone_from(&listed.reason);
            next.status_at = Some(When(at));
        }
        if listed.category.is_some() && listed.category != self.category && !newer(self.category_at)
        {
            next.category.clone_from(&listed.category);
            next.category_at = Some(When(at));
        }
        if listed.quality.is_some() && listed.quality != self.quality && !newer(self.quality_at) {
            next.quality.clone_from(&listed.quality);
            next.quality_at = Some(When(at));
        }
        next.shape = Some(listed.shape.clone());
        next.gone = None;
        next
    }
}

/// Only while the times are those that were read.
fn unmoved(update: &mut Update, read: &StoredTemplate) {
    for (name, seen, at) in [
        ("status_at", "seen_status", read.status_at),
        ("category_at", "seen_category", read.category_at),
        ("quality_at", "seen_quality", read.quality_at),
        ("synced", "seen_synced", read.synced),
        ("gone", "seen_gone", read.gone),
    ] {
        match at {
            Some(When(at)) => {
                update.when(&format!("{name} = :{seen}"));
                update.value(seen, time(at));
            }
            None => update.when(&format!("attribute_not_exists({name})")),
        }
    }
}

impl TenantTable<'_> {
    async fn sync_template(
        &self,
        account: &str,
        listed: &ListedTemplate,
        at: Timestamp,
    ) -> Result<Synced, StoreFailure> {
        const OPERATION: &str = "template.sync";
        let (name, language) = (listed.name.as_str(), listed.language.as_str());
        let key = self.keys().template(account, name, language);
        let mut freshness = Read::Eventual;
        for _ in 0..TRIES {
            let item = self.item(OPERATION, &key, freshness).await?;
            let known: Option<StoredTemplate> =
                item.map(|item| read(OPERATION, item)).transpose()?;
            let before = known.clone().unwrap_or_default();
            let after = before.listed(listed, at);
            if known.is_some() && before == after {
                return Ok(Synced::Unchanged);
            }
            let mut update = Update::of(key.clone());
            call(&mut update, account, name, language);
            update.give("status", after.status.as_deref().map(text));
            update.give("reason", after.reason.as_deref().map(text));
            update.give("category", after.category.as_deref().map(text));
            update.give("quality", after.quality.as_deref().map(text));
            for (name, at) in [
                ("status_at", after.status_at),
                ("category_at", after.category_at),
                ("quality_at", after.quality_at),
                ("synced", Some(When(at))),
            ] {
                update.give(name, at.map(|When(at)| time(at)));
            }
            update.remove("gone");
            update.set("shape", value(OPERATION, &listed.shape)?);
            let status = after.status.as_deref();
            let place = place(self.keys(), status, false, account, name, language);
            list(&mut update, &place);
            unmoved(&mut update, &before);
            match self.write(OPERATION, &update.write()).await? {
                Written::Applied(_) if known.is_some() => return Ok(Synced::Changed),
                Written::Applied(_) => return Ok(Synced::Added),
                Written::Held(_) => freshness = Read::Strong,
            }
        }
        Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict))
    }
}

impl TemplateBook for Store {
    async fn sync_template(
        &self,
        tenant: TenantId,
        account: &str,
        listed: &ListedTemplate,
        at: Timestamp,
    ) -> Result<Synced, StoreFailure> {
        self.tenant(tenant).sync_template(account, listed, at).await
    }

    async fn miss_template(
        &self,
        template: &ProviderTemplate,
        tenant: TenantId,
        at: Timestamp,
    ) -> Result<bool, StoreFailure> {
        let table = self.tenant(tenant);
        let (account, name) = (template.account.as_str(), template.name.as_str());
        let language = template.language.as_str();
        let mut update = Update::of(table.keys().template(account, name, language));
        update.set("gone", time(at));
        list(
            &mut update,
            &place(table.keys(), None, true, account, name, language),
        );
        update.when("attribute_exists(pk) AND attribute_not_exists(gone)");
        update.when("attribute_not_exists(status_at) OR status_at < :gone");
        update.when("attribute_not_exists(synced) OR synced < :gone");
        let written = table.write("template.miss", &update.write()).await?;
        Ok(matches!(written, Written::Applied(_)))
    }

    async fn templates(
        &self,
        tenant: TenantId,
        approved: bool,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ProviderTemplate>, StoreFailure> {
        const OPERATION: &str = "templates.list";
        let table = self.tenant(tenant);
        let mut partitions = vec![table.keys().provider_templates_of(true)];
        if !approved {
            partitions.push(table.keys().provider_templates_of(false));
        }
        let page = table
            .page_of(OPERATION, Form::Name, &partitions, after, limit)
            .await?;
        each(page, |item| template(OPERATION, item))
    }

    async fn note_sync(
        &self,
        tenant: TenantId,
        account: &str,
        sync: &TemplateSync,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "template.note_sync";
        let table = self.tenant(tenant);
        let item = SyncItem {
            at: When(sync.at),
            added: sync.added,
            changed: sync.changed,
            unchanged: sync.unchanged,
            gone: sync.gone,
            complete: sync.complete,
        };
        let row = Row::new(OPERATION, table.keys().template_sync(account), &item)?;
        table.write(OPERATION, &Write::put(row)).await.map(drop)
    }

    async fn last_sync(
        &self,
        tenant: TenantId,
        account: &str,
    ) -> Result<Option<TemplateSync>, StoreFailure> {
        let table = self.tenant(tenant);
        let key = table.keys().template_sync(account);
        let item: Option<SyncItem> = table
            .get("template.last_sync", &key, Read::Eventual)
            .await?;
        Ok(item.map(|item| TemplateSync {
            at: item.at.0,
            added: item.added,
            changed: item.changed,
            unchanged: item.unchanged,
            gone: item.gone,
            complete: item.complete,
        }))
    }
}

impl Accounts for Store {
    async fn accounts(
        &self,
        provider: ProviderKind,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<(TenantId, String)>, StoreFailure> {
        self.cross_tenant().accounts(provider, after, limit).await
    }
}
