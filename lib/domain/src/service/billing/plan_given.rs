//! Plans as the platform's people write them, checked.

use jiff::Timestamp;

use crate::{
    billing::{BillingPeriod, Plan, RequestType},
    failure::{AppFailure, FieldProblem},
    ids::PlanId,
};

const LONGEST_NAME: usize = 60;
const LONGEST_FEATURE: usize = 120;
const MOST_FEATURES: usize = 20;
/// A million dinars.
const DEAREST_FILS: u64 = 1_000_000_000;
const MOST_CHANNELS: u32 = 1_000;
const MOST_MESSAGES: u32 = 10_000_000;

/// A plan to be made (S3.55, S3.59).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanGiven {
    /// Its name.
    pub name: String,
    /// Its price for one period, in fils.
    pub price_fils: u64,
    /// How long a payment lasts.
    pub period: BillingPeriod,
    /// Channels at once.
    pub channels: u32,
    /// Outgoing messages per day.
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
}

/// What is to change about a plan; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanEdit {
    /// The version the caller saw.
    pub version: u32,
    /// See [`PlanGiven`], as for all of the following.
    pub name: Option<String>,
    /// Its price, in fils.
    pub price_fils: Option<u64>,
    /// How long a payment lasts.
    pub period: Option<BillingPeriod>,
    /// Channels at once.
    pub channels: Option<u32>,
    /// Outgoing messages per day.
    pub daily_messages: Option<u32>,
    /// Bulk messages per period.
    pub bulk_per_cycle: Option<u32>,
    /// What it offers.
    pub features: Option<Vec<String>>,
    /// What PayPal calls it, or nothing.
    pub paypal_plan: Option<Option<String>>,
    /// How it is come by.
    pub request: Option<RequestType>,
    /// Whether it is offered.
    pub active: Option<bool>,
}

impl PlanEdit {
    pub(super) fn over(self, plan: &Plan) -> PlanGiven {
        PlanGiven {
            name: self.name.unwrap_or_else(|| plan.name.clone()),
            price_fils: self.price_fils.unwrap_or(plan.price_fils),
            period: self.period.unwrap_or(plan.period),
            channels: self.channels.unwrap_or(plan.channels),
            daily_messages: self.daily_messages.unwrap_or(plan.daily_messages),
            bulk_per_cycle: self.bulk_per_cycle.unwrap_or(plan.bulk_per_cycle),
            features: self.features.unwrap_or_else(|| plan.features.clone()),
            paypal_plan: self.paypal_plan.unwrap_or_else(|| plan.paypal_plan.clone()),
            request: self.request.unwrap_or(plan.request),
            active: self.active.unwrap_or(plan.active),
        }
    }
}

impl PlanGiven {
    /// A plan like this, as it was made.
    pub(super) fn plan(self, id: PlanId, made: Timestamp, version: u32) -> Plan {
        Plan {
            id,
            name: self.name,
            price_fils: self.price_fils,
            period: self.period,
            channels: self.channels,
            daily_messages: self.daily_messages,
            bulk_per_cycle: self.bulk_per_cycle,
            features: self.features,
            paypal_plan: self.paypal_plan,
            request: self.request,
            active: self.active,
            created_at: made,
            updated_at: made,
            version,
        }
    }

    /// The same without spaces around its texts, if it can be a plan.
    ///
    /// # Errors
    /// VALIDATION with every wrong field.
    pub(super) fn checked(mut self) -> Result<Self, AppFailure> {
        let mut problems = Vec::new();
        self.name = self.name.trim().to_owned();
        if !fits(&self.name, LONGEST_NAME) {
            problem(
                &mut problems,
                "name",
                "FORMAT",
                "give it a name of 1 to 60 characters on one line",
            );
        }
        self.priced(&mut problems);
        between(
            &mut problems,
            "channels_limit",
            self.channels,
            1,
            MOST_CHANNELS,
        );
        let daily = self.daily_messages;
        between(
            &mut problems,
            "daily_messages_limit",
            daily,
            1,
            MOST_MESSAGES,
        );
        let bulk = self.bulk_per_cycle;
        between(&mut problems, "bulk_messages_limit", bulk, 0, MOST_MESSAGES);
        self.featured(&mut problems);
        self.payable(&mut problems);
        if problems.is_empty() {
            return Ok(self);
        }
        Err(AppFailure::validation(
            "The plan cannot be so; see the fields.",
            problems,
        ))
    }

    fn priced(&self, problems: &mut Vec<FieldProblem>) {
        if self.price_fils > DEAREST_FILS {
            let most = "give the price in fils (BHD 9.500 is 9500), 1000000000 at most";
            problem(problems, "price_fils", "TOO_LARGE", most);
        } else if self.price_fils == 0 && self.request == RequestType::Paid {
            let none = "a plan that is paid has a price; give it in fils (BHD 9.500 is 9500), \
                        or use request_quote or book_demo";
            problem(problems, "price_fils", "REQUIRED", none);
        }
    }

    fn featured(&mut self, problems: &mut Vec<FieldProblem>) {
        if self.features.len() > MOST_FEATURES {
            let most = "give 20 features at most";
            problem(problems, "features", "TOO_MANY", most);
        }
        for (index, feature) in self.features.iter_mut().enumerate() {
            *feature = feature.trim().to_owned();
            if !fits(feature, LONGEST_FEATURE) {
                let form = "give each feature 1 to 120 characters on one line";
                problem(problems, format!("features[{index}]"), "FORMAT", form);
            }
        }
    }

    /// Only a plan that is paid is paid at PayPal.
    fn payable(&mut self, problems: &mut Vec<FieldProblem>) {
        let given = self.paypal_plan.take().map(|id| id.trim().to_owned());
        self.paypal_plan = given.filter(|id| !id.is_empty());
        let Some(id) = &self.paypal_plan else {
            return;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(3..=50).contains(&id.len()) || !id.chars().all(plain) {
            let form = "copy the plan's id from PayPal, it looks like P-ACMESTARTER0000000000001; \
                        leave it out when PayPal is not offered";
            problem(problems, "paypal_plan_id", "FORMAT", form);
        } else if self.request != RequestType::Paid {
            let other = "a plan for quotes or demos is not paid at PayPal; leave it out";
            problem(problems, "paypal_plan_id", "NOT_PAID", other);
        }
    }
}

fn problem(
    problems: &mut Vec<FieldProblem>,
    field: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
) {
    problems.push(FieldProblem::new(field, code, message));
}

fn between(
    problems: &mut Vec<FieldProblem>,
    field: &'static str,
    given: u32,
    least: u32,
    most: u32,
) {
    if !(least..=most).contains(&given) {
        let range = format!("give a number from {least} to {most}");
        problem(problems, field, "OUT_OF_RANGE", range);
    }
}

/// A line of text that can be shown.
pub(super) fn fits(text: &str, longest: usize) -> bool {
    let length = text.chars().count();
    (1..=longest).contains(&length) && !text.chars().any(char::is_control)
}
