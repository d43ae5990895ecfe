//! Logs and templates: the audit log, the journal, what providers tell of templates.

use domain::{
    ids::{ChannelId, MessageId, TenantId},
    ports::{Audits, Journal, ProviderTemplates},
    provider::{TemplateChange, TemplateItem},
    webhook::{JournalBody, JournalEntry, JournalKey},
};
use jiff::Timestamp;

use crate::world::{World, audit, later};

#[tokio::test]
async fn audit_lines_come_newest_first_from_a_moment_on() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    for (action, seconds) in [("one", 10), ("three", 30), ("two", 20), ("also two", 20)] {
        let entry = audit(action, seconds).changed("unread", 3, 0);
        store.note(tenant, &entry).await.unwrap();
    }
    let foreign = audit("foreign", 20);
    store.note(TenantId::fresh(), &foreign).await.unwrap();

    let page = store.audits(tenant, later(29), None, 2).await.unwrap();
    let actions: Vec<_> = page.items.iter().map(|l| l.action.as_str()).collect();
    assert_eq!(actions, ["two", "also two"]);
    let line = &page.items[0];
    assert_eq!(line.before["unread"], "3");
    assert_eq!(line.after["unread"], "0");
    assert_eq!(
        (line.entity_type.as_str(), line.at),
        ("conversations", later(20))
    );
    assert_ne!(line.id, page.items[1].id);
    let rest = store
        .audits(tenant, later(29), page.next.as_deref(), 2)
        .await;
    let rest = rest.unwrap();
    let actions: Vec<_> = rest.items.iter().map(|l| l.action.as_str()).collect();
    assert_eq!((actions, rest.next), (vec!["one"], None));
}

fn entry(tenant: TenantId, at: &str) -> JournalEntry {
    JournalEntry {
        key: JournalKey {
            tenant,
            arrived_at: at.parse::<Timestamp>().unwrap(),
            id: MessageId::fresh(),
        },
        channel: ChannelId::fresh(),
        body: JournalBody::Here(b"{}".to_vec()),
        verdicts: Vec::new(),
        retry_at: None,
        tries: 1,
    }
}

#[tokio::test]
async fn a_day_of_the_journal_is_read_in_the_order_it_came() {
    let world = World::new();
    let (store, tenant) = (&world.store, world.tenant);
    let of_day = [
        entry(tenant, "2026-11-20T00:00:00Z"),
        entry(tenant, "2026-11-20T12:00:00.000000001Z"),
        entry(tenant, "2026-11-20T12:00:00.000000002Z"),
        entry(tenant, "2026-11-20T23:59:59.999Z"),
    ];
    let others = [
        entry(tenant, "2026-11-19T23:59:59.999Z"),
        entry(tenant, "2026-11-21T00:00:00Z"),
        entry(TenantId::fresh(), "2026-11-20T12:00:00Z"),
    ];
    for entry in of_day.iter().rev().chain(&others) {
        store.write(entry).await.unwrap();
    }
    let day = "2026-11-20".parse().unwrap();
    let first = store.entries(tenant, day, None, 3).await.unwrap();
    assert_eq!(first.items, of_day[..3]);
    let rest = store.entries(tenant, day, first.next.as_deref(), 3).await;
    let rest = rest.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), (&of_day[3..], None));
}

/// Webhooks come in any order: of each kind the newest counts.
#[tokio::test]
async fn the_newest_change_of_each_kind_counts() {
    let status = |status: &str| TemplateChange::Status {
        status: status.into(),
        reason: Some(format!("it is {status}")),
    };
    let changes = [
        (status("APPROVED"), 10),
        (status("PAUSED"), 30),
        (TemplateChange::Category("MARKETING".into()), 20),
        (TemplateChange::Category("UTILITY".into()), 5),
        (TemplateChange::Quality("GREEN".into()), 1),
    ];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 0, 3, 4, 2]] {
        let world = World::new();
        let (store, tenant) = (&world.store, world.tenant);
        for (change, seconds) in order.map(|n| changes[n].clone()) {
            let item = TemplateItem {
                name: "order_ready".into(),
                language: "en".into(),
                change,
            };
            store
                .note_template(tenant, "acc-1", &item, later(seconds))
                .await
                .unwrap();
        }
        let known = store.template(tenant, "acc-1", "order_ready", "en").await;
        let known = known.unwrap().unwrap().known;
        assert_eq!(known.status.as_deref(), Some("PAUSED"), "{order:?}");
        assert_eq!(known.reason.as_deref(), Some("it is PAUSED"));
        assert_eq!(known.category.as_deref(), Some("MARKETING"));
        assert_eq!(known.quality.as_deref(), Some("GREEN"));
        assert_eq!(known.changed_at, Some(later(30)));
        for (tenant, account, language) in [
            (TenantId::fresh(), "acc-1", "en"),
            (tenant, "acc-2", "en"),
            (tenant, "acc-1", "ar"),
        ] {
            let none = store.template(tenant, account, "order_ready", language);
            assert_eq!(none.await.unwrap(), None);
        }
    }
}
