//! A page costs the same however much there is beside it.

use domain::{
    billing::{Applied, PaymentState},
    failure::StoreFailure,
    ids::{ChannelId, ConversationId, TenantId},
    message::{Class, MessageType, Phase},
    ports::{
        Audits, BalanceNotices, ContactBook, Conversations, Festivals, Inbox, Kept, LogOrder,
        LogPart, LogRange, ManagedChannels, MessageLog, Money, Notifications, OwnTemplates,
        Payments, PlanRequests, Saved, Subscriptions, TemplateBook, TemplateFilter, TenantBook,
        UserBook,
    },
};
use jiff::Timestamp;
use store::Store;
use testkit::{billing, builders::Company, meter::Meter};

use crate::{
    calendar,
    contacts::index,
    inbox::{reception, written_by},
    log,
    own_templates::{make, template},
    partner,
    synced_templates::listed,
    users::invited,
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
    paid_for(&meter, &store, tenant).await;
    meter.step("balance notices");
    let page = store.balance_notices(None, 10).await.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("users");
    let page = store.users(tenant, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 10);
    meter.step("companies");
    let page = store.tenants(None, 10).await.unwrap();
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
        "ledger",
        "subscriptions",
        "payments",
        "requests",
        "notifications",
        "payments, across tenants",
        "requests, across tenants",
        "due channels",
        "balance notices",
        "users",
        "companies",
        "audit",
        "log",
        "log, oldest first",
        "log, failed",
    ];
    steps.map(|step| (step, meter.of(step).reads)).to_vec()
}

async fn paid_for(meter: &Meter, store: &Store, tenant: TenantId) {
    let len = |page: Result<usize, StoreFailure>| assert_eq!(page.unwrap(), 10);
    meter.step("ledger");
    let page = Money::entries(store, tenant, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("subscriptions");
    let page = store.subscriptions(tenant, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("payments");
    let page = store.payments(tenant, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("requests");
    let page = store.own_requests(tenant, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("notifications");
    let page = store.notifications(tenant, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("payments, across tenants");
    let page = store.payments_in(PaymentState::Pending, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("requests, across tenants");
    let page = PlanRequests::requests(store, None, 10).await;
    len(page.map(|page| page.items.len()));
    meter.step("due channels");
    let page = store.due_managed(later(9_999), 10).await;
    len(page.map(|page| page.len()));
}

/// One of everything that is paid for.
async fn pay(world: &World, n: u32, at: Timestamp) {
    let (store, tenant) = (&world.store, world.tenant);
    let plan = billing::plan("Starter", at);
    let mut change = billing::credit(tenant, &format!("SALE-{n}"), 30, at);
    let one = billing::subscription(tenant, &plan, at);
    let mut paid = billing::payment(&one, &plan, at);
    paid.state = PaymentState::Pending;
    store.save_payment(&mut paid, &audit(at)).await.unwrap();
    change.subscription = Some(one);
    change.managed = Some(billing::managed(tenant, at));
    change.notification = Some(billing::notification(tenant, &format!("fact {n}"), at));
    assert_eq!(store.apply(&change).await.unwrap(), Applied::Done);
    let mut asked = billing::request(tenant, &plan, at);
    let saved = store.save_request(&mut asked, tenant, &audit(at)).await;
    assert_eq!(saved.unwrap(), Saved::Done);
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
        let name = partner::named(&notice);
        world.store.keep_notice(&notice, &name).await.unwrap();
        let person = invited(world.tenant, &format!("person-{n:04}@acme.example"));
        world.store.begin_invitation(&person, None).await.unwrap();
        let company = Company::named(&format!("company {n:04}"));
        world.store.put_tenant(&company.tenant).await.unwrap();
        let phase = n.is_multiple_of(2).then_some(Phase::Failed);
        log::at(world, i64::from(n), phase).await;
        pay(world, n, at).await;
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
