//! Conversations as agents work with them.

use domain::{
    channel::{AuthStatus, Channel},
    failure::Code,
    ids::{ChannelId, ConversationId, UserId},
    principal::{Action, Role},
    service::inbox::Wanted,
};
use testkit::builders::RECIPIENT;

use crate::{
    desks::{AMAL, BASIL, change},
    world::World,
};

/// S4.37: channels in use, the default one first, then as they were made.
#[tokio::test]
async fn accounts_are_channels_in_use_with_the_default_one_first() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let made = |minute: u32, active: bool| Channel {
        active,
        created_at: format!("2026-10-01T08:{minute:02}:00Z").parse().unwrap(),
        auth: AuthStatus::Disconnected,
        ..world.acme.messenger360_channel()
    };
    let (late, early, off) = (made(9, true), made(1, true), made(5, false));
    for channel in [&late, &early, &off] {
        let mut state = world.store.state();
        state.channels.insert((tenant, channel.id), channel.clone());
    }
    let viewer = world.acme.user(Role::Viewer);
    let accounts = world.inbox().accounts(&viewer).await.unwrap();
    let listed: Vec<_> = accounts
        .iter()
        .map(|(c, default)| (c.id, *default))
        .collect();
    let own = world.acme.channel.id;
    assert_eq!(listed, [(own, true), (early.id, false), (late.id, false)]);
}

/// S4.29, S4.38, S4.88, S4.12: by account, by status, by beginnings of names and numbers, of one company.
#[tokio::test]
async fn conversations_are_found_by_account_status_name_and_number() {
    let world = World::new();
    let amal = world.hears(AMAL, "Amal Heron", 1, "Hello").await;
    let basil = world.hears(BASIL, "Basil Crane", 2, "Hello").await;
    let manager = world.acme.user(Role::Manager);
    world.inbox().archive(&manager, basil, true).await.unwrap();
    let listed = async |world: &World, wanted: Wanted| -> Vec<ConversationId> {
        let desk = world.inbox();
        let page = desk.conversations(&manager, &wanted, None, 20).await;
        let items = page.unwrap().items;
        items.iter().map(|view| view.conversation.id).collect()
    };
    let search = |text: &str, archived| Wanted {
        search: Some(text.into()),
        archived,
        account: None,
    };
    assert_eq!(listed(&world, Wanted::default()).await, [amal]);
    assert_eq!(listed(&world, search("", true)).await, [basil]);
    for hit in ["amal", "HER", "heron am", "+973 3300 0017", "97333"] {
        assert_eq!(listed(&world, search(hit, false)).await, [amal], "{hit}");
    }
    for miss in ["basil", "eron", "33000017", "\u{0}", "()"] {
        let found = listed(&world, search(miss, false)).await;
        assert!(found.is_empty(), "{miss}");
    }
    assert_eq!(listed(&world, search("crane", true)).await, [basil]);

    let other_channel = world.acme.messenger360_channel();
    let account = |id| Wanted {
        account: Some(id),
        ..Wanted::default()
    };
    assert_eq!(listed(&world, account(world.acme.channel.id)).await, [amal]);
    world.store.state().channels.insert(
        (world.acme.tenant.id, other_channel.id),
        other_channel.clone(),
    );
    assert!(listed(&world, account(other_channel.id)).await.is_empty());
    for unknown in [ChannelId::fresh(), world.other.channel.id] {
        let wanted = account(unknown);
        let desk = world.inbox();
        let asked = desk.conversations(&manager, &wanted, None, 20).await;
        assert_eq!(asked.unwrap_err().code(), Code::NotFound);
    }
    let stranger = world.other.user(Role::Manager);
    for wanted in [Wanted::default(), search("amal", false)] {
        let desk = world.inbox();
        let asked = desk.conversations(&stranger, &wanted, None, 20).await;
        assert!(asked.unwrap().items.is_empty());
    }
}

