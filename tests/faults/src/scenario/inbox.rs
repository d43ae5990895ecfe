//! The inbox: answers in a conversation, what comes in besides, and what agents do with it.

use domain::{
    contact::{Alias, Consent},
    ids::ContactId,
    message::{InboundMessage, MediaCopy, Status},
    phone::PhoneNumber,
    ports::{Audits, Clock, Contacts, Conversations, Inbox, ThreadItem},
    service::{contacts::ContactDesk, inbox::InboxDesk},
};
use sandbox::faults::{BodyShape, Fault};
use serde_json::{Value, json};

use super::{Doing, Found, PLAIN, Request, Scenario, once, refused, sending::ask};
use crate::{
    provider::{inbound, messages},
    world::World,
};

const ANSWER: &[Request] = &[Request::in_conversation("At noon, at your door")];
const REPLY: &str = "We answer tomorrow";

pub const ALL: &[Scenario] = &[
    // An agent answers: stored, called once, noted.
    Scenario {
        name: "answer",
        requests: ANSWER,
        ends: &[Status::Read],
        fate: &["sent", "delivered", "read"],
        inbound: (1, 1),
        setup: hello,
        act: ask,
        ..PLAIN
    },
    // Taken, and the answer lost: found again by the look-up, not sent again.
    Scenario {
        name: "answer-lost",
        requests: ANSWER,
        inbound: (1, 1),
        faults: || {
            once(Fault::ErrorAfterAccept {
                code: 500,
                body_shape: BodyShape::Nested,
            })
        },
        setup: hello,
        act: ask,
        ..PLAIN
    },
    // Refused: it stays in the thread, failed; nobody retries or mails.
    Scenario {
        name: "answer-refused",
        requests: ANSWER,
        ends: &[Status::Failed],
        inbound: (1, 1),
        faults: || once(refused()),
        setup: hello,
        act: ask,
        ..PLAIN
    },
    // STOP changes the consent, whatever dies in between.
    Scenario {
        name: "stop",
        requests: &[],
        inbound: (1, 1),
        setup: stop,
        act: post,
        finally: stopped,
        ..PLAIN
    },
    // A file is kept once.
    Scenario {
        name: "file",
        requests: &[],
        inbound: (1, 1),
        setup: picture,
        act: post_and_work,
        finally: kept,
        ..PLAIN
    },
    // One automatic answer to two messages that come again and again.
    Scenario {
        name: "auto-reply",
        requests: &[],
        inbound: (2, 2),
        setup: absent,
        act: post_and_work,
        finally: answered_once,
        ..PLAIN
    },
    // Read, taken, put away; each noted once.
    Scenario {
        name: "tidy",
        requests: &[],
        inbound: (1, 0),
        setup: hello,
        act: tidy,
        again: tidy,
        finally: tidied,
        ..PLAIN
    },
    // Two contacts become one, with both threads.
    Scenario {
        name: "merge",
        requests: &[],
        inbound: (2, 2),
        setup: two_people,
        act: merge,
        again: merge,
        finally: merged,
        ..PLAIN
    },
];

/// Another number of the same person, as it turns out.
const OTHER: &str = "97300000011";

fn text(id: &str, world: &World, body: &str) -> Value {
    let content = json!({"type": "text", "text": {"body": body}});
    inbound(id, world.clock.now(), content)
}

fn hello(world: &World) -> Doing<'_> {
    Box::pin(async {
        world
            .hook(messages(&[text("hello-1", world, "Hello?")]))
            .await;
    })
}

fn stop(world: &World) -> Doing<'_> {
    Box::pin(async { world.plan(messages(&[text("stop-1", world, "STOP")])) })
}

fn picture(world: &World) -> Doing<'_> {
    Box::pin(async {
        let content = json!({"type": "image", "image": {"id": "file-1", "mime_type": "image/png",
            "link": "https://files.example/1.png"}});
        world.plan(messages(&[inbound("image-1", world.clock.now(), content)]));
    })
}

fn absent(world: &World) -> Doing<'_> {
    Box::pin(async {
        let mut tenant = world.company.tenant.clone();
        tenant.settings = tenant.settings.answering(REPLY);
        world.store.put_tenant(&tenant).await.unwrap();
        let both = [text("one", world, "Hello?"), text("two", world, "Anybody?")];
        world.plan(messages(&both));
    })
}

fn two_people(world: &World) -> Doing<'_> {
    Box::pin(async {
        let content = json!({"type": "text", "text": {"body": "My other phone"}, "from": OTHER,
            "chat_id": format!("{OTHER}@s.whatsapp.net")});
        let other = inbound("other-1", world.clock.now(), content);
        world
            .hook(messages(&[text("hello-1", world, "Hello?"), other]))
            .await;
    })
}

