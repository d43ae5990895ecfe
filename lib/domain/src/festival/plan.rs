//! When a festival is: its next day, and whether greetings are wanted now.
//!
//! Customers are greeted on the day itself, as the company's zone counts it, and never later: whatever
//! kept the greetings back, a festival that is over is over.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{Festival, Round, RoundEnd};

/// How many years ahead the next day of a festival is looked for: a yearly one has a day in each.
const YEARS: i16 = 2;

/// What a festival wants now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Greetings of this day.
    Greet(Date),
    /// Nothing yet, or nothing any more.
    Nothing,
}

/// When a clock of this zone shows a time on a day. A time that a clock jumps over is the first one
/// after; of one that comes twice the first counts.
#[must_use]
pub fn clock_on(day: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let moment = zone.to_ambiguous_zoned(day.to_datetime(time)).compatible();
    Some(moment.ok()?.timestamp())
}

impl Festival {
    /// Its day in a year. A leap day is the last of February in years without one.
    #[must_use]
    pub fn day_in(&self, year: i16) -> Option<Date> {
        if !self.yearly {
            return (self.date.year() == year).then_some(self.date);
        }
        if year < self.date.year() {
            return None;
        }
        let first = Date::new(year, self.date.month(), 1).ok()?;
        let day = self.date.day().min(first.days_in_month());
        Date::new(year, self.date.month(), day).ok()
    }

    /// Its first day on or after this one.
    #[must_use]
    pub fn next_day(&self, from: Date) -> Option<Date> {
        let first = from.year().max(self.date.year());
        (first..=first.checked_add(YEARS)?)
            .filter_map(|year| self.day_in(year))
            .find(|day| *day >= from)
    }

    /// Whether the greetings of this day are over.
    fn is_over(&self, day: Date) -> bool {
        let round = self.round.as_ref().filter(|round| round.day == day);
        round.is_some_and(|round| round.end.is_some())
    }

    /// What it wants at a moment in the company's zone.
    #[must_use]
    pub fn wanted(&self, zone: &TimeZone, now: Timestamp) -> Wanted {
        let today = now.to_zoned(zone.clone()).date();
        let is_today = self.day_in(today.year()) == Some(today);
        if !self.active || !is_today || self.is_over(today) {
            return Wanted::Nothing;
        }
        match clock_on(today, self.time, zone) {
            Some(begins) if begins <= now => Wanted::Greet(today),
            Some(_) | None => Wanted::Nothing,
        }
    }

    /// Plans the next greetings, and closes those whose day is over.
    pub fn plan(&mut self, zone: &TimeZone, now: Timestamp) {
        let today = now.to_zoned(zone.clone()).date();
        if let Some(round) = &mut self.round
            && round.day < today
            && round.end.is_none()
        {
            round.end = Some(RoundEnd::DayOver);
        }
        let next = self.next_day(today).filter(|_| self.active);
        let next = match next {
            Some(day) if self.is_over(day) => {
                day.tomorrow().ok().and_then(|after| self.next_day(after))
            }
            other => other,
        };
        self.due = next.and_then(|day| clock_on(day, self.time, zone));
    }

    /// The greetings of a day as far as they have come.
    #[must_use]
    pub fn round_of(&self, day: Date) -> Round {
        let known = self.round.clone().filter(|round| round.day == day);
        known.unwrap_or_else(|| Round::beginning(day))
    }
}
