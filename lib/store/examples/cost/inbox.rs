//! What people do in the inbox: write, read, take care of, put away, and turn out to be one person.

use domain::{
    contact::{Alias, Contact},
    ids::{ConversationId, UserId},
    phone::PhoneNumber,
    ports::{Clock, ContactBook, Contacts, SearchIndex},
    search::words,
    service::{
        contacts::ContactDesk,
        inbox::{InboxDesk, Wanted},
        logbook,
    },
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::builders::RECIPIENT;

use crate::World;

/// Somebody who shows no number writes.
fn written(id: &str, text: &str) -> Value {
    json!({"messages": [{"id": id, "from_me": false, "type": "text", "timestamp": 1_795_171_200,
        "chat_id": "123456789012345@lid", "from": "123456789012345@lid", "from_name": "Amal Heron",
        "text": {"body": text}}],
        "event": {"type": "messages", "event": "post"}, "channel_id": "FALCON-T35T1"})
}

async fn person(world: &World, alias: &Alias) -> Contact {
    let found = world.store.contact(world.acme.tenant.id, alias).await;
    found.unwrap().unwrap()
}

/// The projector's writes for a contact it has not seen.
async fn index(world: &World, contact: &Contact) {
    let words = words(contact.name.as_deref().unwrap_or_default());
    let indexed = world
        .store
        .index_contact(contact.tenant, contact.id, &words, &[]);
    indexed.await.unwrap();
}

/// Every step of the inbox.
pub async fn inbox(world: &World) {
    let (meter, manager) = (&world.meter, world.manager());
    let (store, clock) = (&world.store, &world.clock);
    world.clock.advance(SignedDuration::from_mins(5));
    meter.step("inbound of a new writer without a number");
    world.webhook(&written("in-2-aBcDeF", "Hello")).await;
    meter.step("inbound of a known writer");
    world
        .webhook(&written("in-3-aBcDeF", "Are you there?"))
        .await;
    meter.step("the same webhook again");
    world
        .webhook(&written("in-3-aBcDeF", "Are you there?"))
        .await;
    let alias = Alias::provider_user("123456789012345@lid");
    let writer = person(world, &alias).await;
    meter.step("index a new contact of two words");
    index(world, &writer).await;

    let desk = InboxDesk { store, clock };
    let thread = ConversationId::of(world.acme.channel.id, writer.id);
    meter.step("mark read");
    desk.mark_read(&manager, thread).await.unwrap();
    meter.step("assign");
    let user = UserId::new("user-2");
    desk.assign(&manager, thread, Some(user.as_str()))
        .await
        .unwrap();
    meter.step("put away");
    desk.archive(&manager, thread, true).await.unwrap();
    meter.step("inbound that brings it back");
    world.webhook(&written("in-4-aBcDeF", "Hello again")).await;

    meter.step("a page of conversations");
    let wanted = Wanted::default();
    desk.conversations(&manager, &wanted, None, 20)
        .await
        .unwrap();
    meter.step("conversations found by a name");
    let wanted = Wanted {
        search: Some("amal".into()),
        ..Wanted::default()
    };
    let found = desk
        .conversations(&manager, &wanted, None, 20)
        .await
        .unwrap();
    assert_eq!(found.items.len(), 1, "found by the index");
    meter.step("a page of a thread");
    desk.thread(&manager, thread, None, 20).await.unwrap();
    meter.step("a page of contacts");
    store.contacts(manager.tenant(), None, 20).await.unwrap();
    meter.step("a page of audit lines");
    logbook::audit(store, &manager, clock.now(), None, 20)
        .await
        .unwrap();

    let number = PhoneNumber::parse(RECIPIENT).unwrap();
    let ada = person(world, &Alias::phone(&number)).await;
    meter.step("merge two contacts with a thread each");
    let people = ContactDesk { store, clock };
    people.merge(&manager, ada.id, writer.id).await.unwrap();
    meter.step("a page of the joint thread");
    let joint = desk.thread(&manager, thread, None, 20).await.unwrap();
    assert!(joint.items.len() > 5, "both are read");
}
