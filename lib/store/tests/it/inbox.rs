//! Receiving: once, whole, and in the provider's order.

use domain::{
    contact::{Alias, Consent, Contact},
    failure::StoreFailureKind,
    ids::{ChannelId, ConversationId, MessageId},
    message::{InboundContent, InboundMessage, ReplyKind, inbound::Answers},
    ports::{Contacts, Inbox, Received, Reception, Saved},
};
use futures::future::join_all;
use jiff::Timestamp;

use crate::world::{World, later, start};

pub fn reception(world: &World, provider_id: &str, at: Timestamp) -> Reception {
    written_by(world, world.contact(), provider_id, at)
}

pub fn written_by(world: &World, contact: Contact, provider_id: &str, at: Timestamp) -> Reception {
    Reception {
        message: InboundMessage {
            id: MessageId::of_inbound(world.tenant, world.channel, provider_id),
            tenant: world.tenant,
            channel: world.channel,
            conversation: ConversationId::of(world.channel, contact.id),
            contact: contact.id,
            provider_id: provider_id.into(),
            from_us: false,
            at,
            arrived_at: later(500),
            content: InboundContent::Text {
                body: provider_id.into(),
            },
            answers: Some(Answers {
                quoted: Some("wa-1".into()),
                message: None,
                kind: ReplyKind::Button,
                button_id: Some("btn1".into()),
                title: "Yes".into(),
            }),
            copy: None,
        },
        contact,
        claimed: Vec::new(),
        unread: true,
    }
}

/// S4.17, S4.78, S4.81, X40: the provider's id in its channel makes a message one, in the transaction
/// that stores it; nobody did it, so there is no audit line.
#[tokio::test]
async fn a_message_is_received_once_and_a_repeat_shows_how_it_was_stored() {
    let world = World::start().await;
    let first = reception(&world, "in-1", start());
    assert_eq!(world.store.receive(&first).await.unwrap(), Received::New);
    let before = world.count().await;
    let mut repeat = first.clone();
    repeat.message.arrived_at = later(900);
    let answer = world.store.receive(&repeat).await.unwrap();
    assert_eq!(answer, Received::Duplicate(Box::new(first.message)));
    assert_eq!(world.count().await, before);
    let conversation = world
        .store
        .conversation(world.tenant, world.conversation())
        .await;
    assert_eq!(conversation.unwrap().unwrap().unread, 1);

    let channel = ChannelId::fresh();
    let mut elsewhere = reception(&world, "in-1", start());
    elsewhere.message.channel = channel;
    elsewhere.message.id = MessageId::of_inbound(world.tenant, channel, "in-1");
    elsewhere.message.conversation = ConversationId::of(channel, elsewhere.contact.id);
    let other = world.store.receive(&elsewhere).await.unwrap();
    assert_eq!(other, Received::New, "another channel has ids of its own");
    let lines = format!("T#{}#A#", world.tenant.key());
    let items = world.database.items().await;
    assert!(!items.is_empty());
    let audited = |pk: &str| pk.starts_with(&lines);
    assert!(!items.iter().any(|item| audited(item["pk"].as_s().unwrap())));
}

#[tokio::test]
async fn twenty_at_once_are_one() {
    let world = World::start().await;
    let one = reception(&world, "in-1", start());
    let answers = join_all((0..20).map(|_| world.store.receive(&one))).await;
    let new = answers
        .iter()
        .filter(|a| matches!(a, Ok(Received::New)))
        .count();
    let repeats = answers
        .iter()
        .filter(|a| matches!(a, Ok(Received::Duplicate(_))))
        .count();
    assert_eq!((new, repeats), (1, 19));
    assert_eq!(world.count().await, 3, "message, contact, conversation");
}

