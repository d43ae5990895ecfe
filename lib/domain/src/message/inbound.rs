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
    /// Where our own copy of its file stands, if it has one.
    pub copy: Option<MediaCopy>,
}

/// Our own copy of an inbound file: providers keep theirs for minutes or days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "copy", rename_all = "snake_case")]
pub enum MediaCopy {
    /// Still to be fetched.
    Wanted {
        /// How often that failed.
        tries: u8,
    },
    /// Here.
    Stored {
        /// Its name in the file store.
        key: String,
        /// Its type by its content.
        mime: String,
        /// Its size.
        bytes: u64,
    },
    /// Not kept.
    Refused {
        /// Machine code: `TOO_LARGE`.
        code: String,
        /// Why, for people.
        reason: String,
    },
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
    /// An earlier message of theirs has another text now.
    Edit {
        /// What the provider calls the earlier one.
        of: String,
        /// The new text.
        body: String,
    },
    /// They took an earlier message back.
    Revoke {
        /// What the provider calls the earlier one.
        of: String,
    },
    /// Something WhatsApp itself says of the person: a new number.
    Notice {
        /// The sentence.
        text: String,
    },
    /// Contacts, an order, a form: shown by a summary.
    Card {
        /// `contacts`, `order`, `form`.
        card: String,
        /// What it holds, in a line.
        summary: String,
    },
    /// Anything else: shown with its name.
    Other {
        /// The provider's word for it.
        name: String,
    },
}

impl InboundContent {
    /// Whether it counts as a message somebody should read. What only changes or rates an earlier one
    /// does not.
    #[must_use]
    pub const fn counts_unread(&self) -> bool {
        match self {
            Self::Text { .. }
            | Self::Media { .. }
            | Self::Location { .. }
            | Self::Card { .. }
            | Self::Other { .. } => true,
            Self::Reaction { .. }
            | Self::Edit { .. }
            | Self::Revoke { .. }
            | Self::Notice { .. } => false,
        }
    }

    /// Whether the person wrote it, so that a provider's 24-hour window begins anew. What WhatsApp
    /// itself says of them is not theirs.
    #[must_use]
    pub const fn opens_window(&self) -> bool {
        match self {
            Self::Notice { .. } => false,
            Self::Text { .. }
            | Self::Media { .. }
            | Self::Location { .. }
            | Self::Reaction { .. }
            | Self::Edit { .. }
            | Self::Revoke { .. }
            | Self::Card { .. }
            | Self::Other { .. } => true,
        }
    }

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
            Self::Edit { body, .. } => body.clone(),
            Self::Revoke { .. } => "[deleted]".into(),
            Self::Notice { text } => text.clone(),
            Self::Card { card, summary } if summary.is_empty() => format!("[{card}]"),
            Self::Card { summary, .. } => summary.clone(),
            Self::Other { name } => format!("[{name}]"),
        };
        text.chars().take(80).collect()
    }
}
