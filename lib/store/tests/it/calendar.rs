//! Festivals and the work of days, in the table and in memory alike; what they cost.

use domain::{
    festival::{Audience, Festival, Round, RoundEnd, USUAL_TIME, Words},
    ids::{ChannelId, FestivalId, TemplateId, TenantId, UserId},
    message::MessageType,
    ports::{AuditEntry, Audits, DUE_SHARDS, Days, Due, DueThing, Festivals, Saved},
    reminder::DayWork,
    template::{SlotNames, TemplateText},
};
use jiff::civil::date;
use testkit::{memory::MemoryStore, meter::Meter};

use crate::{
    costs::check,
    world::{World, later},
};

pub fn festival(tenant: TenantId, name: &str) -> Festival {
    Festival {
        id: FestivalId::fresh(),
        tenant,
        name: name.into(),
        date: date(2026, 12, 16),
        yearly: true,
        time: USUAL_TIME,
        words: Words::Standard,
        audience: Audience::All,
        channel: None,
        active: true,
        version: 1,
        created_at: later(1),
        updated_at: later(1),
        created_by: UserId::new("user-1"),
        updated_by: UserId::new("user-1"),
        round: None,
        due: Some(later(60)),
        revision: 1,
    }
}

pub fn entry(festival: &Festival) -> AuditEntry {
    let user = UserId::new("user-1");
    AuditEntry::new(&user, "festivals", "change", festival.id, later(1))
}

async fn due(store: &impl Due, seconds: i64) -> Vec<DueThing> {
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        due.extend(store.due(shard, later(seconds), 100).await.unwrap());
    }
    due
}

/// S1.36, S1.37: whatever a festival says is read as it was written; a write of an older revision is
/// refused, and nobody reads another company's.
async fn a_festival_is_kept(store: &(impl Festivals + Audits + Due)) {
    let tenant = TenantId::fresh();
    let defaults = [("customerName".to_owned(), "friend".to_owned())].into();
    let text = "Dear {customerName}, ₹ and ⏎\nhappy {festivalName}";
    let text = TemplateText::with_defaults(MessageType::Festival, text, &defaults).unwrap();
    let slots = SlotNames {
        header: vec!["festivalName".into()],
        body: vec!["customerName".into()],
        defaults,
    };
    let all = [
        Words::Standard,
        Words::Text(text),
        Words::Own(TemplateId::fresh()),
        Words::Provider {
            name: "greeting".into(),
            language: "en_US".into(),
            slots,
        },
    ];
    for words in all {
        let mut one = festival(tenant, "Harvest Day");
        one.words = words;
        one.audience = Audience::Tag("wholesale".into());
        one.channel = Some(ChannelId::fresh());
        let made = store.make_festival(&one, &entry(&one)).await.unwrap();
        assert_eq!(made, Saved::Done);
        assert_eq!(
            store.festival(tenant, one.id).await.unwrap().as_ref(),
            Some(&one)
        );
        assert_eq!(
            store.festival(TenantId::fresh(), one.id).await.unwrap(),
            None
        );
        let other = Festival {
            name: "Other".into(),
            ..one.clone()
        };
        let again = store.make_festival(&other, &entry(&other)).await.unwrap();
        assert_eq!(again, Saved::Stale);
        let mut later_one = one.clone();
        later_one.round = Some(Round {
            after: Some("position".into()),
            greeted: 7,
            refused: 2,
            reason: Some("NO_NUMBER".into()),
            end: Some(RoundEnd::Done),
            ..Round::beginning(date(2026, 12, 16))
        });
        let mut stale = later_one.clone();
        let saved = store.save_festival(&mut later_one).await.unwrap();
        assert_eq!((saved, later_one.revision), (Saved::Done, 2));
        stale.name = "Stale".into();
        assert_eq!(store.save_festival(&mut stale).await.unwrap(), Saved::Stale);
        let line = entry(&stale);
        let changed = store.change_festival(&mut stale, &line).await;
        assert_eq!(changed.unwrap(), Saved::Stale);
        let gone = store.delete_festival(&stale, &entry(&stale)).await.unwrap();
        assert_eq!(gone, Saved::Stale);
        let read = store.festival(tenant, one.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(&later_one));
        assert_eq!(due(store, 60).await, [DueThing::Festival(tenant, one.id)]);
        assert_eq!(due(store, 59).await, []);
        let gone = store.delete_festival(&later_one, &entry(&later_one)).await;
        assert_eq!(gone.unwrap(), Saved::Done);
        assert_eq!(store.festival(tenant, one.id).await.unwrap(), None);
        assert_eq!(due(store, 60).await, []);
    }
    // Made and taken away, four times; nothing that was refused is noted.
    let lines = store.audits(tenant, later(100), None, 100).await.unwrap();
    assert_eq!(lines.items.len(), 8);
}

