//! The work of a company's days: when it is due, how far the one of a day has come, and when there is
//! none any more.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::{festival::clock_on, ids::TenantId};

/// When a day's work begins, in the company's zone (S1.124, X20).
pub const START: Time = Time::constant(2, 0, 0, 0);

/// The work of a company's days. There is none for companies without open invoices: the first invoice
/// begins it, and a day without any ends it on the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWork {
    /// Whose it is.
    pub tenant: TenantId,
    /// The day that was gone through last, or is being gone through.
    pub day: Option<Date>,
    /// Up to which invoice; none at the beginning, and when the day is through.
    pub after: Option<(Date, Option<String>)>,
    /// Whether the day before found no open invoice at all. An invoice that comes takes it back.
    pub closing: bool,
    /// When it goes on; none while there is nothing to do.
    pub due: Option<Timestamp>,
    /// Raised by the store at every change.
    pub version: u32,
}

/// The latest day whose work may have begun, and when the work of the day after it begins.
fn latest(zone: &TimeZone, now: Timestamp) -> Option<Date> {
    let today = now.to_zoned(zone.clone()).date();
    match clock_on(today, START, zone) {
        Some(begins) if begins <= now => Some(today),
        Some(_) | None => today.yesterday().ok(),
    }
}

impl DayWork {
    /// The work of a company that never had any.
    #[must_use]
    pub const fn none(tenant: TenantId) -> Self {
        Self {
            tenant,
            day: None,
            after: None,
            closing: false,
            due: None,
            version: 0,
        }
    }

    /// An invoice is open: there is work from the next morning on. Answers whether anything changed.
    pub fn begin(&mut self, zone: &TimeZone, now: Timestamp) -> bool {
        if self.due.is_some() && !self.closing {
            return false;
        }
        self.closing = false;
        if self.due.is_none() {
            // Days without invoices count as gone through.
            self.day = latest(zone, now);
            self.after = None;
            self.due = self.next(zone);
        }
        true
    }

    /// The day to be gone through now; none when its time has not come.
    #[must_use]
    pub fn today(&self, zone: &TimeZone, now: Timestamp) -> Option<Date> {
        let latest = latest(zone, now)?;
        let begun = self.after.is_some();
        match self.day {
            Some(day) if day > latest || (day == latest && !begun) => None,
            Some(_) | None => Some(latest),
        }
    }

    /// When the work of the next day begins.
    #[must_use]
    pub fn next(&self, zone: &TimeZone) -> Option<Timestamp> {
        let next = self.day?.tomorrow().ok()?;
        clock_on(next, START, zone)
    }

    /// Plans the next day's work anew, in a zone that may be another one now. Answers whether anything
    /// changed.
    pub fn plan(&mut self, zone: &TimeZone) -> bool {
        let next = match self.due {
            Some(_) if self.after.is_none() => self.next(zone),
            other => other,
        };
        let changed = self.due != next;
        self.due = next;
        changed
    }

    /// A day is through. Without any open invoice on two days in a row there is no further work.
    pub fn finish(&mut self, day: Date, any_open: bool, zone: &TimeZone) {
        self.day = Some(day);
        self.after = None;
        self.due = if any_open || !self.closing {
            self.next(zone)
        } else {
            None
        };
        self.closing = !any_open && self.due.is_some();
    }
}
