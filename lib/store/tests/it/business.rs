//! Business events, invoices and workflows: kept once, changed one after the other, found when due.

use std::collections::BTreeMap;

use domain::{
    business::{
        Amount, Bill, BusinessEvent, Choice, EventRecord, Happened, Invoice, Step, StepState,
        Workflow,
    },
    ids::{ChannelId, ContactId, EventId, InvoiceId, MessageId, TemplateId, TenantId, UserId},
    message::MessageType,
    ports::{
        DUE_SHARDS, Due, DueThing, EventBook, EventKept, EventList, Invoices, Saved, Workflows,
    },
    settings::ReminderBasis,
};
use serde_json::json;
use testkit::{
    faults::{Fault, Faults},
    meter::Meter,
};

use crate::{
    costs::check,
    world::{World, audit, later, start},
};

fn told(world: &World, id: &str, seconds: i64) -> EventRecord {
    let event: BusinessEvent = serde_json::from_value(json!({
        "id": id, "type": "order.delivered", "at": "2026-11-20T09:00:00Z",
        "customer": {"id": "C-1", "name": "Amal Heron", "phone": "+97333000017", "zone": "Asia/Dubai", "tags": ["a", "b"]},
        "data": {"order_number": "O-1", "delivery_date": "2026-11-20", "items": ["Tea"], "document_url": "https://files.example/1.pdf"},
    }))
    .unwrap();
    EventRecord {
        tenant: world.tenant,
        told_by: UserId::new("user-1"),
        event,
        arrived_at: later(seconds),
        state: Happened::Accepted,
        steps: Vec::new(),
        tries: 0,
        due: Some(later(seconds + 60)),
        version: 1,
    }
}

async fn due(world: &World) -> Vec<DueThing> {
    let mut things = Vec::new();
    for shard in 0..DUE_SHARDS {
        things.extend(world.store.due(shard, later(10_000), 100).await.unwrap());
    }
    things
}

/// hazards.md, failure point 11: kept once, whatever the answers do, and due until it is done.
#[tokio::test]
async fn an_event_is_kept_once_and_due_until_it_is_done() {
    let world = World::start().await;
    let mut record = told(&world, "e-1/ä#", 0);
    let lossy = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    assert_eq!(lossy.keep_event(&record).await.unwrap(), EventKept::New);
    assert_eq!(
        due(&world).await,
        [DueThing::Event(world.tenant, record.id())]
    );
    let later_one = EventRecord {
        arrived_at: later(9),
        ..record.clone()
    };
    let known = world.store.keep_event(&later_one).await.unwrap();
    assert_eq!(known, EventKept::Known(Box::new(record.clone())));
    let read = world.store.event(world.tenant, record.id()).await.unwrap();
    assert_eq!(read.as_ref(), Some(&record));
    assert_eq!(
        world
            .store
            .event(TenantId::fresh(), record.id())
            .await
            .unwrap(),
        None
    );

    let mut stale = record.clone();
    record.state = Happened::Done;
    record.due = None;
    record.tries = 3;
    for (message_type, state) in [
        (
            MessageType::StockDelivered,
            StepState::Accepted(MessageId::fresh()),
        ),
        (MessageType::Welcome, StepState::Off),
        (
            MessageType::FollowUp,
            StepState::Refused {
                code: "CONSENT_STOPPED".into(),
                reason: "They stopped.".into(),
            },
        ),
    ] {
        record.steps.push(Step {
            message_type,
            state,
        });
    }
    let lossy = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    assert_eq!(lossy.save_event(&mut record).await.unwrap(), Saved::Done);
    assert_eq!(record.version, 2);
    assert_eq!(
        world.store.event(world.tenant, record.id()).await.unwrap(),
        Some(record)
    );
    stale.tries = 1;
    assert_eq!(
        world.store.save_event(&mut stale).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(due(&world).await, []);
}

#[tokio::test]
async fn events_are_listed_newest_first() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for n in 0..9 {
        let record = told(&world, &format!("e-{n}"), n);
        world.store.keep_event(&record).await.unwrap();
        expected.insert(0, record);
    }
    for limit in [1, 4, 9, 20] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = world
                .store
                .events(world.tenant, after.as_deref(), limit)
                .await
                .unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, expected, "pages of {limit}");
    }
    let theirs = world
        .store
        .events(TenantId::fresh(), None, 9)
        .await
        .unwrap();
    assert_eq!(theirs.items, []);
}

