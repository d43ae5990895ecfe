//! Date ranges as people give them: days of the company's own, or moments.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{failure::AppFailure, ports::Directory, principal::Principal};

/// One end of a date range as somebody gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// A day of the company's own; as a last day it is a part of the range.
    Day(Date),
    /// A moment; as the last one it is no part of the range.
    Moment(Timestamp),
}

impl Edge {
    /// Reads `2026-11-20` or an RFC 3339 time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let day = || {
            text.parse()
                .ok()
                .filter(|_| text.len() == 10)
                .map(Self::Day)
        };
        day().or_else(|| text.parse().ok().map(Self::Moment))
    }

    fn first(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => beginning(day, zone),
            Self::Moment(at) => Some(at),
        }
    }

    fn end(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => beginning(day.tomorrow().ok()?, zone),
            Self::Moment(at) => Some(at),
        }
    }
}

/// When a day begins where the company is.
fn beginning(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let start = zone.to_ambiguous_zoned(day.into()).compatible().ok()?;
    Some(start.timestamp())
}

/// A date range in the company's zone: from when on, and before when. A day out of the calendar's reach
/// bounds nothing.
///
/// # Errors
/// Storage failures.
pub async fn stretch<S: Directory>(
    store: &S,
    principal: &Principal,
    from: Option<Edge>,
    to: Option<Edge>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), AppFailure> {
    let zone = match (from, to) {
        (Some(Edge::Day(_)), _) | (_, Some(Edge::Day(_))) => {
            let tenant = store.tenant(principal.tenant()).await?;
            tenant.map_or(TimeZone::UTC, |tenant| tenant.settings.time_zone())
        }
        (Some(Edge::Moment(_)) | None, Some(Edge::Moment(_)) | None) => TimeZone::UTC,
    };
    let first = from.and_then(|edge| edge.first(&zone));
    Ok((first, to.and_then(|edge| edge.end(&zone))))
}
