//! What people do to messages: retry, cancel.

use domain::message::Status;

use super::{
    Doing, PLAIN, Request, Scenario, once, refused,
    sending::{ask, ask_and_work},
    the_message,
};
use crate::world::World;

const FAILING: &[Request] = &[Request::here("Your refund was made")];
const LATER: &[Request] = &[Request::scheduled("Your appointment is in one hour", 60)];

pub const ALL: &[Scenario] = &[
    Scenario {
        name: "retry",
        requests: FAILING,
        mails: 1,
        faults: || once(refused()),
        setup: ask_and_work,
        act: retry,
        again: retry,
        ..PLAIN
    },
    Scenario {
        name: "cancel",
        requests: LATER,
        ends: &[Status::Cancelled],
        setup: ask,
        act: cancel,
        again: cancel,
        ..PLAIN
    },
    // Accepted for later, cancelled at once.
    Scenario {
        name: "schedule",
        requests: LATER,
        act: ask,
        ..PLAIN
    },
];

fn retry(world: &World) -> Doing<'_> {
    Box::pin(async {
        let message = the_message(world).await;
        // Refused when the first click got through.
        if let Ok(message) = world.change().retry(&world.manager(), message.id).await {
            world.accept().hand_over(&message).await;
        }
        world.drain().await;
    })
}

fn cancel(world: &World) -> Doing<'_> {
    Box::pin(async {
        let message = the_message(world).await;
        let _ = world.change().cancel(&world.manager(), message.id).await;
    })
}