fn bill() -> Bill {
    Bill {
        contact: ContactId::fresh(),
        phone: "+97333000017".into(),
        customer_name: Some("Amal Heron".into()),
        number: "INV-7".into(),
        date: "2026-11-20".parse().unwrap(),
        due_date: "2026-12-04".parse().unwrap(),
        amount: Amount::parse("1250.500").unwrap(),
    }
}

/// S1.128: what an invoice says and that it was paid are kept, in either order, each at its version.
#[tokio::test]
async fn an_invoice_is_kept_at_its_version() {
    let world = World::start().await;
    let (tenant, id) = (world.tenant, InvoiceId::of(world.tenant, "I-1"));
    assert_eq!(world.store.invoice(tenant, id).await.unwrap(), None);
    let mut invoice = Invoice::unknown(tenant, "I-1".into());
    invoice.pay(later(5));
    let lossy = world
        .database
        .store_through(Faults::of("PutItem", Fault::LostAnswer, 1));
    assert_eq!(lossy.save_invoice(&mut invoice).await.unwrap(), Saved::Done);
    assert_eq!(
        world.store.invoice(tenant, id).await.unwrap().as_ref(),
        Some(&invoice)
    );
    let mut stale = Invoice::unknown(tenant, "I-1".into());
    stale.issue(bill(), later(1));
    assert_eq!(
        world.store.save_invoice(&mut stale).await.unwrap(),
        Saved::Stale
    );
    invoice.issue(bill(), later(1));
    assert_eq!(
        world.store.save_invoice(&mut invoice).await.unwrap(),
        Saved::Done
    );
    assert_eq!(invoice.version, 2);
    assert_eq!(
        world.store.invoice(tenant, id).await.unwrap(),
        Some(invoice)
    );
    assert_eq!(
        world.store.invoice(TenantId::fresh(), id).await.unwrap(),
        None
    );
}

/// S2.88: each company's workflows are its own, and every choice of a template is kept.
#[tokio::test]
async fn a_workflow_is_kept_as_the_company_wants_it() {
    let world = World::start().await;
    let (tenant, line) = (world.tenant, audit(start()));
    let mut workflow = Workflow::standard(tenant, MessageType::Welcome);
    for template in [
        Choice::Standard,
        Choice::Own(TemplateId::fresh()),
        Choice::Provider {
            name: "welcome_message".into(),
            language: "en_US".into(),
            header: vec!["customerName".into()],
            body: vec!["customerName".into(), "x".into()],
            defaults: BTreeMap::from([("x".into(), "y".into())]),
        },
    ] {
        let mut stale = workflow.clone();
        workflow.template = template;
        workflow.enabled = !workflow.enabled;
        workflow.channel = Some(ChannelId::fresh());
        workflow.days += 1;
        assert_eq!(
            world
                .store
                .save_workflow(&mut workflow, &line)
                .await
                .unwrap(),
            Saved::Done
        );
        assert_eq!(
            world.store.save_workflow(&mut stale, &line).await.unwrap(),
            Saved::Stale
        );
        let read = world
            .store
            .workflow(tenant, MessageType::Welcome)
            .await
            .unwrap();
        assert_eq!(read.as_ref(), Some(&workflow));
    }
    assert_eq!(
        world
            .store
            .workflow(tenant, MessageType::Invoice)
            .await
            .unwrap(),
        None
    );
    let other = world
        .store
        .workflow(TenantId::fresh(), MessageType::Welcome)
        .await;
    assert_eq!(other.unwrap(), None);
}

