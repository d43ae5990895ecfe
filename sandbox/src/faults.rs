//! Fault orders: what shall go wrong with the next matching requests or webhooks.

use serde::{Deserialize, Serialize};

use crate::state::Refusal;

/// One fault order. It applies to the next `times` matching requests (or webhooks, or
/// windows of webhooks) and then disappears.
#[derive(Clone, Debug, Deserialize)]
pub struct FaultOrder {
    /// Only this channel: WHAPI's token, 360Messenger's key, or the id in Meta's path.
    #[serde(default, alias = "channel")]
    pub token: Option<String>,
    /// Only this path; a trailing `*` matches any ending.
    #[serde(default)]
    pub path: Option<String>,
    /// Only this HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only sends to this recipient; compared without a leading `+` and up to an `@`.
    #[serde(default)]
    pub to: Option<String>,
    /// Webhook faults only: `messages`, `statuses`, `channel`, `users`, `raw`, or any
    /// other field of Meta's.
    #[serde(default)]
    pub event: Option<String>,
    /// How often it applies.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Fault,
}

fn once() -> u32 {
    1
}

impl FaultOrder {
    /// `kind`, once, for whatever comes first.
    #[must_use]
    pub fn once(kind: Fault) -> Self {
        Self {
            token: None,
            path: None,
            method: None,
            to: None,
            event: None,
            times: 1,
            kind,
        }
    }

    /// Refuses orders that could never be carried out.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let code = match &self.kind {
            Fault::Status { code, .. } | Fault::ErrorAfterAccept { code, .. } => Some(*code),
            Fault::MetaError { http, .. } => *http,
            _ => None,
        };
        match code {
            Some(code) if !(200..=599).contains(&code) => {
                Err(Refusal::Invalid(format!("{code} is no answer status")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What can go wrong.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The request is processed this much later, whether or not the caller still waits.
    Latency {
        /// The delay.
        ms: u64,
    },
    /// The request is refused with this status; nothing is accepted.
    Status {
        /// The HTTP status.
        code: u16,
        /// The form of the error body.
        #[serde(default)]
        body_shape: BodyShape,
        /// The error text; a usual one for the status when absent.
        #[serde(default)]
        message: Option<String>,
        /// Seconds for a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An error of Meta's by its code. Other providers answer its HTTP status.
    MetaError {
        /// Meta's code, known or not.
        code: u32,
        /// The HTTP status; the documented one for the code when absent.
        #[serde(default)]
        http: Option<u16>,
        /// The text after `(#code)`; the documented one when absent.
        #[serde(default)]
        message: Option<String>,
        /// `error_data.details`; a usual one when absent.
        #[serde(default)]
        details: Option<String>,
        /// `error_subcode`, which newer versions no longer give.
        #[serde(default)]
        subcode: Option<u32>,
        /// `is_transient`.
        #[serde(default)]
        transient: Option<bool>,
        /// Seconds for a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
        /// Whether the message is accepted all the same.
        #[serde(default)]
        after_accept: bool,
    },
    /// The message is accepted and its statuses advance, but no answer comes.
    TimeoutAfterAccept {
        /// When the sandbox gives up too and cuts the connection.
        #[serde(default = "very_long")]
        ms: u64,
    },
    /// Nothing is accepted and no answer comes.
    TimeoutBeforeAccept {
        /// When the sandbox gives up too and cuts the connection.
        #[serde(default = "very_long")]
        ms: u64,
    },
    /// Nothing is accepted and the connection is cut.
    ResetBeforeAccept,
    /// The message is accepted and the connection is cut.
    ResetAfterAccept,
    /// The message is accepted and the answer is an error all the same.
    ErrorAfterAccept {
        /// The HTTP status.
        #[serde(default = "internal_error")]
        code: u16,
        /// The form of the error body.
        #[serde(default)]
        body_shape: BodyShape,
    },
    /// The message is accepted; the answer is a success without the message's id.
    OkWithoutId,
    /// The request succeeds; the answer is 200 with an unreadable body.
    GarbageBody,
    /// Each matching webhook is posted `n` more times.
    DuplicateWebhooks {
        /// Extra copies.
        #[serde(default = "once")]
        n: u32,
    },
    /// Webhooks are held until there are `window` of them, and released in reverse.
    ReorderWebhooks {
        /// How many are reversed.
        window: usize,
        /// When an incomplete window is released.
        #[serde(default = "hold")]
        hold_ms: u64,
    },
    /// Webhooks are held until there are `window` of them, and posted as one body when
    /// they fit together.
    BatchWebhooks {
        /// How many are joined.
        window: usize,
        /// When an incomplete window is released.
        #[serde(default = "hold")]
        hold_ms: u64,
    },
    /// These statuses are posted, and answered by the receiver, before the send answer.
    EarlyStatus {
        /// The statuses, in order.
        #[serde(default = "sent_and_delivered")]
        statuses: Vec<String>,
    },
}

fn very_long() -> u64 {
    600_000
}

fn hold() -> u64 {
    5_000
}

fn internal_error() -> u16 {
    500
}

fn sent_and_delivered() -> Vec<String> {
    vec!["sent".into(), "delivered".into()]
}

/// The form of an error body.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyShape {
    /// The provider's documented form; for WHAPI `{"error":{"code":..,"message":".."}}`.
    #[default]
    Nested,
    /// `{"code":..,"error":".."}`, as several WHAPI clients read it; WHAPI only.
    Flat,
    /// A proxy's HTML page.
    Html,
    /// No body.
    Empty,
}

/// The moment at which a fault takes effect. One request can meet one fault of each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    Arrival,
    BeforeAccept,
    EarlyWebhooks,
    Answer,
    Duplicate,
    Hold,
}

impl Fault {
    pub(crate) fn moment(&self) -> Moment {
        match self {
            Self::Latency { .. } => Moment::Arrival,
            Self::Status { .. } | Self::TimeoutBeforeAccept { .. } | Self::ResetBeforeAccept => {
                Moment::BeforeAccept
            }
            Self::MetaError { after_accept, .. } => match after_accept {
                true => Moment::Answer,
                false => Moment::BeforeAccept,
            },
            Self::EarlyStatus { .. } => Moment::EarlyWebhooks,
            Self::TimeoutAfterAccept { .. }
            | Self::ResetAfterAccept
            | Self::ErrorAfterAccept { .. }
            | Self::OkWithoutId
            | Self::GarbageBody => Moment::Answer,
            Self::DuplicateWebhooks { .. } => Moment::Duplicate,
            Self::ReorderWebhooks { .. } | Self::BatchWebhooks { .. } => Moment::Hold,
        }
    }

    /// Whether only a request that can be accepted, a send, meets this fault.
    pub(crate) fn needs_send(&self) -> bool {
        match self {
            Self::TimeoutAfterAccept { .. }
            | Self::ResetAfterAccept
            | Self::ErrorAfterAccept { .. }
            | Self::OkWithoutId
            | Self::EarlyStatus { .. } => true,
            Self::MetaError { after_accept, .. } => *after_accept,
            Self::Latency { .. }
            | Self::Status { .. }
            | Self::TimeoutBeforeAccept { .. }
            | Self::ResetBeforeAccept
            | Self::GarbageBody
            | Self::DuplicateWebhooks { .. }
            | Self::ReorderWebhooks { .. }
            | Self::BatchWebhooks { .. } => false,
        }
    }
}
