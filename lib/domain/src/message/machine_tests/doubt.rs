//! Unknown outcomes: looked up, held open, never sent again blindly (X9).

use jiff::SignedDuration;

use super::{AUTO, at, calling, doubtful, sent, taken};
use crate::message::{
    FailureOrigin, Finding, Message, Outcome, Phase, Refused, RetryPolicy, Status,
    phase::{HOLD, SETTLE},
};

/// Doubt begins at this second in [`doubtful`].
const SINCE: i64 = 10;

fn found() -> Finding {
    Finding::Found {
        provider_id: "wamid.found".into(),
    }
}

/// The hold time passed without proof.
fn given_up(policy: RetryPolicy) -> Message {
    let mut message = doubtful(policy);
    assert!(message.resolve(message.sending.attempt, Finding::NoProof, at(SINCE) + HOLD));
    message
}

/// X9
#[test]
fn an_unknown_outcome_is_pending_and_never_claimed() {
    let mut message = doubtful(AUTO);
    assert_eq!(message.status(), Status::Pending);
    assert_eq!(message.sending.due, Some(at(SINCE) + SETTLE));
    for now in [at(11), at(SINCE) + SETTLE, at(SINCE) + HOLD, at(1_000_000)] {
        assert_eq!(message.claim(now), Err(Refused::OutcomeUnknown));
    }
    assert_eq!(message.sending.attempt, 1);
    assert_eq!(message.next_attempt_at(), None);
}

#[test]
fn a_message_found_at_the_provider_was_sent() {
    let mut message = doubtful(AUTO);
    assert!(
        message.resolve(message.sending.attempt, found(), at(20)),
        "also before it settles"
    );
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(message.sending.due, None);
    assert_eq!(
        message.facts.accepted[&1].provider_id.as_deref(),
        Some("wamid.found")
    );
}

/// X9: the provider may list a message later than it took it.
#[test]
fn absence_proves_nothing_before_the_provider_had_time_to_know() {
    let mut message = doubtful(AUTO);
    let early = at(SINCE) + SETTLE - SignedDuration::from_secs(1);
    assert!(message.resolve(message.sending.attempt, Finding::Absent, early));
    assert_eq!(message.sending.phase, Phase::Unknown { since: at(SINCE) });
    assert_eq!(message.status(), Status::Pending);
    assert!(message.sending.due.is_some_and(|due| due > early));
    assert!(message.facts.failed.is_empty());
}

/// X7, X9
#[test]
fn proven_absence_is_a_failure_that_is_retried_by_policy() {
    let settled = at(SINCE) + SETTLE;
    let mut message = doubtful(AUTO);
    assert!(message.resolve(message.sending.attempt, Finding::Absent, settled));
    assert_eq!(message.status(), Status::Failed);
    assert_eq!(message.facts.failed[&1].code, "NOT_ACCEPTED");
    assert_eq!(message.facts.failed[&1].origin, FailureOrigin::Ourselves);
    assert!(
        message
            .next_attempt_at()
            .is_some_and(|next| next >= settled + SignedDuration::from_mins(30))
    );
    assert_eq!(message.claim(at(4_000)), Ok(2));
    assert_eq!(message.sending.retries, 1, "it counts");
}

/// X6, X9
#[test]
fn proven_absence_of_what_a_person_typed_is_the_end() {
    let mut message = doubtful(RetryPolicy::MANUAL);
    assert!(message.resolve(message.sending.attempt, Finding::Absent, at(SINCE) + SETTLE));
    assert!(message.is_dead());
}

/// X9
#[test]
fn what_cannot_be_proven_in_time_fails_and_says_so() {
    let mut message = doubtful(AUTO);
    let last = at(SINCE) + HOLD - SignedDuration::from_secs(1);
    assert!(message.resolve(message.sending.attempt, Finding::NoProof, last));
    assert_eq!(message.status(), Status::Pending);
    assert!(message.resolve(message.sending.attempt, Finding::NoProof, at(SINCE) + HOLD));
    assert_eq!(message.status(), Status::Failed);
    assert!(message.is_dead(), "no retry follows by itself");
    assert_eq!(message.facts.failed[&1].code, "OUTCOME_UNKNOWN");
    assert_eq!(message.facts.failed[&1].origin, FailureOrigin::Ourselves);
    assert_eq!(message.sending.due, None);
}

