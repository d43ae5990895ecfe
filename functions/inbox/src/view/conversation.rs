//! What a caller reads of accounts and conversations.

use domain::{
    channel::Channel, conversation::Conversation, ids::UserId, service::inbox::ConversationView,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::contact::display;

/// The channels in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountList {
    /// The channels: the default one first.
    pub items: Vec<AccountShown>,
}

/// A channel as the inbox shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountShown {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    #[schema(example = "whapi")]
    provider: &'static str,
    /// The number it sends from, once known.
    phone: Option<String>,
    /// `authorized` when it can send.
    #[schema(example = "authorized")]
    auth_status: &'static str,
    /// Whether it is used when a request names none.
    is_default: bool,
}

impl From<&(Channel, bool)> for AccountShown {
    fn from((channel, is_default): &(Channel, bool)) -> Self {
        Self {
            id: channel.id.to_string(),
            name: channel.name.clone(),
            provider: channel.provider.as_str(),
            phone: channel.phone.as_ref().map(|p| p.as_str().to_owned()),
            auth_status: channel.auth.as_str(),
            is_default: *is_default,
        }
    }
}

/// A page of conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationPage {
    /// The conversations.
    pub items: Vec<ConversationShown>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A conversation with its person and its channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationShown {
    #[serde(flatten)]
    state: ConversationState,
    contact: PersonShown,
    account: ChannelShown,
    last_message_at: Timestamp,
    /// The first characters of the last message.
    last_message_preview: String,
    /// When the person last wrote.
    last_inbound_at: Option<Timestamp>,
}

/// What people change about a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationState {
    #[schema(format = Uuid)]
    id: String,
    /// `active` or `archived`.
    #[schema(example = "active")]
    status: &'static str,
    unread_count: u32,
    /// The user who takes care of it.
    assigned_to: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationContact)]
struct PersonShown {
    #[schema(format = Uuid)]
    id: String,
    name: Option<String>,
    /// `null` for a person who shows no number.
    phone: Option<String>,
    /// What to call them: the name, else the number, else the provider's name for them.
    display: String,
    /// `unasked`, `given`, `no_marketing` or `stopped`.
    consent: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationAccount)]
struct ChannelShown {
    #[schema(format = Uuid)]
    id: String,
    name: Option<String>,
    provider: Option<&'static str>,
    /// The company's own number.
    phone: Option<String>,
}

impl From<&Conversation> for ConversationState {
    fn from(conversation: &Conversation) -> Self {
        let assigned = conversation.assigned_to.as_ref();
        Self {
            id: conversation.id.to_string(),
            status: if conversation.archived {
                "archived"
            } else {
                "active"
            },
            unread_count: conversation.unread,
            assigned_to: assigned.map(UserId::to_string),
        }
    }
}

impl From<&ConversationView> for ConversationShown {
    fn from(view: &ConversationView) -> Self {
        let (conversation, contact) = (&view.conversation, view.contact.as_ref());
        let channel = view.channel.as_ref();
        let phone = contact.and_then(|c| c.phone.as_ref());
        Self {
            state: conversation.into(),
            contact: PersonShown {
                // As the thread has it, unless the person is known by another id now.
                id: contact.map_or(conversation.contact, |c| c.id).to_string(),
                name: contact.and_then(|c| c.name.clone()),
                phone: phone.map(|phone| phone.as_str().to_owned()),
                display: contact.map_or_else(|| "Unknown".to_owned(), display),
                consent: contact.map(|c| c.consent.as_str()),
            },
            account: ChannelShown {
                id: conversation.channel.to_string(),
                name: channel.map(|c| c.name.clone()),
                provider: channel.map(|c| c.provider.as_str()),
                phone: channel
                    .and_then(|c| c.phone.as_ref())
                    .map(|phone| phone.as_str().to_owned()),
            },
            last_message_at: conversation.last_message_at,
            last_message_preview: conversation.preview.clone(),
            last_inbound_at: conversation.last_inbound_at,
        }
    }
}
