//! A company's own templates: made, changed, taken away, read and previewed. Each change is checked
//! before it is stored, and is a version of its own.

mod choose;
mod edit;
mod preview;

use std::collections::BTreeMap;

use tracing::info;

pub use self::{
    choose::{Chosen, chosen, template_for},
    edit::TemplateEdit,
    preview::{Previewed, ProviderPreviewed, UnsavedTemplate},
};
use crate::{
    failure::{AppFailure, FieldProblem},
    ids::TemplateId,
    message::MessageType,
    ports::{AuditEntry, Clock, Kept, OwnTemplates, Page, Saved, TemplateBook, TemplateFilter},
    principal::Principal,
    template::{OwnTemplate, ProviderTemplate, TemplateText, own_name},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What working with templates needs.
#[derive(Debug)]
pub struct TemplateDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

/// A template to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Its name.
    pub name: String,
    /// What messages it is for.
    pub message_type: MessageType,
    /// Its text.
    pub content: String,
    /// Defaults by placeholder.
    pub defaults: BTreeMap<String, String>,
    /// Whether it is used.
    pub active: bool,
}

impl<S: OwnTemplates, C: Clock> TemplateDesk<'_, S, C> {
    /// Makes a template.
    ///
    /// # Errors
    /// VALIDATION with every problem of name, text and defaults; CONFLICT `NAME_TAKEN`.
    pub async fn make(
        &self,
        principal: &Principal,
        new: NewTemplate,
    ) -> Result<OwnTemplate, AppFailure> {
        let (name, text) = checked(&new.name, new.message_type, &new.content, &new.defaults)?;
        let now = self.clock.now();
        let template = OwnTemplate {
            id: TemplateId::fresh(),
            tenant: principal.tenant(),
            name,
            message_type: new.message_type,
            text,
            active: new.active,
            version: 1,
            created_at: now,
            updated_at: now,
            created_by: principal.user().clone(),
            updated_by: principal.user().clone(),
        };
        let audit = self
            .entry(principal, "create", template.id)
            .with("name", &template.name)
            .with("message_type", template.message_type.as_str());
        match self.store.make_template(&template, &audit).await? {
            Kept::Done => {
                info!(tenant.id = %template.tenant, template.id = %template.id, "made template `{}`", template.id);
                Ok(template)
            }
            Kept::NameTaken => Err(name_taken()),
            Kept::Stale => Err(changed_meanwhile()),
        }
    }

    /// A template.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's.
    pub async fn read(
        &self,
        principal: &Principal,
        id: TemplateId,
    ) -> Result<OwnTemplate, AppFailure> {
        let found = self.store.own_template(principal.tenant(), id).await?;
        found.ok_or_else(not_found)
    }

    /// Templates by name (S1.70).
    ///
    /// # Errors
    /// Storage failures.
    pub async fn list(
        &self,
        principal: &Principal,
        filter: TemplateFilter,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, AppFailure> {
        let tenant = principal.tenant();
        let page = self.store.own_templates(tenant, filter, after, limit);
        Ok(page.await?)
    }

    /// Versions of a template, newest first, also of one that was taken away.
    ///
    /// # Errors
    /// `NOT_FOUND` when there never was such a template.
    pub async fn versions(
        &self,
        principal: &Principal,
        id: TemplateId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<OwnTemplate>, AppFailure> {
        let tenant = principal.tenant();
        let page = self
            .store
            .template_versions(tenant, id, after, limit)
            .await?;
        if page.items.is_empty() && after.is_none() {
            return Err(not_found());
        }
        Ok(page)
    }

    /// Takes a template away; its versions stay.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it keeps changing.
    pub async fn delete(&self, principal: &Principal, id: TemplateId) -> Result<(), AppFailure> {
        for _ in 0..TRIES {
            let template = self.read(principal, id).await?;
            let audit = self
                .entry(principal, "delete", id)
                .with("name", &template.name);
            if self.store.delete_template(&template, &audit).await? == Saved::Done {
                info!(tenant.id = %template.tenant, template.id = %id, "deleted template `{id}`");
                return Ok(());
            }
        }
        Err(changed_meanwhile())
    }

    fn entry(&self, principal: &Principal, action: &'static str, id: TemplateId) -> AuditEntry {
        AuditEntry::new(principal.user(), "templates", action, id, self.clock.now())
    }
}

impl<S: TemplateBook, C> TemplateDesk<'_, S, C> {
    /// Providers' templates by name: all, or those that may be sent (S2.70, S2.94).
    ///
    /// # Errors
    /// Storage failures.
    pub async fn provider_templates(
        &self,
        principal: &Principal,
        approved: bool,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ProviderTemplate>, AppFailure> {
        let tenant = principal.tenant();
        let mut page = self.store.templates(tenant, approved, after, limit).await?;
        // What a sync found unchanged is not written; that it was seen stands with the sync.
        let mut synced = BTreeMap::new();
        for template in &mut page.items {
            let account = template.account.clone();
            if !synced.contains_key(&account) {
                let last = self.store.last_sync(tenant, &account).await?;
                synced.insert(account.clone(), last);
            }
            let last = synced.get(&account).copied().flatten();
            let whole = last.filter(|sync| sync.complete && template.missing_since.is_none());
            if template.synced_at.is_some() {
                template.synced_at = template.synced_at.max(whole.map(|sync| sync.at));
            }
        }
        Ok(page)
    }
}

/// Name and text of a template, with everything that is wrong about either.
fn checked(
    name: &str,
    message_type: MessageType,
    content: &str,
    defaults: &BTreeMap<String, String>,
) -> Result<(String, TemplateText), AppFailure> {
    let name = own_name(name);
    let text = TemplateText::with_defaults(message_type, content, defaults);
    match (name, text) {
        (Ok(name), Ok(text)) => Ok((name, text)),
        (name, text) => {
            let mut problems: Vec<FieldProblem> = name.err().into_iter().collect();
            problems.extend(text.err().into_iter().flatten());
            Err(invalid(problems))
        }
    }
}

fn invalid(problems: Vec<FieldProblem>) -> AppFailure {
    AppFailure::validation("The template cannot be so; see the fields.", problems)
}

fn not_found() -> AppFailure {
    AppFailure::not_found("There is no such template.")
}

fn name_taken() -> AppFailure {
    AppFailure::conflict("Another of your templates has this name. Choose another name.")
        .with_detail("reason", "NAME_TAKEN")
}

fn changed_meanwhile() -> AppFailure {
    AppFailure::conflict(
        "Somebody changed this template meanwhile. Read it again, then repeat your change.",
    )
    .with_detail("reason", "TEMPLATE_CHANGED")
}
