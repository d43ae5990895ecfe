//! A conversation at Meta in every order: repeated, cut short, batched, with a store that fails anywhere.
//! Whatever happens on the way, it ends in the same messages, the same thread and the same count.

use std::{collections::BTreeSet, sync::OnceLock};

use domain::{
    failure::{ProviderFailure, StoreFailureKind},
    message::{Facts, InboundContent, Status},
    ports::{Clock, Journal, ThreadItem},
    principal::Role,
    service::replay::{Report, replay},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::{
    builders::{APP_SECRET, interactive_draft},
    memory::FailWhen,
};

use super::{
    Cloud, MONA, MONA_USER, body, echoes, messages, notice, stamped, status, statuses, text, wamid,
    with,
};

/// Everything that happens, in the order it really did.
const EVENTS: usize = 17;

/// The n-th thing, as Meta tells it. The first message was answered as usual; the second one's answer
/// was lost, and Meta calls it `wamid.LOST`.
fn event(cloud: &Cloud, token: &str, n: usize) -> Value {
    let own = &cloud.own;
    let second = i64::try_from(n).unwrap() * 10;
    let id = format!("wamid.IN{n}");
    let says = |words: &str| text(&id, MONA, second, words);
    let named = |words: &str| with(says(words), "from_user_id", MONA_USER);
    let status = |id: &str, word| statuses(own, &[status(id, word, second)]);
    let stamped = |word| statuses(own, &[stamped("wamid.LOST", word, second, token)]);
    let quoting = |item: Value, of: &str| with(item, "context", json!({"id": of}));
    let interactive = |title: &str, button: &str| {
        let press = json!({"type": "button_reply", "button_reply": {"id": button, "title": title}});
        with(with(says(""), "type", "interactive"), "interactive", press)
    };
    match n {
        0 => status(&wamid(1), "sent"),
        1 => stamped("sent"),
        2 => status(&wamid(1), "delivered"),
        3 => status("wamid.LOST", "delivered"),
        4 => messages(own, &[named("Both names")]),
        5 => {
            let mut item = named("By name");
            item.as_object_mut().unwrap().remove("from");
            messages(own, &[item])
        }
        6 => messages(own, &[says("By number")]),
        7 => stamped("delivered"),
        8 => messages(own, &[quoting(interactive("Confirmed", "btn1"), &wamid(1))]),
        9 => messages(own, &[says("Reschedule")]),
        10 => messages(own, &[quoting(says("What is this?"), "wamid.LOST")]),
        11 => {
            let reaction = json!({"message_id": wamid(1), "emoji": "!"});
            messages(
                own,
                &[with(
                    with(says(""), "type", "reaction"),
                    "reaction",
                    reaction,
                )],
            )
        }
        12 => echoes(
            own,
            &[with(
                text(&id, "97333000000", second, "On my way"),
                "to",
                MONA,
            )],
        ),
        13 => {
            let image = json!({"id": "401700000000001", "mime_type": "image/jpeg"});
            messages(
                own,
                &[with(with(says(""), "type", "image"), "image", image)],
            )
        }
        14 => status(&wamid(1), "read"),
        15 => stamped("read"),
        _ => messages(own, &[says("Thank you")]),
    }
}

/// Where a store may fail.
const OPERATIONS: [&str; 14] = [
    "pointers.pointer",
    "pointers.point",
    "pointers.park",
    "pointers.parked",
    "messages.message",
    "messages.save",
    "contacts.contact",
    "contacts.save",
    "contacts.merge",
    "inbox.conversation",
    "inbox.receive",
    "channels.by_ref",
    "journal.write",
    "conversations.by_id",
];

/// One webhook: which events it holds, how many of them it gets to before the process dies, and what
/// fails meanwhile.
#[derive(Debug, Clone)]
struct Post {
    events: Vec<usize>,
    gets_to: usize,
    fails: Option<(usize, u32, bool)>,
}

fn post() -> impl Strategy<Value = Post> {
    let fails = (0..OPERATIONS.len(), 0_u32..4, any::<bool>());
    (
        prop::collection::vec(0..EVENTS, 1..5),
        1_usize..6,
        prop::option::weighted(0.5, fails),
    )
        .prop_map(|(events, gets_to, fails)| Post {
            events,
            gets_to,
            fails,
        })
}

/// What is left in the end. Ids of ours differ from world to world, and so does when things came.
#[derive(Debug, PartialEq)]
struct End {
    sent: Vec<(Facts, Status)>,
    inbound: BTreeSet<(String, Timestamp, bool, String, String, bool)>,
    thread: Vec<String>,
    conversation: (u32, String, Timestamp, Option<Timestamp>),
    people: usize,
    names: usize,
    calls: usize,
}

async fn begun() -> (Cloud, String) {
    let cloud = Cloud::new();
    let first = text("wamid.FIRST", MONA, -100, "Hi");
    cloud.own(&[messages(&cloud.own, &[first])]).await;
    let draft = interactive_draft(&format!("+{MONA}"));
    cloud.world.send(draft).await.unwrap();
    cloud.world.clock.advance(SignedDuration::from_secs(1));
    cloud.world.gate.next(Err(ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }));
    cloud.world.send(notice()).await.unwrap();
    let (_, request) = cloud.world.gate.sent().pop().unwrap();
    let token = request.body.unwrap()["biz_opaque_callback_data"].clone();
    (cloud, token.as_str().unwrap().into())
}

/// Whether everything of a webhook was applied.
async fn posted(cloud: &Cloud, items: &[Value]) -> bool {
    let key = cloud.own.key.clone();
    let came = cloud.post(Some(&key), APP_SECRET, &body(items)).await;
    came.is_ok_and(|came| !came.unapplied)
}

