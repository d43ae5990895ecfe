//! Nothing that was planted in the tests may be in any log line.

use std::fs;

use crate::world::World;

/// Numbers that the tests send to, without their plus.
const NUMBERS: [&str; 7] = [
    "97300000101",
    "97300000202",
    "97300000303",
    "97300000404",
    "97300000505",
    "97300000606",
    "97300000707",
];

/// Texts of messages.
const TEXTS: [&str; 7] = [
    "At noon.",
    "For the first",
    "We answer tomorrow.",
    "Once, please",
    "Behind the poison",
    "Your parcel arrives",
    "Through the lane",
];

/// Reads everything the functions logged in this run; prints what leaked.
pub fn are_clean(world: &World) -> bool {
    let logged = world.stack.function_logs().unwrap();
    assert!(
        logged.lines().count() > 50,
        "the functions' logs were not found"
    );
    let mut planted = world.planted.lock().unwrap().clone();
    planted.extend(NUMBERS.iter().chain(&TEXTS).map(|&text| text.to_owned()));
    let leaked: Vec<_> = planted
        .iter()
        .filter(|secret| logged.contains(secret.as_str()))
        .collect();
    for secret in &leaked {
        let line = logged
            .lines()
            .find(|line| line.contains(secret.as_str()))
            .unwrap_or_default();
        eprintln!("a log line holds what it must not: {line}");
    }
    let kept = world.stack.emulator().folder().join("functions.log");
    let _kept_for_reading = fs::write(kept, &logged);
    eprintln!(
        "logs: {} lines, {} planted values, {} leaked",
        logged.lines().count(),
        planted.len(),
        leaked.len()
    );
    leaked.is_empty()
}
