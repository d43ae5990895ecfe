//! What a messaging provider is to the domain: pure translation between our words and wire requests.
//! Adapters open no connection; the transport sends what they build.

mod item;
mod wire;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    item::{
        AccountItem, Address, AnswerItem, ChannelItem, Delivery, EchoItem, IdentityItem,
        InboundItem, Item, Observation, PreferenceItem, ProviderStatus, RawWebhook, StatusItem,
        TemplateChange, TemplateItem,
    },
    wire::{
        Credential, Encoding, Health, MediaPlace, MediaStep, Method, Receipt, Sighting, Sightings,
        TemplatePage, WireRequest, WireResponse,
    },
};
use crate::{
    channel::{Channel, Pace, Secret, SecretHash},
    contact::Recipient,
    failure::ProviderFailure,
    message::{Content, ContentLimits},
    webhook::CallbackToken,
};

/// The providers Waypost speaks to. A new one is a variant here; the compiler lists the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// whapi.cloud.
    Whapi,
    /// Meta's WhatsApp Cloud API.
    Meta,
    /// 360messenger.com.
    Messenger360,
}

impl ProviderKind {
    /// Every provider, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Whapi, Self::Meta, Self::Messenger360];

    /// The name in URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whapi => "whapi",
            Self::Meta => "meta",
            Self::Messenger360 => "messenger360",
        }
    }

    /// Reads the name of a webhook URL.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a provider can do; checked before sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Sizes it takes; what it cannot carry at all has the limit 0.
    pub limits: ContentLimits,
    /// Whether free text outside 24 hours after the contact's last message is refused (X45).
    pub window_rule: bool,
    /// Whether a message with a lost answer can be looked up.
    pub lookup: bool,
    /// Whether statuses have to be asked for instead of coming by webhook.
    pub polled: bool,
    /// Whether a person without a number, known by a name of the provider's own, can be written to.
    pub users: bool,
    /// Whether channels may belong to an app of the platform's own, whose webhooks come to one URL
    /// for all of them.
    pub platform_app: bool,
    /// Whether its webhooks may hold the channel's own key, which the journal must not keep.
    pub webhook_holds_key: bool,
    /// For how many days the provider repeats a webhook; an older event is a replay and is refused.
    /// None where nothing limits it.
    pub retry_days: Option<u8>,
    /// The pace of a new channel.
    pub pace: Pace,
}

/// What proves a webhook: looked up before anything of its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The channel whose URL it came to; none at a URL that many channels share.
    pub channel: Option<&'a Channel>,
    /// Live signing secrets, opened; more than one while a secret is being rotated.
    pub secrets: &'a [Secret],
}

/// One messaging provider, as pure translation. It opens no connection.
pub trait Adapter: Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// The exact request that sends this content; stored when the message is accepted.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] for content or a recipient it cannot carry.
    fn build_send(
        &self,
        channel: &Channel,
        to: &Recipient,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure>;

    /// The stored request with what brings one attempt's statuses back to it, where the provider
    /// knows such a thing; otherwise unchanged.
    fn stamp(&self, request: WireRequest, token: &CallbackToken) -> WireRequest;

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
        channel: &Channel,
        to: &Recipient,
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

    /// The request that asks for the status of one message.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when statuses come by webhook alone.
    fn build_status(
        &self,
        channel: &Channel,
        provider_id: &str,
    ) -> Result<WireRequest, ProviderFailure>;

    /// What the provider knows of one message. Empty: nothing yet.
    ///
    /// # Errors
    /// The failure the answer stands for.
    fn read_status(&self, response: &WireResponse) -> Result<Vec<Observation>, ProviderFailure>;

    /// The request that proves a channel's credentials and shows its state, without changing it.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when it has no such call.
    fn build_health(&self, channel: &Channel) -> Result<WireRequest, ProviderFailure>;

    /// What the answer to [`Adapter::build_health`] shows.
    ///
    /// # Errors
    /// The failure the answer stands for; [`ProviderFailure::Rejected`] when the credentials are refused
    /// or belong to another number.
    fn read_health(
        &self,
        channel: &Channel,
        response: &WireResponse,
    ) -> Result<Health, ProviderFailure>;

    /// The request that proves that a channel's number belongs to the account it names.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when the provider has no accounts above its numbers.
    fn build_membership(&self, channel: &Channel) -> Result<WireRequest, ProviderFailure>;

    /// Whether the answer to [`Adapter::build_membership`] proves it.
    ///
    /// # Errors
    /// [`ProviderFailure::Rejected`] when it does not; the failure the answer stands for.
    fn read_membership(
        &self,
        channel: &Channel,
        response: &WireResponse,
    ) -> Result<(), ProviderFailure>;

    /// The request for a page of the account's templates, from its beginning or after a cursor.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when the provider keeps no templates, or the channel names no
    /// account.
    fn build_templates(
        &self,
        channel: &Channel,
        after: Option<&str>,
    ) -> Result<WireRequest, ProviderFailure>;

    /// The templates of the answer to [`Adapter::build_templates`]. One that cannot be read is counted,
    /// and costs no other.
    ///
    /// # Errors
    /// The failure the answer stands for.
    fn read_templates(&self, response: &WireResponse) -> Result<TemplatePage, ProviderFailure>;

    /// How to come to the bytes of an inbound file.
    ///
    /// # Errors
    /// [`ProviderFailure::Unsupported`] when the message names neither an id nor a link it can follow.
    fn build_media(
        &self,
        channel: &Channel,
        media_id: Option<&str>,
        link: Option<&str>,
    ) -> Result<MediaStep, ProviderFailure>;

    /// Where a file is, from the answer to [`MediaStep::Ask`].
    ///
    /// # Errors
    /// The failure the answer stands for.
    fn read_media(&self, response: &WireResponse) -> Result<MediaPlace, ProviderFailure>;

    /// Proves on the raw bytes that the webhook came from the channel's provider; constant time,
    /// fails closed, and is called before anything is parsed.
    ///
    /// # Errors
    /// [`ProviderFailure::Unverified`] for anything but proof.
    fn verify_webhook(
        &self,
        raw: &RawWebhook,
        expected: &Expected<'_>,
    ) -> Result<(), ProviderFailure>;

    /// The answer to a provider that asks, by GET, whether this URL is ours. `tokens` are the hashes
    /// of the verify tokens that count.
    ///
    /// # Errors
    /// [`ProviderFailure::Unverified`] for anything but the token; [`ProviderFailure::Unsupported`] when
    /// the provider never asks.
    fn answer_challenge(
        &self,
        query: &[(String, String)],
        tokens: &[SecretHash],
    ) -> Result<String, ProviderFailure>;

    /// Splits a verified webhook into items. Never fails: what cannot be read is an item that says so.
    fn read_webhook(&self, raw: &RawWebhook) -> Delivery;

    /// The body with only what is addressed to these, so that one tenant's journal never holds
    /// another's items, and without any key of ours. Otherwise the body as it is.
    fn part_webhook(&self, raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8>;
}

/// The one place that maps a provider to its adapter, given to services by the function.
pub type Adapters = fn(ProviderKind) -> &'static dyn Adapter;
