//! Two contacts that turn out to be one person.

use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::StoreFailureKind,
    ports::{ContactBook, Contacts, Conversations, Inbox, Merger, Saved, ThreadItem},
};

use crate::world::{World, audit, later, phone, user};

/// Two people who wrote: one with a number and a claimed name, one with two names alone.
async fn two() -> (World, Contact, Contact) {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let mut amal = world.met(1, "Amal");
    store.save_contact(&mut amal, &[], None).await.unwrap();
    let mut shy = Contact::met_as(tenant, &user("BH.1"), None);
    shy.aliases.push(user("LID.1"));
    store
        .save_contact(&mut shy, &[user("LID.1")], None)
        .await
        .unwrap();
    world.wrote(&amal, "amal-1", 10).await;
    world.wrote(&shy, "shy-1", 5).await;
    world.wrote(&shy, "shy-2", 20).await;
    (world, amal, shy)
}

async fn merger(world: &World, amal: &Contact, shy: &Contact) -> Merger {
    let (own, moved) = (
        world.conversation(amal).await,
        world.conversation(shy).await,
    );
    let mut survivor = amal.clone();
    survivor.aliases.extend(shy.aliases.clone());
    Merger {
        survivor,
        other: shy.clone(),
        threads: vec![(joint(own, &moved), moved)],
        audit: Some(audit("merge", 30)),
    }
}

fn joint(own: Conversation, moved: &Conversation) -> Conversation {
    Conversation {
        unread: own.unread + moved.unread,
        last_message_at: moved.last_message_at,
        preview: moved.preview.clone(),
        also: vec![moved.id],
        ..own
    }
}

/// X13: every alias leads to the survivor, and all that was written stands in one thread.
#[tokio::test]
async fn the_survivor_answers_to_every_alias_and_shows_both_threads() {
    let (world, amal, shy) = two().await;
    let (store, tenant) = (&world.store, world.tenant);
    let merger = merger(&world, &amal, &shy).await;
    assert_eq!(store.merge_contacts(&merger).await.unwrap(), Saved::Done);

    for alias in [Alias::phone(&phone(1)), user("BH.1"), user("LID.1")] {
        let found = store.contact(tenant, &alias).await.unwrap().unwrap();
        assert_eq!((found.id, found.version), (amal.id, 2));
    }
    let by_id = store.contact_by_id(tenant, shy.id).await.unwrap();
    assert_eq!(by_id.map(|contact| contact.id), Some(amal.id));
    assert_eq!(
        store.contacts(tenant, None, 9).await.unwrap().items.len(),
        1
    );
    assert_eq!(world.audits(), ["merge"]);

    let listed = store
        .conversations(tenant, false, &[world.channel], None, 9)
        .await;
    let [conversation] = listed.unwrap().items.try_into().unwrap();
    assert_eq!(
        (conversation.id, conversation.unread),
        (world.thread_of(&amal), 3)
    );
    assert_eq!(conversation.last_message_at, later(20));
    let joined = world.conversation(&shy).await.joined;
    assert_eq!(joined, Some(conversation.id));

    let page = store.thread(tenant, &conversation.threads(), None, 9).await;
    let said: Vec<_> = page
        .unwrap()
        .items
        .into_iter()
        .map(|item| match item {
            ThreadItem::Inbound(message) => message.provider_id,
            ThreadItem::Outbound(_) => panic!("nothing was sent"),
        })
        .collect();
    assert_eq!(said, ["shy-2", "amal-1", "shy-1"]);
}

/// A slot never leads to somebody who is gone, however often people are merged.
#[tokio::test]
async fn a_survivor_that_is_merged_itself_takes_every_alias_along() {
    let (world, amal, shy) = two().await;
    let (store, tenant) = (&world.store, world.tenant);
    store
        .merge_contacts(&merger(&world, &amal, &shy).await)
        .await
        .unwrap();
    let amal = store.contact_by_id(tenant, amal.id).await.unwrap().unwrap();
    let mut basma = world.met(2, "Basma");
    store.save_contact(&mut basma, &[], None).await.unwrap();
    world.wrote(&basma, "basma-1", 1).await;
    let merger = merger(&world, &basma, &amal).await;
    assert_eq!(store.merge_contacts(&merger).await.unwrap(), Saved::Done);
    for alias in [Alias::phone(&phone(1)), user("BH.1"), user("LID.1")] {
        let found = store.contact(tenant, &alias).await.unwrap();
        assert_eq!(found.map(|contact| contact.id), Some(basma.id));
    }
}

#[tokio::test]
async fn a_merger_of_what_moved_meanwhile_changes_nothing() {
    for race in 0..4 {
        let (world, amal, shy) = two().await;
        let store = &world.store;
        let merger = merger(&world, &amal, &shy).await;
        match race {
            0 => {
                let mut changed = amal.clone();
                store.save_contact(&mut changed, &[], None).await.unwrap();
            }
            1 => {
                let mut changed = shy.clone();
                store.save_contact(&mut changed, &[], None).await.unwrap();
            }
            2 => world.wrote(&shy, "shy-3", 25).await,
            _ => world.wrote(&amal, "amal-2", 25).await,
        }
        let answer = store.merge_contacts(&merger).await.unwrap();
        assert_eq!(answer, Saved::Stale, "race {race}");
        let state = store.state();
        assert_eq!(state.contacts.len(), 2, "race {race}");
        assert!(state.conversations.values().all(|c| c.joined.is_none()));
        assert!(state.audit.is_empty(), "race {race}");
    }
}

#[tokio::test]
async fn whoever_was_merged_is_neither_written_nor_met_again() {
    let (world, amal, mut shy) = two().await;
    let store = &world.store;
    let once = merger(&world, &amal, &shy).await;
    store.merge_contacts(&once).await.unwrap();
    assert_eq!(store.merge_contacts(&once).await.unwrap(), Saved::Stale);
    assert_eq!(
        store.save_contact(&mut shy, &[], None).await.unwrap(),
        Saved::Stale
    );
    shy.version = 0;
    assert_eq!(
        store.save_contact(&mut shy, &[], None).await.unwrap(),
        Saved::Stale
    );
    // Read before the merger, received after it: the item is tried again, and finds the survivor.
    let late = world.text(&shy, "shy-3", 40);
    let failure = store.receive(&late).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Conflict);
    assert_eq!(store.state().contacts.len(), 1);
    assert_eq!(store.state().inbound.len(), 3);

    let same = Merger {
        other: amal.clone(),
        ..once
    };
    let failure = store.merge_contacts(&same).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Refused);
}
