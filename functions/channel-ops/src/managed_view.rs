//! What a caller gives and reads of channels that the platform pays for.

use domain::{
    channel::Channel,
    managed::{Extension, ExtensionState, LoginCode, ManagedChannel},
    service::managed::{Extended, Login, Removed, ShownState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Hours of a day that is paid for.
const DAY: i64 = 24 * 60 * 60;

/// Days to extend a channel by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExtendChannel)]
pub struct PostedDays {
    /// 1 to 365.
    #[schema(minimum = 1, maximum = 365, example = 30)]
    pub days: u32,
}

/// What a channel costs, and how its two states look as one (X29).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelState)]
pub struct StateShown {
    /// One word for people: `pending`, `qr_generated`, `authorized`, `active`, `disconnected`, `stopped`,
    /// `expired`, `deleting` or `failed`.
    #[schema(example = "active")]
    state: &'static str,
    /// What it costs: `pending`, `trial`, `active`, `stopped` or `expired`; `null` for a channel that the
    /// company brought itself.
    billing: Option<&'static str>,
    /// Until when its days are paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_until: Option<Timestamp>,
    /// Whole days until then.
    days_left: Option<u32>,
    /// Whether it is extended by itself before its days are over, while days are free; `null` for a channel
    /// that the company brought itself.
    auto_extend: Option<bool>,
    /// The extension under way.
    extension: Option<ExtensionShown>,
    /// Why it does not come on, if it does not.
    problem: Option<String>,
}

/// An extension under way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelExtensionUnderWay)]
struct ExtensionShown {
    days: u32,
    /// `asked` until it is known that WHAPI was asked, then `unconfirmed`.
    state: &'static str,
}

/// What came of extending a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelExtended {
    #[schema(format = Uuid)]
    id: String,
    days: u32,
    /// Whether WHAPI confirmed the days; if not, the channel is looked at until it is known.
    confirmed: bool,
    /// Until when its days are paid now.
    #[schema(value_type = Option<String>, format = DateTime)]
    paid_until: Option<Timestamp>,
}

/// How a channel's phone is linked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelLogin {
    /// The picture to scan, as a data URI.
    qr: Option<String>,
    /// For how many seconds it is good.
    expires_in: Option<u32>,
    /// In how many seconds to ask again, while the channel starts.
    retry_in: Option<u32>,
    /// `pending`, `qr_generated`, `authorized` or `disconnected`.
    status: &'static str,
    /// For people.
    message: &'static str,
}

/// What came of deleting a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelRemoved {
    /// Days that came back to the balance; `null` while WHAPI has not confirmed.
    credited_days: Option<u32>,
    /// For people.
    message: &'static str,
}

impl StateShown {
    /// The state of a channel, with its record if there is one.
    pub fn new(channel: &Channel, record: Option<&ManagedChannel>, now: Timestamp) -> Self {
        let till = record.map_or(channel.paid_until, |record| record.active_till);
        let left = till.map(|till| till.duration_since(now).as_secs().max(0) / DAY);
        Self {
            state: ShownState::of(record, channel.auth, now).as_str(),
            billing: record.map(|record| record.billing(now).as_str()),
            paid_until: till,
            days_left: left.and_then(|left| u32::try_from(left).ok()),
            auto_extend: record.map(|record| record.auto_extend),
            extension: record
                .and_then(|record| record.extension.as_ref())
                .map(ExtensionShown::from),
            problem: record.and_then(|record| record.problem.clone()),
        }
    }
}

impl From<&Extension> for ExtensionShown {
    fn from(extension: &Extension) -> Self {
        Self {
            days: extension.days,
            state: match extension.state {
                ExtensionState::Held => "asked",
                ExtensionState::Calling | ExtensionState::Unknown => "unconfirmed",
            },
        }
    }
}

impl From<Extended> for ChannelExtended {
    fn from(extended: Extended) -> Self {
        Self {
            id: extended.record.id.to_string(),
            days: extended.days,
            confirmed: extended.confirmed,
            paid_until: extended.record.active_till,
        }
    }
}

impl From<Login> for ChannelLogin {
    fn from(login: Login) -> Self {
        let status = login.auth.as_str();
        let message = login.message;
        let (qr, expires_in, retry_in) = match login.code {
            LoginCode::Code { image, expires_in } => (Some(image), Some(expires_in), None),
            LoginCode::Authorized => (None, None, None),
            LoginCode::NotReady { retry_in } => (None, None, Some(retry_in)),
        };
        Self {
            qr,
            expires_in,
            retry_in,
            status,
            message,
        }
    }
}

impl From<Removed> for ChannelRemoved {
    fn from(removed: Removed) -> Self {
        Self {
            credited_days: removed.credited_days,
            message: removed.message(),
        }
    }
}
