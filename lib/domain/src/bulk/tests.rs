//! What a run may become.

use super::*;

fn run(size: u32) -> Run {
    Run {
        job: JobId::fresh(),
        tenant: TenantId::fresh(),
        channel: ChannelId::fresh(),
        state: RunState::Running,
        size,
        priority: 0,
        created_at: at(0),
        scheduled_for: None,
        adopted: false,
        next: 0,
        settled: 0,
        usage_day: "2026-11-20".parse().unwrap(),
        cycle: "2026-11-01".parse().unwrap(),
        kind: Kind::Text,
        message_type: MessageType::Promotion,
        trigger: Trigger::Manual,
        policy: RetryPolicy::MANUAL,
        polled: false,
        context: None,
        left_out: 0,
        report: None,
        due: Some(at(0)),
        version: 1,
    }
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

#[test]
fn a_pass_claims_a_minute_of_the_channels_pace_less_what_still_waits() {
    let mut run = run(1_000);
    assert_eq!(run.claim(Pace::WHAPI, 0), 0..120);
    assert_eq!(run.claim(Pace::WHAPI, 100), 120..140);
    assert_eq!(run.claim(Pace::WHAPI, 500), 140..140);
    assert_eq!(
        run.claim(Pace::META, 0),
        140..1_000,
        "no more than there are"
    );
}

/// S2.41, S2.42: paused, resumed, cancelled at any moment; nothing comes back from the end.
#[test]
fn what_is_over_cannot_be_changed() {
    let mut run = run(10);
    run.next = 4;
    run.pause(at(0)).unwrap();
    assert_eq!((run.state, run.due), (RunState::Paused, Some(at(60))));
    assert!(!run.settle(2, 1, at(60)), "an attempt may still crash");
    assert!(run.settle(3, 0, at(120)));
    assert_eq!(run.due, None);
    assert!(!run.may_claim(at(1)));
    run.resume(at(5)).unwrap();
    assert_eq!((run.state, run.due), (RunState::Running, Some(at(5))));
    run.cancel(at(6)).unwrap();
    assert_eq!(run.resume(at(7)), Err(Unchangeable::Cancelled));
    assert_eq!(run.pause(at(7)), Err(Unchangeable::Cancelled));
    assert!(run.settle(4, 0, at(8)), "four rows had messages");
    let totals = run.totals(Totals {
        queued: 6,
        sent: 4,
        ..Totals::default()
    });
    assert_eq!((totals.queued, totals.cancelled, totals.sum()), (0, 6, 10));

    let mut done = self::run(2);
    done.next = 2;
    assert!(!done.settle(1, 0, at(1)));
    assert_eq!(done.due, Some(at(61)));
    assert!(done.settle(2, 0, at(2)));
    assert_eq!(done.shown(), "done");
    assert_eq!(done.cancel(at(3)), Err(Unchangeable::Done));
}

/// S2.42: a job of a later time is shown as scheduled until it begins.
#[test]
fn a_scheduled_job_claims_nothing_before_its_time() {
    let mut run = run(3);
    run.scheduled_for = Some(at(60));
    assert_eq!(run.shown(), "scheduled");
    assert!(!run.may_claim(at(59)));
    assert!(run.may_claim(at(60)));
    run.claim(Pace::WHAPI, 0);
    assert_eq!(run.shown(), "running");
}
