//! Accepting, and the attempt with each of its outcomes.

use domain::message::Status;
use sandbox::faults::{BodyShape, Fault};

use super::{Doing, PLAIN, Request, Scenario, always, once, refused, request_all};
use crate::world::World;

const INTERACTIVE: &[Request] = &[Request::with_buttons("Does tomorrow suit you?")];
const TEXT: &[Request] = &[Request::here("Your invoice is ready")];
const QUEUED: &[Request] = &[Request::in_lane("Your order is packed")];

pub const ALL: &[Scenario] = &[
    // Accepted and attempted in one invocation: with a key, for a new contact.
    Scenario {
        name: "send",
        requests: INTERACTIVE,
        ends: &[Status::Read],
        fate: &["sent", "delivered", "read"],
        act: ask,
        ..PLAIN
    },
    // Accepted, and handed to its lane.
    Scenario {
        name: "lane",
        requests: QUEUED,
        act: ask,
        ..PLAIN
    },
    // The attempt that comes out of the lane.
    Scenario {
        name: "attempt",
        requests: QUEUED,
        ends: &[Status::Delivered],
        fate: &["delivered"],
        setup: ask,
        act: work,
        ..PLAIN
    },
    // Taken by the provider, which answers 500 all the same.
    Scenario {
        name: "lost-answer",
        requests: TEXT,
        faults: || {
            once(Fault::ErrorAfterAccept {
                code: 500,
                body_shape: BodyShape::Nested,
            })
        },
        act: ask,
        ..PLAIN
    },
    // The same, and the statuses tell before any look-up does.
    Scenario {
        name: "lost-answer-status",
        requests: INTERACTIVE,
        ends: &[Status::Delivered],
        fate: &["delivered"],
        faults: || once(Fault::ResetAfterAccept),
        act: ask,
        ..PLAIN
    },
    // Cut before the provider took it: looked up, absent, tried again.
    Scenario {
        name: "reset",
        requests: TEXT,
        faults: || once(Fault::ResetBeforeAccept),
        act: ask,
        ..PLAIN
    },
    // Nobody listens: known not sent.
    Scenario {
        name: "refused",
        requests: TEXT,
        reachable: false,
        act: ask,
        ..PLAIN
    },
    // A rate limit defers.
    Scenario {
        name: "rate-limit",
        requests: TEXT,
        faults: || {
            once(Fault::Status {
                code: 429,
                body_shape: BodyShape::Nested,
                message: None,
                retry_after: Some(30),
            })
        },
        act: ask,
        ..PLAIN
    },
    // A definite no: terminal, with a notice and its mail.
    Scenario {
        name: "rejected",
        requests: TEXT,
        ends: &[Status::Failed],
        mails: 1,
        faults: || always(refused()),
        act: ask_and_work,
        ..PLAIN
    },
];

fn requests(world: &World) -> &'static [Request] {
    world.scenario.requests
}

pub(super) fn ask(world: &World) -> Doing<'_> {
    Box::pin(async { request_all(world, requests(world)).await })
}

fn work(world: &World) -> Doing<'_> {
    Box::pin(async { world.drain().await })
}

pub(super) fn ask_and_work(world: &World) -> Doing<'_> {
    Box::pin(async {
        request_all(world, requests(world)).await;
        world.drain().await;
    })
}
