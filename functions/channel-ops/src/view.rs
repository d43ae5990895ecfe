//! What a caller reads of channels. What is secret is wrapped until it is written, and written only
//! where it is due.

use domain::{
    channel::{HealthNote, PlatformApp, Secret},
    principal::{Action, Principal},
    service::channels::ChannelView,
};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{managed_view::StateShown, webhook_urls::WebhookUrls};

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelShown {
    #[schema(format = Uuid)]
    id: String,
    /// `whapi`, `meta` or `messenger360`.
    #[schema(example = "meta")]
    provider: &'static str,
    /// The company's own name for it.
    name: String,
    /// The number it sends from, once known.
    #[schema(example = "+97333000042")]
    phone: Option<String>,
    /// What the provider calls it: Meta's phone number id, WHAPI's channel id, 360Messenger's number.
    provider_ref: String,
    /// The provider's account it belongs to: Meta's business account id.
    account: Option<String>,
    /// The version of the provider's API, where one was chosen.
    api_version: Option<String>,
    /// Whether it is used.
    active: bool,
    /// Whether it can send: `pending`, `qr_generated`, `authorized` or `disconnected`.
    #[schema(example = "authorized")]
    auth: &'static str,
    /// What the provider last said of it.
    health: Option<HealthShown>,
    /// Whether it is used when a request names none.
    is_default: bool,
    /// The last four characters of its token.
    token_hint: String,
    /// Where its provider sends webhooks; part of it is secret, so it is `null` for those who may not
    /// change channels.
    #[serde(serialize_with = "exposed")]
    #[schema(value_type = Option<String>)]
    webhook_url: Option<Secret>,
    pace: PaceShown,
    #[serde(flatten)]
    state: StateShown,
    created_at: Timestamp,
}

/// What a provider said of a channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelHealth)]
struct HealthShown {
    /// Its word for the state, or our code when it refused the token.
    word: String,
    /// A sentence for people.
    detail: String,
    at: Timestamp,
}

/// How fast a channel sends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelPace)]
struct PaceShown {
    /// Messages per second of the whole channel.
    per_second: u16,
    /// Lanes it is divided into.
    sub_lanes: u8,
}

/// A new channel, with the one secret that is ever shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeChannel)]
pub struct ChannelMade {
    #[serde(flatten)]
    channel: ChannelShown,
    /// The verify token of the channel's own webhook address at Meta, if Waypost made it. It is shown
    /// here and never again; a new one can be set.
    #[serde(serialize_with = "exposed")]
    #[schema(value_type = Option<String>)]
    verify_token: Option<Secret>,
}

/// All channels of a company, in the order they were made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelList {
    items: Vec<ChannelShown>,
}

/// The platform's app at Meta.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlatformMeta)]
pub struct PlatformAppShown {
    /// The last four characters of its newest secret; empty before the first.
    app_secret_hint: String,
    /// Whether a verify token is set.
    has_verify_token: bool,
    /// When it was last changed.
    changed_at: Option<Timestamp>,
    /// Where Meta sends the webhooks of all channels without an app of their own.
    webhook_url: String,
}

impl ChannelShown {
    /// A channel as this person may see it.
    pub fn new(
        view: ChannelView,
        principal: &Principal,
        webhooks: &WebhookUrls,
        now: Timestamp,
    ) -> Self {
        let ChannelView {
            channel,
            is_default,
            managed,
        } = view;
        let state = StateShown::new(&channel, managed.as_ref(), now);
        let sees_url = Action::ManageChannels.allows(principal.role());
        Self {
            id: channel.id.to_string(),
            provider: channel.provider.as_str(),
            webhook_url: sees_url.then(|| webhooks.of(&channel)),
            name: channel.name,
            phone: channel.phone.map(String::from),
            provider_ref: channel.provider_ref,
            account: channel.account,
            api_version: channel.api,
            active: channel.active,
            auth: channel.auth.as_str(),
            health: channel.health.map(HealthShown::from),
            is_default,
            token_hint: channel.token_hint,
            pace: PaceShown {
                per_second: channel.pace.per_second,
                sub_lanes: channel.pace.sub_lanes,
            },
            state,
            created_at: channel.created_at,
        }
    }
}

impl From<HealthNote> for HealthShown {
    fn from(note: HealthNote) -> Self {
        Self {
            word: note.word,
            detail: note.detail,
            at: note.at,
        }
    }
}

impl ChannelMade {
    /// A new channel with the verify token that was made for it.
    pub const fn new(channel: ChannelShown, verify_token: Option<Secret>) -> Self {
        Self {
            channel,
            verify_token,
        }
    }
}

impl ChannelList {
    /// Channels as this person may see them.
    pub fn new(
        views: Vec<ChannelView>,
        principal: &Principal,
        webhooks: &WebhookUrls,
        now: Timestamp,
    ) -> Self {
        let shown = |view| ChannelShown::new(view, principal, webhooks, now);
        Self {
            items: views.into_iter().map(shown).collect(),
        }
    }
}

impl PlatformAppShown {
    /// The app, without its secrets.
    pub fn new(app: PlatformApp, webhooks: &WebhookUrls) -> Self {
        Self {
            app_secret_hint: app.hint,
            has_verify_token: !app.verify_tokens.is_empty(),
            changed_at: app.changed_at,
            webhook_url: webhooks.of_platform(),
        }
    }
}

fn exposed<S: Serializer>(secret: &Option<Secret>, writer: S) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(ExposeSecret::expose_secret)
        .serialize(writer)
}
