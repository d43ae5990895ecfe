//! Payment reminders: selected at two in the morning, sent in the recipient's own day, once each, and
//! never after the payment.

mod choosing;

use domain::{
    business::{Amount, Bill, BusinessEvent, Invoice},
    contact::Contact,
    ids::{InvoiceId, TenantId},
    message::{Content, Message, MessageType, Status, Trigger},
    phone::PhoneNumber,
    ports::{Clock, Task},
    principal::Role,
    reminder::DayWork,
    service::events::EventDesk,
    tenant::Tenant,
};
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use testkit::memory::FailWhen;

use crate::world::World;

const AMAL: &str = "+97333000017";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn tell(world: &World, event: serde_json::Value) {
    let event: BusinessEvent = serde_json::from_value(event).unwrap();
    let desk = EventDesk {
        store: &world.store,
        lanes: &world.lanes,
        clock: &world.clock,
        trusted_origin: None,
    };
    let manager = world.acme.user(Role::Manager);
    desk.tell(&manager, event).await.unwrap();
    world.drain().await;
}

async fn issue(world: &World, id: &str, on: &str, due: &str) {
    tell(world, json!({
        "id": format!("issued-{id}"), "type": "invoice.issued",
        "customer": {"id": "C-17", "name": "Amal Heron", "phone": AMAL},
        "data": {"invoice_id": id, "invoice_number": format!("INV-{id}"), "invoice_date": on,
            "due_date": due, "amount": "1250.500", "document_url": "https://files.example/1.pdf"},
    }))
    .await;
}

async fn pay(world: &World, id: &str) {
    let event =
        json!({"id": format!("paid-{id}"), "type": "invoice.paid", "data": {"invoice_id": id}});
    tell(world, event).await;
}

fn reminders(world: &World) -> Vec<Message> {
    let state = world.store.state();
    let mut all: Vec<_> = state
        .messages
        .values()
        .filter(|m| m.message_type == MessageType::PaymentReminder)
        .cloned()
        .collect();
    all.sort_by_key(|m| m.created_at);
    all
}

fn says(world: &World, message: &Message) -> String {
    match &world.store.state().payloads[&(message.tenant, message.id)].content {
        Content::Text { body } => body.clone(),
        // No test expects this.
        other => format!("no text: {other:?}"),
    }
}

/// A company's minute at a time.
async fn minute_at(world: &World, time: &str) {
    world.clock.set(at(time));
    world.sweep().await;
    world.drain().await;
}

fn work(world: &World) -> Option<DayWork> {
    let tenant = world.acme.tenant.id;
    world.store.state().days.get(&tenant).cloned()
}

fn set(world: &World, change: impl FnOnce(&mut Tenant)) {
    let tenant = world.acme.tenant.id;
    change(world.store.state().tenants.get_mut(&tenant).unwrap());
}

/// S1.3, S1.8, S1.18, S1.30–S1.33, S1.124–S1.128, S1.146, S2.83, X19, X20: three and seven days after
/// its date, selected at two in the morning of the company, sent at eight where the recipient is; not
/// overdue, it says when it is due.
#[tokio::test]
async fn an_unpaid_invoice_is_recalled_on_its_days() {
    let world = World::new();
    assert_eq!(work(&world), None, "a company without invoices has no work");
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    assert_eq!(work(&world).unwrap().due, Some(at("2026-11-20T23:00:00Z")));
    for night in ["20", "21"] {
        minute_at(&world, &format!("2026-11-{night}T23:01:00Z")).await;
    }
    assert_eq!(reminders(&world).len(), 0);
    minute_at(&world, "2026-11-22T23:00:00Z").await;
    let [first] = reminders(&world).try_into().unwrap();
    assert_eq!(first.trigger, Trigger::Scheduled);
    assert_eq!(first.next_attempt_at(), Some(at("2026-11-23T05:00:00Z")));
    assert_eq!(
        says(&world, &first),
        "Hello Amal Heron,\n\nThis is a friendly reminder that your invoice INV-1 for ₹1250.500 is due on \
         25 November 2026.\n\nPlease make the payment at your earliest convenience.\n\nThank you!"
    );
    assert_eq!(world.sends(), 1, "the invoice itself");
    minute_at(&world, "2026-11-23T05:00:00Z").await;
    assert_eq!(
        (world.sends(), world.message(first.id).status()),
        (2, Status::Sent)
    );
    for night in ["23", "24", "25"] {
        minute_at(&world, &format!("2026-11-{night}T23:01:00Z")).await;
    }
    assert_eq!(reminders(&world).len(), 1);
    minute_at(&world, "2026-11-26T23:00:00Z").await;
    let [_, second] = reminders(&world).try_into().unwrap();
    assert!(says(&world, &second).contains("is 2 days overdue.\n\nDue Date: 25 November 2026"));
    minute_at(&world, "2026-11-27T05:00:00Z").await;
    assert_eq!(world.sends(), 3);
    for night in 27..30 {
        minute_at(&world, &format!("2026-11-{night}T23:01:00Z")).await;
    }
    assert_eq!((reminders(&world).len(), world.sends()), (2, 3));
    world.assert_consistent().await;
}

