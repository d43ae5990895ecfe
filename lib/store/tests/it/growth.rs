//! A page costs the same however much there is beside it.

use domain::{
    ids::{ChannelId, ConversationId},
    message::{Class, MessageType, Phase},
    ports::{
        Audits, BalanceNotices, ContactBook, Conversations, Festivals, Inbox, Kept, LogOrder,
        LogPart, LogRange, MessageLog, OwnTemplates, TemplateBook, TemplateFilter,
    },
};
use testkit::meter::Meter;

use crate::{
    calendar,
    contacts::index,
    inbox::{reception, written_by},
    log,
    own_templates::{make, template},
    partner,
    synced_templates::listed,
    world::{World, audit, later},
};

/// Read units of a page of ten of each list.
async fn pages(world: &World, channels: &[ChannelId]) -> Vec<(&'static str, f64)> {
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    meter.step("conversations");
    let page = store.conversations(tenant, false, channels, None, 10).await;
    let page = page.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("conversations, further on");
    if let Some(next) = page.next {
        let page = store.conversations(tenant, false, channels, Some(&next), 10);
        assert!(!page.await.unwrap().items.is_empty());
    }
    meter.step("thread");
    let thread = store
        .thread(tenant, &[world.conversation()], None, 10)
        .await;
    assert_eq!(thread.unwrap().items.len(), 10);
    meter.step("contacts");
    let contacts = store.contacts(tenant, None, 10).await.unwrap();
    assert_eq!(contacts.items.len(), 10);
    meter.step("contacts by number");
    let found = store.find_contacts(tenant, "973330", 10).await.unwrap();
    assert_eq!(found.len(), 10);
    meter.step("contacts by word");
    let found = store.find_contacts(tenant, "heron", 10).await.unwrap();
    assert_eq!(found.len(), 10);
    meter.step("own templates");
    let page = store.own_templates(tenant, TemplateFilter::default(), None, 10);
    assert_eq!(page.await.unwrap().items.len(), 10);
    meter.step("festivals");
    let page = store.festivals(tenant, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("providers' templates");
    let page = store.templates(tenant, true, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("balance notices");
    let page = store.balance_notices(None, 10).await.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("audit");
    let lines = store.audits(tenant, later(9_999), None, 10).await.unwrap();
    assert_eq!(lines.items.len(), 10);
    for (step, classes, order) in [
        ("log", Class::ALL.to_vec(), LogOrder::NewestFirst),
        (
            "log, oldest first",
            Class::ALL.to_vec(),
            LogOrder::OldestFirst,
        ),
        ("log, failed", vec![Class::Failed], LogOrder::NewestFirst),
    ] {
        meter.step(step);
        let range = LogRange {
            part: LogPart::Classes(classes),
            from: Some(later(0)),
            until: None,
            order,
        };
        let page = store.log(tenant, &range, None, 10).await.unwrap();
        assert_eq!(page.items.len(), 10);
    }
    let steps = [
        "conversations",
        "thread",
        "contacts",
        "contacts by number",
        "contacts by word",
        "own templates",
        "festivals",
        "providers' templates",
        "balance notices",
        "audit",
        "log",
        "log, oldest first",
        "log, failed",
    ];
    steps.map(|step| (step, meter.of(step).reads)).to_vec()
}

/// Of every list a few more entries than a page of ten, spread over its partitions.
async fn add(world: &World, channels: &[ChannelId], range: std::ops::Range<u32>) {
    for (n, channel) in range.zip(channels.iter().cycle()) {
        let at = later(i64::from(n));
        let person = world.person(n, "Amal Heron");
        let mut one = written_by(world, person.clone(), &format!("first-{n}"), at);
        one.message.channel = *channel;
        one.message.conversation = ConversationId::of(one.message.channel, person.id);
        world.store.receive(&one).await.unwrap();
        let theirs = reception(world, &format!("in-{n}"), at);
        world.store.receive(&theirs).await.unwrap();
        index(&world.store, &person).await;
        world.store.note(world.tenant, &audit(at)).await.unwrap();
        let own = template(world.tenant, &format!("own {n:04}"), MessageType::Invoice);
        assert_eq!(make(&world.store, &own).await, Kept::Done);
        let day = calendar::festival(world.tenant, &format!("festival {n:04}"));
        let line = calendar::entry(&day);
        world.store.make_festival(&day, &line).await.unwrap();
        let theirs = listed(&format!("theirs_{n:04}"), "en", "APPROVED");
        let synced = world.store.sync_template(world.tenant, "1001", &theirs, at);
        synced.await.unwrap();
        let notice = partner::notice(at, i64::from(n));
        world.store.keep_notice(&notice).await.unwrap();
        let phase = n.is_multiple_of(2).then_some(Phase::Failed);
        log::at(world, i64::from(n), phase).await;
    }
}

#[tokio::test]
async fn a_page_costs_the_same_however_much_there_is() {
    let world = World::start().await;
    let channels = [world.channel, ChannelId::fresh(), ChannelId::fresh()];
    add(&world, &channels, 0..60).await;
    let few = pages(&world, &channels).await;
    add(&world, &channels, 60..400).await;
    let many = pages(&world, &channels).await;
    for ((step, few), (_, many)) in few.into_iter().zip(many) {
        assert!(many <= few, "{step}: {few} units with 60, {many} with 400");
    }
}
