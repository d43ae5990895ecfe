//! Analytics: folded from the messages, a bounded piece at a time, the same whatever is read twice.

use domain::{
    analytics::Fold,
    failure::Code,
    ids::MessageId,
    message::{MadeFrom, Message, MessageType, Status},
    principal::Role,
    service::analytics::{Analytics, MOST_READ, analytics},
};
use jiff::{SignedDuration, civil::Date};
use proptest::prelude::*;
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::world::{World, provider_id, statuses, text};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn read(world: &World, from: &str, to: &str) -> Analytics {
    let viewer = world.acme.user(Role::Viewer);
    let now = domain::ports::Clock::now(&world.clock);
    let found = analytics(&world.store, &viewer, Some(day(from)), Some(day(to)), now);
    found.await.unwrap()
}

/// S2.110: delivery rates by day, type and channel, and how long delivery and reading took.
#[tokio::test]
async fn delivery_is_told_by_day_type_and_channel() {
    let world = World::new();
    for _ in 0..4 {
        world.send(interactive_draft(RECIPIENT)).await.unwrap();
    }
    let id = |n| provider_id(n);
    world
        .webhook(&statuses(&[(&id(1), "delivered"), (&id(2), "delivered")]))
        .await;
    // The same again, and something later: nothing is counted twice.
    for _ in 0..3 {
        world
            .webhook(&statuses(&[(&id(2), "delivered"), (&id(2), "read")]))
            .await;
    }
    world.webhook(&statuses(&[(&id(3), "failed")])).await;
    let found = read(&world, "2026-11-20", "2026-11-20").await;
    assert!(found.complete);
    let sum = found.sum();
    let total = sum.total();
    let shown = [
        Status::Sent,
        Status::Delivered,
        Status::Read,
        Status::Failed,
    ];
    assert_eq!(shown.map(|status| total.shown(status)), [1, 1, 1, 1]);
    assert_eq!((total.total(), total.tried()), (4, 4));
    assert_eq!((total.delivered, total.read, total.replied), (2, 1, 0));
    assert_eq!((total.to_delivered.count, total.to_read.count), (2, 1));
    assert_eq!(total.to_delivered.mean(), Some(60));
    assert_eq!(sum.lines.len(), 1);
    assert_eq!(sum.lines[0].channel, world.acme.channel.id);
    assert_eq!(sum.lines[0].message_type, MessageType::Other);
    assert_eq!(
        found.days[0].as_of.unwrap().to_string(),
        "2026-11-20T10:30:00Z"
    );
    let theirs = world.other.user(Role::Viewer);
    let now = domain::ports::Clock::now(&world.clock);
    let theirs = analytics(&world.store, &theirs, None, None, now)
        .await
        .unwrap();
    assert_eq!(
        theirs.sum(),
        Fold::default(),
        "another company's are its own"
    );
    assert_eq!(theirs.days.len(), 7);
}

