//! The log as a file.

use domain::{
    failure::StoreFailureKind,
    ids::MessageId,
    message::{FailedFact, FailureOrigin, Phase, Status},
    principal::{Principal, Role},
    service::{
        export::{Export, Exported, MOST_ROWS, Part},
        log::LogFilter,
    },
};
use jiff::SignedDuration;
use testkit::{
    builders::{RECIPIENT, interactive_draft, text_draft},
    fakes::FakeClock,
    memory::{FailWhen, MemoryStore},
};

use crate::world::World;

fn export(world: &World) -> Export<'_, MemoryStore, MemoryStore, FakeClock> {
    Export {
        store: &world.store,
        files: &world.store,
        clock: &world.clock,
    }
}

fn viewer(world: &World) -> Principal {
    world.acme.user(Role::Viewer)
}

async fn part(world: &World, filter: &LogFilter, after: Option<&str>) -> Part {
    let exported = Exported::Log(filter.clone());
    let part = export(world).part(&viewer(world), &exported, after).await;
    part.unwrap()
}

/// The newest file.
fn file(world: &World) -> (String, String, String) {
    let state = world.store.state();
    let link = state.links.last().unwrap();
    let kept = &state.media[&link.key];
    let text = String::from_utf8(kept.bytes.clone()).unwrap();
    (link.key.clone(), kept.mime.clone(), text)
}

/// S1.114, S1.116: the columns of the log, in the company's time, for spreadsheets: the mark of UTF-8
/// first, and nothing that one would run.
#[tokio::test]
async fn the_log_is_a_table_that_runs_nothing() {
    let world = World::new();
    let mut draft = interactive_draft(RECIPIENT);
    draft.name = Some("=HYPERLINK(\"http://x\")".into());
    let first = world.send(draft).await.unwrap().message.id;
    {
        let mut state = world.store.state();
        let key = (world.acme.tenant.id, first);
        let message = state.messages.get_mut(&key).unwrap();
        message.facts.accepted.clear();
        message.facts.sent.clear();
        message.sending.phase = Phase::Failed;
        let failure = FailedFact {
            at: message.created_at,
            code: "X".into(),
            reason: "@it, \"failed\"".into(),
            origin: FailureOrigin::Ourselves,
        };
        message.facts.failed.insert(1, failure);
        assert_eq!(message.status(), Status::Failed);
    }
    let part = part(&world, &LogFilter::default(), None).await;
    let (key, mime, text) = file(&world);
    assert_eq!((part.rows, part.next), (1, None));
    assert!(key.starts_with(&format!("exports/{}/", world.acme.tenant.id.key())));
    assert_eq!(mime, "text/csv; charset=utf-8");
    assert!(part.url.contains(&key));
    let expected = "\u{feff}Date & Time,Customer Name,WhatsApp Number,Message Type,Trigger Type,Status,Retry Count,Failure Reason\r\n\
        2026-11-20T13:30:00+03:00,\"'=HYPERLINK(\"\"http://x\"\")\",+97300000001,other,manual,failed,0,\"'@it, \"\"failed\"\"\"\r\n";
    assert_eq!(text, expected);
}

/// Many messages, a second apart, made of one.
async fn many(world: &World, count: usize) {
    let sent = world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    let mut state = world.store.state();
    let base = state.messages[&(world.acme.tenant.id, sent.message.id)].clone();
    for n in 1..count {
        let mut message = base.clone();
        message.id = MessageId::fresh();
        message.created_at += SignedDuration::from_secs(i64::try_from(n).unwrap());
        state.messages.insert((message.tenant, message.id), message);
    }
}

/// S1.116: what does not fit is told and is the next part's: nothing twice, nothing left out.
#[tokio::test]
async fn a_large_log_comes_in_parts_that_say_so() {
    let world = World::new();
    many(&world, MOST_ROWS + 150).await;
    let first = part(&world, &LogFilter::default(), None).await;
    let (_, _, one) = file(&world);
    assert_eq!(first.rows, MOST_ROWS);
    let second = part(&world, &LogFilter::default(), first.next.as_deref()).await;
    let (_, _, other) = file(&world);
    assert_eq!((second.rows, second.next), (150, None));
    let times = |text: &str| {
        let lines = text.lines().skip(1);
        lines
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = [times(&one), times(&other)].concat();
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(
        (all.len(), distinct.len()),
        (MOST_ROWS + 150, MOST_ROWS + 150)
    );
}

/// S1.112: the log's filters; a part that finds nothing within what it looks at says where to go on.
#[tokio::test]
async fn a_rare_thing_is_looked_for_in_bounded_parts() {
    let world = World::new();
    many(&world, 40_000).await;
    let filter = LogFilter {
        message_type: Some(domain::message::MessageType::Invoice),
        ..LogFilter::default()
    };
    let first = part(&world, &filter, None).await;
    assert_eq!(first.rows, 0);
    let second = part(&world, &filter, Some(&first.next.unwrap())).await;
    assert_eq!((second.rows, second.next), (0, None));
}

/// A file that could not be kept is linked to by nobody.
#[tokio::test]
async fn what_was_not_kept_is_not_linked() {
    let world = World::new();
    many(&world, 2).await;
    world.store.fail_after(
        "media.keep",
        0,
        1,
        FailWhen::Before,
        StoreFailureKind::Unavailable,
    );
    let exported = Exported::Log(LogFilter::default());
    let refused = export(&world).part(&viewer(&world), &exported, None).await;
    assert!(refused.unwrap_err().retryable());
    assert!(world.store.state().links.is_empty());
}
