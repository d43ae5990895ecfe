//! What the company's own system tells, and what follows from it.

use domain::{
    business::{BusinessEvent, Happened},
    ids::EventId,
    message::{MessageType, Status},
    ports::{EventBook, Invoices},
    service::events::EventDesk,
};
use serde_json::json;

use super::{Doing, Found, PLAIN, Scenario};
use crate::world::World;

pub const ALL: &[Scenario] = &[
    // An invoice with its file: one message, whatever dies in between and however often it is told.
    Scenario {
        name: "event",
        requests: &[],
        act: tell,
        again: tell,
        finally: told_once,
        ..PLAIN
    },
];

const EVENT: &str = "event-1";

fn invoice() -> BusinessEvent {
    let event = json!({
        "id": EVENT, "type": "invoice.issued", "at": "2026-11-20T10:00:00Z",
        "customer": {"id": "C-1", "name": "Amal Heron", "phone": "+97333000017"},
        "data": {"invoice_id": "I-1", "invoice_number": "INV-1", "invoice_date": "2026-11-20",
            "due_date": "2026-12-04", "amount": "12.500", "document_url": "https://files.example/1.pdf"},
    });
    serde_json::from_value(event).unwrap()
}

fn tell(world: &World) -> Doing<'_> {
    Box::pin(async {
        let desk = EventDesk {
            store: &world.store,
            lanes: &world.lanes,
            clock: &world.clock,
            trusted_origin: None,
        };
        let _ = desk.tell(&world.manager(), invoice()).await;
        world.drain().await;
    })
}

fn told_once(world: &World) -> Found<'_> {
    Box::pin(async {
        let tenant = world.place.tenant;
        let mut wrong = Vec::new();
        let record = world.store.event(tenant, EventId::of(tenant, EVENT)).await;
        let state = record.unwrap().map(|record| record.state);
        if state != Some(Happened::Done) {
            wrong.push(format!("the event is {state:?}"));
        }
        let id = domain::ids::InvoiceId::of(tenant, "I-1");
        let invoice = world.store.invoice(tenant, id).await.unwrap();
        if !invoice.is_some_and(|invoice| invoice.is_open()) {
            wrong.push("the invoice is not there".into());
        }
        let sent = world.outbound().await;
        let statuses: Vec<_> = sent
            .iter()
            .map(|message| (message.message_type, message.status()))
            .collect();
        if statuses != [(MessageType::Invoice, Status::Sent)] {
            wrong.push(format!("messages of the event: {statuses:?}"));
        }
        wrong
    })
}
