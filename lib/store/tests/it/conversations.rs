//! Conversations as people see them: listed by channel, put away, taken care of, read.

use domain::{
    conversation::Conversation,
    failure::StoreFailureKind,
    ids::{ChannelId, ConversationId, TenantId, UserId},
    ports::{Acceptances, Contacts, Conversations, Inbox, Received, Saved},
};

use crate::{
    inbox::{reception, written_by},
    world::{World, audit, later},
};

/// A conversation that somebody wrote in.
async fn begun(world: &World, n: u32, channel: ChannelId, seconds: i64) -> Conversation {
    let person = world.person(n, "Amal Heron");
    let mut one = written_by(world, person, &format!("in-{n}-{seconds}"), later(seconds));
    one.message.channel = channel;
    one.message.conversation = ConversationId::of(channel, one.contact.id);
    assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
    read(world, one.message.conversation).await
}

async fn read(world: &World, id: ConversationId) -> Conversation {
    let read = world.store.conversation(world.tenant, id).await;
    read.unwrap().unwrap()
}

async fn list(
    world: &World,
    archived: bool,
    channels: &[ChannelId],
    page: u16,
) -> Vec<Conversation> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let answer = world
            .store
            .conversations(world.tenant, archived, channels, after.as_deref(), page)
            .await
            .unwrap();
        assert!(answer.items.len() <= usize::from(page));
        all.extend(answer.items);
        after = answer.next;
        if after.is_none() {
            return all;
        }
    }
}

async fn save(world: &World, before: &Conversation, after: &Conversation) -> Saved {
    let line = audit(later(99));
    let saved = world.store.save_conversation(before, after, &line).await;
    saved.unwrap()
}

/// S4.39, X39: time falling, then id rising, over the channels asked for and no others.
#[tokio::test]
async fn conversations_are_listed_newest_first_across_channels() {
    let world = World::start().await;
    let channels = [world.channel, ChannelId::fresh(), ChannelId::fresh()];
    let mut expected = Vec::new();
    for n in 0..14_u32 {
        let channel = channels[n as usize % 3];
        expected.push(begun(&world, n, channel, i64::from(n / 5)).await);
    }
    expected.sort_by_key(|one| (std::cmp::Reverse(one.last_message_at), one.id));
    for page in [1, 2, 5, 13, 14, 100] {
        let listed = list(&world, false, &channels, page).await;
        assert_eq!(listed, expected, "pages of {page}");
    }
    let repeated = [channels[0], channels[0]];
    let of_one = list(&world, false, &repeated, 9).await;
    expected.retain(|one| one.channel == channels[0]);
    assert_eq!(of_one, expected);
    assert_eq!(list(&world, true, &channels, 9).await, []);
    assert_eq!(list(&world, false, &[], 9).await, []);
    let (store, theirs) = (&world.store, TenantId::fresh());
    let foreign = store.conversations(theirs, false, &channels, None, 9).await;
    assert_eq!(foreign.unwrap().items, []);
}

/// S4.41, S4.42, S4.43: each is written with who did it, and one is left as it is by the others.
#[tokio::test]
async fn reading_assigning_and_putting_away_are_stored() {
    let world = World::start().await;
    let first = begun(&world, 1, world.channel, 1).await;
    assert_eq!((first.unread, first.archived), (1, false));
    let mut now = first.clone();
    let channels = [world.channel];
    type Step = fn(&mut Conversation);
    let steps: [(Step, bool); 5] = [
        (|c| c.unread = 0, false),
        (|c| c.assigned_to = Some(UserId::new("user-2")), false),
        (|c| c.archived = true, true),
        (|c| c.assigned_to = None, true),
        (|c| c.archived = false, false),
    ];
    for (n, (step, archived)) in steps.into_iter().enumerate() {
        let before = now.clone();
        step(&mut now);
        assert_eq!(save(&world, &before, &now).await, Saved::Done, "{n}");
        assert_eq!(read(&world, now.id).await, now, "{n}");
        assert_eq!(list(&world, archived, &channels, 9).await, [now.clone()]);
        assert_eq!(list(&world, !archived, &channels, 9).await, []);
    }
    let lines = world.database.items().await.into_iter();
    let lines = lines.filter(|item| item["pk"].as_s().unwrap().contains("#A#"));
    assert_eq!(lines.count(), 5, "a line for each");
    assert_eq!(save(&world, &first, &now).await, Saved::Stale);
}

