//! Settings, and everything that accepting and sending a message reads and writes.

use std::future::Future;

use jiff::{Timestamp, civil::Date};

use super::AuditEntry;
use crate::{
    channel::{AuthStatus, Channel, ChannelKey, HealthNote, PlatformApp},
    contact::{Alias, Contact},
    conversation::Touch,
    failure::StoreFailure,
    ids::{ChannelId, ContactId, JobId, MessageId, TenantId},
    job::Job,
    message::{Message, Payload},
    notice::Notice,
    provider::ProviderKind,
    settings::Settings,
    tenant::Tenant,
};

/// Settings of one tenant.
pub trait Directory: Send + Sync {
    /// The tenant with its settings and plan.
    fn tenant(
        &self,
        id: TenantId,
    ) -> impl Future<Output = Result<Option<Tenant>, StoreFailure>> + Send;

    /// One of its channels.
    fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> impl Future<Output = Result<Option<Channel>, StoreFailure>> + Send;

    /// All channels of a tenant, in the order they were made.
    fn channels(
        &self,
        tenant: TenantId,
    ) -> impl Future<Output = Result<Vec<Channel>, StoreFailure>> + Send;

    /// Notes what a provider said of a channel, unless something newer is known.
    fn note_health(
        &self,
        tenant: TenantId,
        id: ChannelId,
        note: &HealthNote,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Notes that a channel's login changed, unless something newer is known.
    fn channel_auth(
        &self,
        tenant: TenantId,
        id: ChannelId,
        auth: AuthStatus,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}

/// Settings as people change them.
pub trait SettingsBook: Send + Sync {
    /// Replaces a tenant's settings if nobody did since they were read, except the default channel, and
    /// notes who did it.
    fn save_settings(
        &self,
        tenant: TenantId,
        settings: &Settings,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Looks across tenants, for the one function that starts from a webhook URL.
pub trait ChannelKeys: Send + Sync {
    /// The channel whose webhook URL has this key.
    fn channel_by_key(
        &self,
        key: &ChannelKey,
    ) -> impl Future<Output = Result<Option<Channel>, StoreFailure>> + Send;

    /// The channel that a provider calls so.
    fn channel_by_ref(
        &self,
        provider: ProviderKind,
        provider_ref: &str,
    ) -> impl Future<Output = Result<Option<Channel>, StoreFailure>> + Send;

    /// The channels of a provider's account; all belong to one tenant.
    fn channels_of_account(
        &self,
        provider: ProviderKind,
        account: &str,
    ) -> impl Future<Output = Result<Vec<Channel>, StoreFailure>> + Send;

    /// The platform's own app at Meta; empty when none is set up.
    fn platform_app(&self) -> impl Future<Output = Result<PlatformApp, StoreFailure>> + Send;
}

/// Contacts of a tenant.
pub trait Contacts: Send + Sync {
    /// The contact known by this alias, wherever the alias leads.
    fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> impl Future<Output = Result<Option<Contact>, StoreFailure>> + Send;

    /// The contact with this id, or the one it was merged into.
    fn contact_by_id(
        &self,
        tenant: TenantId,
        id: ContactId,
    ) -> impl Future<Output = Result<Option<Contact>, StoreFailure>> + Send;

    /// Writes a contact if nobody wrote it since it was read (version 0: if it is new), gives it the
    /// slots of `claimed` (each in its `aliases` already), and notes who did it; all or nothing.
    /// [`Saved::Stale`] also when a claimed alias is somebody else's. Raises the version.
    fn save_contact(
        &self,
        contact: &mut Contact,
        claimed: &[Alias],
        audit: Option<&AuditEntry>,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Everything that accepting one message writes: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The job of one.
    pub job: Job,
    /// The message, at version 0; stored as version 1.
    pub message: Message,
    /// What it says and the exact request.
    pub payload: Payload,
    /// The contact, when it is a new one.
    pub new_contact: Option<Contact>,
    /// What changes in the conversation.
    pub touch: Touch,
    /// The day's limit of the tenant's plan; the write is refused when it is reached.
    pub daily_limit: u32,
    /// The caller's idempotency key, if one came.
    pub idempotency: Option<IdempotencyRecord>,
    /// Who did what.
    pub audit: AuditEntry,
}

/// What an idempotency key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Hash of route and key.
    pub key: String,
    /// Hash of the body that came with it.
    pub request: String,
    /// The job that came of it.
    pub job: JobId,
    /// The message that came of it.
    pub message: MessageId,
    /// From then on the key is free again, whether the item is still there or not.
    pub expires_at: Timestamp,
}

/// What came of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// Everything is stored.
    Done,
    /// The key was used before; nothing was stored.
    Repeated(IdempotencyRecord),
    /// The day's limit is reached; nothing was stored.
    LimitReached,
}

/// Stores acceptances.
pub trait Acceptances: Send + Sync {
    /// What a live idempotency key stands for.
    fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<IdempotencyRecord>, StoreFailure>> + Send;

    /// Stores all of it or nothing.
    fn commit(
        &self,
        acceptance: &Acceptance,
    ) -> impl Future<Output = Result<Committed, StoreFailure>> + Send;

    /// How many messages count against a day's limit.
    fn used(
        &self,
        tenant: TenantId,
        day: Date,
    ) -> impl Future<Output = Result<u32, StoreFailure>> + Send;
}

/// What came of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Written.
    Done,
    /// Somebody else was first: read again.
    Stale,
}

/// Messages of one tenant.
pub trait Messages: Send + Sync {
    /// The message as of now (strongly consistent).
    fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> impl Future<Output = Result<Option<Message>, StoreFailure>> + Send;

    /// What it says and its exact request.
    fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> impl Future<Output = Result<Option<Payload>, StoreFailure>> + Send;

    /// Writes the message if nobody wrote it since it was read, with the notice its failure calls
    /// for in the same transaction. On [`Saved::Done`] the version is raised here too.
    fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Writes a cancelled message, gives its place in the day's limit back and notes who did it, all or nothing.
    fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Writes a message somebody asked to send again, and notes who did it.
    fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}
