//! Unknown outcomes: found at the provider, absent there, and never proven.

use domain::message::Status;
use jiff::SignedDuration;
use sandbox::faults::{BodyShape, Fault};

use super::{Doing, PLAIN, Request, Scenario, no_look_ups, once, sending::ask};
use crate::world::World;

const REQUESTS: &[Request] = &[Request::here("Your table is booked")];
const BUTTONS: &[Request] = &[Request::with_buttons("Is eight o'clock fine?")];

pub const ALL: &[Scenario] = &[
    // The provider has it.
    Scenario {
        name: "found",
        requests: BUTTONS,
        ends: &[Status::Read],
        fate: &["read"],
        faults: || {
            once(Fault::ErrorAfterAccept {
                code: 502,
                body_shape: BodyShape::Html,
            })
        },
        setup: ask,
        act: look_up,
        ..PLAIN
    },
    // The provider does not have it: the second attempt follows by itself.
    Scenario {
        name: "absent",
        requests: REQUESTS,
        faults: || once(Fault::ResetBeforeAccept),
        setup: ask,
        act: look_up_and_try_again,
        ..PLAIN
    },
    // The provider cannot tell until the hold time is over.
    Scenario {
        name: "unproven",
        requests: REQUESTS,
        ends: &[Status::Failed],
        mails: 1,
        faults: || {
            let mut faults = once(Fault::ResetBeforeAccept);
            faults.push(no_look_ups());
            faults
        },
        setup: ask,
        act: give_up,
        ..PLAIN
    },
];

async fn after(world: &World, minutes: i64) {
    world.advance(SignedDuration::from_mins(minutes));
    let _ = world.sweep().await;
    world.drain().await;
}

fn look_up(world: &World) -> Doing<'_> {
    Box::pin(async { after(world, 2).await })
}

fn look_up_and_try_again(world: &World) -> Doing<'_> {
    Box::pin(async {
        after(world, 2).await;
        after(world, 35).await;
    })
}

fn give_up(world: &World) -> Doing<'_> {
    Box::pin(async { after(world, 17).await })
}
