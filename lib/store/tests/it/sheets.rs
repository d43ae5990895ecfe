//! The days of analytics, as every store keeps them, and what they cost.

use domain::{
    analytics::{Fold, Growing, Sheet},
    ids::{ChannelId, TemplateId, TenantId},
    message::{MadeFrom, MessageType},
    ports::{Messages, Saved, Sheets},
    service::analytics::analytics,
};
use jiff::civil::Date;
use testkit::{builders::Company, memory::MemoryStore, meter::Meter};

use crate::{
    costs::check,
    log,
    world::{World, later, start},
};

fn day(n: i8) -> Date {
    jiff::civil::date(2026, 11, n)
}

fn filled(world: &World, day: Date) -> Sheet {
    let mut message = world.message(start());
    let mut fold = Fold::default();
    for message_type in MessageType::ALL {
        message.message_type = message_type;
        message.made_from = Some(MadeFrom::Own(TemplateId::fresh()));
        message.channel = ChannelId::fresh();
        message.answers_since = Some(message.created_at);
        fold.note(&message);
    }
    Sheet {
        whole: Some((later(1), fold.clone())),
        growing: Some(Growing {
            began: later(2),
            fold,
            next: "somewhere".into(),
        }),
        ..Sheet::empty(day, "Asia/Bahrain")
    }
}

/// What was written is read, of the tenant and the days asked for alone; who read an older one is refused.
async fn a_sheet_is_kept<S: Sheets>(world: &World, store: &S) {
    let tenant = world.tenant;
    let days = [day(19), day(20), day(21)];
    assert_eq!(store.sheets(tenant, &days).await.unwrap(), []);
    let mut sheet = filled(world, day(20));
    let mut racing = sheet.clone();
    assert_eq!(
        store.save_sheet(tenant, &mut sheet).await.unwrap(),
        Saved::Done
    );
    assert_eq!(sheet.version, 1);
    let lost = store.save_sheet(tenant, &mut racing).await.unwrap();
    assert_eq!((lost, racing.version), (Saved::Stale, 0));
    assert_eq!(store.sheets(tenant, &days).await.unwrap(), [sheet.clone()]);
    sheet.growing = None;
    let mut old = sheet.clone();
    assert_eq!(
        store.save_sheet(tenant, &mut sheet).await.unwrap(),
        Saved::Done
    );
    assert_eq!(
        store.save_sheet(tenant, &mut old).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(store.sheets(tenant, &days).await.unwrap(), [sheet]);
    let strangers = store.sheets(TenantId::fresh(), &days).await.unwrap();
    assert_eq!(strangers, []);
}

#[tokio::test]
async fn every_store_keeps_sheets_alike() {
    let world = World::start().await;
    a_sheet_is_kept(&world, &world.store).await;
    a_sheet_is_kept(&world, &MemoryStore::new()).await;
}

/// S2.110: what reading a day costs, and that a day that was read is read no more.
#[tokio::test]
async fn analytics_cost_what_the_readme_says() {
    let world = World::start().await;
    let company = Company::named("heron");
    let tenant = domain::tenant::Tenant {
        id: world.tenant,
        ..company.tenant.clone()
    };
    world.store.put_tenant(&tenant).await.unwrap();
    for n in 0..40 {
        log::at(&world, n, None).await;
    }
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let viewer = domain::principal::Principal::verified(
        world.tenant,
        domain::ids::UserId::new("viewer"),
        domain::principal::Role::Viewer,
    );
    let today = tenant.day(start());
    let mut sums = Vec::new();
    for step in ["first", "again"] {
        meter.step(step);
        let read = analytics(&store, &viewer, Some(today), Some(today), later(60)).await;
        let read = read.unwrap();
        assert!(read.complete);
        sums.push(read.sum());
    }
    assert_eq!(sums[0].total().total(), 40);
    assert_eq!(sums[0], sums[1]);
    println!("{}", meter.table());
    check(&meter, &[("first", 1), ("again", 0)]);
    // A strong unit for each message, and the index.
    assert!(
        meter.of("first").reads <= 60.0,
        "{}",
        meter.of("first").reads
    );
    assert!(
        meter.of("again").reads <= 1.5,
        "{}",
        meter.of("again").reads
    );
}

/// What a message was made from, and since when it was waited for, are kept with it.
#[tokio::test]
async fn a_message_keeps_what_it_was_made_from() {
    let world = World::start().await;
    for made_from in [
        MadeFrom::Own(TemplateId::fresh()),
        MadeFrom::Provider("order_ready en_US".into()),
    ] {
        let mut message = world.accepted().await;
        message.made_from = Some(made_from);
        message.answers_since = Some(later(-60));
        let saved = world.store.save(&mut message, None).await.unwrap();
        assert_eq!(saved, Saved::Done);
        let read = world.store.message(world.tenant, message.id).await.unwrap();
        assert_eq!(read, Some(message));
    }
}
