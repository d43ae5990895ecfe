//! What the provider reports against what we concluded, and what is shown of it.

use super::{
    AUTO, after, at, calling, delivered, doubtful, failed, is_open, not_sent, pressed, read,
    rejected, sent, taken,
};
use crate::message::{
    Fact, Facts, Finding, Message, Outcome, Refused, Status,
    phase::{HOLD, SETTLE},
};

/// S0.26, X5: every later step is shown over every earlier one, in whatever order they come.
#[test]
fn the_furthest_step_is_shown() {
    let steps = [
        (sent(1, 20), Status::Sent),
        (delivered(30), Status::Delivered),
        (read(40), Status::Read),
        (pressed("yes", 50), Status::Replied),
    ];
    let mut message = after(AUTO, taken());
    for (fact, status) in &steps {
        assert!(message.observe(fact.clone(), at(60)));
        assert_eq!(message.status(), *status);
    }
    let mut backwards = after(AUTO, taken());
    for (fact, _) in steps.iter().rev() {
        backwards.observe(fact.clone(), at(60));
        assert_eq!(backwards.status(), Status::Replied);
    }
    assert_eq!(message.facts, backwards.facts);
}

/// S0.26: WhatsApp may report reading without ever reporting delivery.
#[test]
fn reading_implies_delivery() {
    let mut message = after(AUTO, taken());
    message.observe(read(40), at(41));
    assert_eq!(message.status(), Status::Read);
    assert_eq!(message.facts.delivered_at(), Some(at(40)));
    message.observe(delivered(30), at(42));
    assert_eq!(message.facts.delivered_at(), Some(at(30)));
    assert_eq!(message.status(), Status::Read);
}

/// X5, S0.26, S0.27
#[test]
fn reply_and_read_are_kept_separately_and_shown_as_replied() {
    let mut message = after(AUTO, taken());
    message.observe(pressed("yes", 50), at(51));
    message.observe(read(60), at(61));
    assert_eq!(message.status(), Status::Replied);
    assert_eq!(message.facts.read, Some(at(60)));
    let reply = message.facts.reply.as_ref().unwrap();
    assert_eq!(reply.at, at(50));
    assert_eq!(reply.title, "YES");
}

/// X5, S0.27: `last_reply_at` is the latest, also when an older one comes late.
#[test]
fn the_latest_reply_is_shown() {
    let mut message = after(AUTO, taken());
    assert!(message.observe(pressed("no", 70), at(71)));
    assert!(!message.observe(pressed("yes", 50), at(72)));
    let reply = message.facts.reply.as_ref().unwrap();
    assert_eq!(reply.button_id.as_deref(), Some("no"));
}

/// X5: both stay on the timeline.
#[test]
fn evidence_of_delivery_beats_earlier_and_later_failures() {
    for fact in [delivered(40), read(40), pressed("yes", 40)] {
        let shown = {
            let mut message = after(AUTO, taken());
            message.observe(fact.clone(), at(41));
            message.status()
        };
        for mut message in [
            after(AUTO, rejected()),
            after(AUTO, not_sent()),
            doubtful(AUTO),
            calling(AUTO),
        ] {
            let failures = message.facts.failed.clone();
            assert!(message.observe(fact.clone(), at(41)));
            assert_eq!(message.status(), shown);
            assert_eq!(message.facts.failed, failures);
            assert!(!is_open(&message) && !message.is_dead());
            assert_eq!(message.claim(at(10_000)), Err(Refused::AlreadySent));
            message.observe(failed(1, 50), at(51));
            assert_eq!(message.status(), shown);
            assert!(message.facts.failed.contains_key(&1));
        }
    }
}

/// S0.26: accepted, then reported failed, without evidence that it arrived.
#[test]
fn a_failure_the_provider_reports_beats_sent() {
    for order in [[sent(1, 20), failed(1, 30)], [failed(1, 30), sent(1, 20)]] {
        let mut message = after(AUTO, taken());
        for fact in order {
            message.observe(fact, at(40));
        }
        assert_eq!(message.status(), Status::Failed);
        assert!(message.is_dead());
        assert!(message.facts.sent.contains_key(&1));
    }
}

/// Webhooks overtake answers: `failed` may come between the call and its record.
#[test]
fn a_failure_reported_before_the_answer_shows_like_one_reported_after_it() {
    let mut message = calling(AUTO);
    message.observe(failed(1, 5), at(6));
    assert_eq!(message.status(), Status::Failed, "failed beats pending");
    message.record(1, taken(), at(10));
    assert_eq!(message.status(), Status::Failed, "failed beats sent");
    assert!(!is_open(&message), "nothing is left to be found out");
    assert_eq!(message.sending.due, None);
    assert!(message.is_dead());
}

/// X9: the provider's own word is an answer; there is nothing to look up or to send again.
#[test]
fn a_failure_the_provider_reports_ends_the_doubt() {
    let mut message = doubtful(AUTO);
    message.observe(failed(1, 30), at(31));
    assert_eq!(message.status(), Status::Failed);
    assert!(!is_open(&message));
    assert_eq!(message.sending.due, None);
    message.resolve(message.sending.attempt, Finding::Absent, at(10) + SETTLE);
    assert_eq!(message.next_attempt_at(), None, "it is terminal at once");
}

