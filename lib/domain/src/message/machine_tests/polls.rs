//! Statuses that have to be asked for: when, how often, and what ends it.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::{AUTO, at, delivered, failed, not_sent, pressed, queued, read, sent, taken};
use crate::message::{Message, Outcome, Phase, RetryPolicy, Status, SweepAction, phase::POLLS};

/// A message whose provider has to be asked, attempt 1 of it begun.
fn calling(policy: RetryPolicy) -> Message {
    let mut message = queued(policy);
    message.sending.polls = Some(0);
    assert_eq!(message.claim(at(0)), Ok(1));
    message
}

/// Attempt 1 was taken at second 10.
fn asked() -> Message {
    let mut message = calling(AUTO);
    assert!(message.record(1, taken(), at(10)));
    message
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

#[test]
fn every_question_is_planned_from_the_one_before() {
    let mut message = asked();
    let mut now = at(10);
    for (asked, wait) in (0_u8..).zip(POLLS) {
        assert_eq!(message.sending.polls, Some(asked));
        assert_eq!(message.sending.due, Some(now + minutes(wait)), "{asked}");
        assert!(message.wants_poll());
        now += minutes(wait);
        assert!(!message.may_poll(now - SignedDuration::from_secs(1)));
        assert!(message.may_poll(now));
        assert_eq!(message.sweep(now), SweepAction::HandOver);
        assert!(message.polled(now));
    }
    assert_eq!(message.sending.due, None);
    assert!(!message.wants_poll());
    assert_eq!(message.sweep(now + minutes(9_999)), SweepAction::Settled);
    assert_eq!(message.status(), Status::Sent);
}

/// A question that is asked late moves those behind it; it is never asked before its plan.
#[test]
fn a_late_question_moves_the_next_one() {
    let mut message = asked();
    let late = at(10) + minutes(50);
    assert!(message.polled(late));
    assert_eq!(message.sending.due, Some(late + minutes(POLLS[1])));
    assert!(message.may_poll(late), "the plan has four by then");
    for _ in 0..3 {
        message.polled(late);
    }
    assert!(
        !message.may_poll(late),
        "the fifth is an hour and more away"
    );
}

#[test]
fn read_answered_or_failed_ends_it_and_delivered_does_not() {
    for (fact, shown, open) in [
        (sent(1, 20), Status::Sent, true),
        (delivered(20), Status::Delivered, true),
        (read(20), Status::Read, false),
        (failed(1, 20), Status::Failed, false),
        (pressed("yes", 20), Status::Replied, false),
    ] {
        let mut message = asked();
        let planned = message.sending.due;
        assert!(message.observe(fact.clone(), at(20)));
        assert_eq!((message.status(), message.wants_poll()), (shown, open));
        assert_eq!(message.sending.due, planned.filter(|_| open), "{fact:?}");
        // An answer that was on its way plans nothing any more.
        message.polled(at(30));
        assert_eq!(message.sending.due.is_some(), open, "{fact:?}");
    }
}

/// The sweep hands over a question whose hand-over was lost, and leaves one that was made alone.
#[test]
fn a_lost_hand_over_is_made_again() {
    let mut message = asked();
    let due = at(10) + minutes(1);
    assert_eq!(message.sweep(due), SweepAction::HandOver);
    let again = message.sending.due.unwrap();
    assert!(again > due && again <= due + minutes(2));
    assert_eq!(message.sweep(again), SweepAction::HandOver);
    assert_eq!(message.sending.polls, Some(0), "handing over asks nothing");
}

/// A webhook is the first to say that it was taken; asking begins then.
#[test]
fn asking_begins_when_it_is_known_to_have_been_taken() {
    let mut message = calling(AUTO);
    assert!(message.record(1, Outcome::Ambiguous, at(10)));
    assert!(!message.wants_poll());
    assert!(message.observe(sent(1, 15), at(40)));
    assert_eq!(message.sending.phase, Phase::Accepted);
    assert_eq!(message.sending.due, Some(at(40) + minutes(1)));
    assert!(message.may_poll(at(41)), "nobody knows when it was taken");
}

#[test]
fn a_new_attempt_begins_anew() {
    let mut message = asked();
    for _ in 0..POLLS.len() {
        message.polled(at(60));
    }
    assert!(message.observe(failed(1, 70), at(70)));
    assert!(message.retry_by_hand(at(100)).is_ok());
    assert_eq!(message.claim(at(100)), Ok(2));
    assert_eq!(message.sending.polls, Some(0));
    assert!(message.record(2, taken(), at(110)));
    assert_eq!(message.sending.due, Some(at(110) + minutes(1)));
}

/// Where statuses come by themselves, nothing is planned, whatever happens.
#[test]
fn who_is_told_does_not_ask() {
    let mut message = super::after(AUTO, taken());
    assert_eq!((message.sending.polls, message.sending.due), (None, None));
    assert!(!message.polled(at(60)));
    message.observe(delivered(20), at(20));
    assert!(!message.wants_poll());
    assert_eq!(message.sending.due, None);
}

#[test]
fn what_did_not_go_out_is_not_asked_about() {
    let mut message = calling(RetryPolicy::MANUAL);
    assert!(message.record(1, not_sent(), at(10)));
    assert_eq!(message.sweep(at(9_000)), SweepAction::Settled);
    assert!(!message.wants_poll());
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Fact(u8),
    Polled,
    Sweep,
    Recorded,
    Later(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0_u8..5).prop_map(Event::Fact),
        3 => Just(Event::Polled),
        3 => Just(Event::Sweep),
        1 => Just(Event::Recorded),
        3 => (1_i64..90_000).prop_map(Event::Later),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever the order: something is planned exactly while something may be learnt, never more often
    /// than the plan, no second attempt, and the facts are those that were told.
    #[test]
    fn asking_changes_nothing_that_is_told(events in prop::collection::vec(event(), 0..60)) {
        let (mut message, mut alone) = (asked(), asked());
        let mut now = at(10);
        let mut ended = false;
        for event in events {
            match event {
                Event::Fact(n) => {
                    let fact = match n {
                        0 => sent(1, 20),
                        1 => delivered(30),
                        2 => read(40),
                        3 => failed(1, 50),
                        _ => pressed("yes", 60),
                    };
                    message.observe(fact.clone(), now);
                    alone.observe(fact, now);
                }
                Event::Polled if message.sending.due.is_some() && message.may_poll(now) => {
                    message.polled(now);
                }
                Event::Sweep if message.sending.due.is_some_and(|due| due <= now) => {
                    prop_assert_eq!(message.sweep(now), SweepAction::HandOver);
                }
                Event::Recorded => {
                    message.record(1, taken(), at(10));
                }
                Event::Later(seconds) => now += SignedDuration::from_secs(seconds),
                Event::Polled | Event::Sweep => {}
            }
            prop_assert_eq!(&message.facts, &alone.facts);
            prop_assert_eq!(message.status(), alone.status());
            prop_assert_eq!(message.sending.phase, Phase::Accepted);
            prop_assert_eq!(message.sending.attempt, 1);
            // What failed once is not asked about again, even should it arrive after all.
            ended |= message.status() == Status::Failed;
            let open = message.wants_poll() && !ended;
            prop_assert_eq!(message.sending.due.is_some(), open);
            let asked = usize::from(message.sending.polls.unwrap_or_default());
            let by_plan: i64 = POLLS.iter().take(asked).sum();
            prop_assert!(at(10) + minutes(by_plan) <= now, "{} questions", asked);
        }
    }
}
