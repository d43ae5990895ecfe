//! What a replay reads as it stands: everything that no webhook's status or message is.

use jiff::{Timestamp, civil::Date};

use super::shadow::Shadow;
use crate::{
    channel::{AuthStatus, Channel, ChannelKey, HealthNote, PlatformApp},
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    ports::{
        Acceptance, Acceptances, AuditEntry, ChannelKeys, Committed, ContactBook, Contacts,
        Conversations, Directory, IdempotencyRecord, Journal, Merger, Page, ProviderTemplates,
        Saved, ThreadItem,
    },
    provider::{ProviderKind, TemplateItem},
    template::ProviderTemplate,
    tenant::Tenant,
    webhook::{JournalEntry, JournalKey},
};

impl<S: Directory> Directory for Shadow<'_, S> {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreFailure> {
        let mut tenant = self.store.tenant(id).await?;
        if let Some(tenant) = &mut tenant {
            // Nobody is answered in a replay.
            tenant.settings.auto_reply = false;
        }
        Ok(tenant)
    }

    async fn channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.store.channel(tenant, id).await
    }

    async fn channels(&self, tenant: TenantId) -> Result<Vec<Channel>, StoreFailure> {
        self.store.channels(tenant).await
    }

    async fn note_health(
        &self,
        _tenant: TenantId,
        _id: ChannelId,
        _note: &HealthNote,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn channel_auth(
        &self,
        _tenant: TenantId,
        _id: ChannelId,
        _auth: AuthStatus,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }
}

impl<S: ChannelKeys> ChannelKeys for Shadow<'_, S> {
    async fn channel_by_key(&self, key: &ChannelKey) -> Result<Option<Channel>, StoreFailure> {
        self.store.channel_by_key(key).await
    }

    async fn channel_by_ref(
        &self,
        provider: ProviderKind,
        provider_ref: &str,
    ) -> Result<Option<Channel>, StoreFailure> {
        self.store.channel_by_ref(provider, provider_ref).await
    }

    async fn channels_of_account(
        &self,
        provider: ProviderKind,
        account: &str,
    ) -> Result<Vec<Channel>, StoreFailure> {
        self.store.channels_of_account(provider, account).await
    }

    async fn platform_app(&self) -> Result<PlatformApp, StoreFailure> {
        self.store.platform_app().await
    }
}

impl<S: Contacts> Contacts for Shadow<'_, S> {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        self.store.contact(tenant, alias).await
    }

    async fn contact_by_id(
        &self,
        tenant: TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreFailure> {
        self.store.contact_by_id(tenant, id).await
    }

    async fn save_contact(
        &self,
        _contact: &mut Contact,
        _claimed: &[Alias],
        _audit: Option<&AuditEntry>,
    ) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }
}

impl<S: ContactBook> ContactBook for Shadow<'_, S> {
    async fn contacts(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Contact>, StoreFailure> {
        self.store.contacts(tenant, after, limit).await
    }

    async fn find_contacts(
        &self,
        tenant: TenantId,
        prefix: &str,
        limit: u16,
    ) -> Result<Vec<Contact>, StoreFailure> {
        self.store.find_contacts(tenant, prefix, limit).await
    }

    async fn merge_contacts(&self, _merger: &Merger) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }
}

impl<S: Conversations> Conversations for Shadow<'_, S> {
    async fn conversations(
        &self,
        tenant: TenantId,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Conversation>, StoreFailure> {
        self.store
            .conversations(tenant, archived, channels, after, limit)
            .await
    }

    async fn conversations_by_id(
        &self,
        tenant: TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreFailure> {
        self.store.conversations_by_id(tenant, ids).await
    }

    async fn thread(
        &self,
        tenant: TenantId,
        threads: &[ConversationId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ThreadItem>, StoreFailure> {
        self.store.thread(tenant, threads, after, limit).await
    }

    async fn save_conversation(
        &self,
        _before: &Conversation,
        _after: &Conversation,
        _audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        Ok(Saved::Done)
    }
}

impl<S: Journal> Journal for Shadow<'_, S> {
    async fn write(&self, _entry: &JournalEntry) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn entry(&self, key: &JournalKey) -> Result<Option<JournalEntry>, StoreFailure> {
        self.store.entry(key).await
    }

    async fn entries(
        &self,
        tenant: TenantId,
        day: Date,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<JournalEntry>, StoreFailure> {
        self.store.entries(tenant, day, after, limit).await
    }
}

impl<S: ProviderTemplates> ProviderTemplates for Shadow<'_, S> {
    async fn note_template(
        &self,
        _tenant: TenantId,
        _account: &str,
        _change: &TemplateItem,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }

    async fn template(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
        language: &str,
    ) -> Result<Option<ProviderTemplate>, StoreFailure> {
        self.store.template(tenant, account, name, language).await
    }

    async fn template_languages(
        &self,
        tenant: TenantId,
        account: &str,
        name: &str,
    ) -> Result<Vec<ProviderTemplate>, StoreFailure> {
        self.store.template_languages(tenant, account, name).await
    }
}

impl<S: Acceptances> Acceptances for Shadow<'_, S> {
    async fn repeated(
        &self,
        tenant: TenantId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreFailure> {
        self.store.repeated(tenant, key, now).await
    }

    async fn commit(&self, _acceptance: &Acceptance) -> Result<Committed, StoreFailure> {
        Ok(Committed::Done)
    }

    async fn used(&self, tenant: TenantId, day: Date) -> Result<u32, StoreFailure> {
        self.store.used(tenant, day).await
    }
}
