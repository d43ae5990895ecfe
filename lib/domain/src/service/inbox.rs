//! Conversations as agents work with them: lists, threads, reading, assigning, putting away.

use crate::{
    channel::Channel,
    contact::Contact,
    conversation::Conversation,
    failure::{AppFailure, FieldProblem},
    ids::{ChannelId, ConversationId, MessageId, UserId},
    message::{InboundMessage, MediaCopy},
    ports::{
        AuditEntry, Clock, ContactBook, Contacts, Conversations, Directory, Inbox, MediaFiles,
        Page, Saved, ThreadItem,
    },
    principal::Principal,
    service::{contacts, merge::standing},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What working with conversations needs.
#[derive(Debug)]
pub struct InboxDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

/// A conversation with the people and numbers in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// The person; none when only the number of a message is left.
    pub contact: Option<Contact>,
    /// The tenant's number.
    pub channel: Option<Channel>,
}

/// Which conversations are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only of this channel.
    pub account: Option<ChannelId>,
    /// Those put away, rather than those at work.
    pub archived: bool,
    /// Only with a person whose name or number begins like this.
    pub search: Option<String>,
}

impl<S, C> InboxDesk<'_, S, C>
where
    S: Directory + Contacts + ContactBook + Conversations + Inbox,
    C: Clock,
{
    /// Channels in use: the default one first, then in the order they were made (S4.37).
    ///
    /// # Errors
    /// Storage failures.
    pub async fn accounts(
        &self,
        principal: &Principal,
    ) -> Result<Vec<(Channel, bool)>, AppFailure> {
        let tenant = self.store.tenant(principal.tenant()).await?;
        let default = tenant.and_then(|t| t.settings.default_channel);
        let channels = self.store.channels(principal.tenant()).await?;
        let mut accounts: Vec<_> = channels
            .into_iter()
            .filter(|channel| channel.active)
            .map(|channel| (default == Some(channel.id), channel))
            .map(|(is_default, channel)| (channel, is_default))
            .collect();
        accounts.sort_by_key(|(_, is_default)| !is_default);
        Ok(accounts)
    }

    /// Conversations: newest first, then by id.
    ///
    /// # Errors
    /// `NOT_FOUND` for an account that is not this tenant's.
    pub async fn conversations(
        &self,
        principal: &Principal,
        wanted: &Wanted,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ConversationView>, AppFailure> {
        let tenant = principal.tenant();
        let channels = self.store.channels(tenant).await?;
        let ids: Vec<_> = match wanted.account {
            Some(account) if channels.iter().any(|c| c.id == account) => vec![account],
            Some(_) => return Err(AppFailure::not_found("There is no such account.")),
            None => channels.iter().map(|channel| channel.id).collect(),
        };
        let search = wanted.search.as_deref().filter(|s| !s.trim().is_empty());
        let page = match search {
            None => {
                self.store
                    .conversations(tenant, wanted.archived, &ids, after, limit)
                    .await?
            }
            Some(search) => {
                self.searched(principal, search, wanted.archived, &ids, after, limit)
                    .await?
            }
        };
        let mut items = Vec::with_capacity(page.items.len());
        for conversation in page.items {
            items.push(self.view(conversation, &channels).await?);
        }
        Ok(Page {
            items,
            next: page.next,
        })
    }

    /// Conversations with the people a search finds. What matches is read whole: it is bounded by
    /// [`contacts::MOST_FOUND`].
    async fn searched(
        &self,
        principal: &Principal,
        search: &str,
        archived: bool,
        channels: &[ChannelId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Conversation>, AppFailure> {
        let tenant = principal.tenant();
        let people = contacts::found(self.store, tenant, search).await?;
        let ids: Vec<_> = people
            .iter()
            .flat_map(|person| {
                channels
                    .iter()
                    .map(|channel| ConversationId::of(*channel, person.id))
            })
            .collect();
        let mut found = self.store.conversations_by_id(tenant, &ids).await?;
        found.retain(|c| c.archived == archived && c.joined.is_none());
        found.sort_by(|a, b| {
            b.last_message_at
                .cmp(&a.last_message_at)
                .then(a.id.cmp(&b.id))
        });
        // The cursor is the place of the last one shown, so that new messages shift nothing.
        let place =
            |c: &Conversation| format!("{}#{}", c.last_message_at.as_microsecond(), c.id.key());
        if let Some((at, id)) = after.and_then(|after| after.split_once('#')) {
            let at: i64 = at.parse().unwrap_or(i64::MAX);
            found.retain(|c| {
                let own = c.last_message_at.as_microsecond();
                own < at || own == at && c.id.key().as_str() > id
            });
        }
        let more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        Ok(Page {
            next: found.last().filter(|_| more).map(place),
            items: found,
        })
    }

    async fn view(
        &self,
        conversation: Conversation,
        channels: &[Channel],
    ) -> Result<ConversationView, AppFailure> {
        let contact = self
            .store
            .contact_by_id(conversation.tenant, conversation.contact)
            .await?;
        let channel = channels.iter().find(|c| c.id == conversation.channel);
        Ok(ConversationView {
            contact,
            channel: channel.cloned(),
            conversation,
        })
    }

    /// A conversation with its person and number.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another tenant's conversation.
    pub async fn details(
        &self,
        principal: &Principal,
        id: ConversationId,
    ) -> Result<ConversationView, AppFailure> {
        let conversation = find(self.store, principal, id).await?;
        let channels = self.store.channels(principal.tenant()).await?;
        self.view(conversation, &channels).await
    }

    /// The messages of a conversation, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another tenant's conversation.
    pub async fn thread(
        &self,
        principal: &Principal,
        id: ConversationId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ThreadItem>, AppFailure> {
        let conversation = find(self.store, principal, id).await?;
        let threads = conversation.threads();
        Ok(self
            .store
            .thread(principal.tenant(), &threads, after, limit)
            .await?)
    }

    /// Marks a conversation read (S4.41).
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it keeps changing.
    pub async fn mark_read(
        &self,
        principal: &Principal,
        id: ConversationId,
    ) -> Result<Conversation, AppFailure> {
        self.change(principal, id, "mark_read", |conversation| {
            conversation.unread = 0;
        })
        .await
    }

    /// Gives a conversation to a user, or to nobody (S4.42).
    ///
    /// # Errors
    /// VALIDATION for a name no user has the form of; `NOT_FOUND`.
    pub async fn assign(
        &self,
        principal: &Principal,
        id: ConversationId,
        to: Option<&str>,
    ) -> Result<Conversation, AppFailure> {
        let to = match to.map(str::trim) {
            None => None,
            Some(name) if (1..=128).contains(&name.len()) && UserId::new(name).as_str() == name => {
                Some(UserId::new(name))
            }
            Some(_) => {
                return Err(AppFailure::validation(
                    "This is no user.",
                    vec![FieldProblem::new(
                        "assigned_to",
                        "FORMAT",
                        "give the user's id, or null for nobody",
                    )],
                ));
            }
        };
        let action = if to.is_some() { "assign" } else { "unassign" };
        self.change(principal, id, action, |conversation| {
            conversation.assigned_to.clone_from(&to);
        })
        .await
    }

    /// Puts a conversation away, or takes it back (S4.43).
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it keeps changing.
    pub async fn archive(
        &self,
        principal: &Principal,
        id: ConversationId,
        archived: bool,
    ) -> Result<Conversation, AppFailure> {
        let action = if archived { "archive" } else { "unarchive" };
        self.change(principal, id, action, |conversation| {
            conversation.archived = archived;
        })
        .await
    }

    async fn change(
        &self,
        principal: &Principal,
        id: ConversationId,
        action: &'static str,
        change: impl Fn(&mut Conversation) + Send + Sync,
    ) -> Result<Conversation, AppFailure> {
        for _ in 0..TRIES {
            let before = find(self.store, principal, id).await?;
            let mut after = before.clone();
            change(&mut after);
            if after == before {
                return Ok(after);
            }
            let now = self.clock.now();
            let audit = AuditEntry::new(principal.user(), "conversations", action, after.id, now);
            let audit = differences(audit, &before, &after);
            if self
                .store
                .save_conversation(&before, &after, &audit)
                .await?
                == Saved::Done
            {
                return Ok(after);
            }
        }
        Err(AppFailure::conflict(
            "The conversation is changing right now. Please try again in a moment.",
        )
        .with_detail("reason", "BUSY"))
    }

    /// A short-lived link to the copy of a file in a conversation.
    ///
    /// # Errors
    /// `NOT_FOUND` for a message of another tenant or conversation, or one without a file; CONFLICT
    /// while it is being copied or when it was not kept, with the reason.
    pub async fn file_link<M: MediaFiles>(
        &self,
        files: &M,
        principal: &Principal,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<String, AppFailure> {
        let nothing = || AppFailure::not_found("There is no such file.");
        let threads = find(self.store, principal, conversation).await?.threads();
        let message: InboundMessage = self
            .store
            .inbound(principal.tenant(), id)
            .await?
            .filter(|message| threads.contains(&message.conversation))
            .ok_or_else(nothing)?;
        match &message.copy {
            None => Err(nothing()),
            Some(MediaCopy::Wanted { .. }) => Err(AppFailure::conflict(
                "The file is still being copied. Please try again in a moment.",
            )
            .with_detail("reason", "NOT_YET")),
            Some(MediaCopy::Refused { code, reason }) => Err(AppFailure::conflict(format!(
                "The file was not kept: {reason}"
            ))
            .with_detail("reason", code.clone())),
            Some(MediaCopy::Stored { key, mime, .. }) => {
                let name = message.file_name();
                Ok(files.link(key, &name, mime).await?)
            }
        }
    }
}

/// A conversation, or the one it was joined to.
///
/// # Errors
/// `NOT_FOUND`, also for another tenant's conversation.
pub(super) async fn find<S: Inbox>(
    store: &S,
    principal: &Principal,
    id: ConversationId,
) -> Result<Conversation, AppFailure> {
    let found = standing(store, principal.tenant(), id).await?;
    found.ok_or_else(|| AppFailure::not_found("There is no such conversation."))
}

fn differences(audit: AuditEntry, before: &Conversation, after: &Conversation) -> AuditEntry {
    let user = |user: &Option<UserId>| user.as_ref().map_or("", UserId::as_str).to_owned();
    let status = |archived: bool| if archived { "archived" } else { "active" };
    let mut audit = audit;
    if before.unread != after.unread {
        audit = audit.changed("unread", before.unread, after.unread);
    }
    if before.assigned_to != after.assigned_to {
        let (was, is) = (user(&before.assigned_to), user(&after.assigned_to));
        audit = audit.changed("assigned_to", was, is);
    }
    if before.archived != after.archived {
        audit = audit.changed("status", status(before.archived), status(after.archived));
    }
    audit
}
