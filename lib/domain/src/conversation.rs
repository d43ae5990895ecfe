//! Conversations: tenant × channel × contact.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId, UserId},
    message::Button,
};

/// A thread between a channel and a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Follows from channel and contact.
    pub id: ConversationId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// The contact.
    pub contact: ContactId,
    /// When it last moved.
    pub last_message_at: Timestamp,
    /// First characters of the last message.
    pub preview: String,
    /// Inbound messages nobody read yet.
    pub unread: u32,
    /// When the contact last wrote: opens the 24-hour window where a provider has one.
    pub last_inbound_at: Option<Timestamp>,
    /// The last message with buttons: a press may come back as the bare title.
    pub prompt: Option<Prompt>,
    /// Whether it is put away.
    pub archived: bool,
    /// The user who takes care of it.
    pub assigned_to: Option<UserId>,
    /// Threads of contacts that turned out to be this person: read together with this one.
    pub also: Vec<ConversationId>,
    /// The thread this one was joined to, if it was.
    pub joined: Option<ConversationId>,
}

impl Conversation {
    /// All threads that are read as this conversation.
    #[must_use]
    pub fn threads(&self) -> Vec<ConversationId> {
        let mut threads = vec![self.id];
        threads.extend(self.also.iter().copied().filter(|other| *other != self.id));
        threads
    }

    /// Since when the person waits for an answer: their last message, if nothing of ours came after it.
    #[must_use]
    pub fn waits_since(&self) -> Option<Timestamp> {
        self.last_inbound_at
            .filter(|at| *at >= self.last_message_at)
    }

    /// Whether free text may be sent where a provider has a 24-hour window (X45).
    #[must_use]
    pub fn window_open(&self, now: Timestamp) -> bool {
        self.last_inbound_at.is_some_and(|at| at + WINDOW > now)
    }
}

/// How long after a person's last message a provider with a window lets free text through.
pub const WINDOW: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The last message with buttons of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Which message.
    pub message: MessageId,
    /// Its buttons.
    pub buttons: Vec<Button>,
}

impl Prompt {
    /// The button whose title is exactly this text, spaces around it aside.
    #[must_use]
    pub fn pressed(&self, text: &str) -> Option<&Button> {
        self.buttons.iter().find(|b| b.title.trim() == text.trim())
    }
}

/// What accepting an outbound message changes in its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// Which conversation.
    pub id: ConversationId,
    /// Now.
    pub at: Timestamp,
    /// First characters of the message.
    pub preview: String,
    /// Set when the message has buttons.
    pub prompt: Option<Prompt>,
}
