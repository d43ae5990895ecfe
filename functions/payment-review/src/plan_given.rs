//! Plans as the platform's people write them.

use domain::{
    billing::{BillingPeriod, RequestType},
    service::billing::{PlanEdit, PlanGiven},
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A plan to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlan)]
pub struct PostedPlan {
    #[schema(max_length = 60, example = "Starter")]
    name: String,
    /// Its price for one period in fils: BHD 9.500 is 9500. May be 0 for quotes and demos.
    #[schema(example = 9500)]
    price_fils: u64,
    billing_period: PeriodGiven,
    /// Channels a company may have at once.
    #[schema(minimum = 1, maximum = 1000)]
    channels_limit: u32,
    /// Outgoing messages per day of the company.
    #[schema(minimum = 1, maximum = 10_000_000)]
    daily_messages_limit: u32,
    /// Bulk messages per period.
    #[schema(minimum = 0, maximum = 10_000_000)]
    bulk_messages_limit: u32,
    /// What it offers, in words; 20 lines at most.
    #[serde(default)]
    #[schema(example = json!(["One channel", "Shared inbox"]))]
    features: Vec<String>,
    /// PayPal's own id of the plan; without one it is not paid at PayPal.
    #[schema(example = "P-ACMESTARTER0000000000001")]
    paypal_plan_id: Option<String>,
    request_type: RequestGiven,
    /// Whether it is offered.
    #[serde(default = "yes")]
    #[schema(default = true)]
    active: bool,
}

/// What is to change about a plan; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChange)]
pub struct PutPlan {
    /// The version that was read: the change is refused if there is another one by now.
    version: u32,
    #[schema(max_length = 60)]
    name: Option<String>,
    price_fils: Option<u64>,
    billing_period: Option<PeriodGiven>,
    #[schema(minimum = 1, maximum = 1000)]
    channels_limit: Option<u32>,
    #[schema(minimum = 1, maximum = 10_000_000)]
    daily_messages_limit: Option<u32>,
    #[schema(minimum = 0, maximum = 10_000_000)]
    bulk_messages_limit: Option<u32>,
    /// All features.
    features: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    paypal_plan_id: Option<Option<String>>,
    request_type: Option<RequestGiven>,
    active: Option<bool>,
}

/// For how long a plan is paid at a time: 30, 180 or 365 days.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BillingPeriod)]
enum PeriodGiven {
    Monthly,
    HalfYearly,
    Yearly,
}

/// How a plan is come by.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RequestType)]
enum RequestGiven {
    Paid,
    RequestQuote,
    BookDemo,
}

impl From<PeriodGiven> for BillingPeriod {
    fn from(given: PeriodGiven) -> Self {
        match given {
            PeriodGiven::Monthly => Self::Monthly,
            PeriodGiven::HalfYearly => Self::HalfYearly,
            PeriodGiven::Yearly => Self::Yearly,
        }
    }
}

impl From<RequestGiven> for RequestType {
    fn from(given: RequestGiven) -> Self {
        match given {
            RequestGiven::Paid => Self::Paid,
            RequestGiven::RequestQuote => Self::RequestQuote,
            RequestGiven::BookDemo => Self::BookDemo,
        }
    }
}

const fn yes() -> bool {
    true
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, T, D>(value: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(value).map(Some)
}

impl From<PostedPlan> for PlanGiven {
    fn from(posted: PostedPlan) -> Self {
        Self {
            name: posted.name,
            price_fils: posted.price_fils,
            period: posted.billing_period.into(),
            channels: posted.channels_limit,
            daily_messages: posted.daily_messages_limit,
            bulk_per_cycle: posted.bulk_messages_limit,
            features: posted.features,
            paypal_plan: posted.paypal_plan_id,
            request: posted.request_type.into(),
            active: posted.active,
        }
    }
}

impl From<PutPlan> for PlanEdit {
    fn from(put: PutPlan) -> Self {
        Self {
            version: put.version,
            name: put.name,
            price_fils: put.price_fils,
            period: put.billing_period.map(Into::into),
            channels: put.channels_limit,
            daily_messages: put.daily_messages_limit,
            bulk_per_cycle: put.bulk_messages_limit,
            features: put.features,
            paypal_plan: put.paypal_plan_id,
            request: put.request_type.map(Into::into),
            active: put.active,
        }
    }
}
