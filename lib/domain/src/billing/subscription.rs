//! Subscriptions: a company's use of a plan.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::PayPalTimes;
use crate::ids::{PlanId, SubscriptionId, TenantId, UserId};

/// Where a subscription stands (S3.60).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Not paid yet.
    Pending,
    /// Paid.
    Active,
    /// Its time is over.
    Expired,
    /// It is not prolonged any more; what is paid may be used until its end.
    Canceled,
}

impl SubscriptionState {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }
}

/// How a subscription is paid (S3.39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// By PayPal, which renews it by itself.
    #[serde(rename = "paypal")]
    PayPal,
    /// By a transfer, whose proof the platform's people look at.
    Offline,
}

impl PaymentMethod {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayPal => "paypal",
            Self::Offline => "offline",
        }
    }
}

/// What PayPal knows of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPalLink {
    /// What PayPal calls it.
    pub id: String,
    /// Where the buyer approves it; empty while only a webhook told of it.
    pub approve_url: String,
    /// When it said what of it.
    pub times: PayPalTimes,
}

impl PayPalLink {
    /// A subscription at PayPal of which nothing was told yet.
    #[must_use]
    pub fn new(id: &str, approve_url: &str) -> Self {
        Self {
            id: id.to_owned(),
            approve_url: approve_url.to_owned(),
            times: PayPalTimes::default(),
        }
    }
}

/// A subscription (S3.60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who asked for it.
    pub user: UserId,
    /// Their address, for what they are told about it.
    pub email: Option<String>,
    /// To which plan.
    pub plan: PlanId,
    /// What the plan was called then.
    pub plan_name: String,
    /// Where it stands.
    pub state: SubscriptionState,
    /// How it is paid.
    pub method: PaymentMethod,
    /// When its first period began.
    pub start_at: Option<Timestamp>,
    /// When what is paid ends.
    pub end_at: Option<Timestamp>,
    /// Periods that were paid.
    pub paid: u32,
    /// The reference of an offline payment.
    pub reference: Option<String>,
    /// PayPal's side of it, once PayPal answered.
    pub paypal: Option<PayPalLink>,
    /// Who approved the last offline payment.
    pub approved_by: Option<UserId>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

/// So long before a plan ends its company is told.
const REMINDED: SignedDuration = SignedDuration::from_hours(3 * 24);

impl Subscription {
    /// When it is looked at next: three days before its end, to tell its company, and at its end. One that
    /// PayPal prolongs by itself is looked at when it ends. Whatever is written within these days counts as
    /// told: the company has just been at it.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let renews = match self.method {
            PaymentMethod::PayPal => self.state == SubscriptionState::Active,
            PaymentMethod::Offline => false,
        };
        match self.state {
            SubscriptionState::Pending | SubscriptionState::Expired => None,
            SubscriptionState::Active | SubscriptionState::Canceled => {
                let end = self.end_at?;
                let reminded = end.checked_sub(REMINDED).ok()?;
                if renews || self.updated_at >= reminded {
                    Some(end)
                } else {
                    Some(reminded)
                }
            }
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
}
