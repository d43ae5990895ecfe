//! Templates: a company's own, and what its providers list.

use std::future::Future;

use jiff::Timestamp;

use super::{AuditEntry, Page, Saved};
use crate::{
    failure::StoreFailure,
    ids::{TemplateId, TenantId},
    message::MessageType,
    provider::{ProviderKind, TemplateItem},
    template::{ListedTemplate, OwnTemplate, ProviderTemplate, TemplateSync},
};

/// What came of writing a template of a company's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is written.
    Done,
    /// Somebody changed it since it was read.
    Stale,
    /// Another template of the company has its name.
    NameTaken,
}

/// Which of a company's own templates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// Those of this type alone.
    pub message_type: Option<MessageType>,
    /// Those switched on, or off, alone.
    pub active: Option<bool>,
}

/// A company's own templates. Each change is a version of its own, kept for ever.
pub trait OwnTemplates: Send + Sync {
    /// Writes a new template with its first version, and notes who did it.
    fn make_template(
        &self,
        template: &OwnTemplate,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Kept, StoreFailure>> + Send;

    /// Writes a template if it is still what `before` says, as the version after that, and notes who did
    /// it; `after` already has the next version.
    fn change_template(
        &self,
        before: &OwnTemplate,
        after: &OwnTemplate,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Kept, StoreFailure>> + Send;

    /// Takes a template away if it is still what was read; its name is free then. Its versions stay.
    fn delete_template(
        &self,
        template: &OwnTemplate,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// A template (strongly consistent).
    fn own_template(
        &self,
        tenant: TenantId,
        id: TemplateId,
    ) -> impl Future<Output = Result<Option<OwnTemplate>, StoreFailure>> + Send;

    /// Templates by name.
    fn own_templates(
        &self,
        tenant: TenantId,
        filter: TemplateFilter,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<OwnTemplate>, StoreFailure>> + Send;

    /// Versions of a template, newest first, also of one that was taken away.
    fn template_versions(
        &self,
        tenant: TenantId,
        id: TemplateId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<OwnTemplate>, StoreFailure>> + Send;
}

/// Templates of providers, as far as they are known.
pub trait ProviderTemplates: Send + Sync {
    /// Notes a change that a webhook told, unless something newer of the same kind is known.
    fn note_template(
        &self,
        tenant: TenantId,
        account: &str,
        change: &TemplateItem,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// What is known of a template.
    fn template(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
        language: &str,
    ) -> impl Future<Output = Result<Option<ProviderTemplate>, StoreFailure>> + Send;

    /// What is known of a template in each of its languages, by language.
    fn template_languages(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
    ) -> impl Future<Output = Result<Vec<ProviderTemplate>, StoreFailure>> + Send;
}

/// What came of writing a template that a provider listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    /// It was not known.
    Added,
    /// It was known otherwise.
    Changed,
    /// It was known so; nothing was written.
    Unchanged,
}

/// Templates of providers, as lists of theirs are brought in and people read them.
pub trait TemplateBook: Send + Sync {
    /// Brings in what a list showed that was asked for at `at`. Status, category and quality of which
    /// something newer is known stay as they are.
    fn sync_template(
        &self,
        tenant: TenantId,
        account: &str,
        listed: &ListedTemplate,
        at: Timestamp,
    ) -> impl Future<Output = Result<Synced, StoreFailure>> + Send;

    /// Notes that a list asked for at `at` no longer holds a template. False when something of it was
    /// heard since, or it was known to be gone already.
    fn miss_template(
        &self,
        template: &ProviderTemplate,
        tenant: TenantId,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreFailure>> + Send;

    /// Templates by name, then language: all, or those that may be sent.
    fn templates(
        &self,
        tenant: TenantId,
        approved: bool,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<ProviderTemplate>, StoreFailure>> + Send;

    /// Notes what came of a sync.
    fn note_sync(
        &self,
        tenant: TenantId,
        account: &str,
        sync: &TemplateSync,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// What came of the last sync of an account.
    fn last_sync(
        &self,
        tenant: TenantId,
        account: &str,
    ) -> impl Future<Output = Result<Option<TemplateSync>, StoreFailure>> + Send;
}

/// Providers' accounts of all tenants, for the one function that looks after all of them.
pub trait Accounts: Send + Sync {
    /// Accounts of a provider with the tenants they belong to.
    fn accounts(
        &self,
        provider: ProviderKind,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<(TenantId, String)>, StoreFailure>> + Send;
}