fn post(world: &World) -> Doing<'_> {
    Box::pin(world.post_planned())
}

fn post_and_work(world: &World) -> Doing<'_> {
    Box::pin(async {
        world.post_planned().await;
        world.drain().await;
    })
}

fn tidy(world: &World) -> Doing<'_> {
    Box::pin(async {
        let desk = InboxDesk {
            store: &world.store,
            clock: &world.clock,
        };
        let (agent, id) = (world.manager(), world.conversation());
        let _ = desk.mark_read(&agent, id).await;
        let _ = desk.assign(&agent, id, Some("agent-7")).await;
        let _ = desk.archive(&agent, id, true).await;
    })
}

fn merge(world: &World) -> Doing<'_> {
    Box::pin(async {
        let desk = ContactDesk {
            store: &world.store,
            clock: &world.clock,
        };
        let _ = desk
            .merge(&world.manager(), world.contact(), other(world))
            .await;
    })
}

fn other(world: &World) -> ContactId {
    let phone = PhoneNumber::parse(OTHER).unwrap();
    ContactId::of_alias(world.place.tenant, Alias::phone(&phone).as_str())
}

fn stopped(world: &World) -> Found<'_> {
    Box::pin(async {
        let contact = world
            .store
            .contact_by_id(world.place.tenant, world.contact())
            .await;
        let consent = contact.unwrap().map(|contact| contact.consent);
        unless(
            consent == Some(Consent::Stopped),
            format!("the consent is {consent:?}"),
        )
    })
}

async fn thread(world: &World) -> Vec<ThreadItem> {
    let tenant = world.place.tenant;
    let own = world.store.conversation(tenant, world.conversation()).await;
    let threads = own.unwrap().map(|c| c.threads()).unwrap_or_default();
    world
        .store
        .thread(tenant, &threads, None, 100)
        .await
        .unwrap()
        .items
}

fn kept(world: &World) -> Found<'_> {
    Box::pin(async {
        let items = thread(world).await;
        let copy = items.iter().find_map(|item| match item {
            ThreadItem::Inbound(message) => Some(InboundMessage::clone(message).copy),
            ThreadItem::Outbound(_) => None,
        });
        let stored = matches!(copy, Some(Some(MediaCopy::Stored { .. })));
        unless(stored, format!("the copy is {copy:?}"))
    })
}

fn answered_once(world: &World) -> Found<'_> {
    Box::pin(async {
        let sent = world.outbound().await;
        let statuses: Vec<_> = sent.iter().map(|message| message.status()).collect();
        unless(
            statuses == [Status::Sent],
            format!("automatic answers: {statuses:?}"),
        )
    })
}

fn tidied(world: &World) -> Found<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let own = world.store.conversation(tenant, world.conversation()).await;
        let own = own.unwrap().unwrap();
        let user = own
            .assigned_to
            .as_ref()
            .map(|user| user.as_str().to_owned());
        let whole = own.unread == 0 && own.archived && user.as_deref() == Some("agent-7");
        let mut found = unless(whole, format!("{own:?}"));
        let now = world.clock.now();
        let lines = world
            .store
            .audits(tenant, now, None, 100)
            .await
            .unwrap()
            .items;
        for action in ["mark_read", "assign", "archive"] {
            let times = lines.iter().filter(|line| line.action == action).count();
            found.extend(unless(
                times == 1,
                format!("`{action}` is noted {times} times"),
            ));
        }
        found
    })
}

fn merged(world: &World) -> Found<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let items = thread(world).await.len();
        let alias = Alias::phone(&PhoneNumber::parse(OTHER).unwrap());
        let leads = world
            .store
            .contact(tenant, &alias)
            .await
            .unwrap()
            .map(|c| c.id);
        let mut found = unless(items == 2, format!("{items} messages are read together"));
        let one = leads == Some(world.contact());
        found.extend(unless(one, "the other number leads elsewhere".into()));
        let listed = world
            .store
            .conversations(tenant, false, &[world.place.channel], None, 10)
            .await
            .unwrap();
        let count = listed.items.len();
        found.extend(unless(
            count == 1,
            format!("{count} conversations are listed"),
        ));
        found
    })
}

fn unless(good: bool, what: String) -> Vec<String> {
    if good { Vec::new() } else { vec![what] }
}

/// Nothing more to look at.
pub(super) fn no_more(_world: &World) -> Found<'_> {
    Box::pin(async { Vec::new() })
}
