//! Merging facts: any order, duplication and grouping ends in the same facts and the same status.

use proptest::{prelude::*, sample::subsequence};

use super::{AUTO, at, calling, is_open, not_sent, rejected, taken};
use crate::message::{
    Fact, Facts, FailedFact, FailureOrigin, Finding, Message, Outcome, Reply, ReplyKind,
    phase::HOLD,
};

fn origins() -> impl Strategy<Value = FailureOrigin> {
    prop_oneof![
        Just(FailureOrigin::Provider),
        Just(FailureOrigin::Ourselves)
    ]
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![Just("a".to_owned()), Just("b".to_owned())]
}

fn replies() -> impl Strategy<Value = Reply> {
    let kinds = prop_oneof![
        Just(ReplyKind::Button),
        Just(ReplyKind::ListRow),
        Just(ReplyKind::Text)
    ];
    (
        0..4_i64,
        words(),
        kinds,
        proptest::option::of(words()),
        words(),
    )
        .prop_map(|(seconds, inbound, kind, button_id, title)| Reply {
            at: at(seconds),
            inbound,
            kind,
            button_id,
            title,
        })
}

/// Facts of two attempts within a few seconds, so that they meet often.
fn facts() -> impl Strategy<Value = Fact> {
    let id = proptest::option::of(words());
    prop_oneof![
        (1..=2_u16, 0..4_i64, id).prop_map(|(attempt, seconds, provider_id)| Fact::Accepted {
            attempt,
            at: at(seconds),
            provider_id
        }),
        (1..=2_u16, 0..4_i64).prop_map(|(attempt, seconds)| super::sent(attempt, seconds)),
        (0..4_i64).prop_map(super::delivered),
        (0..4_i64).prop_map(super::read),
        (1..=2_u16, 0..4_i64, origins(), words(), words()).prop_map(
            |(attempt, seconds, origin, code, reason)| Fact::Failed {
                attempt,
                failure: FailedFact {
                    at: at(seconds),
                    origin,
                    code,
                    reason
                }
            }
        ),
        replies().prop_map(Fact::Replied),
        (0..4_i64).prop_map(|seconds| Fact::Cancelled { at: at(seconds) }),
    ]
}

/// Facts as they happened, and the same with duplicates in another order.
fn twice(fact: impl Strategy<Value = Fact>) -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    proptest::collection::vec(fact, 0..12)
        .prop_flat_map(|facts| {
            let again = subsequence(facts.clone(), 0..=facts.len());
            (Just(facts), again)
        })
        .prop_flat_map(|(facts, again)| {
            let all = [facts.clone(), again].concat();
            (Just(facts), Just(all).prop_shuffle())
        })
}

/// What a webhook can say of an attempt: not our own conclusions, and no withdrawal.
fn reports() -> impl Strategy<Value = Fact> {
    facts().prop_filter("said by the provider", |fact| match fact {
        Fact::Failed { failure, .. } => failure.origin == FailureOrigin::Provider,
        Fact::Cancelled { .. } => false,
        Fact::Accepted { .. }
        | Fact::Sent { .. }
        | Fact::Delivered { .. }
        | Fact::Read { .. }
        | Fact::Replied(_) => true,
    })
}

/// Every standing a second attempt can have.
fn second_attempts() -> Vec<Message> {
    let mut begun = calling(AUTO);
    assert!(begun.record(1, not_sent(), at(0)));
    assert_eq!(begun.claim(at(2_000)), Ok(2));
    let mut standings: Vec<_> = [taken(), rejected(), not_sent(), Outcome::Ambiguous]
        .into_iter()
        .map(|outcome| {
            let mut message = begun.clone();
            assert!(message.record(2, outcome, at(2_001)));
            message
        })
        .collect();
    let mut given_up = begun.clone();
    assert!(given_up.record(2, Outcome::Ambiguous, at(2_001)));
    assert!(given_up.resolve(given_up.sending.attempt, Finding::NoProof, at(2_001) + HOLD));
    let mut by_hand = given_up.clone();
    by_hand.retry_by_hand(at(4_000)).unwrap();
    standings.extend([begun, given_up, by_hand]);
    standings
}

fn observed(mut message: Message, facts: &[Fact]) -> Message {
    for fact in facts {
        message.observe(fact.clone(), at(5_000));
    }
    message
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// X5: groups are stored and read between each other, as separate webhooks are.
    #[test]
    fn any_order_duplication_and_grouping_of_facts_gives_the_same_facts(
        (once, again) in twice(facts()),
        group in 1..5_usize,
    ) {
        let mut one = Facts::default();
        for fact in once {
            one.merge(fact);
        }
        let mut other = Facts::default();
        for group in again.chunks(group) {
            for fact in group {
                other.merge(fact.clone());
            }
            let stored = serde_json::to_string(&other).unwrap();
            other = serde_json::from_str(&stored).unwrap();
        }
        prop_assert_eq!(one, other);
    }

    /// S0.26, X5: whatever the attempt had come to when the webhooks came.
    #[test]
    fn any_order_and_duplication_of_facts_shows_the_same_status((once, again) in twice(reports())) {
        for standing in second_attempts() {
            let one = observed(standing.clone(), &once);
            let other = observed(standing.clone(), &again);
            prop_assert_eq!(&one.facts, &other.facts);
            prop_assert_eq!(one.status(), other.status(), "{:?}", standing.sending.phase);
            if one.facts.reached() {
                prop_assert!(!is_open(&one) && !is_open(&other));
            }
        }
    }
}
