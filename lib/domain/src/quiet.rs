//! Quiet hours: what is sent by itself waits for the recipient's morning, wherever they are.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    contact::{Contact, Recipient},
    settings::{QuietHours, Settings},
};

/// Steps until a moment is found that is quiet nowhere: every zone may move it once or twice.
const STEPS: usize = 16;

/// The zones a recipient may be in: the one their contact says, else those of the number's country,
/// else the company's own.
fn zones(settings: &Settings, contact: Option<&Contact>, to: &Recipient) -> Vec<TimeZone> {
    let said = contact.and_then(|contact| contact.zone.as_deref());
    if let Some(zone) = said.and_then(|zone| TimeZone::get(zone).ok()) {
        return vec![zone];
    }
    let named = to.phone().map_or(&[][..], |phone| phone.zones());
    let zones: Vec<_> = named
        .iter()
        .filter_map(|zone| TimeZone::get(zone).ok())
        .collect();
    if zones.is_empty() {
        return vec![settings.time_zone()];
    }
    zones
}

/// Until when a recipient is left alone; none when it is not quiet where they are.
///
/// In a country of several zones it is quiet while it is quiet in any of them. Where that never ends
/// the first zone alone counts: better early than never.
#[must_use]
pub fn until(
    settings: &Settings,
    contact: Option<&Contact>,
    to: &Recipient,
    now: Timestamp,
) -> Option<Timestamp> {
    let quiet = settings.quiet_hours?;
    let zones = zones(settings, contact, to);
    let mut at = now;
    for _ in 0..STEPS {
        match zones.iter().find_map(|zone| ends(quiet, zone, at)) {
            None => return (at > now).then_some(at),
            Some(end) => at = end,
        }
    }
    zones.first().and_then(|zone| ends(quiet, zone, now))
}

/// When the quiet hours end that this moment lies in.
fn ends(quiet: QuietHours, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let there = at.to_zoned(zone.clone());
    if !quiet.holds(there.time()) {
        return None;
    }
    let day = if there.time() < quiet.until {
        there.date()
    } else {
        there.date().tomorrow().ok()?
    };
    let end = zone
        .to_ambiguous_zoned(day.to_datetime(quiet.until))
        .compatible()
        .ok()?
        .timestamp();
    // An hour that the clock repeats: its end is not before its middle.
    (end > at).then_some(end)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::Time};
    use proptest::prelude::*;

    use super::*;
    use crate::{ids::TenantId, phone::PhoneNumber};

    fn to(number: &str) -> Recipient {
        Recipient::Phone(PhoneNumber::parse(number).unwrap())
    }

    fn held(number: &str, zone: Option<&str>, now: &str) -> Option<String> {
        let recipient = to(number);
        let mut contact = Contact::met_as(TenantId::fresh(), &recipient.alias(), None);
        contact.zone = zone.map(Into::into);
        let settings = Settings {
            zone: "Asia/Bahrain".into(),
            ..Settings::default()
        };
        let now = now.parse().unwrap();
        until(&settings, Some(&contact), &recipient, now).map(|at| at.to_string())
    }

    /// X20: what is selected at two in the morning is sent in the recipient's own day.
    #[test]
    fn a_night_is_the_recipients_own() {
        // 02:00 in Bahrain is 04:30 in India, and both sleep.
        let two = "2026-11-20T23:00:00Z";
        assert_eq!(
            held("+97333000017", None, two).as_deref(),
            Some("2026-11-21T05:00:00Z")
        );
        assert_eq!(
            held("+919800000017", None, two).as_deref(),
            Some("2026-11-21T02:30:00Z")
        );
        // A Bahraini number whose owner lives in New York: it is six in the evening there.
        assert_eq!(held("+97333000017", Some("America/New_York"), two), None);
        // A zone nobody knows is as good as none.
        let unknown = held("+97333000017", Some("No/Where"), two);
        assert_eq!(unknown.as_deref(), Some("2026-11-21T05:00:00Z"));
    }

    #[test]
    fn a_country_of_many_zones_is_quiet_while_any_of_them_is() {
        // 08:00 in New York is 05:00 in Los Angeles: everybody waits for 08:00 there.
        let morning = "2026-11-20T13:00:00Z";
        assert_eq!(
            held("+12125550100", None, morning).as_deref(),
            Some("2026-11-20T16:00:00Z")
        );
        // 21:30 in New York, 18:30 in Los Angeles.
        let evening = "2026-11-21T02:30:00Z";
        assert_eq!(
            held("+12125550100", None, evening).as_deref(),
            Some("2026-11-21T16:00:00Z")
        );
        assert_eq!(held("+12125550100", None, "2026-11-20T20:00:00Z"), None);
    }

    /// Clocks that jump over the end of the night, or repeat it.
    #[test]
    fn a_changed_clock_changes_no_more_than_the_hour() {
        let recipient = to("+447700900017");
        let night = |until_hour| Settings {
            quiet_hours: Some(QuietHours {
                from: Time::constant(21, 0, 0, 0),
                until: Time::constant(until_hour, 30, 0, 0),
            }),
            ..Settings::default()
        };
        let end = |hour, now: &str| {
            until(&night(hour), None, &recipient, now.parse().unwrap()).map(|at| at.to_string())
        };
        // 01:30 does not exist in London on the last Sunday of March.
        assert_eq!(
            end(1, "2027-03-28T00:30:00Z").as_deref(),
            Some("2027-03-28T01:30:00Z")
        );
        // It exists twice on the last Sunday of October; the first one counts.
        assert_eq!(
            end(1, "2026-10-25T00:10:00Z").as_deref(),
            Some("2026-10-25T00:30:00Z")
        );
        assert_eq!(end(1, "2026-10-25T00:40:00Z"), None);
    }

    #[test]
    fn without_quiet_hours_nobody_waits() {
        let settings = Settings {
            quiet_hours: None,
            ..Settings::default()
        };
        assert_eq!(
            until(
                &settings,
                None,
                &to("+97333000017"),
                "2026-11-20T23:00:00Z".parse().unwrap()
            ),
            None
        );
    }

    proptest! {
        /// Whatever the hours and the number: the wait ends within two days, and then it is not quiet in
        /// the country, unless it always is.
        #[test]
        fn a_wait_ends(from in 0_i8..24, until_hour in 0_i8..24, second in 0_i64..63_072_000, which in 0_usize..5) {
            prop_assume!(from != until_hour);
            let hours = QuietHours {
                from: Time::constant(from, 0, 0, 0),
                until: Time::constant(until_hour, 0, 0, 0),
            };
            let settings = Settings { quiet_hours: Some(hours), ..Settings::default() };
            let numbers = ["+97333000017", "+12125550100", "+447700900017", "+551155550100", "+79010000000"];
            let recipient = to(numbers[which]);
            let now = Timestamp::from_second(1_790_000_000 + second).unwrap();
            if let Some(end) = until(&settings, None, &recipient, now) {
                prop_assert!(end > now && end <= now + SignedDuration::from_hours(49));
                let zones = zones(&settings, None, &recipient);
                let first = end.to_zoned(zones[0].clone());
                prop_assert!(!hours.holds(first.time()) || zones.len() > 1);
            }
        }
    }
}
