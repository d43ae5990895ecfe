//! The message log: classes and threads, from either end, within a stretch of time.

use std::collections::HashSet;

use domain::{
    failure::StoreFailureKind,
    ids::{MessageId, TenantId},
    message::{Class, Message, Phase},
    ports::{
        Acceptances, ContactBook, Contacts, LogOrder, LogPart, LogRange, Merger, MessageLog,
        Messages, Saved,
    },
};

use crate::world::{World, later};

fn everything() -> LogRange {
    LogRange {
        part: LogPart::Classes(Class::ALL.to_vec()),
        from: None,
        until: None,
        order: LogOrder::NewestFirst,
    }
}

/// A message of a second, moved on to a phase.
pub async fn at(world: &World, seconds: i64, phase: Option<Phase>) -> Message {
    let acceptance = world.acceptance(later(seconds));
    world.store.commit(&acceptance).await.unwrap();
    let mut message = acceptance.message;
    message.version = 1;
    if let Some(phase) = phase {
        message.sending.phase = phase;
        message.sending.attempt = 1;
        assert_eq!(
            world.store.save(&mut message, None).await.unwrap(),
            Saved::Done
        );
    }
    message
}

/// Every three in the same second, of three classes.
async fn thirty(world: &World) -> Vec<Message> {
    let mut messages = Vec::new();
    for n in 0..30_i64 {
        let phase = match n % 3 {
            0 => None,
            1 => Some(Phase::Accepted),
            _ => Some(Phase::Failed),
        };
        messages.push(at(world, n / 3, phase).await);
    }
    messages.sort_by_key(|m| (std::cmp::Reverse(m.created_at), m.id.uuid()));
    messages
}

async fn all(world: &World, range: &LogRange, limit: u16) -> Vec<MessageId> {
    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let page = world
            .store
            .log(world.tenant, range, after.as_deref(), limit)
            .await
            .unwrap();
        ids.extend(page.items.iter().map(|(message, _)| message.id));
        let Some(next) = page.next else {
            return ids;
        };
        after = Some(next);
    }
}

fn ids<'m>(messages: impl Iterator<Item = &'m Message>) -> Vec<MessageId> {
    messages.map(|message| message.id).collect()
}

/// S1.60, S1.112, S1.113: complete and without repeats, whatever the page; from either end; by class
/// and stretch of time.
#[tokio::test]
async fn a_log_is_read_from_either_end_and_in_part() {
    let world = World::start().await;
    let messages = thirty(&world).await;
    for limit in [1, 7, 30, 100] {
        let range = everything();
        assert_eq!(all(&world, &range, limit).await, ids(messages.iter()));
        let oldest = LogRange {
            order: LogOrder::OldestFirst,
            ..range
        };
        let expected = ids(messages.iter().rev());
        assert_eq!(all(&world, &oldest, limit).await, expected, "{limit}");
    }
    for order in [LogOrder::NewestFirst, LogOrder::OldestFirst] {
        let range = LogRange {
            part: LogPart::Classes(vec![Class::Failed]),
            from: Some(later(3)),
            until: Some(later(5)),
            order,
        };
        let within = |m: &&Message| {
            m.status().class() == Class::Failed && (later(3)..=later(5)).contains(&m.created_at)
        };
        let mut expected = ids(messages.iter().filter(within));
        if order == LogOrder::OldestFirst {
            expected.reverse();
        }
        assert_eq!(expected.len(), 3);
        assert_eq!(all(&world, &range, 2).await, expected);
    }
    let nothing = LogRange {
        from: Some(later(5)),
        until: Some(later(3)),
        ..everything()
    };
    assert_eq!(all(&world, &nothing, 10).await, []);
}

/// A page may be left behind any of its entries, and goes on there.
#[tokio::test]
async fn each_entry_has_a_position_of_its_own() {
    let world = World::start().await;
    let messages = thirty(&world).await;
    for order in [LogOrder::NewestFirst, LogOrder::OldestFirst] {
        let range = LogRange {
            order,
            ..everything()
        };
        let page = world.store.log(world.tenant, &range, None, 30);
        let page = page.await.unwrap();
        for (n, (_, position)) in page.items.iter().enumerate().take(29) {
            let rest = world.store.log(world.tenant, &range, Some(position), 1);
            let rest = rest.await.unwrap();
            assert_eq!(rest.items[0].0.id, page.items[n + 1].0.id, "{n}");
        }
        assert_eq!(page.items.len(), messages.len());
        // Another tenant's position, and one of no list.
        let foreign = page.items[3]
            .1
            .replace(&world.tenant.key(), &TenantId::fresh().key());
        for wrong in [foreign.as_str(), "", "x"] {
            let refused = world.store.log(world.tenant, &range, Some(wrong), 1).await;
            assert_eq!(refused.unwrap_err().kind(), StoreFailureKind::Refused);
        }
        let theirs = world.store.log(TenantId::fresh(), &range, None, 30).await;
        assert_eq!(theirs.unwrap().items, []);
    }
}

/// S1.59: a customer's messages stand in their threads; what came in is not among them.
#[tokio::test]
async fn a_thread_is_a_log_without_what_came_in() {
    let world = World::start().await;
    let messages = thirty(&world).await;
    for n in 0..5 {
        let theirs = crate::inbox::reception(&world, &format!("in-{n}"), later(n));
        domain::ports::Inbox::receive(&world.store, &theirs)
            .await
            .unwrap();
    }
    let range = LogRange {
        part: LogPart::Threads(vec![world.conversation(), world.conversation()]),
        ..everything()
    };
    let found = all(&world, &range, 4).await;
    assert_eq!(found, ids(messages.iter()));
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 30);
}

/// S1.41: names of many contacts at once; a merged one by the name of whom it was merged into.
#[tokio::test]
async fn names_are_those_of_today() {
    let world = World::start().await;
    let one = world.known(1, "Amal Heron").await;
    let other = world.known(2, "Basil Reed").await;
    let nobody = world.person(3, "Never Stored");
    let mut survivor = one.clone();
    survivor.aliases.extend(other.aliases.clone());
    let merger = Merger {
        survivor,
        other: other.clone(),
        threads: Vec::new(),
        audit: None,
    };
    assert_eq!(
        world.store.merge_contacts(&merger).await.unwrap(),
        Saved::Done
    );
    let asked = [one.id, other.id, nobody.id, other.id];
    let names = world.store.contact_names(world.tenant, &asked).await;
    let names = names.unwrap();
    assert_eq!(names.len(), 2);
    assert_eq!(
        (names[&one.id].as_str(), names[&other.id].as_str()),
        ("Amal Heron", "Amal Heron")
    );
    let theirs = world.store.contact_names(TenantId::fresh(), &asked).await;
    assert!(theirs.unwrap().is_empty());
    assert!(
        world
            .store
            .contact_by_id(world.tenant, other.id)
            .await
            .unwrap()
            .is_some()
    );
}
