//! Words of workflows: the company's own templates in place of the built-in texts.

use std::collections::BTreeMap;

use domain::{
    business::{BusinessEvent, Choice, EventRecord, StepState, Workflow},
    ids::TemplateId,
    message::{Content, MessageType},
    ports::{AuditEntry, Clock, Workflows},
    principal::Role,
    service::{
        events::EventDesk,
        templates::{NewTemplate, TemplateDesk, TemplateEdit},
    },
};
use serde_json::json;

use crate::world::World;

async fn booked(world: &World, id: &str) -> EventRecord {
    let manager = world.acme.user(Role::Manager);
    let desk = EventDesk {
        store: &world.store,
        lanes: &world.lanes,
        clock: &world.clock,
        trusted_origin: None,
    };
    let event: BusinessEvent = serde_json::from_value(json!({
        "id": id, "type": "booking.created",
        "customer": {"name": "Amal Heron", "phone": "+97333000017"},
        "data": {"booking_id": "b1029384-77", "package_name": "Dune Tour"},
    }))
    .unwrap();
    desk.tell(&manager, event).await.unwrap();
    world.drain().await;
    domain::service::events::event(&world.store, &manager, id)
        .await
        .unwrap()
}

async fn template(world: &World, content: &str) -> TemplateId {
    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let new = NewTemplate {
        name: "Our bookings".into(),
        message_type: MessageType::BookingConfirmation,
        content: content.into(),
        defaults: BTreeMap::new(),
        active: true,
    };
    let manager = world.acme.user(Role::Manager);
    desk.make(&manager, new).await.unwrap().id
}

async fn choose(world: &World, choice: Choice) {
    let mut workflow = Workflow {
        template: choice,
        ..Workflow::standard(world.acme.tenant.id, MessageType::BookingConfirmation)
    };
    let manager = world.acme.user(Role::Manager);
    let line = AuditEntry::new(
        manager.user(),
        "workflows",
        "change",
        "booking_confirmation",
        world.clock.now(),
    );
    let saved = world.store.save_workflow(&mut workflow, &line).await;
    saved.unwrap();
}

fn said(world: &World, record: &EventRecord) -> String {
    let accepted = match &record.steps[0].state {
        StepState::Accepted(id) => Some(*id),
        StepState::Off | StepState::Refused { .. } => None,
    };
    let of = (record.tenant, accepted.unwrap());
    let content = world.store.state().payloads[&of].content.clone();
    let text = match content {
        Content::Text { body } => Some(body),
        _ => None,
    };
    text.unwrap()
}

fn refused(record: &EventRecord) -> (&str, &str) {
    let refused = match &record.steps[0].state {
        StepState::Refused { code, reason } => Some((code.as_str(), reason.as_str())),
        StepState::Off | StepState::Accepted(_) => None,
    };
    refused.unwrap()
}

/// S2.88, S1.148: the company's template is used, whether it was chosen or is the type's only active one;
/// once it was taken away, the built-in text is.
#[tokio::test]
async fn the_companys_own_words_are_sent() {
    let world = World::new();
    let id = template(&world, "{customerName}, see you on the {packageName}!").await;
    let record = booked(&world, "e-1").await;
    assert_eq!(
        said(&world, &record),
        "Amal Heron, see you on the Dune Tour!"
    );
    choose(&world, Choice::Own(id)).await;
    let record = booked(&world, "e-2").await;
    assert_eq!(
        said(&world, &record),
        "Amal Heron, see you on the Dune Tour!"
    );
    assert_eq!(world.sends(), 2);

    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    desk.delete(&world.acme.user(Role::Manager), id)
        .await
        .unwrap();
    let record = booked(&world, "e-3").await;
    let text = said(&world, &record);
    assert!(text.contains("B1029384") && text.contains("TBD"), "{text}");
    assert_eq!(world.sends(), 3);
}

/// S1.141: a value that the event does not have is named, and nothing is sent.
#[tokio::test]
async fn a_missing_value_is_named() {
    let world = World::new();
    let id = template(&world, "{startDate}: {packageName}, {customerName}").await;
    choose(&world, Choice::Own(id)).await;
    let record = booked(&world, "e-1").await;
    let (_, reason) = refused(&record);
    assert!(reason.contains("variables.startDate"), "{reason}");
    assert!(!reason.contains("variables.packageName"), "{reason}");
    assert_eq!(world.sends(), 0);
}

/// S1.99: a chosen template that was switched off is not replaced by other words.
#[tokio::test]
async fn a_template_that_is_off_sends_nothing() {
    let world = World::new();
    let id = template(&world, "{customerName}, see you!").await;
    choose(&world, Choice::Own(id)).await;
    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let off = TemplateEdit {
        active: Some(false),
        version: 1,
        name: None,
        message_type: None,
        content: None,
        defaults: None,
    };
    let manager = world.acme.user(Role::Manager);
    desk.edit(&manager, id, off).await.unwrap();
    let record = booked(&world, "e-1").await;
    assert_eq!(refused(&record).0, "TEMPLATE_OFF");
    assert_eq!(world.sends(), 0);
}
