//! Integration tests on the local stack: the production template, the real functions, the provider
//! sandbox. The world is started once; every test has a tenant of its own in it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a broken expectation stops the test where it is"
)]

mod campaigns;
mod contract;
mod events;
mod failing;
mod figures;
mod layering;
mod logs;
mod matrix;
mod meta;
mod partner;
mod payments;
mod paypal;
mod people;
mod refusing;
mod replayed;
mod sending;
mod two_way;
mod users;
mod webhooks;
mod whapi_channels;
mod world;

use std::{panic, process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::world::World;

/// One test on the world.
type Case = (&'static str, fn(Arc<World>));

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The emulator's one worker per function is what limits; more threads only wait in it.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let alone: Vec<Trial> = layering::cases()
        .into_iter()
        .map(|(name, test)| Trial::test(name, move || guarded(test)))
        .collect();
    let listed: Vec<Case> = [
        sending::cases(),
        failing::cases(),
        webhooks::cases(),
        refusing::cases(),
        matrix::cases(),
        two_way::cases(),
        meta::cases(),
        partner::cases(),
        payments::cases(),
        paypal::cases(),
        people::cases(),
        users::cases(),
        whapi_channels::cases(),
        campaigns::cases(),
        events::cases(),
        figures::cases(),
        contract::cases(),
    ]
    .concat();
    let nothing_to_start = arguments.list || filtered(&arguments, &listed).is_empty();
    let world = if nothing_to_start {
        None
    } else {
        match World::start() {
            Ok(world) => Some(Arc::new(world)),
            Err(failure) => {
                eprintln!("the local stack did not start: {failure:#}");
                return ExitCode::FAILURE;
            }
        }
    };
    let mut trials = alone;
    for (name, test) in listed {
        let world = world.clone();
        trials.push(Trial::test(name, move || {
            let world = world.ok_or("the world was not started")?;
            guarded(move || test(world))
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let failed = conclusion.has_failed();
    let differs = world
        .as_deref()
        .is_some_and(|world| !replayed::are_equal(world));
    // Last, because it reads what all the others made the functions log.
    let leaked = world
        .as_deref()
        .is_some_and(|world| !logs::are_clean(world));
    drop(world);
    if failed || differs || leaked {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Turns a panic into a failed trial, so that its neighbours and the clean-up go on.
fn guarded(test: impl FnOnce()) -> Result<(), Failed> {
    panic::catch_unwind(panic::AssertUnwindSafe(test)).map_err(|cause| {
        let text = cause
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
    })
}

fn filtered<'a>(arguments: &Arguments, cases: &'a [Case]) -> Vec<&'a Case> {
    let wanted = |name: &str| match &arguments.filter {
        Some(filter) if arguments.exact => name == filter,
        Some(filter) => name.contains(filter.as_str()),
        None => true,
    };
    cases.iter().filter(|(name, _)| wanted(name)).collect()
}
