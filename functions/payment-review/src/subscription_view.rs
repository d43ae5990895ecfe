//! Subscriptions as they are shown.

use domain::billing::{Subscription, SubscriptionState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionShown {
    #[schema(format = Uuid)]
    id: String,
    /// Who asked for it.
    user_id: String,
    #[schema(format = Uuid)]
    plan_id: String,
    plan_name: String,
    /// `pending`, `active`, `expired` or `canceled`.
    status: &'static str,
    /// `paypal` or `offline`.
    payment_method: &'static str,
    /// When its first period began.
    start_at: Option<Timestamp>,
    /// When what is paid ends.
    end_at: Option<Timestamp>,
    /// Periods that were paid.
    payments: u32,
    /// The reference of the last offline payment.
    offline_reference: Option<String>,
    /// Where the buyer approves it at PayPal, while it waits for that.
    approve_url: Option<String>,
    approved_by: Option<String>,
    approved_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of subscriptions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionList {
    pub items: Vec<SubscriptionShown>,
    pub next_cursor: Option<String>,
}

impl From<Subscription> for SubscriptionShown {
    fn from(one: Subscription) -> Self {
        let waits = one.state == SubscriptionState::Pending;
        Self {
            id: one.id.to_string(),
            user_id: one.user.to_string(),
            plan_id: one.plan.to_string(),
            plan_name: one.plan_name,
            status: one.state.as_str(),
            payment_method: one.method.as_str(),
            start_at: one.start_at,
            end_at: one.end_at,
            payments: one.paid,
            offline_reference: one.reference,
            approve_url: one
                .paypal
                .map(|paypal| paypal.approve_url)
                .filter(|url| waits && !url.is_empty()),
            approved_by: one.approved_by.map(|user| user.to_string()),
            approved_at: one.approved_at,
            created_at: one.created_at,
            updated_at: one.updated_at,
        }
    }
}
