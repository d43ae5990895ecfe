//! Usage and the queue.

use domain::{
    copy::LIMIT_NOTE,
    message::{Facts, Phase},
    ports::Clock,
    principal::Role,
    service::{queue, usage},
};
use jiff::SignedDuration;
use testkit::builders::{RECIPIENT, text_draft};

use crate::world::World;

/// S0.42, S0.43, X25: used and left of the company's day, when it begins anew, and the note once nothing
/// is left.
#[tokio::test]
async fn usage_is_told_with_what_is_left() {
    let world = World::new();
    let viewer = world.acme.user(Role::Viewer);
    let tenant = world.acme.tenant.id;
    {
        let mut state = world.store.state();
        let acme = state.tenants.get_mut(&tenant).unwrap();
        acme.plan.as_mut().unwrap().daily_messages = 2;
        acme.settings.zone = "Asia/Bahrain".into();
        let cycle = "2026-11-01".parse().unwrap();
        state.bulk_usage.insert((tenant, cycle), 7);
    }
    for (sent, note) in [(1, None), (2, Some(LIMIT_NOTE))] {
        world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
        let told = usage::usage(&world.store, &viewer, world.clock.now(), 31)
            .await
            .unwrap();
        let shown = told.allowance.send.map(|barred| barred.note);
        assert_eq!((told.used, told.remaining, shown), (sent, 2 - sent, note));
        assert_eq!((told.limit, told.history.len()), (2, 31));
        let bulk = (told.bulk_used, told.cycle.to_string());
        assert_eq!(bulk, (7, "2026-11-01".to_owned()));
        assert_eq!(told.resets_at.unwrap().to_string(), "2026-11-20T21:00:00Z");
    }
    world.clock.advance(SignedDuration::from_hours(12));
    let told = usage::usage(&world.store, &viewer, world.clock.now(), 2)
        .await
        .unwrap();
    let counts: Vec<_> = told.history.iter().map(|(_, used)| *used).collect();
    assert_eq!((told.allowance.send, counts), (None, vec![0, 2]));
    let theirs = world.other.user(Role::Viewer);
    let theirs = usage::usage(&world.store, &theirs, world.clock.now(), 2)
        .await
        .unwrap();
    assert_eq!(theirs.used, 0);
}

/// S2.79, S2.96: each message counts once, where it stands; yesterday's are not today's.
#[tokio::test]
async fn the_queue_counts_each_message_once() {
    let world = World::new();
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let base = world.message(sent.message.id);
    let now = world.clock.now();
    let ready = |at| Phase::Ready { at, counts: false };
    let hour = SignedDuration::from_hours(1);
    for (phase, attempt, made, scheduled) in [
        (ready(now), 0, now - hour, None),
        (ready(now), 0, now, Some(now + hour)),
        (Phase::Calling { lease: now + hour }, 1, now, None),
        (Phase::Failed, 1, now, None),
        (Phase::Failed, 1, now - hour * 30, None),
        (Phase::Cancelled, 0, now, None),
    ] {
        let mut message = base.clone();
        message.id = domain::ids::MessageId::fresh();
        (message.created_at, message.scheduled_for) = (made, scheduled);
        (message.sending.phase, message.sending.attempt) = (phase, attempt);
        message.facts = Facts::default();
        let mut state = world.store.state();
        state.messages.insert((message.tenant, message.id), message);
    }
    let viewer = world.acme.user(Role::Viewer);
    let queue = queue::queue(&world.store, &viewer, now).await.unwrap();
    let figures = [
        queue.pending,
        queue.processing,
        queue.sent,
        queue.failed,
        queue.scheduled,
    ];
    assert_eq!(figures, [1, 1, 1, 1, 1]);
    assert_eq!(queue.by_channel[&base.channel], 2);
    assert_eq!((queue.oldest, queue.at_least), (Some(now - hour), false));
    let theirs = world.other.user(Role::Viewer);
    let theirs = queue::queue(&world.store, &theirs, now).await.unwrap();
    assert_eq!(theirs, queue::Queue::default());
}
