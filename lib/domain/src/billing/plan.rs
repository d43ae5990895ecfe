//! Plans: what the platform offers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{ids::PlanId, tenant::PlanLimits};

/// For how long a plan is paid at a time: so many days are credited, and its limits per cycle count for
/// as long (S3.36).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingPeriod {
    /// 30 days.
    Monthly,
    /// 180 days.
    HalfYearly,
    /// 365 days.
    Yearly,
}

impl BillingPeriod {
    /// Every period, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Monthly, Self::HalfYearly, Self::Yearly];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::HalfYearly => "half_yearly",
            Self::Yearly => "yearly",
        }
    }

    /// The days it credits.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Monthly => 30,
            Self::HalfYearly => 180,
            Self::Yearly => 365,
        }
    }

    /// How long it lasts: whole days of 24 hours.
    #[must_use]
    pub const fn length(self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.days() as i64)
    }
}

/// How a plan is come by; its button says so (S3.37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// Companies subscribe to it and pay.
    Paid,
    /// They ask for a quote.
    RequestQuote,
    /// They book a demo.
    BookDemo,
}

impl RequestType {
    /// Every type, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Paid, Self::RequestQuote, Self::BookDemo];

    /// The name in answers (S3.59).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::RequestQuote => "request_quote",
            Self::BookDemo => "book_demo",
        }
    }

    /// What the plan's button says (S3.37, verbatim).
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Paid => "Subscribe",
            Self::RequestQuote => "Request Quote",
            Self::BookDemo => "Book Demo",
        }
    }
}

/// A plan (S3.59).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// Its price for one period in fils, a thousandth of a Bahraini dinar.
    pub price_fils: u64,
    /// How long a payment lasts.
    pub period: BillingPeriod,
    /// Channels a company may have at once.
    pub channels: u32,
    /// Outgoing messages per day of the company.
    pub daily_messages: u32,
    /// Bulk messages per period.
    pub bulk_per_cycle: u32,
    /// What it offers, in words.
    pub features: Vec<String>,
    /// What PayPal calls it; none when it cannot be paid there.
    pub paypal_plan: Option<String>,
    /// How it is come by.
    pub request: RequestType,
    /// Whether it is offered.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

impl Plan {
    /// The same as its next version, as it is stored.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// What it allows, from a moment until another.
    #[must_use]
    pub fn limits(&self, from: Timestamp, until: Timestamp) -> PlanLimits {
        PlanLimits {
            name: self.name.clone(),
            daily_messages: self.daily_messages,
            bulk_per_cycle: self.bulk_per_cycle,
            channels: self.channels,
            from: Some(from),
            until: Some(until),
        }
    }
}