/// S4.79: a provider's messages come in any order: the newest moves the conversation, all are counted.
#[tokio::test]
async fn any_order_ends_in_the_same_conversation() {
    let orders = [[10, 20, 30], [30, 20, 10], [20, 30, 10], [30, 10, 20]];
    for order in orders {
        let world = World::start().await;
        for seconds in order {
            let mut one = reception(&world, &format!("in-{seconds}"), later(seconds));
            // The newest is the tenant's own, typed on the phone.
            one.message.from_us = seconds == 30;
            one.unread = seconds != 30;
            assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
        }
        let conversation = world
            .store
            .conversation(world.tenant, world.conversation())
            .await;
        let conversation = conversation.unwrap().unwrap();
        assert_eq!(conversation.last_message_at, later(30), "{order:?}");
        assert_eq!(conversation.preview, "in-30", "{order:?}");
        assert_eq!(conversation.last_inbound_at, Some(later(20)), "{order:?}");
        assert_eq!(conversation.unread, 2, "{order:?}");
        assert_eq!(
            (conversation.channel, conversation.contact),
            (world.channel, world.contact().id)
        );
    }
}

/// Two webhooks may meet the same person at once: neither overwrites what the other knew.
#[tokio::test]
async fn what_is_known_of_a_contact_is_never_overwritten() {
    let world = World::start().await;
    let nameless = Contact {
        name: None,
        ..world.contact()
    };
    let named = Contact {
        name: Some("Grace".into()),
        ..world.contact()
    };
    let stopped = Contact {
        name: Some("Somebody Else".into()),
        consent: Consent::Stopped,
        ..world.contact()
    };
    for (n, contact) in [nameless, named, stopped].into_iter().enumerate() {
        let mut one = reception(&world, &format!("in-{n}"), later(1));
        one.contact = contact;
        assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
    }
    let contact = world
        .store
        .contact(world.tenant, &World::alias())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(contact.name.as_deref(), Some("Grace"));
    assert_eq!(contact.consent, Consent::Unasked);
    assert_eq!(contact.phone, world.contact().phone);
    assert_eq!(contact.version, 2, "met, then named");
}

/// X13: a writer with two names is one contact under both.
#[tokio::test]
async fn a_new_writer_is_found_by_every_alias_they_came_with() {
    let world = World::start().await;
    let user = Alias::provider_user("BH.1098765432");
    let mut one = reception(&world, "in-1", start());
    one.contact.aliases.push(user.clone());
    one.claimed = vec![World::alias(), user.clone(), user.clone()];
    assert_eq!(world.store.receive(&one).await.unwrap(), Received::New);
    let expected = Contact {
        version: 1,
        ..one.contact.clone()
    };
    for alias in [&World::alias(), &user] {
        let found = world.store.contact(world.tenant, alias).await.unwrap();
        assert_eq!(found.as_ref(), Some(&expected), "{}", alias.as_str());
    }
    assert_eq!(
        world.count().await,
        4,
        "message, contact, conversation, where the second name leads"
    );
    let redirect = world.database.items().await.into_iter();
    let redirect = redirect.filter(|item| item.contains_key("to"));
    let names: Vec<_> = redirect.map(|item| item.len()).collect();
    assert_eq!(names, [3], "its key and where it leads to, nothing else");
}

/// A name that became somebody else's in between is left for another try; nothing is stored.
#[tokio::test]
async fn a_name_that_leads_elsewhere_refuses_the_reception() {
    let world = World::start().await;
    let user = Alias::provider_user("BH.1098765432");
    let mut other = world.known(17, "Amal Heron").await;
    other.aliases.push(user.clone());
    let claimed = [user.clone(), World::alias()];
    let saved = world.store.save_contact(&mut other, &claimed, None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let before = world.count().await;

    let own_place = reception(&world, "in-1", start());
    let mut further = written_by(&world, world.person(18, "Basil Crane"), "in-2", start());
    further.contact.aliases.push(user.clone());
    further.claimed = vec![user];
    for one in [own_place, further] {
        let failure = world.store.receive(&one).await.unwrap_err();
        assert_eq!(failure.kind(), StoreFailureKind::Conflict);
        assert!(failure.retryable());
    }
    assert_eq!(world.count().await, before);
}
