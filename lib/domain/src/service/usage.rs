//! What a company has used of its plan today and before, and whether it may send more.

use jiff::{Timestamp, ToSpan, civil::Date};

use super::allowance::{Allowance, Left};
use crate::{
    failure::AppFailure,
    ports::{Acceptances, Directory, Money, Runs},
    principal::Principal,
};

/// The most days of history in one answer.
pub const LONGEST_HISTORY: u8 = 31;

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The company's day.
    pub day: Date,
    /// Messages that count against this day.
    pub used: u32,
    /// How many the plan allows a day; nothing without a plan.
    pub limit: u32,
    /// How many more may be sent today.
    pub remaining: u32,
    /// When the count begins anew.
    pub resets_at: Option<Timestamp>,
    /// How many bulk messages the plan allows in a cycle.
    pub bulk_limit: u32,
    /// The first day of the cycle: the plan's own, else the calendar month's.
    pub cycle: Date,
    /// When the cycle is over.
    pub cycle_ends_at: Option<Timestamp>,
    /// How many bulk messages count against the cycle.
    pub bulk_used: u32,
    /// What may be done now.
    pub allowance: Allowance,
    /// Days and what counted against each, today first.
    pub history: Vec<(Date, u32)>,
}

/// What was used today and on the days before, so many days together.
///
/// # Errors
/// `NOT_FOUND` when there is no such company any more.
pub async fn usage<S: Directory + Acceptances + Runs + Money>(
    store: &S,
    principal: &Principal,
    now: Timestamp,
    days: u8,
) -> Result<Usage, AppFailure> {
    let tenant = store
        .tenant(principal.tenant())
        .await?
        .ok_or_else(|| AppFailure::not_found("There is no such company."))?;
    let today = tenant.day(now);
    let mut history = Vec::new();
    for back in 0..i64::from(days.clamp(1, LONGEST_HISTORY)) {
        let Ok(day) = today.checked_sub(back.days()) else {
            break;
        };
        history.push((day, store.used(tenant.id, day).await?));
    }
    let used = history.first().map_or(0, |(_, used)| *used);
    let cycle = tenant.cycle(today);
    let bulk_used = store.used_bulk(tenant.id, cycle).await?;
    let plan = tenant.active_plan(now);
    let limit = plan.map_or(0, |plan| plan.daily_messages);
    let remaining = limit.saturating_sub(used);
    let bulk_limit = plan.map_or(0, |plan| plan.bulk_per_cycle);
    let account = store.account(tenant.id).await?;
    let channels = store.channels(tenant.id).await?;
    let left = Left {
        daily: remaining,
        bulk: bulk_limit.saturating_sub(bulk_used),
    };
    Ok(Usage {
        day: today,
        used,
        limit,
        remaining,
        resets_at: tenant.day_after(today),
        bulk_limit,
        cycle,
        bulk_used,
        cycle_ends_at: tenant.cycle_end(today),
        allowance: Allowance::of(&tenant, &account, &channels, left, now),
        history,
    })
}
