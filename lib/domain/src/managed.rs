//! Channels that the platform makes and pays for at WHAPI (the partner flow): what stands between an
//! order and a channel that sends, each step kept before it is taken.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SealedSecret, Secret, SecretHash},
    ids::{ChannelId, TenantId, UserId},
    phone::PhoneNumber,
    provider::ProviderKind,
};

/// How far the making or deleting of a channel has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Ordered; nothing was asked of WHAPI, or it is known that nothing was made.
    Ordered,
    /// Somebody asks WHAPI to make it; whether it did is found out by its name.
    Creating,
    /// It is there.
    Live,
    /// Somebody asks WHAPI to delete it.
    Deleting,
    /// It is gone; the record stays (X28).
    Deleted,
    /// WHAPI refused to make it; the reason stands in `problem`.
    Failed,
}

/// Where an extension stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionState {
    /// Its days are set aside; WHAPI was not asked.
    Held,
    /// Somebody asks WHAPI; when the lease is over, `activeTill` tells what came of it.
    Calling,
    /// The answer was lost; `activeTill` tells.
    Unknown,
}

/// An extension under way: a channel has at most one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The how many-th of its channel, or a number that follows from the request's idempotency key: part
    /// of its entries' names.
    pub n: u32,
    /// How many days.
    pub days: u32,
    /// What WHAPI is told with it (S3.17).
    pub comment: String,
    /// Where it stands.
    pub state: ExtensionState,
    /// Until when the channel was active before it.
    pub before: Option<Timestamp>,
    /// When WHAPI was asked.
    pub asked_at: Option<Timestamp>,
    /// Who asked for it.
    pub by: UserId,
}

/// What an order says, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderMark(pub [u8; 8]);

/// The record of a channel that the platform pays for at WHAPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedChannel {
    /// The channel's id, also before there is a channel.
    pub id: ChannelId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's name for it.
    pub name: String,
    /// The number it is meant for, if given.
    pub phone: Option<PhoneNumber>,
    /// The random part of its webhook URL.
    pub key: ChannelKey,
    /// How far it has come.
    pub stage: Stage,
    /// Until when whoever works on it may; afterwards it is looked at anew.
    pub lease: Option<Timestamp>,
    /// How often WHAPI was asked to make it.
    pub tries: u32,
    /// What WHAPI calls it.
    pub provider_ref: Option<String>,
    /// Whether WHAPI knows where webhooks go.
    pub webhooks_set: bool,
    /// Until when WHAPI keeps it active.
    pub active_till: Option<Timestamp>,
    /// Whether it is in its trial: no day was spent on it.
    pub trial: bool,
    /// Whether WHAPI stopped it.
    pub stopped: bool,
    /// Days that were spent on it.
    pub spent: u32,
    /// Extensions so far, those that did not happen included.
    pub extensions: u32,
    /// The extension under way.
    pub extension: Option<Extension>,
    /// Days to extend it by as soon as it is there.
    pub wanted_days: u32,
    /// Whether it is extended by itself before its days are over, while days are free.
    pub auto_extend: bool,
    /// Whether its unused days stay with the platform (X27): settled when it is told to be deleted, so that
    /// what was answered then is what happens.
    pub days_stay: bool,
    /// Why it does not come on, for people.
    pub problem: Option<String>,
    /// When it is looked at next.
    pub due: Option<Timestamp>,
    /// What was ordered, in short: an order that is repeated has the same. None for those that were
    /// ordered before it was kept.
    pub order: Option<OrderMark>,
    /// Who ordered it.
    pub created_by: UserId,
    /// Their address, for what WHAPI is told.
    pub email: Option<String>,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

/// What a channel costs now (X29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingStatus {
    /// It is being made.
    Pending,
    /// In WHAPI's trial.
    Trial,
    /// Paid.
    Active,
    /// WHAPI stopped it.
    Stopped,
    /// Its days are over.
    Expired,
    /// Gone.
    Deleted,
}

impl BillingStatus {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Stopped => "stopped",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }
}

