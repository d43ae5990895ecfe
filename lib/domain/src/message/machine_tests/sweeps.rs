//! What the minute sweep decides about a message it finds.

use jiff::SignedDuration;

use super::{AUTO, after, at, calling, doubtful, not_sent, queued, rejected, taken};
use crate::message::{
    Finding, Phase, Status, SweepAction,
    phase::{HAND_OVER_GRACE, HOLD, LEASE, RECHECK, SETTLE},
};

#[test]
fn a_ready_message_is_handed_over_and_left_alone_for_two_minutes() {
    let mut message = queued(AUTO);
    assert_eq!(message.sweep(at(60)), SweepAction::HandOver);
    assert_eq!(
        message.sending.due,
        Some(at(60) + HAND_OVER_GRACE + HAND_OVER_GRACE)
    );
    assert_eq!(message.status(), Status::Queued, "a sweep claims nothing");
    assert_eq!(message.sending.attempt, 0);
}

#[test]
fn a_message_whose_time_has_not_come_is_found_again_at_its_time() {
    let mut message = after(AUTO, not_sent());
    let next = message.next_attempt_at().unwrap();
    assert_eq!(message.sweep(at(60)), SweepAction::Rescheduled);
    assert_eq!(message.sending.due, Some(next));
    assert_eq!(message.sweep(next), SweepAction::HandOver);
}

#[test]
fn an_attempt_in_flight_is_found_again_when_its_lease_ends() {
    let mut message = calling(AUTO);
    assert_eq!(message.sweep(at(30)), SweepAction::Rescheduled);
    assert_eq!(message.sending.due, Some(at(0) + LEASE));
    assert_eq!(message.status(), Status::Pending);
}

/// X9: a crashed attempt is looked up, not made again.
#[test]
fn a_crashed_attempt_becomes_a_doubt_that_is_looked_up_after_it_settled() {
    let mut message = calling(AUTO);
    assert_eq!(message.sweep(at(60)), SweepAction::Rescheduled);
    assert_eq!(message.sending.phase, Phase::Unknown { since: at(60) });
    assert_eq!(message.sending.due, Some(at(60) + SETTLE));
    let settled = at(60) + SETTLE;
    assert_eq!(message.sweep(settled), SweepAction::HandOver);
    assert_eq!(message.sending.due, Some(settled + RECHECK));
}

#[test]
fn a_doubt_that_has_not_settled_waits() {
    let mut message = doubtful(AUTO);
    let early = at(10) + SETTLE - SignedDuration::from_secs(1);
    assert_eq!(message.sweep(early), SweepAction::Rescheduled);
    assert_eq!(message.sending.due, Some(at(10) + SETTLE));
}

/// A lost hand-over of a look-up is made up for until the hold time ends the matter.
#[test]
fn a_doubt_is_handed_over_again_until_it_is_resolved() {
    let mut message = doubtful(AUTO);
    for _ in 0..20 {
        let due = message.sending.due.unwrap();
        message.sweep(due);
        assert!(message.sending.due.is_some_and(|next| next > due));
    }
    assert!(message.resolve(message.sending.attempt, Finding::NoProof, at(10) + HOLD));
    assert_eq!(message.sweep(at(2_000)), SweepAction::Settled);
}

#[test]
fn a_message_with_nothing_open_leaves_the_index() {
    let mut cancelled = queued(AUTO);
    cancelled.cancel(at(1)).unwrap();
    for mut message in [after(AUTO, taken()), after(AUTO, rejected()), cancelled] {
        message.sending.due = Some(at(100)); // left behind by an index that lags
        let status = message.status();
        assert_eq!(message.sweep(at(100)), SweepAction::Settled);
        assert_eq!(message.sending.due, None);
        assert_eq!(message.status(), status);
    }
}

#[test]
fn sweeping_twice_in_one_moment_decides_the_same() {
    for message in [
        queued(AUTO),
        after(AUTO, not_sent()),
        doubtful(AUTO),
        after(AUTO, taken()),
    ] {
        for seconds in [0, 60, 70, 5_000] {
            let mut once = message.clone();
            let action = once.sweep(at(seconds));
            let mut twice = once.clone();
            assert_eq!(twice.sweep(at(seconds)), action);
            assert_eq!(twice, once);
        }
    }
}

/// Hazard 1: a sweep that is late by minutes must not make the look-up begin after the call.
#[test]
fn doubt_begins_with_the_end_of_the_lease_however_late_the_sweep() {
    let mut message = calling(AUTO);
    let Phase::Calling { lease } = message.sending.phase else {
        panic!("{:?}", message.sending.phase);
    };
    message.sweep(lease + SignedDuration::from_mins(7));
    assert_eq!(message.sending.phase, Phase::Unknown { since: lease });
}