#[test]
fn looking_again_and_again_ends_with_the_hold_time() {
    let mut message = doubtful(AUTO);
    let mut looks = 0;
    while let Some(due) = message.sending.due.filter(|_| looks < 50) {
        assert!(message.resolve(message.sending.attempt, Finding::NoProof, due));
        looks += 1;
        assert!(due <= at(SINCE) + HOLD, "never later than the hold time");
    }
    assert!((3..=20).contains(&looks), "{looks}");
    assert!(message.is_dead());
}

#[test]
fn a_look_up_of_a_message_without_doubt_changes_nothing() {
    for mut message in [calling(AUTO), given_up(AUTO), super::after(AUTO, taken())] {
        for finding in [found(), Finding::Absent, Finding::NoProof] {
            let before = message.clone();
            assert!(!message.resolve(message.sending.attempt, finding, at(100_000)));
            assert_eq!(message, before);
        }
    }
}

/// X9: whatever we concluded, the provider's evidence ends it.
#[test]
fn a_late_acceptance_heals_every_conclusion_of_our_own() {
    let mut absent = doubtful(AUTO);
    assert!(absent.resolve(absent.sending.attempt, Finding::Absent, at(SINCE) + SETTLE));
    let mut dead = doubtful(RetryPolicy::MANUAL);
    assert!(dead.resolve(dead.sending.attempt, Finding::Absent, at(SINCE) + SETTLE));
    let mut expired = calling(AUTO);
    assert!(expired.lease_over(at(60)));
    let cases = [
        ("unknown", doubtful(AUTO)),
        ("lease over", expired),
        ("given up", given_up(AUTO)),
        ("absent, to be retried", absent),
        ("absent, dead", dead),
    ];
    for (case, message) in cases {
        let (mut answered, mut reported) = (message.clone(), message);
        assert!(answered.record(1, taken(), at(2_000)), "{case}");
        assert!(reported.observe(sent(1, 30), at(2_000)), "{case}");
        for healed in [answered, reported] {
            assert_eq!(healed.status(), Status::Sent, "{case}");
            assert_eq!(healed.sending.phase, Phase::Accepted, "{case}");
            assert_eq!(healed.sending.due, None, "{case}");
            assert!(!healed.is_dead(), "{case}");
        }
    }
}

/// X9: the person asked while nobody knew; now it is known, so the second copy is not sent.
#[test]
fn proof_that_comes_before_the_retry_by_hand_began_withdraws_it() {
    let mut message = given_up(AUTO);
    message.retry_by_hand(at(2_000)).unwrap();
    assert!(message.observe(sent(1, 30), at(2_001)));
    assert_eq!(message.claim(at(2_002)), Err(Refused::AlreadySent));
    assert_eq!(message.status(), Status::Sent);
}

/// X9: nothing is sent again by itself once it is known that it went out.
#[test]
fn no_retry_follows_by_itself_once_an_earlier_attempt_is_known_to_be_sent() {
    let mut message = given_up(AUTO);
    message.retry_by_hand(at(2_000)).unwrap();
    assert_eq!(message.claim(at(2_000)), Ok(2));
    assert!(message.record(2, super::not_sent(), at(2_001)));
    assert!(message.observe(sent(1, 30), at(2_002)));
    assert!(
        message.claim(at(10_000)).is_err(),
        "the recipient would get it twice"
    );
}

#[test]
fn a_definite_answer_to_an_unknown_outcome_is_no_second_doubt() {
    let mut message = doubtful(AUTO);
    assert!(message.record(1, super::rejected(), at(50)));
    assert!(message.is_dead());
    assert!(!message.record(1, Outcome::Ambiguous, at(51)));
    assert!(message.is_dead());
}