/// S4.30, S4.40, S4.2, S4.3: the person, the channel, who takes care of it, unread, ids.
#[tokio::test]
async fn details_join_the_person_and_the_channel() {
    let world = World::new();
    let id = world
        .hears(AMAL, "Amal Heron", 1, "When do you open?")
        .await;
    let agent = world.acme.user(Role::Agent);
    world
        .inbox()
        .assign(&agent, id, Some("user-7"))
        .await
        .unwrap();
    let view = world.inbox().details(&agent, id).await.unwrap();
    let contact = view.contact.unwrap();
    assert_eq!(contact.name.as_deref(), Some("Amal Heron"));
    assert_eq!(contact.phone.unwrap().as_str(), AMAL);
    assert_eq!(view.channel.unwrap().id, world.acme.channel.id);
    let conversation = view.conversation;
    assert_eq!((conversation.unread, conversation.id), (1, id));
    assert_eq!(conversation.preview, "When do you open?");
    assert_eq!(conversation.assigned_to, Some(UserId::new("user-7")));
}

/// S4.31, S4.41, S4.67, S4.90, S4.7: unread rises with every message once, and reading is audited once.
#[tokio::test]
async fn reading_empties_unread_and_is_audited() {
    let world = World::new();
    let id = world.hears(AMAL, "Amal", 1, "Hello").await;
    world.hears(AMAL, "Amal", 2, "Anybody?").await;
    world.hears(AMAL, "Amal", 2, "Anybody?").await;
    assert_eq!(world.conversation(id).unread, 2);
    let agent = world.acme.user(Role::Agent);
    for _ in 0..2 {
        let read = world.inbox().mark_read(&agent, id).await.unwrap();
        assert_eq!((read.unread, world.conversation(id).unread), (0, 0));
    }
    let audited = world.audited("conversations");
    assert_eq!(audited.len(), 1, "what changes nothing is no event");
    assert_eq!(audited[0].action, "mark_read");
    assert_eq!(change(&audited[0], "unread"), ("2", "0"));
    assert_eq!(audited[0].entity, id.to_string());
    assert_eq!(audited[0].user, *agent.user());
    world.hears(AMAL, "Amal", 3, "Thanks").await;
    assert_eq!(world.conversation(id).unread, 1);
}

/// A message that comes while somebody marks the conversation read is neither lost nor counted twice.
#[tokio::test]
async fn a_message_that_comes_while_reading_is_not_overwritten() {
    let world = World::new();
    let id = world.hears(AMAL, "Amal", 1, "Hello").await;
    let key = (world.acme.tenant.id, id);
    world.store.meanwhile("conversations.save", move |state| {
        let conversation = state.conversations.get_mut(&key).unwrap();
        conversation.unread += 1;
        conversation.preview = "And another thing".into();
    });
    let agent = world.acme.user(Role::Agent);
    let read = world.inbox().mark_read(&agent, id).await.unwrap();
    assert_eq!(
        (read.unread, read.preview.as_str()),
        (0, "And another thing")
    );
    assert_eq!(world.conversation(id).preview, "And another thing");
    let audited = world.audited("conversations");
    assert_eq!(audited.len(), 1);
    assert_eq!(change(&audited[0], "unread"), ("2", "0"));

    for _ in 0..6 {
        world.store.meanwhile("conversations.save", move |state| {
            state.conversations.get_mut(&key).unwrap().unread += 1;
        });
    }
    world.hears(AMAL, "Amal", 2, "Still there?").await;
    let busy = world.inbox().mark_read(&agent, id).await.unwrap_err();
    assert_eq!(
        (busy.code(), busy.details()["reason"].as_str()),
        (Code::Conflict, "BUSY")
    );
    assert_eq!(world.conversation(id).unread, 7);
}

