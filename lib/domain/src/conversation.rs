//! Conversations: tenant × channel × contact.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId},
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
}

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
