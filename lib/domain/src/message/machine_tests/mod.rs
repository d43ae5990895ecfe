//! The sending state machine, told in sentences: every transition first, then every order of events.

mod attempts;
mod by_hand;
mod doubt;
mod evidence;
mod merging;
mod orders;
mod polls;
mod sweeps;
mod texts;
mod world;

use jiff::{SignedDuration, Timestamp, civil::date};
use uuid::Uuid;

use super::{
    Fact, FailedFact, FailureOrigin, Kind, Message, MessageType, Outcome, Phase, Refused, Reply,
    ReplyKind, RetryPolicy, Sending, Status, Trigger,
};
use crate::{
    contact::Recipient,
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId},
    phone::PhoneNumber,
};

/// The policy of triggered, scheduled and bulk messages.
const AUTO: RetryPolicy = RetryPolicy {
    max: 3,
    interval_minutes: 30,
    notify: true,
};

/// So many seconds after the message was accepted by us.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// A message nobody attempted, due now.
fn queued(policy: RetryPolicy) -> Message {
    let id = |bits| Uuid::from_u128(bits);
    Message {
        id: MessageId::from_uuid(id(1)),
        tenant: TenantId::from_uuid(id(2)),
        job: JobId::from_uuid(id(3)),
        row: 0,
        channel: ChannelId::from_uuid(id(4)),
        conversation: ConversationId::from_uuid(id(5)),
        contact: ContactId::from_uuid(id(6)),
        to: Recipient::Phone(PhoneNumber::parse("+97300000001").unwrap()),
        kind: Kind::Text,
        message_type: MessageType::Other,
        trigger: Trigger::Auto,
        created_at: at(0),
        updated_at: at(0),
        scheduled_for: None,
        context: None,
        made_from: None,
        answers_since: None,
        usage_day: date(2026, 9, 21),
        sending: Sending {
            phase: Phase::Ready {
                at: at(0),
                counts: false,
            },
            attempt: 0,
            retries: 0,
            policy,
            due: Some(at(60)),
            quiet: false,
            polls: None,
        },
        facts: super::Facts::default(),
        version: 0,
    }
}

/// Attempt 1 began at second 0.
fn calling(policy: RetryPolicy) -> Message {
    let mut message = queued(policy);
    assert_eq!(message.claim(at(0)), Ok(1));
    message
}

/// Attempt 1 began at second 0, and its answer at second 10 left everything open.
fn doubtful(policy: RetryPolicy) -> Message {
    let mut message = calling(policy);
    assert!(message.record(1, Outcome::Ambiguous, at(10)));
    message
}

/// Attempt 1 came to this at second 10.
fn after(policy: RetryPolicy, outcome: Outcome) -> Message {
    let mut message = calling(policy);
    assert!(message.record(1, outcome, at(10)));
    message
}

fn taken() -> Outcome {
    Outcome::Accepted {
        provider_id: Some("wamid.1".into()),
    }
}

fn rejected() -> Outcome {
    Outcome::Rejected {
        code: "131026".into(),
        reason: "The number has no WhatsApp.".into(),
    }
}

fn refused() -> Outcome {
    Outcome::Refused {
        code: "CONSENT".into(),
        reason: "The person asked to stop.".into(),
    }
}

fn not_sent() -> Outcome {
    Outcome::NotSent {
        code: "NOT_SENT".into(),
        reason: "The provider could not be reached.".into(),
    }
}

fn sent(attempt: u16, seconds: i64) -> Fact {
    Fact::Sent {
        attempt,
        at: at(seconds),
    }
}

fn delivered(seconds: i64) -> Fact {
    Fact::Delivered { at: at(seconds) }
}

fn read(seconds: i64) -> Fact {
    Fact::Read { at: at(seconds) }
}

/// A failure the provider reports by webhook.
fn failed(attempt: u16, seconds: i64) -> Fact {
    Fact::Failed {
        attempt,
        failure: FailedFact {
            at: at(seconds),
            origin: FailureOrigin::Provider,
            code: "131049".into(),
            reason: "The provider did not deliver it.".into(),
        },
    }
}

fn pressed(button: &str, seconds: i64) -> Fact {
    Fact::Replied(Reply {
        at: at(seconds),
        inbound: format!("wamid.in.{seconds}"),
        kind: ReplyKind::Button,
        button_id: Some(button.into()),
        title: button.to_uppercase(),
    })
}

/// Fails every attempt with `not sent`, each as soon as it may begin, and answers when they began.
fn begun_until_dead(message: &mut Message, from: Timestamp) -> Vec<Timestamp> {
    let mut now = from;
    let mut begun = Vec::new();
    for _ in 0..20 {
        let attempt = message.claim(now).unwrap();
        begun.push(now);
        assert!(message.record(attempt, not_sent(), now));
        assert_eq!(message.status(), Status::Failed, "also while it waits");
        let next = message.next_attempt_at();
        assert_eq!(message.sending.due, next);
        assert_eq!(message.is_dead(), next.is_none());
        let Some(next) = next else {
            break;
        };
        let early = message.claim(next - SignedDuration::from_nanos(1));
        assert_eq!(early, Err(Refused::TooEarly));
        now = next;
    }
    begun
}

/// Whether anything may still happen to it by itself.
fn is_open(message: &Message) -> bool {
    match message.sending.phase {
        Phase::Ready { .. } | Phase::Calling { .. } | Phase::Unknown { .. } => true,
        Phase::Accepted | Phase::Failed | Phase::Cancelled => false,
    }
}
