//! What people may do: retry and cancel.

use super::{
    AUTO, after, at, begun_until_dead, calling, delivered, doubtful, failed, not_sent, pressed,
    queued, read, refused, rejected, sent, taken,
};
use crate::message::{
    Finding, Message, Outcome, Refused, RetryPolicy, Status, phase::HAND_OVER_GRACE, phase::HOLD,
};

fn given_up() -> Message {
    let mut message = doubtful(AUTO);
    assert!(message.resolve(message.sending.attempt, Finding::NoProof, at(10) + HOLD));
    message
}

fn reported_failed() -> Message {
    let mut message = after(AUTO, taken());
    assert!(message.observe(failed(1, 30), at(31)));
    message
}

/// X6, X9: one click to send it again on purpose.
#[test]
fn a_failed_message_is_retried_by_hand_at_once_without_counting() {
    let cases = [
        ("rejected", after(AUTO, rejected())),
        ("refused", after(AUTO, refused())),
        ("not sent, typed", after(RetryPolicy::MANUAL, not_sent())),
        ("not sent, waiting", after(AUTO, not_sent())),
        ("given up", given_up()),
        ("reported failed", reported_failed()),
    ];
    for (case, mut message) in cases {
        assert_eq!(message.retry_by_hand(at(1_000)), Ok(()), "{case}");
        assert_eq!(message.next_attempt_at(), Some(at(1_000)), "{case}");
        assert_eq!(
            message.sending.due,
            Some(at(1_000) + HAND_OVER_GRACE),
            "{case}"
        );
        assert_eq!(message.status(), Status::Failed, "{case}: until it begins");
        assert!(!message.is_dead(), "{case}");
        assert_eq!(message.claim(at(1_000)), Ok(2), "{case}");
        assert_eq!(message.sending.retries, 0, "{case}");
        assert_eq!(message.status(), Status::Pending, "{case}");
        assert!(message.record(2, taken(), at(1_001)), "{case}");
        assert_eq!(message.status(), Status::Sent, "{case}");
    }
}

#[test]
fn asking_twice_for_a_retry_makes_one_attempt() {
    let mut message = after(AUTO, rejected());
    assert_eq!(message.retry_by_hand(at(1_000)), Ok(()));
    assert_eq!(message.retry_by_hand(at(1_001)), Ok(()));
    assert_eq!(message.claim(at(1_001)), Ok(2));
    assert_eq!(message.retry_by_hand(at(1_002)), Err(Refused::InFlight));
}

/// X6: the policy's budget is used up, so the person's attempt is the only one.
#[test]
fn a_failed_retry_by_hand_of_a_dead_message_is_dead_again() {
    let mut message = after(RetryPolicy::MANUAL, not_sent());
    assert_eq!(message.retry_by_hand(at(1_000)), Ok(()));
    assert_eq!(message.claim(at(1_000)), Ok(2));
    assert!(message.record(2, not_sent(), at(1_001)));
    assert!(message.is_dead());
}

/// X7: retrying by hand brings one attempt forward and takes none of the policy's away.
#[test]
fn a_waiting_retry_brought_forward_does_not_count() {
    let mut message = after(AUTO, not_sent());
    assert_eq!(message.retry_by_hand(at(100)), Ok(()));
    let calls = 1 + begun_until_dead(&mut message, at(100)).len();
    assert_eq!(calls, 5, "four by policy, one by hand");
}

/// X9
#[test]
fn a_retry_by_hand_is_refused_while_anything_is_open_or_all_is_well() {
    let cases = [
        ("queued", queued(AUTO), Refused::TooEarly),
        (
            "deferred",
            after(AUTO, Outcome::Deferred { until: at(500) }),
            Refused::TooEarly,
        ),
        ("calling", calling(AUTO), Refused::InFlight),
        ("unknown", doubtful(AUTO), Refused::OutcomeUnknown),
        ("sent", after(AUTO, taken()), Refused::AlreadySent),
    ];
    for (case, mut message, why) in cases {
        let before = message.clone();
        assert_eq!(message.retry_by_hand(at(1_000)), Err(why), "{case}");
        assert_eq!(message, before, "{case}");
    }
}

