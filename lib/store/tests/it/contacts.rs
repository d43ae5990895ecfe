//! Contacts: under each of their names, changed one after the other, listed and found.

use std::collections::BTreeSet;

use domain::{
    contact::{Alias, Consent, Contact},
    failure::StoreFailureKind,
    ids::{ContactId, TenantId},
    ports::{ContactBook, Contacts, Saved, SearchIndex},
    search::{fold, words},
};
use store::Store;
use testkit::faults::{Fault, Faults};

use crate::world::{World, audit, later, start};

async fn all(world: &World, page: u16) -> Vec<Contact> {
    let (mut contacts, mut after) = (Vec::new(), None);
    loop {
        let answer = world
            .store
            .contacts(world.tenant, after.as_deref(), page)
            .await
            .unwrap();
        assert!(answer.items.len() <= usize::from(page));
        contacts.extend(answer.items);
        after = answer.next;
        if after.is_none() {
            return contacts;
        }
    }
}

pub async fn index(store: &Store, contact: &Contact) {
    let words = words(contact.name.as_deref().unwrap_or_default());
    store
        .index_contact(contact.tenant, contact.id, &words, &[])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_contact_reads_back_exactly_and_is_changed_by_version() {
    let world = World::start().await;
    let mut contact = world.person(17, "Amal Heron");
    let mut racing = contact.clone();
    let save = async |contact: &mut Contact| {
        let saved = world.store.save_contact(contact, &[], None).await;
        saved.unwrap()
    };
    assert_eq!(
        (save(&mut contact).await, contact.version),
        (Saved::Done, 1)
    );
    assert_eq!((save(&mut racing).await, racing.version), (Saved::Stale, 0));
    racing.version = 1;
    contact.name = None;
    contact.consent = Consent::NoMarketing;
    contact.consent_at = Some(later(7));
    assert_eq!(
        (save(&mut contact).await, contact.version),
        (Saved::Done, 2)
    );
    assert_eq!((save(&mut racing).await, racing.version), (Saved::Stale, 1));
    let (store, tenant) = (&world.store, world.tenant);
    let read = store.contact_by_id(tenant, contact.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&contact));
    let elsewhere = store.contact_by_id(TenantId::fresh(), contact.id).await;
    assert_eq!(elsewhere.unwrap(), None);
    let mut nobody = world.person(18, "Nobody");
    nobody.version = 4;
    assert_eq!(save(&mut nobody).await, Saved::Stale, "none is made");
    assert_eq!(world.count().await, 1);
}

/// Names are claimed with the contact and its audit line, or nothing is written.
#[tokio::test]
async fn an_alias_is_one_persons() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, world.tenant);
    let user = Alias::provider_user("lid-1");
    let mut amal = world.known(17, "Amal Heron").await;
    let mut basil = world.known(18, "Basil Crane").await;
    for contact in [&mut amal, &mut basil] {
        contact.aliases.push(user.clone());
    }
    let line = audit(later(1));
    let claimed = [user.clone()];
    let saved = store.save_contact(&mut amal, &claimed, Some(&line)).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let before = world.count().await;
    let saved = store.save_contact(&mut basil, &claimed, Some(&line)).await;
    assert_eq!((saved.unwrap(), basil.version), (Saved::Stale, 1));
    assert_eq!(world.count().await, before, "no line of what was not done");
    // Claiming again what leads here already is no conflict.
    let saved = store.save_contact(&mut amal, &claimed, None).await;
    assert_eq!((saved.unwrap(), amal.version), (Saved::Done, 3));
    let found = store.contact(tenant, &user).await.unwrap();
    assert_eq!(found.as_ref(), Some(&amal));
    let place = ContactId::of_alias(tenant, user.as_str());
    let found = store.contact_by_id(tenant, place).await.unwrap();
    assert_eq!(found, Some(amal));
}

