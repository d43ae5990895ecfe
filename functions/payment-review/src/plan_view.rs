//! Plans as they are shown.

use domain::{
    billing::{Plan, RequestType},
    principal::{Action, Principal},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanShown {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// Its price for one period in fils, a thousandth of a Bahraini dinar.
    price_fils: u64,
    /// The same in dinars, with three decimals.
    #[schema(example = "9.500")]
    price_bhd: String,
    /// `monthly`, `half_yearly` or `yearly`.
    billing_period: &'static str,
    /// The days that a payment credits.
    days: u32,
    channels_limit: u32,
    daily_messages_limit: u32,
    bulk_messages_limit: u32,
    features: Vec<String>,
    /// `paid`, `request_quote` or `book_demo`.
    request_type: &'static str,
    /// What its button says: “Subscribe”, “Request Quote” or “Book Demo”.
    label: &'static str,
    /// How it may be paid: `paypal`, `offline`; none for quotes and demos.
    methods: Vec<&'static str>,
    /// PayPal's own id of it; for the platform's people alone.
    paypal_plan_id: Option<String>,
    /// Whether it is offered.
    is_active: bool,
    /// Raised by every change.
    version: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Plans.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanList {
    pub items: Vec<PlanShown>,
}

impl PlanShown {
    /// The plan as this caller may see it.
    pub fn new(plan: Plan, principal: &Principal) -> Self {
        let methods = match (plan.request, &plan.paypal_plan) {
            (RequestType::Paid, Some(_)) => vec!["paypal", "offline"],
            (RequestType::Paid, None) => vec!["offline"],
            (RequestType::RequestQuote | RequestType::BookDemo, _) => Vec::new(),
        };
        let platform = Action::ManagePlatform.allows(principal.role());
        Self {
            id: plan.id.to_string(),
            price_bhd: dinars(plan.price_fils),
            price_fils: plan.price_fils,
            billing_period: plan.period.as_str(),
            days: plan.period.days(),
            channels_limit: plan.channels,
            daily_messages_limit: plan.daily_messages,
            bulk_messages_limit: plan.bulk_per_cycle,
            features: plan.features,
            request_type: plan.request.as_str(),
            label: plan.request.label(),
            methods,
            paypal_plan_id: plan.paypal_plan.filter(|_| platform),
            is_active: plan.active,
            version: plan.version,
            created_at: plan.created_at,
            updated_at: plan.updated_at,
            name: plan.name,
        }
    }
}

/// An amount in dinars, with three decimals.
pub fn dinars(fils: u64) -> String {
    format!("{}.{:03}", fils / 1_000, fils % 1_000)
}
