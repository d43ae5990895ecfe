//! Looking through the log: filters, sorts, pages.

use domain::{
    message::{Context, Message, MessageType, Status, Trigger},
    ports::Page,
    principal::Role,
    service::{
        change::can_retry,
        log::{self, Edge, LogFilter, LogLine, Sort, Whose},
    },
};
use jiff::SignedDuration;
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::{desks::all_pages, world::World};

/// Which messages a filter should find.
type Admits = fn(&Message) -> bool;

/// A message of another shape, stored beside the one it was made from.
fn keep(world: &World, base: &Message, seconds: i64, change: impl Fn(&mut Message)) -> Message {
    let mut message = base.clone();
    message.id = domain::ids::MessageId::fresh();
    message.facts = domain::message::Facts::default();
    message.created_at = base.created_at + SignedDuration::from_secs(seconds);
    change(&mut message);
    let mut state = world.store.state();
    state
        .messages
        .insert((message.tenant, message.id), message.clone());
    message
}

async fn base(world: &World) -> Message {
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    world.message(sent.message.id)
}

async fn found(world: &World, filter: &LogFilter, limit: u16) -> Vec<LogLine> {
    let viewer = world.acme.user(Role::Viewer);
    let pages = all_pages(async |after: Option<String>| {
        log::page(&world.store, &viewer, filter, after.as_deref(), limit)
            .await
            .unwrap()
    });
    pages.await.into_iter().flatten().collect()
}

fn filter(change: impl Fn(&mut LogFilter)) -> LogFilter {
    let mut filter = LogFilter::default();
    change(&mut filter);
    filter
}

/// S1.60, S1.61, S1.112, S2.30, X4: each filter finds what it names and nothing else, however rare that
/// is and however small the page.
#[tokio::test]
async fn filters_find_what_they_name() {
    let world = World::new();
    let base = base(&world).await;
    let mut all = vec![base.clone()];
    for n in 1..640 {
        all.push(keep(&world, &base, n, |m| {
            if n % 100 == 7 {
                m.message_type = MessageType::Invoice;
                m.trigger = Trigger::Auto;
            }
            if n % 200 == 8 {
                m.sending.phase = domain::message::Phase::Failed;
            }
        }));
    }
    all.sort_by_key(|m| (std::cmp::Reverse(m.created_at), m.id.uuid()));
    let statuses = |name: &str| filter(|f| f.statuses = log::statuses(name).unwrap());
    let cases: [(LogFilter, Admits); 6] = [
        (LogFilter::default(), |_| true),
        (
            filter(|f| f.message_type = Some(MessageType::Invoice)),
            |m| m.message_type == MessageType::Invoice,
        ),
        (filter(|f| f.trigger = Some(Trigger::Auto)), |m| {
            m.trigger == Trigger::Auto
        }),
        (statuses("Failed"), |m| m.status() == Status::Failed),
        (statuses("Sent"), |m| m.status() == Status::Sent),
        (statuses("Pending"), |_| false),
    ];
    for (filter, admits) in cases {
        for limit in [7, 20, 100] {
            let lines = found(&world, &filter, limit).await;
            let ids: Vec<_> = lines.iter().map(|line| line.message.id).collect();
            let expected: Vec<_> = all.iter().filter(|m| admits(m)).map(|m| m.id).collect();
            assert_eq!(ids, expected, "{filter:?} {limit}");
        }
    }
    // What is rare is looked for in bounded steps: a page may be empty and still not the last.
    let rare = filter(|f| f.channel = Some(domain::ids::ChannelId::fresh()));
    let viewer = world.acme.user(Role::Viewer);
    let page = log::page(&world.store, &viewer, &rare, None, 20)
        .await
        .unwrap();
    assert!(page.items.is_empty() && page.next.is_some());
    let stranger = world.other.user(Role::Viewer);
    let any = LogFilter::default();
    let none = log::page(&world.store, &stranger, &any, None, 20);
    assert_eq!(
        none.await.unwrap(),
        Page {
            items: Vec::new(),
            next: None
        }
    );
    assert_eq!(world.sends(), 1);
}

/// S1.113, X38: by time from either end and by status over all pages; by name within each.
#[tokio::test]
async fn sorts_go_over_pages() {
    use domain::message::Phase::{Accepted, Cancelled, Failed, Ready};
    let world = World::new();
    let base = base(&world).await;
    let ready = Ready {
        at: base.created_at,
        counts: false,
    };
    for n in 1..40 {
        let phase = [Accepted, Failed, Cancelled, ready][n % 4];
        keep(&world, &base, i64::try_from(n).unwrap(), |m| {
            m.sending.phase = phase;
            if n % 4 == 3 {
                m.sending.attempt = 0;
            }
        });
    }
    for limit in [1, 7, 20] {
        let oldest = found(&world, &filter(|f| f.sort = Sort::Oldest), limit).await;
        assert_eq!(oldest.len(), 40);
        assert!(oldest.is_sorted_by_key(|line| line.message.created_at));
        let by_status = found(&world, &filter(|f| f.sort = Sort::Status), limit).await;
        let mut words: Vec<_> = by_status
            .iter()
            .map(|l| l.message.status().as_str())
            .collect();
        assert_eq!(words.len(), 40, "{limit}");
        words.dedup();
        assert_eq!(words, ["queued", "sent", "failed", "cancelled"]);
        let names = found(&world, &filter(|f| f.sort = Sort::CustomerName), limit).await;
        assert_eq!(names.len(), 40);
    }
}

