//! Lists that hold still while they are read: threads, conversations, contacts.

use domain::{
    contact::Contact,
    ids::ConversationId,
    message::{Content, InboundContent},
    ports::{Page, ThreadItem},
    principal::Role,
    service::inbox::Wanted,
};
use testkit::builders::{RECIPIENT, text_draft};

use crate::{
    desks::{AMAL, BASIL, all_pages},
    world::World,
};

/// Thirty people wrote; every three of them in the same second.
async fn crowd(world: &World) -> Vec<ConversationId> {
    let mut threads = Vec::new();
    for n in 0..30_i64 {
        let number = format!("+9733311{n:04}");
        let name = format!("Heron {n:02}");
        threads.push((
            n / 3,
            world.hears(&number, &name, 100 + n / 3, "Hello").await,
        ));
    }
    threads.sort_by(|(a, one), (b, other)| b.cmp(a).then(one.cmp(other)));
    threads.into_iter().map(|(_, id)| id).collect()
}

/// S4.39, S4.83, S4.18, X39: last message falling, then id rising; what moves up or is new meanwhile
/// neither repeats nor hides any of the others.
#[tokio::test]
async fn pages_of_conversations_hold_still_while_people_write() {
    for search in [None, Some("heron".to_owned())] {
        let world = World::new();
        let expected = crowd(&world).await;
        let viewer = world.acme.user(Role::Viewer);
        let wanted = Wanted {
            search,
            ..Wanted::default()
        };
        let mut turn = 0;
        let pages = all_pages(async |after| {
            let page = world
                .inbox()
                .conversations(&viewer, &wanted, after.as_deref(), 7)
                .await
                .unwrap();
            turn += 1;
            // Somebody new, and somebody from the very end of the list.
            let new = format!("+9733322{turn:04}");
            world.hears(&new, "Heron New", 5_000 + turn, "Hi").await;
            world
                .hears("+97333110000", "Heron 00", 6_000 + turn, "Hi")
                .await;
            Page {
                items: page.items.iter().map(|v| v.conversation.id).collect(),
                next: page.next,
            }
        })
        .await;
        let listed: Vec<_> = pages.concat();
        let moved = world.thread_with("+97333110000");
        let expected: Vec<_> = expected.into_iter().filter(|id| *id != moved).collect();
        assert_eq!(listed, expected, "{:?}", wanted.search);
        assert!(pages.iter().all(|page| page.len() <= 7));

        let first = world.inbox().conversations(&viewer, &wanted, None, 7).await;
        assert_eq!(first.unwrap().items[0].conversation.id, moved);
    }
}

/// S4.34, S4.44, S4.19, S4.39: newest first by the provider's time, then id rising; ours among theirs.
#[tokio::test]
async fn a_thread_is_paged_newest_first_with_both_sides() {
    let world = World::new();
    let mut times = Vec::new();
    // They arrive in another order than they were written in.
    for n in [5_i64, 1, 4, 2, 3, 3, 3] {
        let id = format!("in-{}-{n}", times.len());
        world
            .hears_as(&id, RECIPIENT, "Ada", n, &format!("at {n}"))
            .await;
        times.push(n);
    }
    let sent = world
        .send(text_draft(RECIPIENT, "Good morning"))
        .await
        .unwrap();
    let id = sent.message.conversation;
    let viewer = world.acme.user(Role::Viewer);
    let mut turn = 100;
    let pages = all_pages(async |after| {
        let page = world
            .inbox()
            .thread(&viewer, id, after.as_deref(), 3)
            .await
            .unwrap();
        turn += 1;
        world.hears(RECIPIENT, "Ada", turn + 20_000, "newer").await;
        page
    })
    .await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
    let items = pages.concat();
    let place = |item: &ThreadItem| match item {
        ThreadItem::Outbound(ours) => (std::cmp::Reverse(ours.0.created_at), ours.0.id),
        ThreadItem::Inbound(theirs) => (std::cmp::Reverse(theirs.at), theirs.id),
    };
    assert!(items.is_sorted_by_key(place));
    let said: Vec<_> = items
        .iter()
        .map(|item| match item {
            ThreadItem::Outbound(ours) => match &ours.1 {
                Content::Text { body } => body.clone(),
                other => format!("{other:?}"),
            },
            ThreadItem::Inbound(theirs) => match &theirs.content {
                InboundContent::Text { body } => body.clone(),
                other => format!("{other:?}"),
            },
        })
        .collect();
    let expected = [
        "Good morning",
        "at 5",
        "at 4",
        "at 3",
        "at 3",
        "at 3",
        "at 2",
        "at 1",
    ];
    assert_eq!(said, expected);
    for item in &items {
        if let ThreadItem::Inbound(theirs) = item {
            assert!(theirs.arrived_at > theirs.at, "both times are kept");
        }
    }
}

/// S4.83: whoever is new meanwhile, before or behind the place, neither repeats nor hides any of the others.
#[tokio::test]
async fn pages_of_contacts_hold_still_while_people_are_entered() {
    for (search, count) in [(None, 30), (Some("heron"), 30)] {
        let world = World::new();
        crowd(&world).await;
        let viewer = world.acme.user(Role::Viewer);
        let mut turn = 0;
        let pages = all_pages(async |after| {
            let desk = world.contacts();
            let page = desk.contacts(&viewer, search, after.as_deref(), 7).await;
            turn += 1;
            let (first, number) = (format!("Heron 0{turn} New"), format!("+9733310{turn:04}"));
            world.hears(&number, &first, 5_000, "Hi").await;
            page.unwrap()
        })
        .await;
        let listed = pages.concat();
        let old = |contact: &&Contact| {
            let name = contact.name.as_deref();
            name.is_some_and(|name| !name.ends_with("New"))
        };
        let mut ids: Vec<_> = listed.iter().filter(old).map(|c| c.id).collect();
        assert_eq!(ids.len(), count, "{search:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{search:?}");
    }
}

#[tokio::test]
async fn pages_of_contacts_are_complete() {
    let world = World::new();
    crowd(&world).await;
    world.hears(AMAL, "Amal Crane", 1, "Hello").await;
    world.hears(BASIL, "", 2, "Hello").await;
    let viewer = world.acme.user(Role::Viewer);
    for (search, count) in [
        (None, 32),
        (Some("heron"), 30),
        (Some("9733300"), 2),
        (Some("x"), 0),
    ] {
        let pages = all_pages(async |after| {
            let desk = world.contacts();
            let page = desk.contacts(&viewer, search, after.as_deref(), 7).await;
            page.unwrap()
        })
        .await;
        let mut ids: Vec<_> = pages.concat().iter().map(|contact| contact.id).collect();
        assert_eq!(ids.len(), count, "{search:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{search:?}");
    }
    let stranger = world.other.user(Role::Manager);
    for search in [None, Some("heron")] {
        let listed = world.contacts().contacts(&stranger, search, None, 20).await;
        assert!(listed.unwrap().items.is_empty());
    }
}