/// X9: the look-up was wrong, the provider had it after all and could not deliver it.
#[test]
fn a_failure_the_provider_reports_ends_a_retry_of_the_policy() {
    let mut message = doubtful(AUTO);
    assert!(message.resolve(message.sending.attempt, Finding::Absent, at(10) + SETTLE));
    assert!(message.next_attempt_at().is_some());
    message.observe(failed(1, 30), at(100));
    assert!(message.is_dead());
    assert!(message.claim(at(10_000)).is_err());
}

/// Every accepted request ends in a final state, also when proof and failure come together.
#[test]
fn a_message_that_is_found_and_reported_failed_does_not_stay_open() {
    let mut message = calling(AUTO);
    message.observe(failed(1, 30), at(31));
    message.lease_over(at(60));
    let found = Finding::Found {
        provider_id: "wamid.1".into(),
    };
    message.resolve(message.sending.attempt, found.clone(), at(60) + SETTLE);
    message.resolve(message.sending.attempt, found, at(60) + HOLD);
    assert_eq!(message.status(), Status::Failed);
    assert!(!is_open(&message));
    assert_eq!(message.sending.due, None);
}

/// X5: a person sent it again after nobody knew; then the first copy arrived and the second was refused.
#[test]
fn a_rejection_heard_after_delivery_stays_on_the_timeline() {
    let history = || -> Message {
        let mut message = doubtful(AUTO);
        assert!(message.resolve(message.sending.attempt, Finding::NoProof, at(10) + HOLD));
        message.retry_by_hand(at(2_000)).unwrap();
        assert_eq!(message.claim(at(2_000)), Ok(2));
        message
    };
    let mut before = history();
    before.record(2, rejected(), at(2_001));
    before.observe(delivered(30), at(2_001));
    let mut behind = history();
    behind.observe(delivered(30), at(2_001));
    behind.record(2, rejected(), at(2_001));
    assert_eq!(before.status(), Status::Delivered);
    assert_eq!(behind.status(), Status::Delivered);
    assert_eq!(before.facts, behind.facts);
}

/// A failure of an attempt that was followed by another is history.
#[test]
fn only_the_current_attempts_failure_is_shown() {
    let mut message = after(AUTO, rejected());
    message.retry_by_hand(at(100)).unwrap();
    assert_eq!(message.claim(at(100)), Ok(2));
    assert!(message.record(2, taken(), at(101)));
    message.observe(failed(1, 50), at(102));
    assert_eq!(message.status(), Status::Sent);
}

/// Proof of one attempt says nothing of the next.
#[test]
fn a_late_acceptance_of_an_earlier_attempt_does_not_end_the_one_in_flight() {
    let mut message = after(AUTO, not_sent());
    assert_eq!(message.claim(at(3_600)), Ok(2));
    assert!(message.record(1, taken(), at(3_601)), "it is kept");
    assert_eq!(message.status(), Status::Pending);
    assert!(message.record(2, Outcome::Ambiguous, at(3_602)));
    assert_eq!(message.status(), Status::Pending);
}

#[test]
fn an_observation_that_says_nothing_new_changes_nothing() {
    let mut message = after(AUTO, taken());
    for fact in [sent(1, 20), delivered(30), read(40), failed(1, 25)] {
        assert!(message.observe(fact.clone(), at(50)));
        let before = message.clone();
        assert!(!message.observe(fact, at(60)));
        assert_eq!(message, before);
    }
}

/// S0.26: a status is as old as its first report.
#[test]
fn the_earliest_time_of_each_step_is_kept() {
    let mut message = after(AUTO, taken());
    for seconds in [50, 20, 90] {
        message.observe(sent(1, seconds), at(100));
        message.observe(delivered(seconds + 1), at(100));
        message.observe(read(seconds + 2), at(100));
        message.observe(failed(1, seconds + 3), at(100));
    }
    assert_eq!(message.facts.sent[&1], at(20));
    assert_eq!(message.facts.delivered, Some(at(21)));
    assert_eq!(message.facts.read, Some(at(22)));
    assert_eq!(message.facts.failed[&1].at, at(23));
}

/// The provider's word replaces ours, and an id is never lost.
#[test]
fn facts_keep_the_best_of_what_is_known() {
    let mut facts = Facts::default();
    for (seconds, id) in [(30, None), (40, Some("wamid.b")), (50, Some("wamid.a"))] {
        facts.merge(Fact::Accepted {
            attempt: 1,
            at: at(seconds),
            provider_id: id.map(str::to_owned),
        });
    }
    assert_eq!(facts.accepted[&1].at, at(30));
    assert_eq!(
        facts.accepted[&1].provider_id.as_deref(),
        Some("wamid.a"),
        "one of two, whichever came first"
    );
    let mut given_up = doubtful(AUTO);
    assert!(given_up.resolve(given_up.sending.attempt, Finding::NoProof, at(10) + HOLD));
    given_up.observe(failed(1, 5_000), at(5_001));
    assert_eq!(given_up.facts.failed[&1].code, "131049");
}