async fn festivals_are_listed_by_name(store: &impl Festivals) {
    let (tenant, other) = (TenantId::fresh(), TenantId::fresh());
    for (tenant, name) in [
        (tenant, "harvest"),
        (tenant, "Eid"),
        (tenant, "Été"),
        (other, "Aaa"),
        (tenant, "Harvest"),
    ] {
        let one = festival(tenant, name);
        store.make_festival(&one, &entry(&one)).await.unwrap();
    }
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.festivals(tenant, after.as_deref(), 2).await.unwrap();
        names.extend(page.items.into_iter().map(|one| one.name.to_lowercase()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["eid", "harvest", "harvest", "été"]);
    let foreign = festivals_position(store, other).await;
    assert!(store.festivals(tenant, Some(&foreign), 2).await.is_err());
}

/// A position in the list of another company.
async fn festivals_position(store: &impl Festivals, tenant: TenantId) -> String {
    let one = festival(tenant, "Bbb");
    store.make_festival(&one, &entry(&one)).await.unwrap();
    let page = store.festivals(tenant, None, 1).await.unwrap();
    page.next.unwrap()
}

async fn a_days_work_is_kept(store: &(impl Days + Due)) {
    let tenant = TenantId::fresh();
    assert_eq!(store.day_work(tenant).await.unwrap(), None);
    let mut work = DayWork {
        day: Some(date(2026, 11, 21)),
        after: Some((date(2026, 11, 14), Some("position".into()))),
        closing: true,
        due: Some(later(60)),
        ..DayWork::none(tenant)
    };
    let mut twice = work.clone();
    assert_eq!(store.save_day_work(&mut work).await.unwrap(), Saved::Done);
    assert_eq!(work.version, 1);
    twice.closing = false;
    assert_eq!(store.save_day_work(&mut twice).await.unwrap(), Saved::Stale);
    assert_eq!(store.day_work(tenant).await.unwrap().as_ref(), Some(&work));
    assert_eq!(due(store, 60).await, [DueThing::Day(tenant)]);
    work.after = None;
    work.due = None;
    assert_eq!(store.save_day_work(&mut work).await.unwrap(), Saved::Done);
    assert_eq!(store.day_work(tenant).await.unwrap().as_ref(), Some(&work));
    assert_eq!(due(store, 60).await, []);
}

#[tokio::test]
async fn the_table_keeps_a_calendar() {
    let world = World::start().await;
    a_festival_is_kept(&world.store).await;
    a_days_work_is_kept(&world.store).await;
    festivals_are_listed_by_name(&world.store).await;
}

#[tokio::test]
async fn memory_keeps_a_calendar() {
    let store = MemoryStore::new();
    a_festival_is_kept(&store).await;
    a_days_work_is_kept(&store).await;
    festivals_are_listed_by_name(&store).await;
}

#[tokio::test]
async fn a_calendar_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    let mut one = festival(tenant, "Harvest Day");
    meter.step("make");
    store.make_festival(&one, &entry(&one)).await.unwrap();
    meter.step("change");
    one.version = 2;
    one.due = Some(later(90));
    let line = entry(&one);
    store.change_festival(&mut one, &line).await.unwrap();
    meter.step("rename");
    one.name = "Late Harvest".into();
    store.change_festival(&mut one, &line).await.unwrap();
    meter.step("pass");
    one.round = Some(Round::beginning(date(2026, 12, 16)));
    store.save_festival(&mut one).await.unwrap();
    meter.step("last pass");
    one.due = Some(later(31_536_000));
    store.save_festival(&mut one).await.unwrap();
    meter.step("delete");
    store.delete_festival(&one, &entry(&one)).await.unwrap();
    meter.step("begin");
    let mut work = DayWork {
        due: Some(later(60)),
        ..DayWork::none(tenant)
    };
    store.save_day_work(&mut work).await.unwrap();
    meter.step("page of a day");
    work.after = Some((date(2026, 11, 14), None));
    store.save_day_work(&mut work).await.unwrap();
    meter.step("end of a day");
    work.due = Some(later(120));
    store.save_day_work(&mut work).await.unwrap();
    meter.step("no more days");
    work.due = None;
    store.save_day_work(&mut work).await.unwrap();
    check(
        &meter,
        &[
            ("make", 6),
            ("change", 6),
            ("rename", 6),
            ("pass", 1),
            ("last pass", 3),
            ("delete", 6),
            ("begin", 2),
            ("page of a day", 1),
            ("end of a day", 3),
            ("no more days", 2),
        ],
    );
}
