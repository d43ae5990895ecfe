//! Two contacts that turn out to be one person, and what still comes for the one that is no more.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::StoreFailureKind,
    ids::{ChannelId, ContactId, ConversationId, UserId},
    ports::{
        Acceptances, Committed, ContactBook, Contacts, Conversations, Inbox, Merger, Received,
        Saved,
    },
};

use crate::{
    corrupt::put,
    inbox::written_by,
    world::{World, audit, later},
};

/// A person with a further name, who wrote on these channels.
async fn writer(world: &World, n: u32, name: &str, channels: &[(ChannelId, i64)]) -> Contact {
    let alias = Alias::provider_user(&format!("lid-{n}"));
    let mut contact = world.known(n, name).await;
    contact.aliases.push(alias.clone());
    let saved = world.store.save_contact(&mut contact, &[alias], None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    for (channel, seconds) in channels {
        write(world, &contact, *channel, *seconds).await;
    }
    contact
}

async fn write(world: &World, contact: &Contact, channel: ChannelId, seconds: i64) {
    let id = format!("in-{}-{seconds}", contact.id.key());
    let mut one = written_by(world, contact.clone(), &id, later(seconds));
    one.message.channel = channel;
    one.message.conversation = ConversationId::of(channel, contact.id);
    assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
}

async fn read(world: &World, channel: ChannelId, contact: ContactId) -> Conversation {
    let id = ConversationId::of(channel, contact);
    let read = world.store.conversation(world.tenant, id).await;
    read.unwrap().unwrap()
}

/// The other's thread taken in by the survivor's, as the service does it.
fn pair(
    own: Option<&Conversation>,
    joins: &Conversation,
    survivor: &Contact,
) -> (Conversation, Conversation) {
    let mut stays = own.cloned().unwrap_or_else(|| Conversation {
        id: ConversationId::of(joins.channel, survivor.id),
        contact: survivor.id,
        unread: 0,
        also: Vec::new(),
        ..joins.clone()
    });
    stays.unread += joins.unread;
    stays.also.push(joins.id);
    stays.also.extend(joins.also.iter().copied());
    if joins.last_message_at > stays.last_message_at {
        stays.last_message_at = joins.last_message_at;
        stays.preview.clone_from(&joins.preview);
    }
    stays.last_inbound_at = stays.last_inbound_at.max(joins.last_inbound_at);
    stays.assigned_to = stays.assigned_to.or_else(|| joins.assigned_to.clone());
    (stays, joins.clone())
}

fn merged(survivor: &Contact, other: &Contact) -> Contact {
    let mut survivor = survivor.clone();
    survivor.aliases.extend(other.aliases.iter().cloned());
    survivor
}

/// X13: every name leads to the survivor, every thread is read with theirs, nothing unread is lost.
#[tokio::test]
async fn two_contacts_become_one_person() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, world.tenant);
    let (both, theirs) = (world.channel, ChannelId::fresh());
    let amal = writer(&world, 1, "Amal Heron", &[(both, 10)]).await;
    let basil = writer(&world, 2, "Amal", &[(both, 5), (both, 20), (theirs, 7)]).await;
    let own = read(&world, both, amal.id).await;
    let joins = [
        read(&world, both, basil.id).await,
        read(&world, theirs, basil.id).await,
    ];
    let threads = vec![
        pair(Some(&own), &joins[0], &amal),
        pair(None, &joins[1], &amal),
    ];
    let merger = Merger {
        survivor: merged(&amal, &basil),
        other: basil.clone(),
        threads: threads.clone(),
        audit: Some(audit(later(30))),
    };
    assert_eq!(store.merge_contacts(&merger).await.unwrap(), Saved::Done);

    let expected = Contact {
        version: amal.version + 1,
        ..merger.survivor.clone()
    };
    for alias in &expected.aliases {
        let found = store.contact(tenant, alias).await.unwrap();
        assert_eq!(found.as_ref(), Some(&expected), "{}", alias.as_str());
        let by_id = ContactId::of_alias(tenant, alias.as_str());
        let found = store.contact_by_id(tenant, by_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&expected));
    }
    let listed = store.contacts(tenant, None, 9).await.unwrap().items;
    assert_eq!(listed, [expected], "the other is listed no more");
    let channels = [both, theirs];
    let active = store.conversations(tenant, false, &channels, None, 9).await;
    let wanted = [threads[0].0.clone(), threads[1].0.clone()];
    assert_eq!(active.unwrap().items, wanted);
    assert_eq!((wanted[0].unread, wanted[1].unread), (3, 1));
    for (channel, joins) in [both, theirs].iter().zip(joins) {
        let joined = read(&world, *channel, basil.id).await;
        let stays = ConversationId::of(*channel, amal.id);
        assert_eq!((joined.joined, joined.unread), (Some(stays), 0));
        assert_eq!(joined.last_message_at, joins.last_message_at);
    }
    // An index that still shows a thread that was joined shows nobody.
    let key = format!("T#{}#V#{}", tenant.key(), threads[0].1.id.key());
    let mut item = world.database.item(&key, "V").await.unwrap();
    let listed = format!("T#{}#V#a#{}", tenant.key(), both.key());
    item.insert("lp".into(), AttributeValue::S(listed));
    item.insert("ls".into(), AttributeValue::S("0".repeat(48)));
    put(&world, item).await;
    let active = store.conversations(tenant, false, &channels, None, 9).await;
    assert_eq!(active.unwrap().items, wanted);
    let thread = store.thread(tenant, &wanted[0].threads(), None, 9).await;
    assert_eq!(thread.unwrap().items.len(), 3);
    assert_eq!(
        store.merge_contacts(&merger).await.unwrap(),
        Saved::Stale,
        "once"
    );
}

