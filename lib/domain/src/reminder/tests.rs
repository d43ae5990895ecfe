use jiff::{Timestamp, civil::date, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::ids::TenantId;

fn days(days: &[u16]) -> BTreeSet<u16> {
    days.iter().copied().collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// S1.30, S1.32, S1.127: three and seven days after its date, each on its own day; what was missed is
/// made up for within a week, and the latest alone.
#[test]
fn an_invoice_wants_its_latest_reminder() {
    let usual = days(&[3, 7]);
    let base = date(2026, 11, 20);
    for (today, expected) in [
        (date(2026, 11, 19), None),
        (date(2026, 11, 22), None),
        (date(2026, 11, 23), Some(3)),
        (date(2026, 11, 26), Some(3)),
        (date(2026, 11, 27), Some(7)),
        (date(2026, 12, 3), Some(7)),
        (date(2026, 12, 4), None),
    ] {
        assert_eq!(wanted(&usual, base, today), expected, "{today}");
    }
    assert_eq!(wanted(&days(&[0]), base, base), Some(0));
    assert_eq!(wanted(&days(&[]), base, base), None);
    assert_eq!(wanted(&days(&[3, 60]), base, date(2026, 11, 30)), None);
}

/// X19: nobody is told of days that are still to come.
#[test]
fn only_days_that_have_passed_are_overdue() {
    let due = date(2026, 12, 4);
    assert_eq!(days_overdue(due, date(2026, 12, 11)), Some(7));
    assert_eq!(days_overdue(due, due), None);
    assert_eq!(days_overdue(due, date(2026, 11, 23)), None);
}

fn begun(zone: &str, now: &str) -> DayWork {
    let mut work = DayWork::none(TenantId::fresh());
    assert!(work.begin(&TimeZone::get(zone).unwrap(), at(now)));
    work
}

/// S1.124, X20: two in the morning where the company is, whatever its clock does that night.
#[test]
fn a_day_begins_at_two_in_the_morning() {
    for (zone, now, due) in [
        (
            "Asia/Bahrain",
            "2026-11-20T10:00:00Z",
            "2026-11-20T23:00:00Z",
        ),
        // One in the morning: the day's own work is still to come.
        (
            "Asia/Bahrain",
            "2026-11-20T22:00:00Z",
            "2026-11-20T23:00:00Z",
        ),
        (
            "Asia/Bahrain",
            "2026-11-20T23:00:00Z",
            "2026-11-21T23:00:00Z",
        ),
        // Two in the morning does not exist on the second Sunday of March in New York.
        (
            "America/New_York",
            "2027-03-13T12:00:00Z",
            "2027-03-14T07:00:00Z",
        ),
        // In Berlin it comes twice on the last Sunday of October: the first one counts.
        (
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:00:00Z",
        ),
    ] {
        let work = begun(zone, now);
        assert_eq!(work.due.unwrap(), at(due), "{zone} {now}");
        let zone = TimeZone::get(zone).unwrap();
        assert_eq!(
            work.today(&zone, at(due) - jiff::SignedDuration::from_secs(1)),
            None
        );
        assert!(work.today(&zone, at(due)).is_some());
    }
}

/// A day is gone through once, a missed one with the next; a half one goes on.
#[test]
fn a_day_is_gone_through_once() {
    let zone = TimeZone::get("Asia/Bahrain").unwrap();
    let mut work = begun("Asia/Bahrain", "2026-11-20T10:00:00Z");
    let three_days_later = at("2026-11-23T23:30:00Z");
    let today = work.today(&zone, three_days_later).unwrap();
    assert_eq!(today, date(2026, 11, 24));
    work.day = Some(today);
    work.after = Some((date(2026, 11, 20), None));
    assert_eq!(work.today(&zone, three_days_later), Some(today));
    // It lasts into the next day: that one is gone through instead.
    let next = at("2026-11-24T23:00:00Z");
    assert_eq!(work.today(&zone, next), Some(date(2026, 11, 25)));
    work.finish(date(2026, 11, 25), true, &zone);
    assert_eq!(work.today(&zone, next), None);
    assert_eq!(work.due, Some(at("2026-11-25T23:00:00Z")));
}

/// Companies without open invoices have no work: it ends after two days without any, and an invoice
/// that comes in between keeps it.
#[test]
fn work_ends_with_the_last_invoice() {
    let zone = TimeZone::get("Asia/Bahrain").unwrap();
    let mut work = begun("Asia/Bahrain", "2026-11-20T10:00:00Z");
    work.finish(date(2026, 11, 21), false, &zone);
    assert!(work.closing && work.due.is_some());
    let mut kept = work.clone();
    assert!(kept.begin(&zone, at("2026-11-21T10:00:00Z")));
    assert!(!kept.begin(&zone, at("2026-11-21T10:00:00Z")));
    kept.finish(date(2026, 11, 22), false, &zone);
    assert!(kept.due.is_some());
    work.finish(date(2026, 11, 22), false, &zone);
    assert_eq!((work.due, work.closing), (None, false));
    assert!(work.begin(&zone, at("2026-11-25T10:00:00Z")));
    assert_eq!(work.due, Some(at("2026-11-25T23:00:00Z")));
}

/// Another zone moves the next morning; a day is not gone through twice for it.
#[test]
fn another_zone_moves_the_work() {
    let mut work = begun("Asia/Bahrain", "2026-11-20T10:00:00Z");
    let honolulu = TimeZone::get("Pacific/Honolulu").unwrap();
    assert!(work.plan(&honolulu));
    assert!(!work.plan(&honolulu));
    assert_eq!(work.due, Some(at("2026-11-21T12:00:00Z")));
    assert_eq!(work.today(&honolulu, at("2026-11-20T23:00:00Z")), None);
    assert_eq!(
        work.today(&honolulu, at("2026-11-21T12:00:00Z")),
        Some(date(2026, 11, 21))
    );
}

proptest! {
    /// Whatever the days: the ranges hold exactly the bases that want something, each once, in order.
    #[test]
    fn ranges_hold_exactly_what_is_wanted(offsets in proptest::collection::btree_set(0_u16..60, 0..6)) {
        let today = date(2026, 12, 1);
        let ranges = bases(&offsets, today);
        for pair in ranges.windows(2) {
            prop_assert!(pair[0].1 < pair[1].0);
        }
        for back in 0_i64..90 {
            let base = today.checked_sub(back.days()).unwrap();
            let held = ranges.iter().filter(|(first, last)| (*first..=*last).contains(&base)).count();
            prop_assert_eq!(held, usize::from(wanted(&offsets, base, today).is_some()), "{}", base);
        }
    }
}
