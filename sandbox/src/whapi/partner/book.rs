//! Partners: registering them, and what is known of each.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    channel::{AutoStep, ChannelSpec, Retry, WebhookSpec},
    outlet::{Outlet, check_url},
    state::{Handle, Memory, Refusal},
};

/// A partner to register. Registering the same token again replaces the description and keeps the
/// channels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerSpec {
    /// The bearer token.
    pub token: String,
    /// The name in `/partners/{name}/settings`.
    pub name: String,
    /// The ids of its projects.
    pub projects: Vec<String>,
    /// The days that it has left.
    #[serde(default = "hundred")]
    pub live_days: i64,
    /// Below so many a notice is posted.
    #[serde(default)]
    pub days_limit: i64,
    /// Where notices go. Without it, whatever `PATCH /partners/{name}/settings` stored stays.
    #[serde(default)]
    pub webhook: Option<WebhookSpec>,
    /// Channels that may be made within thirty minutes.
    #[serde(default = "twenty")]
    pub create_limit: usize,
    /// Lists come inside an object, as some clients have seen them.
    #[serde(default)]
    pub wrapped: bool,
    /// How the channels that it makes behave at the gate.
    #[serde(default)]
    pub channels: Manners,
}

fn hundred() -> i64 {
    100
}

fn twenty() -> usize {
    20
}

/// How a channel that a partner makes behaves at the gate.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// Its health before anybody logs in.
    pub health: String,
    /// See [`ChannelSpec::auto`].
    pub auto: Vec<AutoStep>,
    /// See [`ChannelSpec::echoes`].
    pub echoes: bool,
    /// See [`ChannelSpec::retry`].
    pub retry: Retry,
    /// See [`WebhookSpec::connect_to`].
    pub connect_to: Option<String>,
    /// Whether the QR code comes as a data URI rather than as its bare base64.
    pub qr_data_uri: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            health: "QR".into(),
            auto: Vec::new(),
            echoes: false,
            retry: Retry::default(),
            connect_to: None,
            qr_data_uri: true,
        }
    }
}

impl Manners {
    /// A channel at the gate that nobody is logged in to.
    pub(super) fn channel(&self, token: &str, id: &str, name: &str, phone: &str) -> ChannelSpec {
        ChannelSpec {
            name: name.into(),
            auto: self.auto.clone(),
            echoes: self.echoes,
            health: self.health.clone(),
            retry: self.retry,
            qr_data_uri: self.qr_data_uri,
            ..ChannelSpec::new(token, id, phone)
        }
    }
}

/// A registered partner.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(super) spec: PartnerSpec,
    pub(crate) outlet: Outlet,
    /// Its channels by their id.
    pub(super) channels: BTreeMap<String, Managed>,
    /// When it lately made channels.
    pub(super) created: VecDeque<Timestamp>,
    /// What it did, in order.
    pub(super) deeds: Vec<Deed>,
}

/// A channel as the manager keeps it; the rest of it is the gate's.
#[derive(Clone, Debug)]
pub(super) struct Managed {
    pub(super) token: String,
    pub(super) name: String,
    pub(super) project: String,
    pub(super) phone: Option<String>,
    pub(super) created: Timestamp,
    pub(super) active_till: Timestamp,
    pub(super) trial_till: Timestamp,
    pub(super) mode: String,
    pub(super) status: String,
    pub(super) spent: i64,
}

/// Something a partner did.
#[derive(Clone, Debug, Serialize)]
pub struct Deed {
    /// What.
    pub kind: DeedKind,
    /// The channel.
    pub channel: String,
    /// The days it took from the balance; what came back is negative.
    pub days: i64,
    /// What was said with it.
    pub comment: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A kind of deed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// A channel was made.
    Create,
    /// A channel was given days.
    Extend,
    /// A channel was deleted.
    Delete,
    /// A channel's mode was changed.
    Mode,
}

impl Memory {
    /// The partner that has a channel with this id.
    pub(super) fn partner_of(&mut self, id: &str) -> Result<&mut Partner, Refusal> {
        let has = |partner: &&mut Partner| partner.channels.contains_key(id);
        let found = self.partners.values_mut().find(has);
        found.ok_or_else(Refusal::channel)
    }

    /// The partner with this name.
    pub(super) fn partner_called(&mut self, name: &str) -> Result<&mut Partner, Refusal> {
        let called = |partner: &&mut Partner| partner.spec.name == name;
        let found = self.partners.values_mut().find(called);
        found.ok_or_else(|| Refusal::Unknown("partner".into()))
    }
}

impl Handle {
    /// Registers a partner, or replaces the description of the one with this token.
    ///
    /// # Errors
    /// When the token, the name or the webhook address is unusable.
    pub fn partner(&self, spec: PartnerSpec) -> Result<(), Refusal> {
        if spec.token.trim().is_empty() || spec.name.trim().is_empty() {
            return Err(Refusal::Invalid(
                "a partner needs a token and a name".into(),
            ));
        }
        let webhook = spec.webhook.clone();
        check_url(webhook.as_ref().and_then(|webhook| webhook.url.as_deref()))?;
        let outlet = Outlet::new(self, Retry::default());
        let mut memory = self.memory();
        let token = spec.token.clone();
        let partner = memory.partners.entry(token).or_insert_with(|| Partner {
            spec: spec.clone(),
            outlet,
            channels: BTreeMap::new(),
            created: VecDeque::new(),
            deeds: Vec::new(),
        });
        if let Some(webhook) = webhook {
            partner.outlet.lead(webhook);
        }
        partner.spec = spec;
        Ok(())
    }
}
