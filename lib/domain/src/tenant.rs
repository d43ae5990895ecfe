//! Tenants and their plans, as the send path needs them.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{ids::TenantId, message::RetryPolicy, settings::Settings};

/// A company that uses Waypost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// Whether it may use Waypost at all.
    pub active: bool,
    /// Its settings.
    pub settings: Settings,
    /// What it pays for; none means nothing may be sent.
    pub plan: Option<PlanLimits>,
}

/// The limits of a tenant's plan, as accept checks them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLimits {
    /// The plan's name.
    pub name: String,
    /// Outgoing messages per day of the tenant.
    pub daily_messages: u32,
    /// Bulk messages per plan cycle (S0.43's monthly limit, X25); spent by bulk jobs.
    pub bulk_per_cycle: u32,
    /// Channels the tenant may have at once.
    pub channels: u32,
    /// When the current cycle began; none for plans without cycles of their own, which count calendar
    /// months.
    pub from: Option<Timestamp>,
    /// When what is paid ends; none for plans that do not end.
    pub until: Option<Timestamp>,
}

impl PlanLimits {
    /// Whether it counts at a moment.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Tenant {
    /// Whether another is the same company, asked for again: of the same name and zone.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        self.name == other.name && self.settings.zone == other.settings.zone
    }

    /// The tenant's day at a moment; an unknown zone counts as UTC.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.settings.time_zone()).date()
    }

    /// When the tenant's day after this one begins: the moment a daily limit resets.
    #[must_use]
    pub fn day_after(&self, day: Date) -> Option<Timestamp> {
        let next = day.tomorrow().ok()?;
        Some(
            self.settings
                .time_zone()
                .to_ambiguous_zoned(next.into())
                .compatible()
                .ok()?
                .timestamp(),
        )
    }

    /// The plan, while it counts.
    #[must_use]
    pub fn active_plan(&self, now: Timestamp) -> Option<&PlanLimits> {
        self.plan.as_ref().filter(|plan| plan.counts(now))
    }

    /// The cycle of bulk messages that a day belongs to, by its first day: the plan's own, else the
    /// calendar month (S3.35, X25).
    #[must_use]
    pub fn cycle(&self, day: Date) -> Date {
        let from = self.plan.as_ref().and_then(|plan| plan.from);
        from.map_or_else(|| day.first_of_month(), |from| self.day(from))
    }

    /// When that cycle is over: the moment a bulk limit resets.
    #[must_use]
    pub fn cycle_end(&self, day: Date) -> Option<Timestamp> {
        match &self.plan {
            Some(plan) if plan.from.is_some() => plan.until,
            Some(_) | None => self.day_after(day.last_of_month()),
        }
    }

    /// The retry policy of messages that nobody watches.
    #[must_use]
    pub const fn auto_retry(&self) -> RetryPolicy {
        RetryPolicy {
            max: self.settings.retry_max,
            interval_minutes: self.settings.retry_interval_minutes,
            notify: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(zone: &str) -> Tenant {
        Tenant {
            id: TenantId::fresh(),
            name: "Acme".into(),
            active: true,
            settings: Settings {
                zone: zone.into(),
                ..Settings::default()
            },
            plan: None,
        }
    }

    #[test]
    fn a_day_is_the_tenants_own() {
        let at: Timestamp = "2026-11-20T22:30:00Z".parse().unwrap();
        assert_eq!(tenant("Asia/Bahrain").day(at).to_string(), "2026-11-21");
        assert_eq!(tenant("UTC").day(at).to_string(), "2026-11-20");
        assert_eq!(tenant("No/Where").day(at).to_string(), "2026-11-20");
        let reset = tenant("Asia/Bahrain").day_after("2026-11-21".parse().unwrap());
        assert_eq!(reset.unwrap().to_string(), "2026-11-21T21:00:00Z");
    }

    /// A midnight that does not exist (clocks go forward at 00:00) still gives one moment.
    #[test]
    fn a_day_without_midnight_begins_when_the_clock_does() {
        let beirut = tenant("Asia/Beirut");
        let reset = beirut.day_after("2026-03-28".parse().unwrap()).unwrap();
        assert_eq!(beirut.day(reset).to_string(), "2026-03-29");
    }

    /// S1.78, S1.79, X7.
    #[test]
    fn retries_default_to_three_thirty_minutes_apart() {
        let policy = tenant("UTC").auto_retry();
        assert_eq!(
            (policy.max, policy.interval_minutes, policy.notify),
            (3, 30, true)
        );
    }
}
