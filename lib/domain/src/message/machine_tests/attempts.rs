//! Claims, leases and what an attempt comes to.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    AUTO, after, at, begun_until_dead, calling, not_sent, queued, refused, rejected, taken,
};
use crate::{
    ids::MessageId,
    message::{FailureOrigin, Outcome, Phase, Refused, RetryPolicy, Status, phase::LEASE},
};

/// S0.26, X4, X7: the number is raised by the write that claims.
#[test]
fn a_claim_raises_the_number_and_sets_the_lease() {
    let mut message = queued(AUTO);
    assert_eq!(message.status(), Status::Queued);
    assert_eq!(message.claim(at(5)), Ok(1));
    assert_eq!(message.sending.attempt, 1);
    assert_eq!(message.sending.retries, 0, "a first attempt is no retry");
    assert_eq!(
        message.sending.phase,
        Phase::Calling {
            lease: at(5) + LEASE
        }
    );
    assert_eq!(message.updated_at, at(5));
    assert_eq!(message.status(), Status::Pending);
}

#[test]
fn a_message_is_not_claimed_before_its_time() {
    let mut message = queued(AUTO);
    message.sending.phase = Phase::Ready {
        at: at(100),
        counts: false,
    };
    assert_eq!(message.claim(at(99)), Err(Refused::TooEarly));
    assert_eq!(message.sending.attempt, 0);
    assert_eq!(message.claim(at(100)), Ok(1));
}

/// X7: one call per attempt number; a lease that ended is a doubt, never a new call.
#[test]
fn a_lease_refuses_other_claims_even_when_it_is_over() {
    let mut message = calling(AUTO);
    let before = message.clone();
    for now in [at(0), at(59), at(60), at(100_000)] {
        assert_eq!(message.claim(now), Err(Refused::InFlight));
    }
    assert_eq!(message, before);
}

/// X9
#[test]
fn a_lease_that_ended_without_a_record_leaves_the_outcome_unknown() {
    let mut message = calling(AUTO);
    assert!(!message.lease_over(at(59)), "it is alive");
    assert!(message.lease_over(at(60)));
    assert_eq!(message.sending.phase, Phase::Unknown { since: at(60) });
    assert_eq!(message.status(), Status::Pending);
    assert!(!message.lease_over(at(61)), "once only");
}

#[test]
fn a_lease_is_over_only_where_there_is_one() {
    for mut message in [
        queued(AUTO),
        after(AUTO, taken()),
        after(AUTO, rejected()),
        after(AUTO, not_sent()),
        after(AUTO, Outcome::Ambiguous),
    ] {
        let before = message.clone();
        assert!(!message.lease_over(at(100_000)));
        assert_eq!(message, before);
    }
}

/// S0.26
#[test]
fn an_accepted_message_is_sent_and_nothing_more_is_wanted() {
    let mut message = after(AUTO, taken());
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(message.sending.due, None);
    assert_eq!(message.next_attempt_at(), None);
    assert_eq!(
        message.facts.accepted[&1].provider_id.as_deref(),
        Some("wamid.1")
    );
    assert_eq!(message.claim(at(100_000)), Err(Refused::AlreadySent));
}

/// X10: a definite code is terminal at once, whatever the policy allows.
#[test]
fn a_rejected_message_is_dead_at_once() {
    let mut message = after(AUTO, rejected());
    assert_eq!(message.status(), Status::Failed);
    assert!(message.is_dead());
    assert_eq!(message.sending.due, None);
    let failure = &message.facts.failed[&1];
    assert_eq!(failure.origin, FailureOrigin::Provider);
    assert_eq!(failure.code, "131026");
    assert_eq!(message.claim(at(100_000)), Err(Refused::Failed));
}

#[test]
fn a_message_we_must_not_send_any_more_is_dead_at_once() {
    let message = after(AUTO, refused());
    assert_eq!(message.status(), Status::Failed);
    assert!(message.is_dead());
    assert_eq!(message.facts.failed[&1].origin, FailureOrigin::Ourselves);
}