#[tokio::test]
async fn a_save_whose_answer_is_lost_is_done_and_counts_once() {
    let world = World::start().await;
    let mut contact = world.known(17, "Amal Heron").await;
    let through = |operation| {
        let fault = Faults::of(operation, Fault::LostAnswer, 1);
        world.database.store_through(fault)
    };
    contact.name = Some("Amal Crane".into());
    contact.zone = Some("Asia/Dubai".into());
    contact.tags = BTreeSet::from(["wholesale".into(), "north".into()]);
    let store = through("PutItem");
    let saved = store.save_contact(&mut contact, &[], None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let user = Alias::provider_user("lid-1");
    contact.aliases.push(user.clone());
    let claimed = [user];
    let store = through("TransactWriteItems");
    let saved = store.save_contact(&mut contact, &claimed, None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let read = world.store.contact_by_id(world.tenant, contact.id).await;
    assert_eq!((contact.version, read.unwrap()), (3, Some(contact)));
}

/// By number, those without one last, whatever shard they are in and however small the page.
#[tokio::test]
async fn contacts_are_listed_by_number() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for n in [7, 3, 31, 12, 300, 5, 64, 2, 99, 41, 8, 1] {
        expected.push(world.known(n, "Amal").await);
    }
    expected.sort_by_key(|contact| contact.phone.clone());
    for name in ["#/\u{0}hostile", "lid-2"] {
        let alias = Alias::provider_user(name);
        let mut contact = Contact::met_as(world.tenant, &alias, None);
        let saved = world.store.save_contact(&mut contact, &[], None).await;
        assert_eq!(saved.unwrap(), Saved::Done);
        expected.push(contact);
    }
    for page in [1, 2, 5, 13, 14, 100] {
        assert_eq!(all(&world, page).await, expected, "pages of {page}");
    }
    let theirs = world.store.contacts(TenantId::fresh(), None, 9).await;
    assert_eq!(theirs.unwrap().items, []);
}

#[tokio::test]
async fn a_position_of_another_list_is_refused() {
    let world = World::start().await;
    let sort = "0".repeat(48);
    let (own, other) = (world.tenant.key(), TenantId::fresh().key());
    let id = world.person(1, "Amal").id.key();
    for position in ["", &format!("{own}{sort}"), &format!("{other}973#{id}")] {
        let refused = world.store.contacts(world.tenant, Some(position), 9).await;
        let kind = refused.unwrap_err().kind();
        assert_eq!(kind, StoreFailureKind::Refused, "{position}");
    }
}

/// S4.38: by the beginning of a number or of any word of a name, in any script.
#[tokio::test]
async fn contacts_are_found_by_number_and_by_words() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, world.tenant);
    let mut people = Vec::new();
    for (n, name) in [
        (170, "Amal Heron"),
        (171, "Amalia O'Neil-Heron Amalia"),
        (172, "\u{623}\u{645}\u{644} Crane"),
        (280, "a#b \u{674e}\u{660e}"),
    ] {
        let contact = world.known(n, name).await;
        index(store, &contact).await;
        people.push(contact);
    }
    let find = async |prefix: &str| {
        let found = store.find_contacts(tenant, &fold(prefix), 9).await.unwrap();
        let place = |one: Contact| people.iter().position(|p| *p == one).unwrap();
        found.into_iter().map(place).collect::<Vec<_>>()
    };
    let cases: [(&str, &[usize]); 13] = [
        ("AMAL", &[0, 1]),
        ("amali", &[1]),
        ("a", &[0, 1, 3]),
        ("o'n", &[1]),
        ("heron", &[0]),
        ("\u{623}\u{645}", &[2]),
        ("\u{674e}", &[3]),
        ("a#b", &[3]),
        ("97333000170", &[0]),
        ("973330001", &[0, 1, 2]),
        ("9", &[0, 1, 2, 3]),
        ("33", &[]),
        ("", &[]),
    ];
    for (prefix, expected) in cases {
        assert_eq!(find(prefix).await, expected, "{prefix}");
    }
    let theirs = store.find_contacts(TenantId::fresh(), "amal", 9).await;
    assert_eq!(theirs.unwrap(), []);
    let one = store.find_contacts(tenant, "amal", 1).await.unwrap();
    assert_eq!(one.len(), 1);

    // A new name: the words it no longer has lead nowhere, and telling it twice changes nothing.
    let id = people[0].id;
    for _ in 0..2 {
        let (new, stale) = (["dana".to_owned()], ["amal".to_owned()]);
        store.index_contact(tenant, id, &new, &stale).await.unwrap();
    }
    assert_eq!(find("amal").await, [1]);
    assert_eq!(find("dana").await, [0]);
    assert_eq!(find("heron").await, [0], "the other word stays");
}

/// What leads to another contact stands in no list of its own.
#[tokio::test]
async fn a_word_of_a_merged_contact_finds_nobody_twice() {
    let world = World::start().await;
    let user = Alias::provider_user("lid-1");
    let place = ContactId::of_alias(world.tenant, user.as_str());
    let mut amal = world.known(17, "Amal Heron").await;
    amal.aliases.push(user.clone());
    let saved = world.store.save_contact(&mut amal, &[user], None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let word = ["amal".to_owned()];
    for id in [amal.id, place] {
        let indexed = world.store.index_contact(world.tenant, id, &word, &[]);
        indexed.await.unwrap();
    }
    let found = world.store.find_contacts(world.tenant, "amal", 9).await;
    assert_eq!(found.unwrap(), [amal]);
}

/// A contact from before there were aliases and versions is read, and can be changed.
#[tokio::test]
async fn an_item_from_before_is_read() {
    let world = World::start().await;
    let mut expected = world.known(17, "Amal Heron").await;
    let key = format!("T#{}#K#{}", world.tenant.key(), expected.id.key());
    let mut item = world.database.item(&key, "K").await.unwrap();
    for name in ["al", "v", "lp", "ls", "ct"] {
        item.remove(name);
    }
    let put = world.database.client.put_item();
    let put = put.table_name(&world.database.table).set_item(Some(item));
    put.send().await.unwrap();
    let read = world.store.contact_by_id(world.tenant, expected.id).await;
    assert_eq!(read.unwrap().as_ref(), Some(&expected));
    expected.consents(Consent::Stopped, start());
    let saved = world.store.save_contact(&mut expected, &[], None).await;
    assert_eq!((saved.unwrap(), expected.version), (Saved::Done, 2));
}