/// S4.32, S4.42, S4.8: given to somebody, given to another, given back; each with what was before.
#[tokio::test]
async fn assigning_is_audited_with_both_users() {
    let world = World::new();
    let id = world.hears(AMAL, "Amal", 1, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    for to in [Some(" user-7 "), Some("user-8"), None, None] {
        let now = world.inbox().assign(&agent, id, to).await.unwrap();
        let expected = to.map(|name| UserId::new(name.trim()));
        assert_eq!(now.assigned_to, expected);
        assert_eq!(world.conversation(id).assigned_to, expected);
    }
    let audited = world.audited("conversations");
    let told: Vec<_> = audited
        .iter()
        .map(|entry| (entry.action, change(entry, "assigned_to")))
        .collect();
    assert_eq!(
        told,
        [
            ("assign", ("", "user-7")),
            ("assign", ("user-7", "user-8")),
            ("unassign", ("user-8", "")),
        ]
    );
    for odd in ["", "  ", "a b", "T#1", "\u{202e}x", &"x".repeat(129)] {
        let failure = world
            .inbox()
            .assign(&agent, id, Some(odd))
            .await
            .unwrap_err();
        assert_eq!(failure.fields()[0].field, "assigned_to", "{odd:?}");
    }
    assert_eq!(world.audited("conversations").len(), 3);
}

/// S4.33, S4.43: put away, taken back; what somebody should read comes back by itself.
#[tokio::test]
async fn putting_away_is_audited_and_ends_with_the_next_message() {
    let world = World::new();
    let id = world.hears(AMAL, "Amal", 1, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    for archived in [true, false, true] {
        let now = world.inbox().archive(&agent, id, archived).await.unwrap();
        assert_eq!(
            (now.archived, world.conversation(id).archived),
            (archived, archived)
        );
    }
    assert_eq!(
        world.actions("conversations"),
        ["archive", "unarchive", "archive"]
    );
    let audited = world.audited("conversations");
    assert_eq!(change(&audited[0], "status"), ("active", "archived"));
    assert_eq!(change(&audited[1], "status"), ("archived", "active"));
    world.hears(AMAL, "Amal", 2, "One more thing").await;
    assert!(!world.conversation(id).archived);
    assert_eq!(world.sends(), 0);
}

/// S4.12, S4.63, X36: another company's conversations do not exist, whatever is done with them.
#[tokio::test]
async fn another_companys_conversations_do_not_exist() {
    let world = World::new();
    let id = world.hears(AMAL, "Amal", 1, "Hello").await;
    let before = world.conversation(id);
    let stranger = world.other.user(Role::Manager);
    let inbox = world.inbox();
    for id in [id, ConversationId::fresh()] {
        let codes = [
            inbox.details(&stranger, id).await.unwrap_err().code(),
            inbox
                .thread(&stranger, id, None, 20)
                .await
                .unwrap_err()
                .code(),
            inbox.mark_read(&stranger, id).await.unwrap_err().code(),
            inbox.assign(&stranger, id, None).await.unwrap_err().code(),
            inbox.archive(&stranger, id, true).await.unwrap_err().code(),
        ];
        assert_eq!(codes, [Code::NotFound; 5]);
    }
    assert_eq!(world.conversation(id), before);
    assert!(world.store.state().audit.is_empty());
}

/// X37, S4.62: who reads, who answers, who manages.
#[test]
fn agents_work_conversations_and_managers_manage_people() {
    let world = World::new();
    for (role, may) in [
        (Role::Viewer, [true, false, false, false]),
        (Role::Agent, [true, true, true, false]),
        (Role::Manager, [true, true, true, true]),
        (Role::PlatformAdmin, [false, false, false, false]),
    ] {
        let actions = [
            Action::ReadInbox,
            Action::WorkInbox,
            Action::EditContact,
            Action::ManageContacts,
        ];
        for (action, may) in actions.into_iter().zip(may) {
            let asked = world.acme.user(role).may(action);
            assert_eq!(asked.is_ok(), may, "{role:?} {action:?}");
            if let Err(failure) = asked {
                assert_eq!(failure.code(), Code::Forbidden);
                assert_eq!(failure.details()["reason"], "ROLE");
            }
        }
    }
}

#[tokio::test]
async fn a_storage_failure_is_told_and_changes_nothing() {
    use testkit::memory::FailWhen;
    let world = World::new();
    let id = world.hears(RECIPIENT, "Ada", 1, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    world.store.fail("conversations.save", 1, FailWhen::Before);
    let failure = world.inbox().mark_read(&agent, id).await.unwrap_err();
    assert_eq!((failure.code(), failure.retryable()), (Code::DbError, true));
    assert_eq!(world.conversation(id).unread, 1);
    assert!(world.audited("conversations").is_empty());
}
