//! What each operation costs. A figure that grows fails here; README.md and docs/data-model.md
//! repeat these numbers.

use domain::{
    conversation::Touch,
    job::RowChange,
    message::{Fact, Message, Outcome},
    notice::Notice,
    ports::{
        Acceptances, Boards, Committed, Contacts, Directory, Inbox, Journal, Messages, Notices,
        Outbox, Pointed, Pointers, Saved,
    },
    webhook::{JournalBody, JournalEntry, JournalKey, Observed, Pointer},
};
use store::Store;
use testkit::meter::Meter;

use crate::world::{World, later, start};

/// What the projector does with a changed message.
async fn project(store: &Store, message: &Message) {
    let (tenant, job) = (message.tenant, message.job);
    let (mut board, version) = store.board(tenant, job, 0).await.unwrap().unwrap();
    board.apply(RowChange {
        row: message.row,
        version: message.version,
        status: message.status(),
    });
    let saved = store
        .save_board(tenant, job, 0, &board, version)
        .await
        .unwrap();
    assert_eq!(saved, Saved::Done);
}

/// S0 and design.md §14: at most 30 from accept to sent, at most 3 for each later status.
#[tokio::test]
async fn a_single_interactive_message_costs_what_we_promise() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let mut acceptance = world.with_key("key-1", start());
    acceptance.new_contact = Some(world.contact());
    acceptance.touch = Touch {
        prompt: acceptance.touch.prompt.clone(),
        ..acceptance.touch
    };

    meter.step("read before accept");
    Directory::tenant(&store, world.tenant).await.unwrap();
    store.channel(world.tenant, world.channel).await.unwrap();
    store.contact(world.tenant, &World::alias()).await.unwrap();
    store
        .repeated(world.tenant, "key-1", start())
        .await
        .unwrap();
    meter.step("accept");
    assert_eq!(store.commit(&acceptance).await.unwrap(), Committed::Done);
    let mut message = Message {
        version: 1,
        ..acceptance.message.clone()
    };
    meter.step("claim");
    let attempt = message.claim(later(1)).unwrap();
    store.save(&mut message, None).await.unwrap();
    meter.step("project pending");
    project(&store, &message).await;
    meter.step("point");
    let to = Pointer {
        message: message.id,
        attempt,
    };
    assert_eq!(
        store
            .point(world.tenant, world.channel, "wa-1", to)
            .await
            .unwrap(),
        Pointed::Here
    );
    meter.step("record accepted");
    let outcome = Outcome::Accepted {
        provider_id: Some("wa-1".into()),
    };
    message.record(attempt, outcome, later(2));
    store.save(&mut message, None).await.unwrap();
    meter.step("project sent");
    project(&store, &message).await;
    let sent = meter.writes();
    let facts = [
        (
            "sent",
            Fact::Sent {
                attempt,
                at: later(3),
            },
        ),
        ("delivered", Fact::Delivered { at: later(4) }),
        ("read", Fact::Read { at: later(5) }),
    ];
    for (name, fact) in facts {
        meter.step(name);
        message.observe(fact, later(6));
        store.save(&mut message, None).await.unwrap();
        assert_eq!(meter.of(name).writes(), 1, "{name}");
    }

    println!("{}", meter.table());
    println!("accept to sent: {sent} write units");
    assert_eq!(meter.of("accept").writes(), 22);
    assert_eq!(meter.of("claim").writes(), 1);
    assert_eq!(meter.of("point").writes(), 1);
    assert_eq!(meter.of("record accepted").writes(), 4);
    assert!(sent <= 30, "{sent}");
    assert_eq!(meter.disagreements(), Vec::<String>::new());
}

#[tokio::test]
async fn every_other_operation_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let known = world.acceptance(start());
    store.commit(&known).await.unwrap();
    meter.step("accept, known contact, no key");
    let again = world.acceptance(later(1));
    store.commit(&again).await.unwrap();
    meter.step("accept, limit reached");
    let mut over = world.acceptance(later(2));
    over.daily_limit = 1;
    assert_eq!(store.commit(&over).await.unwrap(), Committed::LimitReached);

    let mut message = Message {
        version: 1,
        ..known.message
    };
    let mut cancelled = Message {
        version: 1,
        ..again.message
    };
    meter.step("withdraw");
    cancelled.cancel(later(3)).unwrap();
    store
        .withdraw(&mut cancelled, &crate::world::audit(later(3)))
        .await
        .unwrap();
    meter.step("save, stale");
    let mut stale = Message {
        version: 9,
        ..message.clone()
    };
    assert_eq!(store.save(&mut stale, None).await.unwrap(), Saved::Stale);
    meter.step("claim");
    let attempt = message.claim(later(3)).unwrap();
    store.save(&mut message, None).await.unwrap();
    meter.step("failure with notice");
    let refused = Outcome::Rejected {
        code: "NO".into(),
        reason: "No.".into(),
    };
    message.record(attempt, refused, later(4));
    let notice = Notice::called_for(false, &message, later(4)).unwrap();
    store.save(&mut message, Some(&notice)).await.unwrap();
    meter.step("move notice, due gone");
    let mut mailed = notice.clone();
    mailed.state = domain::notice::NoticeState::Mailed;
    mailed.due = None;
    store.move_notice(&notice, &mailed).await.unwrap();
    meter.step("count failure");
    store
        .count_failure(world.tenant, notice.key.window)
        .await
        .unwrap();
    meter.step("receive, first of a contact");
    let first = crate::inbox::reception(&world, "in-1", later(5));
    let stranger = domain::ids::ContactId::fresh();
    let mut other = first.clone();
    other.contact.id = stranger;
    other.message.contact = stranger;
    other.message.conversation = domain::ids::ConversationId::of(world.channel, stranger);
    store.receive(&other).await.unwrap();
    meter.step("receive");
    let next = crate::inbox::written_by(&world, world.met(), "in-2", later(6));
    store.receive(&next).await.unwrap();
    meter.step("receive, repeated");
    store.receive(&next).await.unwrap();
    meter.step("retry by hand");
    message.retry_by_hand(later(7)).unwrap();
    store
        .save_audited(&mut message, &crate::world::audit(later(7)))
        .await
        .unwrap();
    meter.step("park");
    let seen = Observed::Read { at: later(5) };
    store
        .park(world.tenant, world.channel, "wa-1", &seen, start())
        .await
        .unwrap();
    meter.step("journal, 2 KB of JSON");
    let body = br#"{"statuses":[{"id":"x","status":"read"}]}"#.repeat(50);
    let entry = JournalEntry {
        key: JournalKey {
            tenant: world.tenant,
            arrived_at: start(),
            id: message.id,
        },
        channel: world.channel,
        body: JournalBody::Here(body),
        verdicts: vec!["applied".into(); 50],
        retry_at: None,
        tries: 0,
    };
    store.write(&entry).await.unwrap();
    meter.step("jobs, a page");
    store.jobs(world.tenant, None, 50).await.unwrap();
    println!("{}", meter.table());

    let costs = [
        ("accept, known contact, no key", 18),
        ("accept, limit reached", 12),
        ("withdraw", 9),
        ("save, stale", 1),
        ("failure with notice", 8),
        ("move notice, due gone", 2),
        ("count failure", 1),
        ("receive, first of a contact", 9),
        ("receive", 7),
        ("receive, repeated", 4),
        ("retry by hand", 5),
        ("park", 1),
        ("journal, 2 KB of JSON", 1),
    ];
    for (step, writes) in costs {
        assert_eq!(meter.of(step).writes(), writes, "{step}");
    }
    assert_eq!(meter.disagreements(), Vec::<String>::new());
}