#[tokio::test]
async fn what_the_companys_system_tells_costs() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    meter.step("keep event");
    let mut record = told(&world, "e-1", 0);
    store.keep_event(&record).await.unwrap();
    meter.step("event done");
    record.state = Happened::Done;
    record.due = None;
    store.save_event(&mut record).await.unwrap();
    meter.step("new invoice");
    let mut invoice = Invoice::unknown(world.tenant, "I-1".into());
    invoice.issue(bill(), start());
    store.save_invoice(&mut invoice).await.unwrap();
    meter.step("paid invoice");
    invoice.pay(later(1));
    store.save_invoice(&mut invoice).await.unwrap();
    meter.step("workflow");
    let mut workflow = Workflow::standard(world.tenant, MessageType::Welcome);
    store
        .save_workflow(&mut workflow, &audit(start()))
        .await
        .unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("keep event", 3),
            ("event done", 2),
            ("new invoice", 3),
            ("paid invoice", 3),
            ("workflow", 4),
        ],
    );
    assert_ne!(
        EventId::of(world.tenant, "a"),
        EventId::of(TenantId::fresh(), "a")
    );
}

/// Every open invoice of these days, page by page, and what the first page costs.
async fn open(world: &World, basis: ReminderBasis, days: (&str, &str)) -> (Vec<String>, f64) {
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let days = (days.0.parse().unwrap(), days.1.parse().unwrap());
    let (mut numbers, mut after) = (Vec::new(), None::<String>);
    loop {
        meter.step("open invoices");
        let page = store.open_invoices(world.tenant, basis, days, after.as_deref(), 3);
        let page = page.await.unwrap();
        numbers.extend(page.items.into_iter().map(|one| one.id));
        match page.next {
            Some(next) => after = Some(next),
            None => return (numbers, meter.of("open invoices").reads),
        }
        meter.step("further");
    }
}

/// S1.30, S1.125, S1.128, X19: open invoices by their own day or by the day they are due, page by page,
/// earliest first; paid ones and other companies' are not among them, and a page costs the same however
/// many others there are.
#[tokio::test]
async fn open_invoices_are_found_by_their_day() {
    let world = World::start().await;
    let issue = async |tenant: TenantId, id: String, date: &str, due: &str, paid: bool| {
        let mut invoice = Invoice::unknown(tenant, id);
        let bill = Bill {
            date: date.parse().unwrap(),
            due_date: due.parse().unwrap(),
            ..bill()
        };
        invoice.issue(bill, start());
        if paid {
            invoice.pay(start());
        }
        world.store.save_invoice(&mut invoice).await.unwrap();
    };
    for n in 1..=7 {
        let (date, due) = (format!("2026-11-0{n}"), format!("2026-12-{}", 20 - n));
        issue(world.tenant, format!("I-{n}"), &date, &due, n == 4).await;
    }
    issue(
        TenantId::fresh(),
        "I-3".into(),
        "2026-11-03",
        "2026-12-17",
        false,
    )
    .await;
    let of_a_date = ReminderBasis::InvoiceDate;
    let (found, _) = open(&world, of_a_date, ("2026-11-02", "2026-11-06")).await;
    assert_eq!(found, ["I-2", "I-3", "I-5", "I-6"]);
    let (found, _) = open(&world, ReminderBasis::DueDate, ("2026-12-14", "2026-12-18")).await;
    assert_eq!(found, ["I-6", "I-5", "I-3", "I-2"]);
    let (found, few) = open(&world, of_a_date, ("2026-11-05", "2026-11-05")).await;
    assert_eq!(found, ["I-5"]);
    for n in 0..60 {
        issue(
            world.tenant,
            format!("J-{n}"),
            "2026-10-05",
            "2026-10-06",
            false,
        )
        .await;
    }
    let (found, many) = open(&world, of_a_date, ("2026-11-05", "2026-11-05")).await;
    assert_eq!(
        (found.as_slice(), many),
        (["I-5".to_owned()].as_slice(), few)
    );
    let (found, _) = open(&world, of_a_date, ("2026-10-05", "2026-10-05")).await;
    assert_eq!(found.len(), 60);
}
