//! What a reader of the timeline is told to do.

use std::collections::BTreeSet;

use domain::{
    message::{FailedFact, FailureOrigin, Phase, advice::known_advice},
    service::outbox,
};
use testkit::builders::{RECIPIENT, text_draft};

use crate::world::World;

/// Where codes of failed messages come from.
const SOURCES: [&str; 11] = [
    include_str!("../../src/service/preflight.rs"),
    include_str!("../../src/service/check.rs"),
    include_str!("../../src/service/attempt.rs"),
    include_str!("../../src/message/transitions.rs"),
    include_str!("../../../providers/src/meta_cloud/errors/table.rs"),
    include_str!("../../../providers/src/meta_cloud/errors.rs"),
    include_str!("../../../providers/src/whapi/refusal.rs"),
    include_str!("../../../providers/src/whapi/webhook/status.rs"),
    include_str!("../../../providers/src/messenger360/refusal.rs"),
    include_str!("../../../providers/src/messenger360/webhook/status.rs"),
    include_str!("../../../providers/src/messenger360/status.rs"),
];

/// Words that look like codes there: some refuse a request before there is a message, others are the
/// providers' own words of statuses.
const NO_CODES: [&str; 7] = [
    "REQUIRED", "TOO_FAR", "TIME", "DEVICE", "ERROR", "HELD", "PENDING",
];

fn is_code(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
    word.len() > 3
        && word.chars().all(letters)
        && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// S2.109: every code that our adapters and services give has advice; a new one without makes this fail.
#[test]
fn every_code_has_advice() {
    let codes: BTreeSet<&str> = SOURCES
        .iter()
        .flat_map(|source| source.split('"'))
        .filter(|word| is_code(word) && !NO_CODES.contains(word))
        .collect();
    assert!(codes.len() > 50, "{}", codes.len());
    let without: Vec<_> = codes
        .iter()
        .filter(|code| known_advice(code).is_none())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

/// S1.114, S1.115: a failure tells what to do next; one that was overtaken by success does not.
#[tokio::test]
async fn a_failure_on_the_timeline_says_what_to_do() {
    let world = World::new();
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let mut message = world.message(sent.message.id);
    message.facts.accepted.clear();
    message.facts.sent.clear();
    message.sending.phase = Phase::Failed;
    message.facts.failed.insert(
        message.sending.attempt,
        FailedFact {
            at: message.created_at,
            code: "OUTCOME_UNKNOWN".into(),
            reason: "Nobody knows.".into(),
            origin: FailureOrigin::Ourselves,
        },
    );
    let told = |message: &_| {
        let moments = outbox::timeline(message).into_iter();
        moments
            .filter_map(|moment| moment.advice)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&message), [known_advice("OUTCOME_UNKNOWN").unwrap()]);
    message.facts.read = Some(message.created_at);
    assert_eq!(told(&message), [""; 0]);
}