impl ManagedChannel {
    /// A channel that was just ordered, to be looked at at once. Nothing is known of who ordered it but who
    /// they are, and no days are wanted.
    #[must_use]
    pub const fn ordered(
        (tenant, id): (TenantId, ChannelId),
        name: String,
        key: ChannelKey,
        by: UserId,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant,
            name,
            phone: None,
            key,
            stage: Stage::Ordered,
            lease: None,
            tries: 0,
            provider_ref: None,
            webhooks_set: false,
            active_till: None,
            trial: false,
            stopped: false,
            spent: 0,
            extensions: 0,
            extension: None,
            wanted_days: 0,
            auto_extend: false,
            days_stay: false,
            order: None,
            problem: None,
            due: Some(at),
            created_by: by,
            email: None,
            created_at: at,
            updated_at: at,
            version: 0,
        }
    }

    /// The same as its next version, as it is stored.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// What it costs at a moment.
    #[must_use]
    pub fn billing(&self, now: Timestamp) -> BillingStatus {
        match self.stage {
            Stage::Ordered | Stage::Creating | Stage::Failed => BillingStatus::Pending,
            Stage::Deleted => BillingStatus::Deleted,
            Stage::Live | Stage::Deleting => {
                if self.active_till.is_some_and(|till| till <= now) {
                    BillingStatus::Expired
                } else if self.stopped {
                    BillingStatus::Stopped
                } else if self.trial {
                    BillingStatus::Trial
                } else {
                    BillingStatus::Active
                }
            }
        }
    }

    /// What it is called at WHAPI: the tenant's name, and a marker by which it is found again when the
    /// answer to its making was lost. WHAPI's list is the platform's own.
    #[must_use]
    pub fn label(&self) -> String {
        let name: String = self.name.chars().take(40).collect();
        format!("{name} {}", self.id.key())
    }

    /// Whether there is no channel yet: it is being made, or WHAPI refused to make it.
    #[must_use]
    pub const fn is_coming(&self) -> bool {
        match self.stage {
            Stage::Ordered | Stage::Creating | Stage::Failed => true,
            Stage::Live | Stage::Deleting | Stage::Deleted => false,
        }
    }

    /// Whether it is being deleted, or gone.
    #[must_use]
    pub const fn is_leaving(&self) -> bool {
        match self.stage {
            Stage::Deleting | Stage::Deleted => true,
            Stage::Ordered | Stage::Creating | Stage::Live | Stage::Failed => false,
        }
    }

    /// The channel that it is to become, as far as it is known: for showing, never for storing.
    #[must_use]
    pub fn as_channel(&self) -> Channel {
        Channel {
            id: self.id,
            tenant: self.tenant,
            provider: ProviderKind::Whapi,
            name: self.name.clone(),
            provider_ref: self.provider_ref.clone().unwrap_or_default(),
            account: None,
            phone: self.phone.clone(),
            api: None,
            active: true,
            auth: AuthStatus::Pending,
            health: None,
            paid_until: self.active_till,
            sealed_token: SealedSecret(Vec::new()),
            token_hint: String::new(),
            sealed_app_secret: None,
            key: self.key.clone(),
            webhook_secret: SecretHash([0; 32]),
            pace: Pace::WHAPI,
            created_at: self.created_at,
            version: 0,
        }
    }

    /// Whole days that go back to its company when it is deleted at a moment: those still unused, never more
    /// than were spent on it, and none that stay with the platform.
    #[must_use]
    pub fn returned(&self, now: Timestamp) -> u32 {
        if self.days_stay { 0 } else { self.unused(now) }
    }

    /// Whole days that are still unused at a moment, never more than were spent on it.
    #[must_use]
    pub fn unused(&self, now: Timestamp) -> u32 {
        let Some(till) = self.active_till else {
            return 0;
        };
        let left = till.duration_since(now).as_secs();
        let whole = left.max(0) / SignedDuration::from_hours(24).as_secs();
        u32::try_from(whole).unwrap_or(u32::MAX).min(self.spent)
    }
}

/// A channel as WHAPI's manager shows it (providers.md 1.8).
#[derive(Debug)]
pub struct PartnerChannel {
    /// What WHAPI calls it.
    pub provider_ref: String,
    /// Its name there.
    pub name: String,
    /// Its token, where the answer shows one.
    pub token: Option<Secret>,
    /// Its number, if shown.
    pub phone: Option<PhoneNumber>,
    /// Until when it is active.
    pub active_till: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Whether it is in its trial.
    pub trial: bool,
    /// Whether it is stopped.
    pub stopped: bool,
    /// Its word for the state: `active`.
    pub status: String,
}

/// The answer to a question for a login code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginCode {
    /// A picture to scan, as a data URI, and for how many seconds it is good.
    Code {
        /// `data:image/png;base64,…`
        image: String,
        /// Seconds.
        expires_in: u32,
    },
    /// The number is logged in already.
    Authorized,
    /// The channel is not ready to show one; ask again in so many seconds.
    NotReady {
        /// Seconds.
        retry_in: u32,
    },
}

/// A login state that follows from a code's answer.
impl LoginCode {
    /// What it says of the channel's login.
    #[must_use]
    pub const fn auth(&self) -> Option<AuthStatus> {
        match self {
            Self::Code { .. } => Some(AuthStatus::QrGenerated),
            Self::Authorized => Some(AuthStatus::Authorized),
            Self::NotReady { .. } => None,
        }
    }
}
