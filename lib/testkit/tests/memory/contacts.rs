//! Contacts and the slots of their aliases.

use domain::{
    contact::{Alias, Contact},
    failure::StoreFailureKind,
    ids::TenantId,
    ports::{ContactBook, Contacts, Inbox, Saved, SearchIndex},
};
use testkit::memory::FailWhen;

use crate::world::{World, audit, later, phone, user};

/// X13: a person is found by every alias, and an alias is one person's.
#[tokio::test]
async fn a_claimed_alias_leads_to_its_contact_and_to_no_second_one() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let mut amal = world.met(1, "Amal");
    amal.aliases.push(user("BH.1"));
    let saved = store.save_contact(&mut amal, &[user("BH.1")], None).await;
    assert_eq!((saved.unwrap(), amal.version), (Saved::Done, 1));
    for alias in [Alias::phone(&phone(1)), user("BH.1")] {
        let found = store.contact(tenant, &alias).await.unwrap();
        assert_eq!(found.as_ref(), Some(&amal));
    }
    let elsewhere = store.contact(TenantId::fresh(), &user("BH.1")).await;
    assert_eq!(elsewhere.unwrap(), None);

    let mut other = world.met(2, "Basma");
    let taken = store.save_contact(&mut other, &[user("BH.1")], None).await;
    assert_eq!((taken.unwrap(), other.version), (Saved::Stale, 0));
    let own_number = [Alias::phone(&phone(1))];
    let taken = store.save_contact(&mut other, &own_number, None).await;
    assert_eq!(taken.unwrap(), Saved::Stale, "a first alias is a slot too");
    assert_eq!(store.state().contacts.len(), 1, "all or nothing");
}

#[tokio::test]
async fn a_contact_is_written_under_the_version_it_was_read_at() {
    let world = World::new();
    let store = &world.store;
    let mut amal = world.met(1, "Amal");
    let again = amal.clone();
    let line = audit("enter", 0);
    assert_eq!(
        store
            .save_contact(&mut amal, &[], Some(&line))
            .await
            .unwrap(),
        Saved::Done
    );
    let mut stale = again;
    assert_eq!(
        store
            .save_contact(&mut stale, &[], Some(&line))
            .await
            .unwrap(),
        Saved::Stale,
        "new is new once"
    );
    let mut first = amal.clone();
    let mut second = amal;
    first.name = Some("Amal H.".into());
    assert_eq!(
        store.save_contact(&mut first, &[], None).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        store.save_contact(&mut second, &[], None).await.unwrap(),
        Saved::Stale
    );
    let known = store.contact_by_id(world.tenant, first.id).await.unwrap();
    assert_eq!(known.as_ref(), Some(&first));
    assert_eq!((first.version, second.version), (2, 1));
    assert_eq!(world.audits(), ["enter"], "only what was done is noted");
}

#[tokio::test]
async fn a_writer_with_two_names_gets_a_slot_for_each_or_nothing_at_all() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let mut first = world.text(&world.met(1, "Amal"), "in-1", 0);
    first.contact.aliases.push(user("BH.1"));
    first.claimed = vec![user("BH.1")];
    store.receive(&first).await.unwrap();
    let by_user = store.contact(tenant, &user("BH.1")).await.unwrap().unwrap();
    assert_eq!((by_user.id, by_user.version), (first.contact.id, 1));

    let mut second = world.text(&world.met(2, "Basma"), "in-2", 0);
    second.claimed = vec![user("BH.1")];
    let failure = store.receive(&second).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Conflict);
    assert!(failure.retryable(), "the service looks again who it is");
    let state = store.state();
    assert_eq!((state.contacts.len(), state.inbound.len()), (1, 1));
    assert_eq!(state.conversations.len(), 1);
}

#[tokio::test]
async fn contacts_are_listed_by_number_and_found_by_word_and_number() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let nameless = Contact::met_as(tenant, &user("BH.9"), None);
    let people = [
        world.met(3, "Amal Heron"),
        world.met(1, "Basma (Amber)"),
        nameless,
        world.met(2, "Dana"),
    ];
    for mut contact in people {
        store.save_contact(&mut contact, &[], None).await.unwrap();
    }
    let mut foreign = Contact::met(TenantId::fresh(), &phone(4), Some("Amal".into()));
    store.save_contact(&mut foreign, &[], None).await.unwrap();

    let shown = |contacts: Vec<Contact>| -> Vec<String> {
        let name = |c: Contact| c.name.unwrap_or_else(|| "-".into());
        contacts.into_iter().map(name).collect()
    };
    let page = store.contacts(tenant, None, 3).await.unwrap();
    assert_eq!(shown(page.items), ["Basma (Amber)", "Dana", "Amal Heron"]);
    let rest = store.contacts(tenant, page.next.as_deref(), 3).await;
    let rest = rest.unwrap();
    assert_eq!((shown(rest.items), rest.next), (vec!["-".to_owned()], None));

    for (prefix, most, hits) in [
        ("am", 9, vec!["Basma (Amber)", "Amal Heron"]),
        ("am", 1, vec!["Basma (Amber)"]),
        ("heron", 9, vec!["Amal Heron"]),
        ("eron", 9, vec![]),
        ("97333000002", 9, vec!["Dana"]),
        ("9733", 9, vec!["Basma (Amber)", "Dana", "Amal Heron"]),
    ] {
        let found = store.find_contacts(tenant, prefix, most).await.unwrap();
        assert_eq!(shown(found), hits, "{prefix}");
    }
}

/// The index may lag behind the contacts, and still shows what it was told last.
#[tokio::test]
async fn the_index_shows_words_until_they_are_stale() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let mut dana = world.met(2, "Dana");
    store.save_contact(&mut dana, &[], None).await.unwrap();
    let old = ["zahra".to_owned()];
    for _ in 0..2 {
        store
            .index_contact(tenant, dana.id, &old, &[])
            .await
            .unwrap();
        let found = store.find_contacts(tenant, "zah", 9).await.unwrap();
        assert_eq!(found, [dana.clone()]);
    }
    let foreign = store.find_contacts(TenantId::fresh(), "zah", 9).await;
    assert_eq!(foreign.unwrap(), []);
    store
        .index_contact(tenant, dana.id, &[], &old)
        .await
        .unwrap();
    assert_eq!(store.find_contacts(tenant, "zah", 9).await.unwrap(), []);
}

#[tokio::test]
async fn new_operations_fail_as_they_are_told() {
    let world = World::new();
    let store = &world.store;
    let mut amal = world.met(1, "Amal");
    store.fail("contacts.save", 1, FailWhen::Before);
    assert!(store.save_contact(&mut amal, &[], None).await.is_err());
    assert!(store.state().contacts.is_empty());
    store.fail("inbox.receive", 1, FailWhen::After);
    let text = world.text(&amal, "in-1", 0);
    assert!(store.receive(&text).await.is_err());
    assert_eq!(store.state().inbound.len(), 1);

    // A race: somebody reads the conversation just before it is received again.
    store.meanwhile("inbox.receive", |state| {
        for conversation in state.conversations.values_mut() {
            conversation.unread = 0;
        }
    });
    world.wrote(&amal, "in-2", 5).await;
    let conversation = world.conversation(&amal).await;
    assert_eq!(conversation.unread, 1);
    assert_eq!(conversation.last_message_at, later(5));
}
