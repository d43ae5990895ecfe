//! What a payment does to a subscription, however it was paid.

use jiff::{SignedDuration, Timestamp};

use crate::{
    billing::{Plan, Subscription, SubscriptionState},
    failure::AppFailure,
    tenant::PlanLimits,
};

/// The subscription after a payment for so many days, and what its company may do from now on. The days
/// begin when what is paid already ends, or now. A cycle of bulk messages begins with each payment: so many
/// payments, so many cycles (S3.36).
///
/// # Errors
/// UNKNOWN when the end is beyond all calendars.
pub fn paid(
    mut subscription: Subscription,
    plan: &Plan,
    days: u32,
    now: Timestamp,
) -> Result<(Subscription, PlanLimits), AppFailure> {
    let begins = subscription.end_at.filter(|end| *end > now).unwrap_or(now);
    let ends = begins
        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(AppFailure::unknown)?;
    subscription.state = SubscriptionState::Active;
    subscription.start_at.get_or_insert(now);
    subscription.end_at = Some(ends);
    subscription.paid = subscription.paid.saturating_add(1);
    subscription.updated_at = now;
    let limits = plan.limits(now, ends);
    Ok((subscription, limits))
}
