//! Two contacts that turn out to be one person.

use domain::{
    contact::{Alias, Consent, Contact},
    failure::Code,
    ids::UserId,
    ports::ThreadItem,
    principal::Role,
    service::inbox::Wanted,
};
use jiff::SignedDuration;
use testkit::builders::text_draft;

use crate::{
    desks::{AMAL, BASIL},
    world::World,
};

/// Amal wrote twice, then from another number once.
async fn two_numbers() -> World {
    let world = World::new();
    world.hears(AMAL, "Amal Heron", 1, "Hello").await;
    world.hears(AMAL, "Amal Heron", 3, "Anybody?").await;
    world
        .hears(BASIL, "Amal's other phone", 2, "It is me again")
        .await;
    world
}

async fn merge(world: &World) -> Contact {
    let manager = world.acme.user(Role::Manager);
    let (one, other) = (world.contact_id(AMAL), world.contact_id(BASIL));
    world.contacts().merge(&manager, one, other).await.unwrap()
}

#[tokio::test]
async fn threads_are_read_together_and_everything_leads_to_who_stays() {
    let world = two_numbers().await;
    let (thread, other) = (world.thread_with(AMAL), world.thread_with(BASIL));
    {
        let mut state = world.store.state();
        let key = (world.acme.tenant.id, other);
        let conversation = state.conversations.get_mut(&key).unwrap();
        conversation.assigned_to = Some(UserId::new("user-7"));
        let key = (world.acme.tenant.id, world.contact_id(BASIL));
        state.contacts.get_mut(&key).unwrap().consent = Consent::NoMarketing;
        let key = (world.acme.tenant.id, world.contact_id(AMAL));
        state.contacts.get_mut(&key).unwrap().consent = Consent::Given;
    }
    let merged = merge(&world).await;
    assert_eq!(merged.id, world.contact_id(AMAL));
    assert_eq!(merged.name.as_deref(), Some("Amal Heron"));
    assert_eq!(
        merged.consent,
        Consent::NoMarketing,
        "the stricter one counts"
    );
    assert_eq!(merged.aliases.len(), 2);

    let viewer = world.acme.user(Role::Viewer);
    for id in [thread, other] {
        let view = world.inbox().details(&viewer, id).await.unwrap();
        assert_eq!(view.conversation.id, thread, "the old thread leads here");
        assert_eq!(view.conversation.unread, 3);
        assert_eq!(view.conversation.assigned_to, Some(UserId::new("user-7")));
        assert_eq!(view.contact.unwrap(), merged);
        let items = world
            .inbox()
            .thread(&viewer, id, None, 20)
            .await
            .unwrap()
            .items;
        let seconds: Vec<_> = items
            .iter()
            .map(|item| match item {
                ThreadItem::Inbound(theirs) => theirs.at.as_second() % 10,
                ThreadItem::Outbound(_) => panic!("nobody answered"),
            })
            .collect();
        assert_eq!(seconds, [3, 2, 1]);
    }
    let desk = world.contacts();
    for id in [world.contact_id(AMAL), world.contact_id(BASIL)] {
        assert_eq!(desk.contact(&viewer, id).await.unwrap(), merged);
    }
    for search in [None, Some("heron"), Some("9733300")] {
        let listed = desk.contacts(&viewer, search, None, 20).await.unwrap();
        assert_eq!(listed.items, std::slice::from_ref(&merged), "{search:?}");
        let wanted = Wanted {
            search: search.map(str::to_owned),
            ..Wanted::default()
        };
        let listed = world
            .inbox()
            .conversations(&viewer, &wanted, None, 20)
            .await;
        assert_eq!(listed.unwrap().items.len(), 1, "{search:?}");
    }
    let audited = world.audited("contacts");
    assert_eq!(world.actions("contacts"), ["merge"]);
    assert_eq!(audited[0].entity, merged.id.to_string());
    assert_eq!(
        audited[0].after["joined"],
        world.contact_id(BASIL).to_string()
    );
}

/// What is written and sent afterwards, by either number, is in the one thread.
#[tokio::test]
async fn life_goes_on_in_the_one_thread() {
    let world = two_numbers().await;
    let thread = world.thread_with(AMAL);
    merge(&world).await;
    assert_eq!(world.hears(BASIL, "Amal", 9, "Still me").await, thread);
    assert_eq!(world.conversation(thread).unread, 4);
    assert_eq!(world.conversation(thread).preview, "Still me");
    for number in [AMAL, BASIL] {
        let sent = world.send(text_draft(number, "Here we are")).await.unwrap();
        assert_eq!(sent.message.conversation, thread);
    }
    let agent = world.acme.user(Role::Agent);
    world.inbox().mark_read(&agent, thread).await.unwrap();
    assert_eq!(world.conversation(thread).unread, 0);
    let viewer = world.acme.user(Role::Viewer);
    let items = world
        .inbox()
        .thread(&viewer, thread, None, 20)
        .await
        .unwrap()
        .items;
    assert_eq!(items.len(), 6);
}