/// What somebody else did, or the contact wrote, in between is not written over.
#[tokio::test]
async fn a_conversation_that_moved_is_stale() {
    let world = World::start().await;
    let before = begun(&world, 1, world.channel, 1).await;
    let other_id = ConversationId::of(world.channel, world.person(9, "x").id);
    let with = |change: &dyn Fn(&mut Conversation)| {
        let mut other = before.clone();
        change(&mut other);
        other
    };
    let stale = [
        with(&|c| c.unread = 0),
        with(&|c| c.unread = 2),
        with(&|c| c.archived = true),
        with(&|c| c.assigned_to = Some(UserId::new("user-2"))),
        with(&|c| c.last_inbound_at = None),
        with(&|c| c.last_inbound_at = Some(later(0))),
        with(&|c| c.id = other_id),
        with(&|c| c.tenant = TenantId::fresh()),
    ];
    let after = with(&|c| c.unread = 0);
    let items = world.count().await;
    for (n, read_as) in stale.iter().enumerate() {
        let mut after = after.clone();
        after.id = read_as.id;
        after.tenant = read_as.tenant;
        assert_eq!(save(&world, read_as, &after).await, Saved::Stale, "{n}");
    }
    assert_eq!(world.count().await, items, "no line of what was not done");
    assert_eq!(read(&world, before.id).await, before);
    let other = with(&|c| c.id = other_id);
    let line = audit(later(1));
    let refused = world.store.save_conversation(&before, &other, &line).await;
    assert_eq!(refused.unwrap_err().kind(), StoreFailureKind::Refused);
}

/// What somebody should read comes back; a reaction, an echo and our own messages do not bring it.
#[tokio::test]
async fn only_a_message_to_be_read_brings_a_conversation_back() {
    let world = World::start().await;
    let channels = [world.channel];
    let first = reception(&world, "in-1", later(10));
    world.store.receive(&first).await.unwrap();
    let before = read(&world, world.conversation()).await;
    let mut away = before.clone();
    away.archived = true;
    away.assigned_to = Some(UserId::new("user-2"));
    assert_eq!(save(&world, &before, &away).await, Saved::Done);

    world
        .store
        .commit(&world.acceptance(later(20)))
        .await
        .unwrap();
    let mut echo = reception(&world, "echo-1", later(30));
    echo.message.from_us = true;
    echo.unread = false;
    let mut reaction = reception(&world, "reaction-1", later(40));
    reaction.unread = false;
    for one in [&echo, &reaction] {
        assert_eq!(world.store.receive(one).await.unwrap(), Received::New);
    }
    let listed = list(&world, true, &channels, 9).await;
    assert_eq!(listed.len(), 1, "still away");
    assert_eq!(listed[0].last_message_at, later(40), "and moved there");

    // An old one, delivered late: it does not move the conversation, and still is to be read.
    let mut late = reception(&world, "in-0", later(5));
    assert_eq!(world.store.receive(&late).await.unwrap(), Received::New);
    assert_eq!(list(&world, true, &channels, 9).await, []);
    let back = read(&world, world.conversation()).await;
    assert_eq!((back.archived, back.unread), (false, 2));
    assert_eq!(back.assigned_to, away.assigned_to, "whose it was, it is");
    assert_eq!(back.last_message_at, later(40));
    late.message.at = later(50);
    late.message.id = domain::ids::MessageId::fresh();
    world.store.receive(&late).await.unwrap();
    let newest = read(&world, world.conversation()).await;
    assert_eq!((newest.archived, newest.unread), (false, 3));
}

#[tokio::test]
async fn conversations_are_read_in_the_order_asked_for() {
    let world = World::start().await;
    let one = begun(&world, 1, world.channel, 1).await;
    let other = begun(&world, 2, world.channel, 2).await;
    let unknown = ConversationId::of(world.channel, world.person(3, "x").id);
    let ids = [other.id, unknown, one.id, other.id];
    let (store, tenant) = (&world.store, world.tenant);
    let found = store.conversations_by_id(tenant, &ids).await.unwrap();
    assert_eq!(found, [other.clone(), one, other]);
    let foreign = store.conversations_by_id(TenantId::fresh(), &ids).await;
    assert_eq!(foreign.unwrap(), []);
}

/// What a webhook and a person do at once is not lost, whoever is first.
#[tokio::test]
async fn marking_read_never_hides_a_message_that_came_meanwhile() {
    let world = World::start().await;
    let before = begun(&world, 1, world.channel, 1).await;
    let mut after = before.clone();
    after.unread = 0;
    // Somebody else read the first; the person wrote again: there is one unread, but another one.
    assert_eq!(save(&world, &before, &after).await, Saved::Done);
    let known = world
        .store
        .contact_by_id(world.tenant, before.contact)
        .await;
    let next = written_by(&world, known.unwrap().unwrap(), "in-1-2", later(2));
    assert_eq!(world.store.receive(&next).await.unwrap(), Received::New);
    assert_eq!(save(&world, &before, &after).await, Saved::Stale);
    assert_eq!(read(&world, before.id).await.unread, 1);
}
