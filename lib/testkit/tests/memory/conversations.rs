//! Conversations as people read and change them.

use domain::{
    contact::{Contact, Recipient},
    conversation::{Conversation, Touch},
    ids::{ChannelId, ConversationId, JobId, MessageId, TenantId, UserId},
    job::Job,
    message::{
        Content, Facts, Message, MessageType, Payload, Phase, RetryPolicy, Sending, Trigger,
    },
    ports::{Acceptance, Acceptances, Committed, Conversations, Saved, ThreadItem},
    provider::WireRequest,
};

use crate::world::{World, audit, later, phone};

/// X39: time falling, then id rising; what comes meanwhile shifts nothing.
#[tokio::test]
async fn conversations_are_listed_newest_first_then_by_id() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let mut people: Vec<_> = (0..6).map(|n| world.met(n, "Somebody")).collect();
    for (person, seconds) in people.iter().zip([10, 30, 10, 20, 10, 40]) {
        world
            .wrote(person, &format!("in-{seconds}-{}", person.id), seconds)
            .await;
    }
    let mut same: Vec<_> = [0, 2, 4]
        .iter()
        .map(|n| world.thread_of(&people[*n]))
        .collect();
    same.sort_unstable();
    let expected = [
        world.thread_of(&people[5]),
        world.thread_of(&people[1]),
        world.thread_of(&people[3]),
        same[0],
        same[1],
        same[2],
    ];
    let all = [ChannelId::fresh(), world.channel];
    let mut seen: Vec<ConversationId> = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .conversations(tenant, false, &all, after.as_deref(), 2)
            .await;
        let page = page.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|c| c.id));
        // The next page must not show this one again.
        let newcomer = world.met(100 + seen.len() as u16, "Newcomer");
        world
            .wrote(&newcomer, &format!("late-{}", seen.len()), 50)
            .await;
        people.push(newcomer);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, expected);

    let elsewhere = store.conversations(tenant, false, &all[..1], None, 9).await;
    assert!(
        elsewhere.unwrap().items.is_empty(),
        "no thread of this channel"
    );
    let put_away = store.conversations(tenant, true, &all, None, 9).await;
    assert!(put_away.unwrap().items.is_empty());
    let page = store
        .conversations(tenant, false, &all, None, 1)
        .await
        .unwrap();
    let foreign = TenantId::fresh();
    let stolen = store
        .conversations(foreign, false, &all, page.next.as_deref(), 9)
        .await;
    assert!(stolen.is_err(), "a position of another tenant");
    let by_id = store.conversations_by_id(foreign, &expected).await;
    assert!(by_id.unwrap().is_empty());
    let asked = [
        expected[2],
        ConversationId::of(all[0], people[0].id),
        expected[0],
    ];
    let by_id = store.conversations_by_id(tenant, &asked).await.unwrap();
    let ids: Vec<_> = by_id.iter().map(|c| c.id).collect();
    assert_eq!(ids, [expected[2], expected[0]], "in the order asked for");
}

/// S4.41–S4.43: what an agent changes is changed only where it is still as they saw it.
#[tokio::test]
async fn a_change_holds_only_while_nothing_of_it_moved() {
    let world = World::new();
    let store = &world.store;
    let amal = world.met(1, "Amal");
    world.wrote(&amal, "in-1", 0).await;
    let before = world.conversation(&amal).await;
    let mut read = before.clone();
    read.unread = 0;
    let line = audit("mark_read", 1);

    // Somebody writes between reading and writing: nothing of it is marked read.
    let late = world.text(&amal, "in-2", 10);
    let (id, tenant) = (late.message.conversation, world.tenant);
    store.meanwhile("conversations.save", move |state| {
        let conversation = state.conversations.get_mut(&(tenant, id)).unwrap();
        conversation.unread += 1;
    });
    let saved = store.save_conversation(&before, &read, &line).await;
    assert_eq!(saved.unwrap(), Saved::Stale);
    assert_eq!(world.conversation(&amal).await.unread, 2);
    assert!(world.audits().is_empty());

    let before = world.conversation(&amal).await;
    let mut after = before.clone();
    after.unread = 0;
    after.archived = true;
    after.assigned_to = Some(UserId::new("agent-9"));
    after.preview = "never written here".into();
    // A newer preview alone stands in nobody's way, and stays.
    store.meanwhile("conversations.save", move |state| {
        let conversation = state.conversations.get_mut(&(tenant, id)).unwrap();
        conversation.preview = "newer".into();
        conversation.last_message_at = later(60);
    });
    let saved = store.save_conversation(&before, &after, &line).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let now = world.conversation(&amal).await;
    assert_eq!((now.unread, now.archived), (0, true));
    assert_eq!(now.assigned_to, Some(UserId::new("agent-9")));
    assert_eq!(
        (now.preview.as_str(), now.last_message_at),
        ("newer", later(60))
    );
    assert_eq!(world.audits(), ["mark_read"]);

    for other in [
        Conversation {
            archived: false,
            ..now.clone()
        },
        Conversation {
            assigned_to: None,
            ..now.clone()
        },
        Conversation {
            tenant: TenantId::fresh(),
            ..now.clone()
        },
    ] {
        let saved = store.save_conversation(&other, &now, &line).await;
        assert_eq!(saved.unwrap(), Saved::Stale);
    }
}

