//! What a caller reads of the messages in a conversation.

#[cfg(test)]
mod tests;

use domain::{
    message::{
        Content, InboundContent, InboundMessage, MediaCopy, Message, ReplyKind, Status,
        inbound::Answers,
    },
    ports::ThreadItem,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a conversation's messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemPage {
    /// The messages, newest first.
    pub items: Vec<ItemShown>,
    /// Where the next page, which is older, begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationMessage)]
pub struct ItemShown {
    #[schema(format = Uuid)]
    id: String,
    /// `inbound` or `outbound`.
    #[schema(example = "inbound")]
    direction: &'static str,
    /// `text`, `interactive`, `image`, `document`, `location`, `reaction`, `notice`, …
    #[schema(example = "text")]
    r#type: String,
    /// What it says; which fields there are follows from `type`.
    #[schema(value_type = Object, example = json!({"body": "When do you open?"}))]
    content: ContentShown,
    /// As the outbox shows it; `received` for what the person wrote.
    #[schema(example = "received")]
    status: &'static str,
    /// The provider's time of an inbound message, ours of an outbound one: orders the list.
    timestamp: Timestamp,
    /// When an inbound message came to us.
    arrived_at: Option<Timestamp>,
    /// Whether the company's own phone sent it, outside of Waypost.
    from_phone: bool,
    /// What the provider calls it: reactions, edits and answers name it.
    provider_message_id: Option<String>,
    /// How the person answered this outbound message.
    reply: Option<ReplyShown>,
    /// The message that this inbound one answers.
    answers: Option<AnswersShown>,
    /// Why it failed.
    error: Option<ErrorShown>,
    /// Whether one more attempt may be asked for now, by those whose role allows it.
    can_retry: bool,
    /// Our copy of its file, which is all that is offered: providers keep theirs for days at most.
    file: Option<FileShown>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ContentShown {
    Ours(Content),
    Theirs(InboundShown),
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum InboundShown {
    Text {
        body: String,
    },
    Media {
        caption: Option<String>,
        filename: Option<String>,
        mime_type: Option<String>,
    },
    Location {
        latitude: String,
        longitude: String,
        name: Option<String>,
    },
    /// An empty emoji takes it back.
    Reaction {
        to: String,
        emoji: String,
    },
    Edit {
        of: String,
        body: String,
    },
    Revoke {
        of: String,
    },
    Card {
        card: String,
        summary: String,
    },
    Other {
        name: String,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemReply)]
struct ReplyShown {
    /// `button`, `list_row` or `text`.
    kind: &'static str,
    button_id: Option<String>,
    title: String,
    at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemAnswers)]
struct AnswersShown {
    /// `button`, `list_row` or `text`.
    kind: &'static str,
    title: String,
    /// The message, when it was found by the title of its button.
    message_id: Option<String>,
    /// What the provider calls it, when the answer quotes it.
    provider_message_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemError)]
struct ErrorShown {
    code: String,
    message: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemFile)]
struct FileShown {
    /// `copying`, `ready` or `refused`.
    #[schema(example = "ready")]
    state: &'static str,
    /// Its type by its content.
    mime_type: Option<String>,
    size_bytes: Option<u64>,
    /// Why it was not kept: a machine code and a sentence.
    refusal: Option<ErrorShown>,
}

/// A link to a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileLink {
    /// Where it can be downloaded, without any token.
    pub url: String,
    /// How long that works.
    #[schema(example = 300)]
    pub expires_in_seconds: u64,
}

impl ItemShown {
    /// An item as it stands now.
    pub fn of(item: &ThreadItem, now: Timestamp) -> Self {
        match item {
            ThreadItem::Outbound(ours) => Self::ours(&ours.0, ours.1.clone(), now),
            ThreadItem::Inbound(theirs) => Self::theirs(theirs),
        }
    }

