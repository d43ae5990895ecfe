//! The audit log and the webhook journal, read back in their order.

use domain::{
    failure::StoreFailureKind,
    ids::{ChannelId, MessageId, TenantId, UserId},
    ports::{AuditEntry, AuditLine, Audits, Journal},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use jiff::{Timestamp, civil::Date};

use crate::world::{World, later, start};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn entry(n: usize, at: Timestamp) -> AuditEntry {
    let user = UserId::new("user-1");
    AuditEntry::new(&user, "conversations", "assign", format!("thing-{n}"), at)
        .changed("assigned_to", "", format!("user-{n}"))
        .with("channel", "Main")
}

async fn all(world: &World, until: Timestamp, page: u16) -> Vec<AuditLine> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let answer = world
            .store
            .audits(world.tenant, until, after.as_deref(), page)
            .await
            .unwrap();
        assert!(answer.items.len() <= usize::from(page));
        lines.extend(answer.items);
        after = answer.next;
        if after.is_none() {
            return lines;
        }
    }
}

/// Newest first across months, those without a line among them, up to the moment asked for.
#[tokio::test]
async fn audit_lines_are_read_newest_first_across_months() {
    let world = World::start().await;
    let times = [
        "2026-11-20T10:00:00.5Z",
        "2026-11-20T10:00:00.1Z",
        "2026-11-01T00:00:00Z",
        "2026-10-31T23:59:59.999Z",
        "2026-10-01T00:00:00Z",
        "2026-05-15T12:00:00Z",
        "2025-07-15T12:00:00Z",
    ];
    for (n, time) in times.iter().enumerate() {
        world
            .store
            .note(world.tenant, &entry(n, at(time)))
            .await
            .unwrap();
    }
    let newest = at("2026-12-24T00:00:00Z");
    for page in [1, 2, 3, 6, 7, 100] {
        let lines = all(&world, newest, page).await;
        let found: Vec<_> = lines.iter().map(|line| line.at).collect();
        assert_eq!(found, times.map(at), "pages of {page}");
    }
    let line = all(&world, newest, 9).await.swap_remove(3);
    assert_eq!(line.user, UserId::new("user-1"));
    assert_eq!(
        (line.entity_type.as_str(), line.action.as_str()),
        ("conversations", "assign")
    );
    assert_eq!(line.entity, "thing-3");
    assert_eq!(line.before.get("assigned_to").map(String::as_str), Some(""));
    assert_eq!(
        line.after.get("assigned_to").map(String::as_str),
        Some("user-3")
    );
    assert_eq!(line.after.get("channel").map(String::as_str), Some("Main"));
    assert_eq!(line.id.len(), 32);
    assert_eq!(
        all(&world, at("2026-10-31T23:59:59.999Z"), 2).await.len(),
        4
    );
    assert_eq!(
        all(&world, at("2026-10-31T23:59:59.998Z"), 2).await.len(),
        3
    );
    let theirs = world.store.audits(TenantId::fresh(), newest, None, 9).await;
    assert_eq!(theirs.unwrap().items, []);
    for position in ["", "x", &"0".repeat(81)] {
        let refused = world
            .store
            .audits(world.tenant, newest, Some(position), 9)
            .await;
        assert_eq!(refused.unwrap_err().kind(), StoreFailureKind::Refused);
    }
}

/// Of one moment several lines; all are kept, each once.
#[tokio::test]
async fn lines_of_one_moment_are_told_apart() {
    let world = World::start().await;
    for n in 0..9 {
        world
            .store
            .note(world.tenant, &entry(n, start()))
            .await
            .unwrap();
    }
    for page in [1, 4, 9] {
        let lines = all(&world, start(), page).await;
        let mut things: Vec<_> = lines.into_iter().map(|line| line.entity).collect();
        things.sort();
        things.dedup();
        assert_eq!(things.len(), 9, "pages of {page}");
    }
}

#[tokio::test]
async fn a_days_webhooks_are_read_in_the_order_they_came() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for n in 0..7_i64 {
        let entry = JournalEntry {
            key: JournalKey {
                tenant: world.tenant,
                arrived_at: later(n / 3),
                id: MessageId::fresh(),
            },
            channel: ChannelId::fresh(),
            body: match n {
                3 => JournalBody::File("journal/a/b".into()),
                _ => JournalBody::Here(br#"{"statuses":[]}"#.repeat(usize::try_from(n).unwrap())),
            },
            verdicts: vec!["applied".into()],
            retry_at: (n == 2).then(|| later(60)),
            tries: 1,
        };
        world.store.write(&entry).await.unwrap();
        expected.push(entry);
    }
    let mut elsewhere = expected[0].clone();
    elsewhere.key.arrived_at = at("2026-11-21T00:00:00Z");
    world.store.write(&elsewhere).await.unwrap();
    expected.sort_by_key(|entry| (entry.key.arrived_at, entry.key.id));
    let day: Date = "2026-11-20".parse().unwrap();
    let page = async |tenant, after: Option<String>, limit| {
        let page = world.store.entries(tenant, day, after.as_deref(), limit);
        page.await
    };
    for limit in [1, 3, 6, 7, 100] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let answer = page(world.tenant, after, limit).await.unwrap();
            assert!(answer.items.len() <= usize::from(limit));
            found.extend(answer.items);
            after = answer.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "pages of {limit}");
    }
    let theirs = page(TenantId::fresh(), None, 9).await.unwrap();
    assert_eq!(theirs.items, []);
    let position = page(world.tenant, None, 1).await.unwrap().next;
    let refused = page(TenantId::fresh(), position, 9).await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}
