//! Business events: kept first, then worked through once, whatever comes twice, late or in between.

mod refusing;

use domain::{
    business::{BusinessEvent, Happened, StepState},
    contact::Alias,
    failure::{AppFailure, Code},
    ids::InvoiceId,
    message::{Content, Message, MessageType, Status, Trigger},
    phone::PhoneNumber,
    ports::{Clock, Contacts},
    principal::Role,
    service::events::{EventDesk, Told, event as event_of},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    fakes::{FakeClock, FakeLanes},
    memory::{FailWhen, MemoryStore},
};

use crate::world::World;

const AMAL: &str = "+97333000017";

fn desk(world: &World) -> EventDesk<'_, MemoryStore, FakeLanes, FakeClock> {
    EventDesk {
        store: &world.store,
        lanes: &world.lanes,
        clock: &world.clock,
        trusted_origin: None,
    }
}

fn event(id: &str, kind: &str, data: Value) -> BusinessEvent {
    serde_json::from_value(json!({
        "id": id, "type": kind, "data": data,
        "customer": {"id": "C-17", "name": "Amal Heron", "phone": AMAL, "tags": ["Wholesale"]},
    }))
    .unwrap()
}

fn invoice(id: &str, number: &str) -> BusinessEvent {
    event(
        id,
        "invoice.issued",
        json!({
            "invoice_id": "I-1", "invoice_number": number, "invoice_date": "2026-11-20",
            "due_date": "2026-12-04", "amount": "1250.500",
            "document_url": "https://files.example/i-1.pdf",
        }),
    )
}

fn paid(id: &str) -> BusinessEvent {
    serde_json::from_value(json!({"id": id, "type": "invoice.paid", "data": {"invoice_id": "I-1"}}))
        .unwrap()
}

async fn tell(world: &World, event: BusinessEvent) -> Result<Told, AppFailure> {
    let manager = world.acme.user(Role::Manager);
    desk(world).tell(&manager, event).await
}

async fn through(world: &World, event: BusinessEvent) -> domain::business::EventRecord {
    let id = event.id.clone();
    tell(world, event).await.unwrap();
    world.drain().await;
    let manager = world.acme.user(Role::Manager);
    event_of(&world.store, &manager, &id).await.unwrap()
}

fn messages(world: &World) -> Vec<Message> {
    world.store.state().messages.values().cloned().collect()
}

fn says(world: &World, message: &Message) -> String {
    let state = world.store.state();
    match &state.payloads[&(message.tenant, message.id)].content {
        Content::Text { body } => body.clone(),
        Content::Document(media) | Content::Image(media) => media.caption.clone().unwrap(),
        Content::Interactive(_) | Content::List(_) | Content::Template(_) => String::new(),
    }
}

