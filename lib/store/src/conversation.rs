//! Conversations: their stored shape, and how they are listed and read. Whether one is put away is told
//! by the partition it is listed in; one that was joined to another is listed nowhere.

mod changing;
mod moving;

use domain::{
    conversation::{Conversation, Prompt},
    failure::StoreFailure,
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId, UserId},
    message::Button,
    ports::{AuditEntry, Conversations, Page, Saved, ThreadItem},
};
use serde::Deserialize;

pub(crate) use self::{
    changing::{join, take_in},
    moving::{Aim, receive, touch},
};
use crate::{
    Store,
    keys::{Form, Key, TenantKeys, conversation_of},
    list::each,
    shape::{Id, Item, When, corrupt, read},
    table::{Read, TenantTable, key_of},
};

#[derive(Debug, Deserialize)]
struct ConversationItem {
    /// Where it is listed.
    #[serde(default)]
    lp: Option<String>,
    /// Channel.
    c: Id,
    /// Contact.
    k: Id,
    /// When it last moved.
    m: When,
    /// Preview.
    w: String,
    /// Unread.
    #[serde(default)]
    u: u32,
    /// When the contact last wrote.
    #[serde(default)]
    i: Option<When>,
    /// The last message with buttons.
    #[serde(default)]
    b: Option<PromptItem>,
    /// Who takes care of it.
    #[serde(default)]
    o: Option<String>,
    /// Threads read together with it.
    #[serde(default)]
    al: Vec<Id>,
    /// The thread it was joined to.
    #[serde(default)]
    j: Option<Id>,
}

#[derive(Debug, Deserialize)]
struct PromptItem {
    m: Id,
    b: Vec<ButtonItem>,
}

#[derive(Debug, Deserialize)]
struct ButtonItem {
    i: String,
    t: String,
}

impl ConversationItem {
    fn conversation(self, tenant: TenantId, id: ConversationId) -> Conversation {
        let channel = ChannelId::from_uuid(self.c.0);
        let archive = TenantKeys::new(tenant).conversations_of(true, channel);
        let thread = |Id(uuid)| ConversationId::from_uuid(uuid);
        Conversation {
            id,
            tenant,
            channel,
            contact: ContactId::from_uuid(self.k.0),
            last_message_at: self.m.0,
            preview: self.w,
            unread: self.u,
            last_inbound_at: self.i.map(|When(at)| at),
            prompt: self.b.map(|prompt| Prompt {
                message: MessageId::from_uuid(prompt.m.0),
                buttons: prompt
                    .b
                    .into_iter()
                    .map(|button| Button {
                        id: button.i,
                        title: button.t,
                    })
                    .collect(),
            }),
            archived: self.lp.as_ref() == Some(&archive),
            assigned_to: self.o.as_deref().map(UserId::new),
            also: self.al.into_iter().map(thread).collect(),
            joined: self.j.map(thread),
        }
    }
}

/// Reads a conversation from its item.
fn conversation(operation: &'static str, item: Item) -> Result<Conversation, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = conversation_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    Ok(read::<ConversationItem>(operation, item)?.conversation(tenant, id))
}

impl TenantTable<'_> {
    pub(crate) async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        const OPERATION: &str = "conversation.read";
        // Strong: a button press may be matched against the prompt a moment after it was sent.
        let item = self
            .item(OPERATION, &self.keys().conversation(id), Read::Strong)
            .await?;
        item.map(|item| conversation(OPERATION, item)).transpose()
    }

    async fn conversations(
        &self,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Conversation>, StoreFailure> {
        const OPERATION: &str = "conversations.list";
        let mut partitions: Vec<String> = channels
            .iter()
            .map(|channel| self.keys().conversations_of(archived, *channel))
            .collect();
        partitions.sort();
        partitions.dedup();
        let page = self
            .page_of(OPERATION, Form::Newest, &partitions, after, limit)
            .await?;
        let mut page = each(page, |item| conversation(OPERATION, item))?;
        // The index lags: what was put away, brought back or joined meanwhile belongs elsewhere.
        page.items
            .retain(|one| one.archived == archived && one.joined.is_none());
        Ok(page)
    }

    async fn conversations_by_id(
        &self,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreFailure> {
        const OPERATION: &str = "conversations.read";
        let keys: Vec<Key> = ids.iter().map(|id| self.keys().conversation(*id)).collect();
        let items = self.get_all(OPERATION, &keys, Read::Strong).await?;
        items
            .into_iter()
            .map(|item| conversation(OPERATION, item))
            .collect()
    }
}

impl Conversations for Store {
    async fn conversations(
        &self,
        tenant: TenantId,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Conversation>, StoreFailure> {
        self.tenant(tenant)
            .conversations(archived, channels, after, limit)
            .await
    }

    async fn conversations_by_id(
        &self,
        tenant: TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreFailure> {
        self.tenant(tenant).conversations_by_id(ids).await
    }

    async fn thread(
        &self,
        tenant: TenantId,
        threads: &[ConversationId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ThreadItem>, StoreFailure> {
        self.tenant(tenant).thread(threads, after, limit).await
    }

    async fn save_conversation(
        &self,
        before: &Conversation,
        after: &Conversation,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.tenant(before.tenant)
            .save_conversation(before, after, audit)
            .await
    }
}
