//! One inbound message of a conversation: written once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ReplyKind;
use crate::ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId};

/// A message somebody sent to a tenant, or that a tenant's own phone sent outside of Waypost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// Derived from what the provider calls it, so a repeated webhook names the same message.
    pub id: MessageId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The number it came to.
    pub channel: ChannelId,
    /// The thread it stands in.
    pub conversation: ConversationId,
    /// The person.
    pub contact: ContactId,
    /// What the provider calls it.
    pub provider_id: String,
    /// Whether the tenant's own phone sent it (an echo), rather than the person.
    pub from_us: bool,
    /// The provider's time: orders the thread.
    pub at: Timestamp,
    /// When it came to us.
    pub arrived_at: Timestamp,
    /// What it says.
    pub content: InboundContent,
    /// The outbound message it answers, once known.
    pub answers: Option<Answers>,
}

/// The outbound message that an inbound one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// What the provider calls the outbound message, when the answer quotes it.
    pub quoted: Option<String>,
    /// Our own id, when it was found by the title of a button.
    pub message: Option<MessageId>,
    /// How.
    pub kind: ReplyKind,
    /// The pressed button's id without the provider's prefix.
    pub button_id: Option<String>,
    /// The pressed title, or the first characters of the text.
    pub title: String,
}

/// What an inbound message says. Types nobody has seen yet become [`InboundContent::Other`]:
/// visible placeholders, never errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InboundContent {
    /// Text, a pressed button's title included.
    Text {
        /// The text.
        body: String,
    },
    /// A picture, video, sound or file.
    Media {
        /// `image`, `video`, `audio`, `voice`, `document`, `sticker`.
        media: String,
        /// The provider's id of the file.
        media_id: Option<String>,
        /// Where the provider offers it, for a while.
        link: Option<String>,
        /// Its type.
        mime_type: Option<String>,
        /// Its name.
        filename: Option<String>,
        /// The text below it.
        caption: Option<String>,
    },
    /// A place.
    Location {
        /// Degrees as the provider wrote them.
        latitude: String,
        /// Degrees as the provider wrote them.
        longitude: String,
        /// Its name.
        name: Option<String>,
    },
    /// A reaction to another message; an empty emoji takes it back.
    Reaction {
        /// What the provider calls the other message.
        to: String,
        /// The emoji.
        emoji: String,
    },
    /// Anything else: shown with its name.
    Other {
        /// The provider's word for it.
        name: String,
    },
}

impl InboundContent {
    /// The first 80 characters a person would read.
    #[must_use]
    pub fn preview(&self) -> String {
        let text = match self {
            Self::Text { body } => body.clone(),
            Self::Media {
                media,
                caption,
                filename,
                ..
            } => caption
                .clone()
                .or_else(|| filename.clone())
                .unwrap_or_else(|| format!("[{media}]")),
            Self::Location { name, .. } => name.clone().unwrap_or_else(|| "[location]".into()),
            Self::Reaction { emoji, .. } => emoji.clone(),
            Self::Other { name } => format!("[{name}]"),
        };
        text.chars().take(80).collect()
    }
}
