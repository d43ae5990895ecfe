//! Random interleavings of everything that can happen to a message, each story lived in two orders.

use proptest::{collection::vec, prelude::*};

use super::{
    AUTO,
    world::{Call, Event, Heard, Hook, Truth, World},
};
use crate::message::{AttemptNumber, FailureOrigin, Message, RetryPolicy};

/// What happens, and two orders in which it does.
#[derive(Debug, Clone)]
struct Story {
    policy: RetryPolicy,
    calls: Vec<Call>,
    one: Vec<Event>,
    other: Vec<Event>,
}

fn hooks() -> impl Strategy<Value = Hook> {
    let seconds = 0..200_i64;
    prop_oneof![
        4 => seconds.clone().prop_map(Hook::Sent),
        2 => seconds.clone().prop_map(Hook::Delivered),
        1 => seconds.clone().prop_map(Hook::Read),
        3 => seconds.clone().prop_map(Hook::Failed),
        1 => seconds.prop_map(Hook::Replied),
    ]
}

fn calls() -> impl Strategy<Value = Call> {
    let truth = prop_oneof![
        4 => Just(Truth::Taken),
        1 => Just(Truth::Rejected),
        2 => Just(Truth::NotSent),
        1 => (0..5_000_i64).prop_map(|seconds| Truth::Deferred { seconds }),
        1 => Just(Truth::Refused),
    ];
    let heard = prop_oneof![
        3 => Just(Heard::Answer),
        2 => Just(Heard::Ambiguous),
        1 => Just(Heard::Nothing),
    ];
    (
        truth,
        heard,
        any::<bool>(),
        any::<bool>(),
        vec(hooks(), 0..4),
    )
        .prop_map(|(truth, heard, provable, named, hooks)| Call {
            truth,
            heard,
            provable,
            named,
            // Nobody reports what the provider never took.
            hooks: if truth == Truth::Taken {
                hooks
            } else {
                Vec::new()
            },
        })
}

/// What happens without a word from the provider.
fn own_events() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Work),
        3 => Just(Event::Sweep),
        2 => Just(Event::LeaseOver),
        2 => Just(Event::RetryByHand),
        3 => (1..120_i64).prop_map(Event::Later),
        3 => (600..2_400_i64).prop_map(Event::Later),
    ]
}

/// Every outcome and every webhook of these calls, each up to three times.
fn heard_of(calls: &[Call], copies: usize) -> Vec<Event> {
    let mut events = Vec::new();
    for (call, attempt) in calls.iter().zip(1..) {
        events.extend(vec![Event::Record(attempt); copies]);
        for hook in &call.hooks {
            events.extend(vec![Event::Reported(attempt, *hook); copies]);
        }
    }
    events
}

fn stories() -> impl Strategy<Value = Story> {
    let policy = prop_oneof![3 => Just(AUTO), 1 => Just(RetryPolicy::MANUAL)];
    let cancelled = proptest::bool::weighted(0.1);
    (
        policy,
        vec(calls(), 1..5),
        vec(own_events(), 5..30),
        1..=3_usize,
        cancelled,
    )
        .prop_flat_map(|(policy, calls, mut events, copies, cancelled)| {
            events.extend(heard_of(&calls, copies));
            events.extend(cancelled.then_some(Event::Cancel));
            let orders = [(); 2].map(|()| Just(events.clone()).prop_shuffle());
            (Just(policy), Just(calls), orders)
        })
        .prop_map(|(policy, calls, [one, other])| Story {
            policy,
            calls,
            one,
            other,
        })
}

fn lived(story: &Story, order: &[Event]) -> Result<Message, TestCaseError> {
    let mut world = World::new(story.policy, &story.calls);
    for event in order {
        world.happens(*event)?;
    }
    world.comes_to_rest()?;
    Ok(world.message)
}

/// The attempts the provider reported or answered as failed.
fn refused(message: &Message) -> Vec<AttemptNumber> {
    let failed = &message.facts.failed;
    let by_provider = |n: &AttemptNumber| failed[n].origin == FailureOrigin::Provider;
    failed.keys().copied().filter(by_provider).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// X5, X7, X9, S0.26: `World` checks every step; here the ends of two orders are compared. When
    /// both made the same attempts, the same is known and shown.
    #[test]
    fn whatever_the_order_every_message_ends_and_tells_the_truth(story in stories()) {
        let one = lived(&story, &story.one)?;
        let other = lived(&story, &story.other)?;
        if one.sending.attempt == other.sending.attempt {
            prop_assert_eq!(one.status(), other.status());
            prop_assert_eq!(&one.facts.sent, &other.facts.sent);
            prop_assert_eq!(one.facts.delivered, other.facts.delivered);
            prop_assert_eq!(one.facts.read, other.facts.read);
            prop_assert_eq!(&one.facts.reply, &other.facts.reply);
            prop_assert_eq!(refused(&one), refused(&other));
        }
    }

    /// X5: the same attempts, then the same webhooks in two orders.
    #[test]
    fn webhooks_after_the_same_history_end_in_the_same_message(story in stories()) {
        let mut world = World::new(story.policy, &story.calls);
        for event in &story.one {
            if !matches!(event, Event::Reported(..)) {
                world.happens(*event)?;
            }
        }
        let told = |order: &[Event]| {
            let mut message = world.message.clone();
            for event in order {
                if let Event::Reported(attempt, hook) = event
                    && *attempt <= message.sending.attempt
                {
                    message.observe(hook.fact(*attempt), world.now);
                }
            }
            message
        };
        let (one, other) = (told(&story.one), told(&story.other));
        prop_assert_eq!(&one.facts, &other.facts);
        prop_assert_eq!(one.status(), other.status());
    }
}