/// X5: whoever has it does not get it twice, whatever failure came before or after.
#[test]
fn what_the_recipient_has_is_not_retried_by_hand() {
    for fact in [delivered(40), read(40), pressed("yes", 40)] {
        for mut message in [
            after(AUTO, rejected()),
            after(AUTO, not_sent()),
            given_up(),
            reported_failed(),
        ] {
            assert!(message.observe(fact.clone(), at(2_000)));
            assert_eq!(message.retry_by_hand(at(2_001)), Err(Refused::AlreadySent));
        }
    }
}

/// The shown failure is the provider's, so the person's wish counts, whatever the first copy came to.
#[test]
fn a_rejected_second_copy_is_retried_by_hand_though_the_first_went_out() {
    let mut message = given_up();
    message.retry_by_hand(at(2_000)).unwrap();
    assert_eq!(message.claim(at(2_000)), Ok(2));
    message.observe(sent(1, 30), at(2_001));
    message.record(2, rejected(), at(2_002));
    assert_eq!(message.status(), Status::Failed);
    assert_eq!(message.retry_by_hand(at(2_003)), Ok(()));
    assert_eq!(message.claim(at(2_003)), Ok(3));
}

/// X9: also a call that was only put off is not made once the first copy is known to have gone out.
#[test]
fn a_deferred_second_copy_is_withdrawn_once_the_first_is_known_to_be_sent() {
    let mut message = given_up();
    message.retry_by_hand(at(2_000)).unwrap();
    assert_eq!(message.claim(at(2_000)), Ok(2));
    assert!(message.record(2, Outcome::Deferred { until: at(2_500) }, at(2_001)));
    message.observe(sent(1, 30), at(2_002));
    assert!(message.claim(at(2_500)).is_err());
    message.sweep(at(2_500));
    assert_eq!(message.sending.due, None, "nothing is left to be done");
    assert_eq!(message.status(), Status::Sent);
}

#[test]
fn a_cancelled_message_is_not_retried_by_hand() {
    let mut message = queued(AUTO);
    message.cancel(at(1)).unwrap();
    assert_eq!(message.retry_by_hand(at(2)), Err(Refused::Cancelled));
}

/// A webhook that comes twice must not take the person's retry back.
#[test]
fn a_repeated_failure_report_does_not_undo_a_retry_by_hand() {
    let mut message = reported_failed();
    message.retry_by_hand(at(1_000)).unwrap();
    assert!(!message.observe(failed(1, 30), at(1_001)));
    assert!(!message.observe(failed(1, 90), at(1_001)), "a later copy");
    message.observe(sent(1, 20), at(1_001));
    assert_eq!(message.claim(at(1_002)), Ok(2));
}

/// X4
#[test]
fn a_queued_message_is_cancelled_and_stays_so() {
    let mut message = queued(AUTO);
    assert_eq!(message.cancel(at(5)), Ok(()));
    assert_eq!(message.status(), Status::Cancelled);
    assert_eq!(message.facts.cancelled, Some(at(5)));
    assert_eq!(message.sending.due, None);
    assert_eq!(message.claim(at(1_000)), Err(Refused::Cancelled));
    let before = message.clone();
    assert_eq!(message.cancel(at(6)), Ok(()), "again is the same");
    assert_eq!(message, before);
}

/// X4: cancelling never touches what was attempted.
#[test]
fn only_a_message_nobody_attempted_is_cancelled() {
    let cases = [
        ("calling", calling(AUTO), Refused::InFlight),
        ("unknown", doubtful(AUTO), Refused::OutcomeUnknown),
        ("sent", after(AUTO, taken()), Refused::AlreadySent),
        ("rejected", after(AUTO, rejected()), Refused::Attempted),
        ("waiting", after(AUTO, not_sent()), Refused::Attempted),
        (
            "deferred",
            after(AUTO, Outcome::Deferred { until: at(500) }),
            Refused::Attempted,
        ),
    ];
    for (case, mut message, why) in cases {
        let before = message.clone();
        assert_eq!(message.cancel(at(600)), Err(why), "{case}");
        assert_eq!(message, before, "{case}");
    }
}