/// A stop said under any of the numbers keeps every message back.
#[tokio::test]
async fn a_stop_of_either_number_stops_both() {
    for (one, said, other, elsewhere) in [
        (AMAL, "STOP", BASIL, "START"),
        (BASIL, "STOP", AMAL, "START"),
        (BASIL, "STOP", AMAL, "Hello"),
    ] {
        let world = two_numbers().await;
        world.hears(one, "Amal", 4, said).await;
        world.hears(other, "Amal", 5, elsewhere).await;
        let merged = merge(&world).await;
        assert_eq!(merged.consent, Consent::Stopped, "{one} {elsewhere}");
        for number in [AMAL, BASIL] {
            let refused = world.send(text_draft(number, "Offer")).await.unwrap_err();
            assert_eq!(refused.details()["reason"], "CONSENT_STOPPED");
        }
        assert_eq!(world.sends(), 0);
    }
}

/// A message that comes while two contacts are joined is counted.
#[tokio::test]
async fn a_message_that_comes_while_merging_is_counted() {
    let world = two_numbers().await;
    let (thread, other) = (world.thread_with(AMAL), world.thread_with(BASIL));
    let key = (world.acme.tenant.id, other);
    let later = world.conversation(other).last_message_at + SignedDuration::from_secs(60);
    world.store.meanwhile("contacts.merge", move |state| {
        let conversation = state.conversations.get_mut(&key).unwrap();
        conversation.unread += 1;
        conversation.preview = "In between".into();
        conversation.last_message_at = later;
    });
    merge(&world).await;
    let conversation = world.conversation(thread);
    assert_eq!(conversation.unread, 4);
    assert_eq!(conversation.preview, "In between");
    assert_eq!(conversation.last_message_at, later);
    assert_eq!(world.actions("contacts"), ["merge"]);
}

/// X13: a person who showed no number is written to by the number that turned out to be theirs.
#[tokio::test]
async fn whoever_showed_no_number_takes_over_the_others() {
    let world = World::new();
    world.hears(AMAL, "Amal Heron", 1, "Hello").await;
    let hidden = Contact {
        version: 1,
        ..Contact::met_as(world.acme.tenant.id, &Alias::provider_user("BH.17"), None)
    };
    let key = (world.acme.tenant.id, hidden.id);
    world.store.state().contacts.insert(key, hidden);
    let manager = world.acme.user(Role::Manager);
    let amal = world.contact_id(AMAL);
    let merged = world.contacts().merge(&manager, key.1, amal).await.unwrap();
    assert_eq!(merged.id, key.1, "the one that was asked for stays");
    assert_eq!(merged.name.as_deref(), Some("Amal Heron"));
    assert_eq!(merged.phone.unwrap().as_str(), AMAL);
    let thread = world.thread_with(AMAL);
    assert_eq!(world.conversation(thread).unread, 1);
    let sent = world.send(text_draft(AMAL, "Hello")).await.unwrap().message;
    assert_eq!((sent.contact, sent.conversation), (key.1, thread));
}

#[tokio::test]
async fn nobody_is_joined_with_themselves_or_with_a_stranger() {
    let world = two_numbers().await;
    let manager = world.acme.user(Role::Manager);
    let (amal, desk) = (world.contact_id(AMAL), world.contacts());
    let same = desk.merge(&manager, amal, amal).await.unwrap_err();
    assert_eq!(
        (same.code(), same.fields()[0].field.as_str()),
        (Code::Validation, "contact_id")
    );
    let stranger = world.other.user(Role::Manager);
    let (_, theirs) = {
        let new = domain::service::contacts::NewContact::parse("+97333000019", None, None);
        desk.enter(&stranger, &new.unwrap()).await.unwrap()
    };
    for (one, other) in [(amal, theirs.id), (theirs.id, amal)] {
        let failure = desk.merge(&manager, one, other).await.unwrap_err();
        assert_eq!(failure.code(), Code::NotFound);
    }
    assert!(world.audited("contacts").is_empty());
    merge(&world).await;
    // Doing it again finds one contact already.
    let again = desk
        .merge(&manager, amal, world.contact_id(BASIL))
        .await
        .unwrap_err();
    assert_eq!(again.fields()[0].code, "SAME");
}