async fn end(cloud: &Cloud) -> End {
    cloud.world.minutes(4).await;
    let viewer = cloud.world.acme.user(Role::Viewer);
    let desk = cloud.world.inbox();
    let page = desk.thread(&viewer, cloud.thread(), None, 50).await;
    let thread = page.unwrap().items.into_iter().map(|item| match item {
        ThreadItem::Inbound(theirs) => theirs.content.preview(),
        ThreadItem::Outbound(ours) => ours.1.preview(),
    });
    let thread = thread.collect();
    let conversation = cloud.world.conversation(cloud.thread());
    let state = cloud.world.store.state();
    let mut sent: Vec<_> = state.messages.values().cloned().collect();
    sent.sort_by_key(|message| message.job);
    let inbound = state.inbound.values().map(|m| {
        let answers = m.answers.clone().map(|mut answers| {
            answers.message = answers
                .message
                .map(|_ours| sent[0].id)
                .filter(|id| *id == sent[0].id);
            format!("{:?}", (answers.quoted, answers.kind, answers.title))
        });
        let kept = matches!(m.content, InboundContent::Media { .. })
            && matches!(m.copy, Some(domain::message::MediaCopy::Stored { .. }));
        (
            m.provider_id.clone(),
            m.at,
            m.from_us,
            m.content.preview(),
            answers.unwrap_or_default(),
            kept,
        )
    });
    End {
        inbound: inbound.collect(),
        sent: sent.iter().map(|m| (m.facts.clone(), m.status())).collect(),
        thread,
        conversation: (
            conversation.unread,
            conversation.preview,
            conversation.last_message_at,
            conversation.last_inbound_at,
        ),
        people: state.contacts.len(),
        names: state.pointers.len(),
        calls: cloud
            .world
            .gate
            .sent()
            .iter()
            .filter(|(_, request)| request.path.ends_with("/messages"))
            .count(),
    }
}

/// Everything in order, one by one, and nothing fails.
async fn calm() -> End {
    let (cloud, token) = begun().await;
    for n in 0..EVENTS {
        assert!(posted(&cloud, &[event(&cloud, &token, n)]).await, "{n}");
    }
    end(&cloud).await
}

async fn storm(posts: &[Post]) -> End {
    let (cloud, token) = begun().await;
    for post in posts {
        if let Some((operation, skip, before)) = post.fails {
            let when = if before {
                FailWhen::Before
            } else {
                FailWhen::After
            };
            let (operation, kind) = (OPERATIONS[operation], StoreFailureKind::Unavailable);
            let store = &cloud.world.store;
            store.fail_after(operation, skip, 1, when, kind);
        }
        let items = post.events.iter().take(post.gets_to);
        let items: Vec<_> = items.map(|n| event(&cloud, &token, *n)).collect();
        posted(&cloud, &items).await;
        cloud.world.clock.advance(SignedDuration::from_secs(1));
    }
    // What was applied and not journalled is not repeated: from here on the journal fails no more.
    let entry = cloud.journal(cloud.own.tenant).remove(0);
    for _ in 0..64 {
        let _spent = cloud.world.store.write(&entry).await;
    }
    // Meta repeats until it was heard; what still fails, fails once each.
    for n in (0..EVENTS).rev() {
        let item = [event(&cloud, &token, n)];
        let mut tries = 0;
        while !posted(&cloud, &item).await {
            tries += 1;
            assert!(tries < 60, "{n} is never applied");
        }
    }
    cloud.world.minutes(3).await;
    let end = end(&cloud).await;
    let (store, tenant) = (&cloud.world.store, cloud.own.tenant);
    let from = "2026-11-20T00:00:00Z".parse().unwrap();
    let to = cloud.world.clock.now();
    let mut differences = None;
    for _ in 0..60 {
        let report = replay(store, store, providers::adapter, tenant, from, to).await;
        // A fault that nobody met so far makes it begin again.
        let whole = |report: &Report| !report.differences.iter().any(|d| d.starts_with("webhook"));
        if let Some(report) = report.ok().filter(whole) {
            differences = Some(report.differences);
            break;
        }
    }
    assert_eq!(differences, Some(Vec::new()));
    end
}

fn executor() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// S2.6, S4.31, S4.85: what the calm order comes to, told once so that the storms below mean something.
#[test]
fn the_calm_order_ends_as_it_should() {
    let end = executor().block_on(calm());
    let shown: Vec<_> = end.sent.iter().map(|(_, status)| *status).collect();
    assert_eq!(shown, [Status::Replied, Status::Replied]);
    let titles: Vec<_> = end
        .sent
        .iter()
        .map(|(facts, _)| facts.reply.clone().unwrap().title)
        .collect();
    assert_eq!(titles, ["Reschedule", "What is this?"]);
    assert_eq!((end.people, end.names, end.calls), (1, 2, 2));
    // Nine came in, the reaction and the echo aside; two of ours stand between them.
    assert_eq!((end.inbound.len(), end.thread.len()), (11, 13));
    assert_eq!(end.conversation.0, 9);
    assert_eq!(end.conversation.1, "Thank you");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// S4.6, S4.7, S4.13, S4.85.
    #[test]
    fn any_storm_ends_like_the_calm(posts in prop::collection::vec(post(), 0..14)) {
        static CALM: OnceLock<End> = OnceLock::new();
        let calm = CALM.get_or_init(|| executor().block_on(calm()));
        prop_assert_eq!(&executor().block_on(storm(&posts)), calm);
    }
}
