//! What an event does not send, and the reason that is kept with it.

use domain::{
    business::{Happened, StepState, Workflow},
    contact::{Alias, Consent},
    message::MessageType,
    phone::PhoneNumber,
    ports::{Clock, Contacts, Workflows},
    principal::Role,
};
use serde_json::json;

use super::{AMAL, event, invoice, messages, tell, through};
use crate::world::World;

/// S1.27, S1.144, S1.145: without its file an invoice is not sent, and the event says why; a file that
/// may come later is waited for.
#[tokio::test]
async fn an_invoice_without_its_file_is_refused_with_the_reason() {
    let world = World::new();
    world.files.next_failure("NOT_ALLOWED", false);
    let record = through(&world, invoice("e-1", "INV-7")).await;
    assert_eq!(record.state, Happened::Done);
    let StepState::Refused { code, reason } = &record.steps[0].state else {
        panic!("{:?}", record.steps)
    };
    assert_eq!((code.as_str(), reason.is_empty()), ("NOT_ALLOWED", false));
    assert_eq!(messages(&world).len(), 0);
    world.files.next_failure("TIMEOUT", true);
    let record = through(&world, invoice("e-2", "INV-8")).await;
    assert_eq!((record.state, record.tries), (Happened::Accepted, 1));
    world.minutes(5).await;
    assert_eq!((messages(&world).len(), world.sends()), (1, 1));
}

/// S2.88, S1.98: a workflow that is off sends nothing; what preflight says against a message is kept with
/// the event.
#[tokio::test]
async fn what_is_not_sent_says_why() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let mut off = Workflow {
        enabled: false,
        ..Workflow::standard(tenant, MessageType::Welcome)
    };
    let line = domain::ports::AuditEntry::new(
        world.acme.user(Role::Manager).user(),
        "workflows",
        "change",
        "welcome",
        world.clock.now(),
    );
    world.store.save_workflow(&mut off, &line).await.unwrap();
    let record = through(&world, event("e-1", "customer.created", json!({}))).await;
    assert_eq!(record.steps[0].state, StepState::Off);

    let phone = PhoneNumber::parse(AMAL).unwrap();
    let known = world
        .store
        .contact(tenant, &Alias::phone(&phone))
        .await
        .unwrap()
        .unwrap();
    world
        .store
        .state()
        .contacts
        .get_mut(&(tenant, known.id))
        .unwrap()
        .consent = Consent::Stopped;
    let record = through(
        &world,
        event("e-2", "booking.created", json!({"booking_id": "b-1"})),
    )
    .await;
    let StepState::Refused { code, reason } = &record.steps[0].state else {
        panic!("{:?}", record.steps)
    };
    assert_eq!(code, "CONSENT_STOPPED");
    assert!(reason.contains("asked for no more messages"), "{reason}");
    assert_eq!((messages(&world).len(), world.sends()), (0, 0));
}

/// S1.135: every wrong field of an event is named, and nothing of it is kept.
#[tokio::test]
async fn a_wrong_event_is_refused_with_its_fields() {
    let world = World::new();
    let mut wrong = invoice("e 1", "");
    wrong.customer.as_mut().unwrap().phone = "12".into();
    wrong.customer.as_mut().unwrap().zone = Some("Bahrain".into());
    if let domain::business::Fact::InvoiceIssued(issued) = &mut wrong.fact {
        issued.due_date = "2026-11-19".parse().unwrap();
        issued.document_url = "http://files.example/i.pdf".into();
    }
    let failure = tell(&world, wrong).await.unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "id",
            "customer.phone",
            "customer.zone",
            "data.invoice_number",
            "data.due_date",
            "data.document_url"
        ]
    );
    let mut nobody = invoice("e-1", "INV-7");
    nobody.customer = None;
    let failure = tell(&world, nobody).await.unwrap_err();
    assert_eq!(failure.fields()[0].field, "customer");
    assert!(world.store.state().events.is_empty());
}

/// S1.91, S1.143: a file of ten megabytes goes out, one that is larger is refused with the reason.
#[tokio::test]
async fn a_file_has_ten_megabytes_at_most() {
    for (size, refused) in [(10 * 1024 * 1024, false), (10 * 1024 * 1024 + 1, true)] {
        let world = World::new();
        let bytes = vec![b'x'; size];
        world.files.next_file(&bytes, "application/pdf", "pdf");
        let record = through(&world, invoice("e-1", "INV-7")).await;
        let too_large = matches!(&record.steps[0].state, StepState::Refused { code, .. } if code == "TOO_LARGE");
        assert_eq!(too_large, refused, "{:?}", record.steps);
        assert_eq!(messages(&world).len(), usize::from(!refused));
    }
}
