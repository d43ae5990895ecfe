use jiff::{civil::date, tz::TimeZone};

use super::*;

fn festival(day: Date, yearly: bool) -> Festival {
    let at = "2026-11-01T08:00:00Z".parse().unwrap();
    Festival {
        id: FestivalId::fresh(),
        tenant: TenantId::fresh(),
        name: "Harvest Day".into(),
        date: day,
        yearly,
        time: USUAL_TIME,
        words: Words::Standard,
        audience: Audience::All,
        channel: None,
        active: true,
        version: 1,
        created_at: at,
        updated_at: at,
        created_by: UserId::new("user-1"),
        updated_by: UserId::new("user-1"),
        round: None,
        due: None,
        revision: 1,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn due(festival: &Festival, zone: &str, now: &str) -> Option<String> {
    let mut festival = festival.clone();
    festival.plan(&TimeZone::get(zone).unwrap(), at(now));
    festival.due.map(|due| due.to_string())
}

/// S1.34, S1.37: nine in the morning of its day, where the company is; every year, or once.
#[test]
fn a_festival_is_planned_for_its_day() {
    let yearly = festival(date(2026, 12, 16), true);
    for (zone, now, planned) in [
        (
            "Asia/Bahrain",
            "2026-11-20T10:00:00Z",
            "2026-12-16T06:00:00Z",
        ),
        (
            "Asia/Kolkata",
            "2026-11-20T10:00:00Z",
            "2026-12-16T03:30:00Z",
        ),
        // Made on the day itself: it is still time.
        (
            "Asia/Bahrain",
            "2026-12-16T15:00:00Z",
            "2026-12-16T06:00:00Z",
        ),
        // Midnight is the company's own.
        (
            "Asia/Bahrain",
            "2026-12-16T21:00:00Z",
            "2027-12-16T06:00:00Z",
        ),
    ] {
        assert_eq!(due(&yearly, zone, now).as_deref(), Some(planned), "{now}");
    }
    let once = festival(date(2026, 12, 16), false);
    assert!(due(&once, "UTC", "2026-12-16T23:59:59Z").is_some());
    assert_eq!(due(&once, "UTC", "2026-12-17T00:00:00Z"), None);
    let mut off = yearly;
    off.active = false;
    assert_eq!(due(&off, "UTC", "2026-11-20T10:00:00Z"), None);
}

#[test]
fn a_leap_day_has_a_stand_in() {
    let leap = festival(date(2024, 2, 29), true);
    assert_eq!(leap.day_in(2027), Some(date(2027, 2, 28)));
    assert_eq!(leap.day_in(2028), Some(date(2028, 2, 29)));
    assert_eq!(leap.day_in(2023), None);
    assert_eq!(leap.next_day(date(2027, 3, 1)), Some(date(2028, 2, 29)));
}

/// A time that the clock jumps over is the first one after; of one that comes twice the first counts.
#[test]
fn a_changed_clock_moves_the_beginning_by_its_hour() {
    let mut night = festival(date(2027, 3, 28), false);
    night.time = Time::constant(1, 30, 0, 0);
    assert_eq!(
        due(&night, "Europe/London", "2027-03-20T00:00:00Z").as_deref(),
        Some("2027-03-28T01:30:00Z")
    );
    night.date = date(2026, 10, 25);
    assert_eq!(
        due(&night, "Europe/London", "2026-10-20T00:00:00Z").as_deref(),
        Some("2026-10-25T00:30:00Z")
    );
}

/// Greetings are wanted on the day alone, from their time on, until they are over.
#[test]
fn greetings_are_wanted_on_the_day_alone() {
    let zone = TimeZone::get("Asia/Bahrain").unwrap();
    let mut one = festival(date(2026, 12, 16), true);
    let day = date(2026, 12, 16);
    for (now, wanted) in [
        ("2026-12-16T05:59:59Z", Wanted::Nothing),
        ("2026-12-16T06:00:00Z", Wanted::Greet(day)),
        ("2026-12-16T20:59:59Z", Wanted::Greet(day)),
        ("2026-12-16T21:00:00Z", Wanted::Nothing),
        ("2027-12-16T06:00:00Z", Wanted::Greet(date(2027, 12, 16))),
        ("2025-12-16T06:00:00Z", Wanted::Nothing),
    ] {
        assert_eq!(one.wanted(&zone, at(now)), wanted, "{now}");
    }
    one.round = Some(Round {
        end: Some(RoundEnd::Done),
        ..Round::beginning(day)
    });
    assert_eq!(
        one.wanted(&zone, at("2026-12-16T07:00:00Z")),
        Wanted::Nothing
    );
    one.plan(&zone, at("2026-12-16T07:00:00Z"));
    assert_eq!(one.due.unwrap().to_string(), "2027-12-16T06:00:00Z");
}

/// What was not finished on its day is closed, and the next year is planned.
#[test]
fn a_day_that_is_over_is_over() {
    let zone = TimeZone::get("Asia/Bahrain").unwrap();
    let mut one = festival(date(2026, 12, 16), true);
    one.round = Some(Round::beginning(date(2026, 12, 16)));
    one.plan(&zone, at("2026-12-17T06:00:00Z"));
    assert_eq!(one.round.unwrap().end, Some(RoundEnd::DayOver));
    assert_eq!(one.due.unwrap().to_string(), "2027-12-16T06:00:00Z");
}