/// S2.110, S4.45: from a customer's message to the first answer; a second answer is none.
#[tokio::test]
async fn the_first_answer_is_timed() {
    let world = World::new();
    world
        .webhook(&crate::world::messages(&[text("q-1", "When?")]))
        .await;
    let conversation = {
        let state = world.store.state();
        state.conversations.values().next().unwrap().clone()
    };
    let asked = conversation.last_inbound_at.unwrap();
    let now = domain::ports::Clock::now(&world.clock);
    world
        .clock
        .advance(asked.duration_since(now) + SignedDuration::from_mins(4));
    let agent = world.acme.user(Role::Agent);
    for body in ["At nine.", "Or ten."] {
        let (accept, attempt) = (world.accept(), world.attempt());
        let said = domain::service::converse::say(
            &accept,
            &attempt,
            &agent,
            conversation.id,
            body.into(),
            None,
        );
        said.await.unwrap();
        world.clock.advance(SignedDuration::from_mins(1));
    }
    let total = read(&world, "2026-11-20", "2026-11-20").await.sum().total();
    assert_eq!((total.to_answer.count, total.to_answer.seconds), (1, 240));
    assert_eq!(total.answers, [0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(total.total(), 2);
}

/// Messages of one day, a second apart, made of one.
async fn many(world: &World, count: usize) -> Message {
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let mut state = world.store.state();
    let base = state.messages[&(world.acme.tenant.id, sent.message.id)].clone();
    for n in 1..count {
        let mut message = base.clone();
        message.id = MessageId::fresh();
        message.created_at += SignedDuration::from_secs(i64::try_from(n).unwrap());
        state.messages.insert((message.tenant, message.id), message);
    }
    base
}

/// design §7: a day that is larger than one answer reads is read on, and each message counts once.
#[tokio::test]
async fn a_large_day_is_read_in_pieces() {
    let world = World::new();
    many(&world, MOST_READ + 300).await;
    let first = read(&world, "2026-11-20", "2026-11-20").await;
    assert!(!first.complete);
    assert_eq!(first.days[0].as_of, None);
    assert_eq!(first.sum().total().total() as usize, MOST_READ);
    let second = read(&world, "2026-11-20", "2026-11-20").await;
    assert!(second.complete);
    assert_eq!(second.sum().total().total() as usize, MOST_READ + 300);
}

/// A running day is read again after five minutes, a day of last week no more; what came late is there.
#[tokio::test]
async fn a_day_is_read_again_while_it_may_change() {
    let world = World::new();
    let base = many(&world, 3).await;
    let delivered = async |world: &World| {
        let found = read(world, "2026-11-20", "2026-11-20").await;
        found.sum().total().delivered
    };
    assert_eq!(delivered(&world).await, 0);
    let deliver = |world: &World| {
        let mut state = world.store.state();
        let key = (base.tenant, base.id);
        let message = state.messages.get_mut(&key).unwrap();
        message.facts.delivered = Some(message.created_at);
    };
    deliver(&world);
    assert_eq!(delivered(&world).await, 0, "as of a moment ago");
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(delivered(&world).await, 1);
    world.clock.advance(SignedDuration::from_hours(24 * 9));
    assert_eq!(delivered(&world).await, 1);
    world.store.state().messages.clear();
    world.clock.advance(SignedDuration::from_hours(24 * 90));
    assert_eq!(delivered(&world).await, 1, "it stands");
    let written = world.store.state().sheets.len();
    assert_eq!(written, 1);
}

/// S2.37, S2.73, S2.110: how often each template was used, and what became of it.
#[tokio::test]
async fn the_use_of_templates_is_counted() {
    let world = World::new();
    many(&world, 5).await;
    let own = MadeFrom::Own(domain::ids::TemplateId::fresh());
    {
        let mut state = world.store.state();
        for message in state.messages.values_mut().take(3) {
            message.made_from = Some(own.clone());
        }
    }
    let sum = read(&world, "2026-11-20", "2026-11-20").await.sum();
    let uses: Vec<_> = sum
        .uses
        .iter()
        .map(|one| (one.made_from.clone(), one.figures.total()))
        .collect();
    assert_eq!(uses, [(own, 3)]);
}

/// A company that moves to another zone has other days.
#[tokio::test]
async fn another_zone_has_other_days() {
    let world = World::new();
    many(&world, 2).await;
    assert_eq!(
        read(&world, "2026-11-20", "2026-11-20")
            .await
            .sum()
            .total()
            .total(),
        2
    );
    {
        let mut state = world.store.state();
        let acme = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
        acme.settings.zone = "Pacific/Kiritimati".into();
    }
    assert_eq!(
        read(&world, "2026-11-20", "2026-11-20")
            .await
            .sum()
            .total()
            .total(),
        0
    );
    assert_eq!(
        read(&world, "2026-11-21", "2026-11-21")
            .await
            .sum()
            .total()
            .total(),
        2
    );
}

#[tokio::test]
async fn days_that_cannot_be_asked_for_are_refused() {
    let world = World::new();
    let viewer = world.acme.user(Role::Viewer);
    let now = domain::ports::Clock::now(&world.clock);
    for (from, to) in [("2026-11-20", "2026-11-19"), ("2026-01-01", "2026-11-20")] {
        let refused = analytics(&world.store, &viewer, Some(day(from)), Some(day(to)), now).await;
        assert_eq!(refused.unwrap_err().code(), Code::Validation);
    }
}

proptest! {
    /// Folds of the parts of a day, in any cut, are the fold of the day.
    #[test]
    fn folds_of_parts_are_the_fold_of_the_whole(cut in 0_usize..40, seed in any::<[u8; 40]>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let messages = runtime.block_on(async {
            let world = World::new();
            let base = many(&world, 1).await;
            seed.map(|byte| {
                let mut message = base.clone();
                message.message_type = MessageType::ALL[usize::from(byte) % MessageType::ALL.len()];
                if byte % 3 == 0 {
                    message.facts.read = Some(message.created_at);
                }
                message
            })
        });
        let fold = |messages: &[Message]| {
            let mut fold = Fold::default();
            messages.iter().for_each(|message| fold.note(message));
            fold
        };
        let (one, other) = messages.split_at(cut);
        let mut sum = fold(one);
        sum.add(&fold(other));
        prop_assert_eq!(sum, fold(&messages));
    }
}