/// S1.128: paid, it is recalled no more: what waits for the morning is withdrawn, with the reason; what
/// slipped through is withdrawn before its call.
#[tokio::test]
async fn a_payment_ends_all_reminders() {
    let world = World::new();
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    issue(&world, "2", "2026-11-20", "2026-11-25").await;
    minute_at(&world, "2026-11-22T23:00:00Z").await;
    let waiting = reminders(&world);
    assert_eq!(waiting.len(), 2);
    pay(&world, "1").await;
    // Of the other one the payment is noted just after its reminder was selected, as if the two raced.
    let id = InvoiceId::of(world.acme.tenant.id, "2");
    let now = world.clock.now();
    let key = (world.acme.tenant.id, id);
    world.store.state().invoices.get_mut(&key).unwrap().pay(now);
    minute_at(&world, "2026-11-23T05:00:00Z").await;
    for message in &waiting {
        assert_eq!(world.message(message.id).status(), Status::Cancelled);
    }
    assert_eq!(world.sends(), 2, "the invoices themselves");
    let reasons: Vec<_> = world
        .store
        .state()
        .audit
        .iter()
        .filter(|(_, line)| line.action == "cancel")
        .map(|(_, line)| line.after["reason"].clone())
        .collect();
    assert_eq!(reasons, ["INVOICE_PAID", "INVOICE_PAID"]);
    for night in 23..29 {
        minute_at(&world, &format!("2026-11-{night}T23:00:00Z")).await;
        minute_at(&world, &format!("2026-11-{night}T23:59:00Z")).await;
    }
    assert_eq!((reminders(&world).len(), world.sends()), (2, 2));
    assert_eq!(work(&world).unwrap().due, None, "no open invoice, no work");
    world.assert_consistent().await;
}

/// A reminder that failed and waits for its retry is not tried again once the invoice is paid, and
/// nobody is mailed about it.
#[tokio::test]
async fn a_payment_ends_retries_too() {
    let world = World::new();
    set(&world, |t| t.settings.quiet_hours = None);
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    let unreachable = domain::failure::ProviderFailure::NotSent { what: "connect" };
    world.gate.next(Err(unreachable));
    minute_at(&world, "2026-11-22T23:00:00Z").await;
    let [only] = reminders(&world).try_into().unwrap();
    assert_eq!(only.status(), Status::Failed);
    assert!(only.next_attempt_at().is_some());
    let calls = world.sends();
    pay(&world, "1").await;
    world.minutes(120).await;
    let message = world.message(only.id);
    assert_eq!((message.next_attempt_at(), world.sends()), (None, calls));
    assert_eq!(world.mailer.sent(), []);
}

/// A rerun, a second cron at the same moment, the same task again: nothing twice. A night in which
/// nothing ran is made up for once, with the latest reminder alone.
#[tokio::test]
async fn a_missed_day_is_made_up_for_once() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    issue(&world, "1", "2026-11-20", "2026-11-25").await;
    // Two nights are missed.
    world.clock.set(at("2026-11-24T23:30:00Z"));
    world.sweep().await;
    let task = Task::Day(tenant);
    tokio::join!(world.task(&task), world.task(&task));
    world.sweep().await;
    world.drain().await;
    world.task(&task).await;
    assert_eq!(reminders(&world).len(), 1);
    // Ten more: the seventh day's reminder is too old by then.
    minute_at(&world, "2026-12-04T23:30:00Z").await;
    assert_eq!(reminders(&world).len(), 1);

    // Both days missed: only the later one is said.
    issue(&world, "2", "2026-12-05", "2026-12-06").await;
    minute_at(&world, "2026-12-12T23:00:00Z").await;
    let all = reminders(&world);
    assert_eq!(all.len(), 2);
    assert!(says(&world, &all[1]).contains("INV-2 for ₹1250.500 is 7 days overdue"));
    for _ in 0..3 {
        world.minutes(1).await;
        world.task(&task).await;
    }
    assert_eq!(reminders(&world).len(), 2);
    world.assert_consistent().await;
}

pub fn put_invoice(world: &World, tenant: TenantId, n: u32, on: Date) {
    let phone = PhoneNumber::parse(&format!("+9733300{n:04}")).unwrap();
    let mut contact = Contact::met(tenant, &phone, Some(format!("Customer {n}")));
    contact.version = 1;
    let mut invoice = Invoice::unknown(tenant, format!("I-{n}"));
    let bill = Bill {
        contact: contact.id,
        phone: phone.as_str().to_owned(),
        customer_name: contact.name.clone(),
        number: format!("INV-{n}"),
        date: on,
        due_date: on,
        amount: Amount::parse("10").unwrap(),
    };
    invoice.issue(bill, at("2026-11-20T10:00:00Z"));
    invoice.version = 1;
    let mut state = world.store.state();
    state.contacts.insert((tenant, contact.id), contact);
    state.invoices.insert((tenant, invoice.key()), invoice);
}

/// Many invoices, several pages, whatever store operation fails in the middle, before or after its
/// effect, with a second worker beside: each is recalled once.
#[tokio::test]
async fn a_day_that_is_cut_off_goes_on() {
    for operation in [
        "days.read",
        "days.save",
        "invoices.open",
        "acceptances.commit",
        "contacts.by_id",
        "workflows.workflow",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let world = World::new();
            set(&world, |t| t.settings.quiet_hours = None);
            let tenant = world.acme.tenant.id;
            for n in 0..120 {
                let on = if n % 2 == 0 {
                    "2026-11-20"
                } else {
                    "2026-11-16"
                };
                put_invoice(&world, tenant, n, day(on));
            }
            issue(&world, "1", "2026-11-22", "2026-11-25").await;
            world.clock.set(at("2026-11-22T23:00:00Z"));
            let skip = if operation == "acceptances.commit" {
                60
            } else {
                1
            };
            let kind = domain::failure::StoreFailureKind::Unavailable;
            world.store.fail_after(operation, skip, 2, when, kind);
            let task = Task::Day(tenant);
            tokio::join!(world.task(&task), world.task(&task));
            world.minutes(10).await;
            let all = reminders(&world);
            assert_eq!(
                (all.len(), world.sends()),
                (120, 121),
                "{operation} {when:?}"
            );
            assert_eq!(work(&world).unwrap().due, Some(at("2026-11-23T23:00:00Z")));
            world.assert_consistent().await;
        }
    }
}
