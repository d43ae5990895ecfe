//! What nobody asked for: the sweep, the mails, the webhooks that wait, the boards.

use domain::{
    ids::MessageId,
    message::Status,
    ports::{Clock, Journal},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use jiff::SignedDuration;

use super::{
    Doing, PLAIN, Request, Scenario, once, provider_id, refused, request_all, sending::ask,
};
use crate::{provider::statuses, stream, world::World};

const SEVERAL: &[Request] = &[
    Request::here("Your card was refused"),
    Request::in_lane("Your bus leaves at nine"),
    Request::scheduled("Your guide waits at the gate", 1),
];
const ONE: &[Request] = &[Request::here("Your photos are printed")];

pub const ALL: &[Scenario] = &[
    // A lost hand-over, a scheduled message and a notice are due at once.
    Scenario {
        name: "sweep",
        requests: SEVERAL,
        ends: &[Status::Failed, Status::Sent, Status::Sent],
        mails: 1,
        faults: || once(refused()),
        setup: lose_hand_overs,
        act: sweep,
        ..PLAIN
    },
    // A terminal failure's mail.
    Scenario {
        name: "notify",
        requests: ONE,
        ends: &[Status::Failed],
        mails: 1,
        faults: || once(refused()),
        setup: ask,
        act: mail,
        ..PLAIN
    },
    // A webhook whose item could not be applied is due again.
    Scenario {
        name: "unapplied",
        requests: ONE,
        ends: &[Status::Read],
        setup: leave_unapplied,
        act: sweep,
        ..PLAIN
    },
    // The projector's batches.
    Scenario {
        name: "project",
        requests: ONE,
        ends: &[Status::Read],
        setup: be_read,
        act: project,
        ..PLAIN
    },
];

fn lose_hand_overs(world: &World) -> Doing<'_> {
    Box::pin(async {
        world.lanes.inner().set_broken(true);
        request_all(world, SEVERAL).await;
        world.lanes.inner().set_broken(false);
        world.advance(SignedDuration::from_mins(2));
    })
}

fn sweep(world: &World) -> Doing<'_> {
    Box::pin(async {
        let _ = world.sweep().await;
        world.drain().await;
    })
}

fn mail(world: &World) -> Doing<'_> {
    Box::pin(async { world.drain().await })
}

fn leave_unapplied(world: &World) -> Doing<'_> {
    Box::pin(async {
        request_all(world, ONE).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        let entry = JournalEntry {
            key: JournalKey {
                tenant: world.place.tenant,
                arrived_at: now,
                id: MessageId::fresh(),
            },
            channel: world.place.channel,
            body: JournalBody::Here(statuses(&id, &["delivered", "read"], now).into_bytes()),
            verdicts: vec!["failed".into(), "failed".into()],
            retry_at: Some(now + SignedDuration::from_mins(1)),
            tries: 1,
        };
        world.store.write(&entry).await.unwrap();
        world.advance(SignedDuration::from_mins(2));
    })
}

fn be_read(world: &World) -> Doing<'_> {
    Box::pin(async {
        request_all(world, ONE).await;
        let (id, now) = (provider_id(world).await, world.clock.now());
        world
            .hook(statuses(&id, &["sent", "delivered", "read"], now))
            .await;
    })
}

fn project(world: &World) -> Doing<'_> {
    Box::pin(async {
        let records = stream::read(world).await;
        for batch in records.chunks(4) {
            let _ = stream::project(world, batch).await;
        }
    })
}
