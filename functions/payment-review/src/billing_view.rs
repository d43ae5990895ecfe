//! What a company pays for and what is left of it, as it is shown.

use domain::{
    billing::{Entry, Side},
    principal::Principal,
    service::billing::{ChannelEnd, Overview},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{payment_view::PaymentShown, subscription_view::SubscriptionShown};

/// What a company pays for, and what is left of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Billing)]
pub struct BillingShown {
    #[schema(format = Uuid)]
    tenant_id: String,
    company: String,
    /// What the plan is called; none when there never was one.
    plan_name: Option<String>,
    /// `none`, `pending` (ordered, not paid), `active`, `canceled` (active until its end) or `expired`.
    status: &'static str,
    channels: ChannelsShown,
    /// Days of channels.
    days: DaysShown,
    /// When what is paid ends; none for a plan that does not end.
    plan_ends_at: Option<Timestamp>,
    /// The channel whose days are over first.
    next_channel_end: Option<ChannelEndShown>,
    limits: Option<LimitsShown>,
    /// The subscription that counts.
    subscription: Option<SubscriptionShown>,
    /// An order that waits for its payment.
    ordered: Option<SubscriptionShown>,
    /// A payment that waits for its review.
    pending_payment: Option<PaymentShown>,
}

/// Channels of the company's plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BillingChannels)]
struct ChannelsShown {
    used: u32,
    limit: u32,
    can_add: bool,
    /// Why none can be added: `NO_PLAN`, `CHANNEL_LIMIT` or `DAYS_EXHAUSTED`.
    reason: Option<&'static str>,
    /// What to show beside the button then: the words in which `POST /v1/channels` refuses.
    note: Option<&'static str>,
}

/// Days: `remaining` is always `total` − `consumed`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BillingDays)]
struct DaysShown {
    /// Credited in all.
    total: u32,
    /// Given to channels, or set aside for an extension under way.
    consumed: u32,
    /// Still to be given to channels.
    remaining: u32,
    /// When they last changed.
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BillingLimits)]
struct LimitsShown {
    daily_messages: u32,
    bulk_per_cycle: u32,
    /// When the cycle of the bulk limit began.
    cycle_began_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelEnd)]
struct ChannelEndShown {
    #[schema(format = Uuid)]
    channel_id: String,
    name: String,
    at: Timestamp,
}

impl BillingShown {
    /// The overview as this caller may see it.
    pub fn new(overview: Overview, principal: &Principal) -> Self {
        let barred = overview.no_channel;
        let Overview {
            account, limits, ..
        } = &overview;
        Self {
            tenant_id: overview.tenant.to_string(),
            plan_name: limits.as_ref().map(|limits| limits.name.clone()),
            status: overview.status.as_str(),
            channels: ChannelsShown {
                used: account.channels,
                limit: limits.as_ref().map_or(0, |limits| limits.channels),
                can_add: barred.is_none(),
                reason: barred.map(|barred| barred.reason),
                note: barred.map(|barred| barred.note),
            },
            days: DaysShown {
                total: account.balances.total,
                consumed: account.balances.consumed(),
                remaining: account.balances.remaining(),
                updated_at: account.updated_at,
            },
            plan_ends_at: limits.as_ref().and_then(|limits| limits.until),
            limits: limits.as_ref().map(|limits| LimitsShown {
                daily_messages: limits.daily_messages,
                bulk_per_cycle: limits.bulk_per_cycle,
                cycle_began_at: limits.from,
            }),
            company: overview.company,
            next_channel_end: overview.channel_end.map(Into::into),
            subscription: overview.subscription.map(Into::into),
            ordered: overview.ordered.map(Into::into),
            pending_payment: overview
                .pending
                .map(|payment| PaymentShown::new(payment, principal)),
        }
    }
}

impl From<ChannelEnd> for ChannelEndShown {
    fn from(end: ChannelEnd) -> Self {
        Self {
            channel_id: end.id.to_string(),
            name: end.name,
            at: end.at,
        }
    }
}

/// An entry of the ledger of days: from one side to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub struct EntryShown {
    /// The fact it is about; there is one entry of a fact.
    #[schema(example = "proof:0192f0c1-a2b3-7c4d-8e5f-60718293a4b5:approve")]
    name: String,
    /// `granted` (by the platform), `free`, `held` (for an extension under way) or `channel`.
    from: &'static str,
    to: &'static str,
    /// Which channel, where one is a side of it.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    days: u32,
    by: String,
    at: Timestamp,
}

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerPage)]
pub struct EntryList {
    pub items: Vec<EntryShown>,
    pub next_cursor: Option<String>,
}

impl From<Entry> for EntryShown {
    fn from(entry: Entry) -> Self {
        let channel = match (entry.from, entry.to) {
            (Side::Held(channel) | Side::Channel(channel), _)
            | (_, Side::Held(channel) | Side::Channel(channel)) => Some(channel),
            (Side::Granted | Side::Free, Side::Granted | Side::Free) => None,
        };
        Self {
            name: entry.name,
            from: side(entry.from),
            to: side(entry.to),
            channel_id: channel.map(|channel| channel.to_string()),
            days: entry.days,
            by: entry.by.to_string(),
            at: entry.at,
        }
    }
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Granted => "granted",
        Side::Free => "free",
        Side::Held(_) => "held",
        Side::Channel(_) => "channel",
    }
}