/// S1.112, X25: a day is the company's own, and the last day is a part of the range.
#[tokio::test]
async fn days_are_the_companys() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let set = |zone: &str| {
        let mut state = world.store.state();
        state.tenants.get_mut(&tenant).unwrap().settings.zone = zone.into();
    };
    set("Asia/Bahrain");
    let base = base(&world).await;
    for at in [
        "2026-11-20T20:59:59Z",
        "2026-11-20T21:00:00Z",
        "2026-11-21T20:59:59Z",
        "2026-11-21T21:00:00Z",
    ] {
        keep(&world, &base, 0, |m| m.created_at = at.parse().unwrap());
    }
    let viewer = world.acme.user(Role::Viewer);
    let count = async |from: &str, to: &str| {
        let (from, to) = (Edge::parse(from), Edge::parse(to));
        let (from, before) = log::stretch(&world.store, &viewer, from, to).await.unwrap();
        found(&world, &filter(|f| (f.from, f.before) = (from, before)), 1)
            .await
            .len()
    };
    assert_eq!(count("2026-11-21", "2026-11-21").await, 2);
    assert_eq!(count("2026-11-20", "2026-11-20").await, 2);
    assert_eq!(count("2026-11-20", "2026-11-21").await, 4);
    assert_eq!(
        count("2026-11-20T21:00:00Z", "2026-11-21T20:59:59Z").await,
        1
    );
    assert_eq!(count("", "2026-11-20").await, 2);
    set("UTC");
    assert_eq!(count("2026-11-20", "2026-11-20").await, 3);
}

/// S1.41, S1.59, S1.114, S1.115: a customer's lines, with their name and what may be done.
#[tokio::test]
async fn a_customers_lines_say_who_and_what_next() {
    let world = World::new();
    let base = base(&world).await;
    let failed = keep(&world, &base, 5, |m| {
        m.sending.phase = domain::message::Phase::Failed
    });
    world
        .send(text_draft("+97333000077", "Hello"))
        .await
        .unwrap();
    let number = |text: &str| domain::phone::PhoneNumber::parse(text).unwrap();
    for whose in [
        Whose::Contact(base.contact),
        Whose::Number(number(RECIPIENT)),
    ] {
        let lines = found(&world, &filter(|f| f.whose = Some(whose.clone())), 1).await;
        let ids: Vec<_> = lines.iter().map(|line| line.message.id).collect();
        assert_eq!(ids, [failed.id, base.id]);
        let contact = world.store.state().contacts[&(base.tenant, base.contact)].clone();
        assert_eq!(lines[0].customer_name, contact.name);
    }
    let nobody = filter(|f| f.whose = Some(Whose::Number(number("+97333000099"))));
    assert_eq!(found(&world, &nobody, 10).await, []);
    let now = failed.created_at;
    for (role, may) in [
        (Role::Viewer, false),
        (Role::Agent, true),
        (Role::Manager, true),
    ] {
        assert_eq!(can_retry(&world.acme.user(role), &failed, now), may);
        assert!(!can_retry(&world.acme.user(role), &base, now));
    }
    let mut automatic = failed.clone();
    automatic.trigger = Trigger::Auto;
    assert!(!can_retry(&world.acme.user(Role::Agent), &automatic, now));
}

/// S1.62: what waits for its time, and nothing else that waits.
#[tokio::test]
async fn what_is_scheduled_is_found() {
    let world = World::new();
    let base = base(&world).await;
    let later = base.created_at + SignedDuration::from_hours(3);
    let ready = domain::message::Phase::Ready {
        at: later,
        counts: false,
    };
    let waits = keep(&world, &base, 1, |m| {
        (m.scheduled_for, m.sending.phase, m.sending.attempt) = (Some(later), ready, 0);
    });
    keep(&world, &base, 2, |m| {
        (m.sending.phase, m.sending.attempt) = (ready, 0);
    });
    let lines = found(
        &world,
        &filter(|f| f.scheduled_after = Some(base.created_at)),
        20,
    )
    .await;
    let ids: Vec<_> = lines.iter().map(|line| line.message.id).collect();
    assert_eq!(ids, [waits.id]);
    assert_eq!(
        found(&world, &filter(|f| f.scheduled_after = Some(later)), 20).await,
        []
    );
}

/// S2.29, S2.30, S2.53: found by what they are about, newest first, in pages, by their own company alone.
#[tokio::test]
async fn messages_are_found_by_what_they_are_about() {
    let world = World::new();
    let mut ids = Vec::new();
    for id in ["A-1001", "A-1002", "A-1001"] {
        let mut draft = interactive_draft(RECIPIENT);
        draft.context = Some(("order".into(), id.into()));
        ids.push(world.send(draft).await.unwrap().message.id);
        world.clock.advance(SignedDuration::from_secs(1));
    }
    world.send(interactive_draft(RECIPIENT)).await.unwrap();
    let order = Context::parse("order", "A-1001").unwrap();
    assert_eq!(world.message(ids[0]).context.as_ref(), Some(&order));
    let viewer = world.acme.user(Role::Viewer);
    let any = LogFilter::default();
    let (mut after, mut seen) = (None, Vec::new());
    for _page in 0..2 {
        let from: Option<String> = after.take();
        let page = log::about(&world.store, &viewer, &order, &any, from.as_deref(), 1).await;
        let page = page.unwrap();
        seen.extend(page.items.iter().map(|line| line.message.id));
        after = page.next;
    }
    assert_eq!((seen, after), (vec![ids[2], ids[0]], None));
    let stranger = world.other.user(Role::Manager);
    let theirs = log::about(&world.store, &stranger, &order, &any, None, 10).await;
    assert_eq!(theirs.unwrap().items, []);
    assert_eq!(world.sends(), 4);
}
