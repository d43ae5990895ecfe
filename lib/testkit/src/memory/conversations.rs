//! Conversations as people read and change them.

use domain::{
    conversation::Conversation,
    failure::StoreFailure,
    ids::{ChannelId, ConversationId, TenantId},
    ports::{AuditEntry, Conversations, Page, Saved, ThreadItem},
};

use super::{
    MemoryStore, State,
    page::{newest_first, page},
};

impl Conversations for MemoryStore {
    async fn conversations(
        &self,
        tenant: TenantId,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Conversation>, StoreFailure> {
        const OPERATION: &str = "conversations.list";
        self.run(OPERATION, |s| {
            let rows = s
                .conversations
                .values()
                .filter(|c| c.tenant == tenant && c.archived == archived)
                // What was joined to another thread is read there.
                .filter(|c| c.joined.is_none() && channels.contains(&c.channel))
                .map(|c| (newest_first(c.last_message_at, c.id.uuid()), c.clone()))
                .collect();
            page(OPERATION, tenant, rows, after, limit)
        })?
    }

    async fn conversations_by_id(
        &self,
        tenant: TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreFailure> {
        self.run("conversations.by_id", |s| {
            let find = |id: &ConversationId| s.conversations.get(&(tenant, *id)).cloned();
            ids.iter().filter_map(find).collect()
        })
    }

    async fn thread(
        &self,
        tenant: TenantId,
        threads: &[ConversationId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ThreadItem>, StoreFailure> {
        const OPERATION: &str = "conversations.thread";
        self.run(OPERATION, |s| {
            let rows = s.thread(tenant, threads);
            page(OPERATION, tenant, rows, after, limit)
        })?
    }

    async fn save_conversation(
        &self,
        before: &Conversation,
        after: &Conversation,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("conversations.save", |s| {
            let Some(stored) = s.conversations.get_mut(&(before.tenant, before.id)) else {
                return Saved::Stale;
            };
            let same = stored.unread == before.unread
                && stored.archived == before.archived
                && stored.assigned_to == before.assigned_to;
            if !same {
                return Saved::Stale;
            }
            stored.unread = after.unread;
            stored.archived = after.archived;
            stored.assigned_to.clone_from(&after.assigned_to);
            s.audit.push((before.tenant, audit.clone()));
            Saved::Done
        })
    }
}

impl State {
    fn thread(&self, tenant: TenantId, threads: &[ConversationId]) -> Vec<(String, ThreadItem)> {
        let ours = self
            .messages
            .iter()
            .filter(|(key, m)| key.0 == tenant && threads.contains(&m.conversation))
            .filter_map(|(_, m)| {
                let content = self.said(m)?;
                let item = ThreadItem::Outbound(Box::new((m.clone(), content)));
                Some((newest_first(m.created_at, m.id.uuid()), item))
            });
        let theirs = self
            .inbound
            .iter()
            .filter(|(key, m)| key.0 == tenant && threads.contains(&m.conversation))
            .map(|(_, m)| {
                let item = ThreadItem::Inbound(Box::new(m.clone()));
                (newest_first(m.at, m.id.uuid()), item)
            });
        ours.chain(theirs).collect()
    }
}
