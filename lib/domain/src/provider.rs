//! What a messaging provider is to the domain: pure translation between our words and wire requests.
//! Adapters open no connection; the transport sends what they build.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    channel::{AuthStatus, Channel},
    failure::ProviderFailure,
    message::{Content, ContentLimits, InboundContent, ReplyKind},
    phone::PhoneNumber,
};

/// The providers Waypost speaks to. A new one is a variant here; the compiler lists the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// whapi.cloud.
    Whapi,
}

impl ProviderKind {
    /// The name in URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whapi => "whapi",
        }
    }

    /// Reads the name of a webhook URL.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "whapi" => Some(Self::Whapi),
            _ => None,
        }
    }
}

/// What a provider can do; checked before sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Sizes it takes.
    pub limits: ContentLimits,
    /// Whether free text outside 24 hours after the contact's last message is refused (X45).
    pub window_rule: bool,
    /// Whether a message with a lost answer can be looked up.
    pub lookup: bool,
}

/// A provider request as data: stored as the exact payload, then sent. Holds no secret: the
/// transport adds the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRequest {
    /// How.
    pub method: Method,
    /// Path below the provider's base URL, query included.
    pub path: String,
    /// JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// HTTP method of a provider request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
}

/// A provider's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// Seconds of a `Retry-After` header, if any.
    pub retry_after_seconds: Option<u64>,
    /// Raw body, at most what the transport allows.
    pub body: Vec<u8>,
}

/// What a provider said to a send it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it calls the message; missing when it did not say.
    pub provider_id: Option<String>,
}

/// A message as the provider's own list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What the provider calls it.
    pub provider_id: String,
    /// The provider's time.
    pub at: Timestamp,
    /// Whether its content is that of the message looked for.
    pub same_content: bool,
}

/// A look-up's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sightings {
    /// Own messages to the recipient, as far as the answer goes.
    pub seen: Vec<Sighting>,
    /// Whether the answer reaches back before the moment asked for, so that absence means something.
    pub complete: bool,
}

/// A webhook exactly as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawWebhook {
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
    /// The provider's word, for the journal.
    pub word: String,
}

/// What a webhook said, item by item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The items.
    pub items: Vec<Item>,
    /// Keys nobody knew, for the journal.
    pub unknown: BTreeMap<String, u32>,
}

/// One messaging provider, as pure translation. It opens no connection.
pub trait Adapter: Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The exact request that sends this content; stored when the message is accepted.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] for content it cannot carry.
    fn build_send(
        &self,
        to: &PhoneNumber,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure>;

    /// What the answer to a send means.
    ///
    /// # Errors
    /// The failure the answer stands for; doubt is the default.
    fn read_send(&self, response: &WireResponse) -> Result<Receipt, ProviderFailure>;

    /// The request that lists own messages to this recipient since a moment.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when it has no such call.
    fn build_lookup(
        &self,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<WireRequest, ProviderFailure>;

    /// What a look-up's answer shows, compared with the request that was sent.
    ///
    /// # Errors
    /// The failure the answer stands for.
    fn read_lookup(
        &self,
        response: &WireResponse,
        request: &WireRequest,
        since: Timestamp,
    ) -> Result<Sightings, ProviderFailure>;

    /// Proves on the raw bytes that the webhook came from the channel's provider; constant time,
    /// fails closed, and is called before anything is parsed.
    ///
    /// # Errors
    /// [`ProviderFailure::Unverified`] for anything but proof.
    fn verify_webhook(&self, raw: &RawWebhook, channel: &Channel) -> Result<(), ProviderFailure>;

    /// Splits a verified webhook into items. Never fails: what cannot be read is an item that says so.
    fn read_webhook(&self, raw: &RawWebhook, channel: &Channel) -> Delivery;
}

/// The one place that maps a provider to its adapter, given to services by the function.
pub type Adapters = fn(ProviderKind) -> &'static dyn Adapter;