/// A text of ours to this contact, some seconds after the start.
fn said(world: &World, contact: &Contact, body: &str, seconds: i64) -> Acceptance {
    let (job, at) = (JobId::fresh(), later(seconds));
    let content = Content::Text { body: body.into() };
    let message = Message {
        id: MessageId::of_row(job, 0),
        tenant: world.tenant,
        job,
        row: 0,
        channel: world.channel,
        conversation: world.thread_of(contact),
        contact: contact.id,
        to: Recipient::Phone(phone(1)),
        kind: content.kind(),
        message_type: MessageType::Other,
        trigger: Trigger::Manual,
        created_at: at,
        updated_at: at,
        scheduled_for: None,
        context: None,
        usage_day: "2026-11-20".parse().unwrap(),
        sending: Sending {
            phase: Phase::Ready { at, counts: false },
            attempt: 0,
            retries: 0,
            policy: RetryPolicy::MANUAL,
            due: None,
            quiet: false,
            polls: None,
        },
        facts: Facts::default(),
        version: 0,
    };
    Acceptance {
        job: Job {
            id: job,
            tenant: world.tenant,
            channel: world.channel,
            size: 1,
            bulk: false,
            kind: message.kind,
            message_type: MessageType::Other,
            trigger: message.trigger,
            created_at: at,
            created_by: UserId::new("agent-7"),
        },
        touch: Touch {
            id: message.conversation,
            at,
            preview: content.preview(),
            prompt: None,
        },
        payload: Payload {
            content,
            request: WireRequest::get("/"),
        },
        message,
        new_contact: Some(contact.clone()),
        daily_limit: 10,
        idempotency: None,
        audit: audit("accept", seconds),
    }
}

/// S4.34: what both sides said, newest first, page by page; and only what is newest moves the list.
#[tokio::test]
async fn a_thread_shows_both_sides_in_one_order() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let amal = world.met(1, "Amal");
    world.wrote(&amal, "theirs-40", 40).await;
    for (body, seconds) in [("ours-30", 30), ("ours-10", 10)] {
        let acceptance = said(&world, &amal, body, seconds);
        assert_eq!(store.commit(&acceptance).await.unwrap(), Committed::Done);
    }
    world.wrote(&amal, "theirs-20", 20).await;
    world
        .wrote(&world.met(2, "Basma"), "another thread", 25)
        .await;
    assert_eq!(store.state().contacts[&(tenant, amal.id)].version, 1);
    let conversation = world.conversation(&amal).await;
    assert_eq!(conversation.preview, "theirs-40");
    assert_eq!(conversation.last_message_at, later(40));

    let threads = [conversation.id];
    let mut shown = Vec::new();
    let mut after = None;
    loop {
        let page = store.thread(tenant, &threads, after.as_deref(), 3).await;
        let page = page.unwrap();
        shown.extend(page.items.into_iter().map(|item| match item {
            ThreadItem::Inbound(message) => message.provider_id,
            ThreadItem::Outbound(ours) => ours.1.preview(),
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(shown, ["theirs-40", "ours-30", "theirs-20", "ours-10"]);
    let foreign = store.thread(TenantId::fresh(), &threads, None, 9).await;
    assert!(foreign.unwrap().items.is_empty());
}