/// S1.4, S1.6, S1.17, S1.25–S1.29: an invoice's file is fetched once and kept, and goes out with the
/// text that tells of it; the provider is given a link, and no link is stored.
#[tokio::test]
async fn an_invoice_goes_out_with_its_file() {
    let world = World::new();
    let record = through(&world, invoice("e-1", "INV-7")).await;
    assert_eq!((record.state, record.due), (Happened::Done, None));
    let [message] = messages(&world).try_into().unwrap();
    let StepState::Accepted(id) = record.steps[0].state else {
        panic!("{:?}", record.steps)
    };
    assert_eq!((id, record.steps.len()), (message.id, 1));
    assert_eq!(message.status(), Status::Sent);
    assert_eq!(
        (message.message_type, message.trigger),
        (MessageType::Invoice, Trigger::Auto)
    );
    let about = message.context.clone().unwrap();
    assert_eq!((about.kind.as_str(), about.id.as_str()), ("invoice", "I-1"));
    let text = says(&world, &message);
    for part in [
        "Dear Amal Heron",
        "INV-7",
        "20 November 2026",
        "₹1250.500",
        "4 December 2026",
        "https://files.example/i-1.pdf",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(world.files.documents(), ["https://files.example/i-1.pdf"]);
    let (_, request) = world.gate.sent().remove(0);
    let body = request.body.unwrap();
    let link = body["media"].as_str().unwrap();
    assert!(
        link.starts_with("https://files.example/documents/") && link.contains("?share="),
        "{link}"
    );
    let stored =
        serde_json::to_string(&world.store.state().payloads[&(message.tenant, id)].request)
            .unwrap();
    assert!(!stored.contains("share="), "{stored}");
    let kept = world
        .store
        .state()
        .media
        .values()
        .next()
        .unwrap()
        .mime
        .clone();
    assert_eq!(kept, "application/pdf");
    world.assert_consistent().await;
}

/// S1.20–S1.24, S2.80, S2.81, S2.84, S2.85, S2.87, S2.89: every event that tells a customer something
/// does, in the built-in words of its workflow and with their declared defaults.
#[tokio::test]
async fn each_event_has_its_message() {
    for (kind, data, message_type, expected) in [
        (
            "order.delivered",
            json!({"order_number": "O-9", "delivery_date": "2026-11-19", "items": ["Tea", "Rice"]}),
            MessageType::StockDelivered,
            "Items delivered:\nTea\nRice",
        ),
        (
            "customer.created",
            json!({}),
            MessageType::Welcome,
            "Amal Heron",
        ),
        (
            "booking.created",
            json!({"booking_id": "bk-3318-long-id"}),
            MessageType::BookingConfirmation,
            "BK-3318-",
        ),
        (
            "booking.created",
            json!({"booking_id": "b"}),
            MessageType::BookingConfirmation,
            "Tour Package",
        ),
        (
            "inquiry.created",
            json!({"inquiry_id": "q", "follow_up_days": 0}),
            MessageType::InquiryAcknowledgement,
            "your destination",
        ),
        (
            "tour.details_ready",
            json!({"booking_id": "b", "package_name": "Dunes", "start_date": "2027-01-05"}),
            MessageType::TourDetails,
            "5 January 2027",
        ),
    ] {
        let world = World::new();
        through(&world, event("e-1", kind, data)).await;
        let [message] = messages(&world).try_into().unwrap();
        assert_eq!(message.message_type, message_type, "{kind}");
        assert_eq!(message.status(), Status::Sent, "{kind}");
        let text = says(&world, &message);
        assert!(text.contains(expected), "{kind}: {text}");
    }
}

/// S2.82: somebody who asked is asked again after the days that the inquiry or the workflow says.
#[tokio::test]
async fn a_follow_up_waits_for_its_days() {
    let world = World::new();
    let inquiry = event(
        "e-1",
        "inquiry.created",
        json!({"inquiry_id": "q-1", "destination": "Heron Islands", "follow_up_days": 2}),
    );
    through(&world, inquiry).await;
    let follow_up = messages(&world)
        .into_iter()
        .find(|m| m.message_type == MessageType::FollowUp)
        .unwrap();
    assert_eq!(follow_up.trigger, Trigger::Scheduled);
    assert_eq!(
        follow_up.next_attempt_at().unwrap(),
        world.clock.now() + SignedDuration::from_hours(48)
    );
    assert_eq!(world.sends(), 1);
    world.minutes(48 * 60 + 2).await;
    assert_eq!(
        (world.message(follow_up.id).status(), world.sends()),
        (Status::Sent, 2)
    );
}

/// The same event any number of times, its task twice, a lost hand-over: one message. Another event
/// under its id is refused.
#[tokio::test]
async fn an_event_is_worked_through_once() {
    let world = World::new();
    let first = tell(&world, invoice("e-1", "INV-7")).await.unwrap();
    assert!(!first.repeated);
    let again = tell(&world, invoice("e-1", "INV-7")).await.unwrap();
    assert!(again.repeated);
    let other = tell(&world, invoice("e-1", "INV-8")).await.unwrap_err();
    assert_eq!(
        (other.code(), other.details()["reason"].as_str()),
        (Code::Conflict, "EVENT_ID_REUSED")
    );
    // The hand-over is lost: the sweep finds it.
    while world.lanes.take().is_some() {}
    world.minutes(3).await;
    assert_eq!((messages(&world).len(), world.sends()), (1, 1));
    let task = domain::ports::Task::Event(first.record.tenant, first.record.id());
    world.task(&task).await;
    world.task(&task).await;
    assert_eq!((messages(&world).len(), world.sends()), (1, 1));
    // Another company's event of the same id is its own.
    let theirs = world.other.user(Role::Manager);
    let failure = event_of(&world.store, &theirs, "e-1").await.unwrap_err();
    assert_eq!(failure.code(), Code::NotFound);
    world.assert_consistent().await;
}

/// Whatever store operation fails, before or after its effect: the event comes to the same end, with one
/// message and one call.
#[tokio::test]
async fn a_failing_store_only_delays_an_event() {
    for operation in [
        "contacts.save",
        "invoices.save",
        "events.save",
        "media.keep",
        "acceptances.commit",
        "workflows.workflow",
        "events.event",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let world = World::new();
            tell(&world, invoice("e-1", "INV-7")).await.unwrap();
            world.store.fail(operation, 1, when);
            world.drain().await;
            world.minutes(8).await;
            let manager = world.acme.user(Role::Manager);
            let record = event_of(&world.store, &manager, "e-1").await.unwrap();
            assert_eq!(record.state, Happened::Done, "{operation} {when:?}");
            assert_eq!(
                (messages(&world).len(), world.sends()),
                (1, 1),
                "{operation} {when:?}"
            );
            world.assert_consistent().await;
        }
    }
}

/// S1.92, S1.97: a customer is known by the company's id and by the number, whichever comes first, and
/// what the events tell of them is kept.
#[tokio::test]
async fn a_customer_is_known_by_id_and_number() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    through(&world, event("e-1", "customer.created", json!({}))).await;
    let by_id = world
        .store
        .contact(tenant, &Alias::customer("C-17"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (by_id.name.as_deref(), by_id.customer_id()),
        (Some("Amal Heron"), Some("C-17"))
    );
    assert!(by_id.tags.contains("wholesale"));
    let mut moved = event("e-2", "booking.created", json!({"booking_id": "b-1"}));
    let customer = moved.customer.as_mut().unwrap();
    customer.phone = "+97333000018".into();
    customer.zone = Some("Asia/Dubai".into());
    through(&world, moved).await;
    let now = world
        .store
        .contact(tenant, &Alias::customer("C-17"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(now.id, by_id.id);
    assert_eq!(
        now.phone.as_ref().map(PhoneNumber::as_str),
        Some("+97333000018")
    );
    assert_eq!(now.zone.as_deref(), Some("Asia/Dubai"));
    let to: Vec<_> = messages(&world)
        .iter()
        .map(|m| m.to.as_str().to_owned())
        .collect();
    assert!(to.contains(&"+97333000018".to_owned()), "{to:?}");
}

/// S1.128: an invoice is paid whichever event came first, and stays so.
#[tokio::test]
async fn a_paid_invoice_is_paid_in_any_order() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    through(&world, paid("p-1")).await;
    through(&world, invoice("e-1", "INV-7")).await;
    let kept = world.store.state().invoices[&(tenant, InvoiceId::of(tenant, "I-1"))].clone();
    assert!(kept.paid_at.is_some() && !kept.is_open());
    assert_eq!(kept.bill.unwrap().number, "INV-7");
}