#[tokio::test]
async fn a_merge_of_what_moved_meanwhile_is_stale_and_writes_nothing() {
    let world = World::start().await;
    let amal = writer(&world, 1, "Amal", &[(world.channel, 10)]).await;
    let basil = writer(&world, 2, "Basil", &[(world.channel, 20)]).await;
    let own = read(&world, world.channel, amal.id).await;
    let joins = read(&world, world.channel, basil.id).await;
    let merger = Merger {
        survivor: merged(&amal, &basil),
        other: basil.clone(),
        threads: vec![pair(Some(&own), &joins, &amal)],
        audit: Some(audit(later(30))),
    };
    let with = |change: fn(&mut Merger)| {
        let mut other = merger.clone();
        change(&mut other);
        other
    };
    let stale = [
        with(|m| m.survivor.version -= 1),
        with(|m| m.other.version -= 1),
        with(|m| m.threads[0].1.last_message_at = later(19)),
        with(|m| m.threads[0].1.last_message_at = later(21)),
        with(|m| {
            m.threads[0].0.unread -= 1;
            m.threads[0].1.unread -= 1;
        }),
        with(|m| m.threads[0].0.unread += 1),
        // Had the survivor's own been the newest, it would have been this one exactly.
        with(|m| m.threads[0].0.last_message_at = later(25)),
    ];
    let items = world.count().await;
    for (n, one) in stale.iter().enumerate() {
        let saved = world.store.merge_contacts(one).await.unwrap();
        assert_eq!(saved, Saved::Stale, "{n}");
    }
    for refused in [
        with(|m| m.threads[0].0.unread = 0),
        with(|m| m.other = m.survivor.clone()),
    ] {
        let failure = world.store.merge_contacts(&refused).await.unwrap_err();
        assert_eq!(failure.kind(), StoreFailureKind::Refused);
    }
    assert_eq!(world.count().await, items);
    assert_eq!(read(&world, world.channel, basil.id).await, joins);
    write(&world, &amal, world.channel, 40).await;
    let saved = world.store.merge_contacts(&merger).await.unwrap();
    assert_eq!(saved, Saved::Stale, "the survivor's thread moved");
}

/// A webhook and a request that read the contact just before the merge: both are seen with the
/// survivor's thread, and counted there.
#[tokio::test]
async fn what_comes_for_a_joined_thread_counts_for_the_survivors() {
    let world = World::start().await;
    let channel = world.channel;
    let amal = writer(&world, 1, "Amal", &[(channel, 10)]).await;
    let basil = writer(&world, 2, "Basil", &[(channel, 20)]).await;
    let cleo = writer(&world, 3, "Cleo", &[(channel, 30)]).await;
    // Basil was Cleo, and then Amal is both: two hops.
    let mut survivor = basil.clone();
    for (stays, leaves) in [(&basil, &cleo), (&amal, &basil)] {
        let own = read(&world, channel, stays.id).await;
        let joins = read(&world, channel, leaves.id).await;
        let now = |id| world.store.contact_by_id(world.tenant, id);
        let other = now(leaves.id).await.unwrap().unwrap();
        survivor = merged(&now(stays.id).await.unwrap().unwrap(), &other);
        let merger = Merger {
            threads: vec![pair(Some(&own), &joins, stays)],
            survivor: survivor.clone(),
            other,
            audit: None,
        };
        assert_eq!(
            world.store.merge_contacts(&merger).await.unwrap(),
            Saved::Done
        );
    }
    let put_away = async |at| {
        let mut away = read(&world, channel, amal.id).await;
        let before = away.clone();
        away.archived = true;
        away.assigned_to = Some(UserId::new("user-2"));
        let line = audit(later(at));
        let saved = world.store.save_conversation(&before, &away, &line).await;
        assert_eq!(saved.unwrap(), Saved::Done);
        away
    };
    let away = put_away(35).await;
    assert_eq!(away.unread, 3);

    // An answer to Cleo that was accepted before anyone knew: the thread moves in the archive.
    let mut acceptance = world.acceptance(later(40));
    acceptance.message.contact = cleo.id;
    acceptance.message.conversation = ConversationId::of(channel, cleo.id);
    acceptance.touch.id = acceptance.message.conversation;
    let done = world.store.commit(&acceptance).await.unwrap();
    assert_eq!(done, Committed::Done);
    let touched = read(&world, channel, amal.id).await;
    assert_eq!(
        (touched.last_message_at, touched.archived),
        (later(40), true)
    );
    assert_eq!(touched.prompt, acceptance.touch.prompt);

    write(&world, &cleo, channel, 50).await;
    write(&world, &cleo, channel, 45).await;
    let now = read(&world, channel, amal.id).await;
    assert_eq!((now.unread, now.archived), (5, false), "nothing is lost");
    assert_eq!(now.last_inbound_at, Some(later(50)));
    assert_eq!(now.assigned_to, away.assigned_to);
    let joined = read(&world, channel, cleo.id).await;
    assert_eq!((joined.unread, joined.last_message_at), (0, later(30)));
    let (store, channels) = (&world.store, [channel]);
    let listed = store
        .conversations(world.tenant, false, &channels, None, 9)
        .await;
    assert_eq!(listed.unwrap().items, std::slice::from_ref(&now));
    let thread = world
        .store
        .thread(world.tenant, &now.threads(), None, 9)
        .await;
    assert_eq!(thread.unwrap().items.len(), 6, "all of it is read");
    let found = world
        .store
        .contact_by_id(world.tenant, cleo.id)
        .await
        .unwrap();
    assert_eq!(found.unwrap().aliases, survivor.aliases);
}