    fn ours(message: &Message, content: Content, now: Timestamp) -> Self {
        let status = message.status();
        let failed = message.facts.failed.get(&message.sending.attempt);
        let accepted = message.facts.accepted.values().next_back();
        let reply = message.facts.reply.as_ref();
        Self {
            id: message.id.to_string(),
            direction: "outbound",
            r#type: message.kind.as_str().to_owned(),
            content: ContentShown::Ours(content),
            status: status.as_str(),
            timestamp: message.created_at,
            arrived_at: None,
            from_phone: false,
            provider_message_id: accepted.and_then(|a| a.provider_id.clone()),
            reply: reply.map(|reply| ReplyShown {
                kind: kind(reply.kind),
                button_id: reply.button_id.clone(),
                title: reply.title.clone(),
                at: reply.at,
            }),
            answers: None,
            // What reached the person all the same has no error to show.
            error: failed
                .filter(|_| status == Status::Failed)
                .map(|failed| ErrorShown {
                    code: failed.code.clone(),
                    message: failed.reason.clone(),
                }),
            can_retry: message.clone().retry_by_hand(now).is_ok(),
            file: None,
        }
    }

    fn theirs(message: &InboundMessage) -> Self {
        let (name, content) = shown(&message.content);
        Self {
            id: message.id.to_string(),
            direction: if message.from_us {
                "outbound"
            } else {
                "inbound"
            },
            r#type: name,
            content: ContentShown::Theirs(content),
            status: if message.from_us { "sent" } else { "received" },
            timestamp: message.at,
            arrived_at: Some(message.arrived_at),
            from_phone: message.from_us,
            provider_message_id: Some(message.provider_id.clone()),
            reply: None,
            answers: message.answers.as_ref().map(AnswersShown::from),
            error: None,
            can_retry: false,
            file: message.copy.as_ref().map(FileShown::from),
        }
    }
}

/// Its type and what it says, without where the provider keeps files.
fn shown(content: &InboundContent) -> (String, InboundShown) {
    let (name, content) = match content.clone() {
        InboundContent::Text { body } => ("text", InboundShown::Text { body }),
        InboundContent::Media {
            media,
            mime_type,
            filename,
            caption,
            media_id: _,
            link: _,
        } => {
            let file = InboundShown::Media {
                caption,
                filename,
                mime_type,
            };
            return (media, file);
        }
        InboundContent::Location {
            latitude,
            longitude,
            name,
        } => (
            "location",
            InboundShown::Location {
                latitude,
                longitude,
                name,
            },
        ),
        InboundContent::Reaction { to, emoji } => {
            ("reaction", InboundShown::Reaction { to, emoji })
        }
        InboundContent::Edit { of, body } => ("edit", InboundShown::Edit { of, body }),
        InboundContent::Revoke { of } => ("revoke", InboundShown::Revoke { of }),
        InboundContent::Notice { text } => ("notice", InboundShown::Text { body: text }),
        InboundContent::Card { card, summary } => ("card", InboundShown::Card { card, summary }),
        InboundContent::Other { name } => ("other", InboundShown::Other { name }),
    };
    (name.to_owned(), content)
}

const fn kind(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Button => "button",
        ReplyKind::ListRow => "list_row",
        ReplyKind::Text => "text",
    }
}

impl From<&Answers> for AnswersShown {
    fn from(answers: &Answers) -> Self {
        Self {
            kind: kind(answers.kind),
            title: answers.title.clone(),
            message_id: answers.message.map(|id| id.to_string()),
            provider_message_id: answers.quoted.clone(),
        }
    }
}

impl From<&MediaCopy> for FileShown {
    fn from(copy: &MediaCopy) -> Self {
        let (mime_type, size_bytes, refusal) = (None, None, None);
        match copy {
            MediaCopy::Wanted { .. } => Self {
                state: "copying",
                mime_type,
                size_bytes,
                refusal,
            },
            MediaCopy::Stored { mime, bytes, .. } => Self {
                state: "ready",
                mime_type: Some(mime.clone()),
                size_bytes: Some(*bytes),
                refusal,
            },
            MediaCopy::Refused { code, reason } => Self {
                state: "refused",
                mime_type,
                size_bytes,
                refusal: Some(ErrorShown {
                    code: code.clone(),
                    message: reason.clone(),
                }),
            },
        }
    }
}