/// X7: three retries after the first attempt, at most four provider calls, then dead.
#[test]
fn what_was_not_sent_is_tried_four_times_thirty_minutes_apart_and_then_dead() {
    let (least, most) = (
        SignedDuration::from_mins(30),
        SignedDuration::from_mins(33), // a tenth of jitter
    );
    let mut waits = Vec::new();
    for bits in 0..200 {
        let mut message = queued(AUTO);
        message.id = MessageId::from_uuid(Uuid::from_u128(bits * 0x9e37_79b9));
        let begun = begun_until_dead(&mut message, at(0));
        assert_eq!(begun.len(), 4);
        for pair in begun.windows(2) {
            let wait = pair[1].duration_since(pair[0]);
            assert!((least..=most).contains(&wait), "{wait}");
            waits.push(wait);
        }
        assert!(message.is_dead());
        assert_eq!(message.sending.retries, 3);
        assert_eq!(message.sending.due, None);
        assert_eq!(message.facts.failed.len(), 4);
        assert_eq!(message.claim(at(1_000_000)), Err(Refused::Failed));
    }
    waits.sort();
    waits.dedup();
    assert!(waits.len() > 20, "a bad minute must not come back as one");
}

/// X7
#[test]
fn the_number_of_calls_follows_the_policy() {
    for max in 0..=5 {
        let mut message = queued(RetryPolicy { max, ..AUTO });
        assert_eq!(
            begun_until_dead(&mut message, at(0)).len(),
            usize::from(max) + 1
        );
    }
}

/// X6
#[test]
fn what_a_person_typed_is_never_tried_again_by_itself() {
    let message = after(RetryPolicy::MANUAL, not_sent());
    assert_eq!(message.status(), Status::Failed);
    assert_eq!(message.next_attempt_at(), None);
    assert!(message.is_dead());
}

/// X7, X10: a rate limit is no failure and no retry.
#[test]
fn a_deferral_does_not_count_as_a_retry() {
    let mut message = queued(AUTO);
    let mut now = at(0);
    for attempt in 1..=10 {
        assert_eq!(message.claim(now), Ok(attempt));
        let until = now + SignedDuration::from_mins(1);
        assert!(message.record(attempt, Outcome::Deferred { until }, now));
        assert_eq!(message.next_attempt_at(), Some(until));
        assert_eq!(message.sending.due, Some(until));
        assert_eq!(message.status(), Status::Queued);
        assert_eq!(message.claim(now), Err(Refused::TooEarly));
        now = until;
    }
    assert_eq!(message.sending.retries, 0);
    let begun = begun_until_dead(&mut message, now);
    assert_eq!(begun.len(), 4, "all of the policy's calls are left");
}

/// X7: the retry that was deferred is still the same retry when its time comes.
#[test]
fn a_deferred_retry_counts_once() {
    let mut message = after(AUTO, not_sent());
    assert_eq!(message.claim(at(3_600)), Ok(2));
    assert!(message.record(2, Outcome::Deferred { until: at(3_700) }, at(3_601)));
    let begun = begun_until_dead(&mut message, at(3_700));
    assert_eq!(begun.len(), 3, "with the first one four were not sent");
    assert_eq!(message.sending.retries, 3);
}

#[test]
fn a_deferral_into_the_past_means_now() {
    let message = after(AUTO, Outcome::Deferred { until: at(-500) });
    assert_eq!(message.next_attempt_at(), Some(at(10)));
}

/// X7: queues deliver twice; whoever is late changes nothing.
#[test]
fn recording_an_outcome_again_changes_nothing() {
    let outcomes = [
        taken(),
        rejected(),
        refused(),
        Outcome::Deferred { until: at(70) },
        not_sent(),
        Outcome::Ambiguous,
    ];
    for outcome in outcomes {
        let mut message = after(AUTO, outcome.clone());
        let before = message.clone();
        assert!(!message.record(1, outcome.clone(), at(20)), "{outcome:?}");
        assert_eq!(message, before, "{outcome:?}");
    }
}

/// X7
#[test]
fn a_stale_failure_does_not_touch_the_attempt_that_followed() {
    for stale in [
        not_sent(),
        refused(),
        Outcome::Ambiguous,
        Outcome::Deferred { until: at(0) },
    ] {
        let mut message = after(AUTO, not_sent());
        assert_eq!(message.claim(at(3_600)), Ok(2));
        let before = message.clone();
        assert!(!message.record(1, stale.clone(), at(3_601)), "{stale:?}");
        assert_eq!(message, before, "{stale:?}");
    }
}

/// A call that outlived its lease: its answer is definite, so it ends the doubt.
#[test]
fn a_late_answer_ends_the_doubt() {
    let cases = [
        (taken(), Status::Sent),
        (rejected(), Status::Failed),
        (not_sent(), Status::Failed),
        (Outcome::Deferred { until: at(90) }, Status::Queued),
    ];
    for (outcome, status) in cases {
        let mut message = calling(AUTO);
        assert!(message.lease_over(at(60)));
        assert!(message.record(1, outcome.clone(), at(61)), "{outcome:?}");
        assert_eq!(message.status(), status, "{outcome:?}");
    }
}
