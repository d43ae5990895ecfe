//! Webhooks as they come, and what they say item by item in our words.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    channel::{AuthStatus, ChannelKey},
    message::{InboundContent, ReplyKind},
    phone::PhoneNumber,
};

/// A webhook exactly as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawWebhook {
    /// The last part of the URL it came to: the channel's key, where the URL has one.
    pub key: Option<ChannelKey>,
    /// Lower-case header names; a header that came twice has two values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The bytes that were sent, base64 of the transport undone.
    pub body: Vec<u8>,
}

impl RawWebhook {
    /// The only value of a header; none when it is missing or came more than once.
    #[must_use]
    pub fn single_header(&self, name: &str) -> Option<&[u8]> {
        let mut values = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_slice());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

impl std::fmt::Debug for RawWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawWebhook({} bytes)", self.body.len())
    }
}

/// Whom an item is for. The tenant always follows from a channel of ours that the address leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// The channel whose URL it came to.
    Here,
    /// The channel with this [`crate::channel::Channel::provider_ref`].
    Number(String),
    /// Every channel of this account of the provider, or the one with this number.
    Account {
        /// The provider's id of the account.
        account: String,
        /// The number as the provider writes it, digits only.
        number: Option<String>,
    },
}

/// One item of a webhook in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Something became known about an outbound message.
    Status(StatusItem),
    /// Somebody wrote.
    Inbound(Box<InboundItem>),
    /// A message of ours comes back: sent through the API, or from the tenant's own phone.
    Echo(Box<EchoItem>),
    /// The channel's login or health changed.
    Channel(ChannelItem),
    /// A template of the account changed.
    Template(TemplateItem),
    /// The account or one of its numbers changed: restricted, rated, moved to another tier.
    Account(AccountItem),
    /// Somebody said at the provider whether they want marketing.
    Preference(PreferenceItem),
    /// Somebody is known by another name from now on.
    Identity(IdentityItem),
    /// Known and of no consequence: presence, chats, calls of other kinds.
    Ignored {
        /// The provider's word for it.
        name: String,
    },
    /// Could not be read; kept in the journal, never an error for its neighbours.
    Unreadable {
        /// Where it stood and what was wrong, without its content.
        why: String,
    },
}

/// A status of an outbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusItem {
    /// What the provider calls the message.
    pub provider_id: String,
    /// The provider's time.
    pub at: Timestamp,
    /// What it says.
    pub status: ProviderStatus,
    /// What we gave the request along, where the provider hands it back; unproven.
    pub token: Option<String>,
}

/// A status the provider was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What it says.
    pub status: ProviderStatus,
    /// The provider's time, if it gives a usable one.
    pub at: Option<Timestamp>,
}

/// Statuses in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderStatus {
    /// Sent on.
    Sent,
    /// Delivered.
    Delivered,
    /// Read or played.
    Read,
    /// Failed, with our code and a sentence.
    Failed {
        /// Machine code.
        code: String,
        /// For people.
        reason: String,
    },
    /// A word that changes nothing (pending, deleted, never seen): kept in the journal.
    Unmapped {
        /// The provider's word.
        word: String,
    },
}

/// A message somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundItem {
    /// What the provider calls it.
    pub provider_id: String,
    /// The writer's number; missing when the provider shows none.
    pub phone: Option<PhoneNumber>,
    /// The provider's own name for the writer.
    pub user: Option<String>,
    /// The name they show.
    pub name: Option<String>,
    /// The provider's time.
    pub at: Timestamp,
    /// What it says.
    pub content: InboundContent,
    /// The outbound message it answers.
    pub answer: Option<AnswerItem>,
}

/// How an inbound message answers an outbound one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerItem {
    /// What the provider calls the outbound message; missing on presses without context.
    pub quoted: Option<String>,
    /// How.
    pub kind: ReplyKind,
    /// The button's id without the provider's prefix.
    pub button_id: Option<String>,
    /// The title or the text.
    pub title: String,
}

/// A message of our own that the provider shows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EchoItem {
    /// What the provider calls it.
    pub provider_id: String,
    /// The recipient's number.
    pub phone: Option<PhoneNumber>,
    /// Whether it went through the API, rather than being typed on the phone.
    pub through_api: bool,
    /// The provider's time.
    pub at: Timestamp,
    /// What it says.
    pub content: InboundContent,
}

/// A channel's login or health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelItem {
    /// What it means for sending; none when it means nothing (starting up).
    pub auth: Option<AuthStatus>,
    /// The number that logged in.
    pub phone: Option<PhoneNumber>,
    /// Whether the provider stopped it.
    pub stopped: bool,
    /// The provider's word, for the journal.
    pub word: String,
}

/// A change of a template at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateItem {
    /// Its name.
    pub name: String,
    /// Its language as `en` or `en_US`.
    pub language: String,
    /// What changed.
    pub change: TemplateChange,
}

/// What changed about a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateChange {
    /// Its status.
    Status {
        /// The provider's word: `APPROVED`, `PAUSED`.
        status: String,
        /// Why, for people.
        reason: Option<String>,
    },
    /// Its category.
    Category(String),
    /// Its quality.
    Quality(String),
}

/// A change of an account or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountItem {
    /// The provider's word for it.
    pub word: String,
    /// What it says, for people.
    pub detail: String,
    /// Whether sending is over until somebody acts.
    pub stops: bool,
}

/// What somebody said at the provider about marketing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferenceItem {
    /// The person's number.
    pub phone: Option<PhoneNumber>,
    /// The provider's own name for the person.
    pub user: Option<String>,
    /// The provider's time.
    pub at: Timestamp,
    /// Whether they want it.
    pub marketing: bool,
}

/// Another name of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityItem {
    /// The number they were known by.
    pub phone: Option<PhoneNumber>,
    /// The provider's name they were known by.
    pub user: Option<String>,
    /// The number they are known by now.
    pub new_phone: Option<PhoneNumber>,
    /// The provider's name they are known by now.
    pub new_user: Option<String>,
}

/// What a webhook said, item by item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The items, each with whom it is for.
    pub items: Vec<(Address, Item)>,
    /// Keys nobody knew, for the journal.
    pub unknown: BTreeMap<String, u32>,
}
