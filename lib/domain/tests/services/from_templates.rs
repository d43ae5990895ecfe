//! Messages made from a company's own templates.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, Code},
    ids::TemplateId,
    message::{Content, MadeFrom, MessageType},
    principal::Role,
    service::{
        accept::{Accepted, IdempotencyKey},
        from_template::{FromTemplate, Wanted},
        send::{FirstAttempt, send},
        templates::{NewTemplate, TemplateDesk, TemplateEdit},
    },
    template::{OwnTemplate, Value},
};
use testkit::builders::{RECIPIENT, text_draft};

use crate::world::World;

async fn make(world: &World, message_type: MessageType, content: &str) -> OwnTemplate {
    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let new = NewTemplate {
        name: format!("{} {content}", message_type.as_str()),
        message_type,
        content: content.into(),
        defaults: BTreeMap::new(),
        active: true,
    };
    desk.make(&world.acme.user(Role::Manager), new)
        .await
        .unwrap()
}

async fn edit(world: &World, template: &OwnTemplate, edit: TemplateEdit) {
    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let manager = world.acme.user(Role::Manager);
    desk.edit(&manager, template.id, edit).await.unwrap();
}

fn wanted(id: Option<TemplateId>, values: &[(&str, &str)]) -> FromTemplate {
    let values = values.iter();
    FromTemplate {
        draft: text_draft(RECIPIENT, ""),
        id: id.map(|id| id.to_string()),
        message_type: None,
        variables: values
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect(),
    }
}

async fn sent(
    world: &World,
    from: FromTemplate,
    key: Option<&IdempotencyKey>,
) -> Result<Accepted, AppFailure> {
    let manager = world.acme.user(Role::Manager);
    let (accept, attempt) = (world.accept(), world.attempt());
    let wanted = Wanted::Template(from);
    send(&accept, &attempt, &manager, wanted, key, FirstAttempt::Here).await
}

fn text_of(world: &World, accepted: &Accepted) -> String {
    let key = (world.acme.tenant.id, accepted.message.id);
    let state = world.store.state();
    match &state.payloads[&key].content {
        Content::Text { body } => body.clone(),
        other => format!("{other:?}"),
    }
}

/// S1.95, S1.99–S1.101, S1.142: the template is filled, what it has no place for is told, and the text
/// is frozen: a change of the template changes no message.
#[tokio::test]
async fn a_template_is_filled_and_its_text_frozen() {
    let world = World::new();
    let template = make(&world, MessageType::Welcome, "Welcome, {customerName}!").await;
    let from = wanted(
        Some(template.id),
        &[("customerName", "Ada"), ("colour", "red")],
    );
    let accepted = sent(&world, from, None).await.unwrap();
    assert_eq!(accepted.message.message_type, MessageType::Welcome);
    assert_eq!(accepted.message.made_from, Some(MadeFrom::Own(template.id)));
    let warned: Vec<_> = accepted
        .warnings
        .iter()
        .map(|w| (w.code, w.name.as_str()))
        .collect();
    assert_eq!(warned, [("UNUSED_VARIABLE", "colour")]);
    let change = TemplateEdit {
        version: 1,
        content: Some("Bye, {customerName}".into()),
        ..TemplateEdit::default()
    };
    edit(&world, &template, change).await;
    assert_eq!(text_of(&world, &accepted), "Welcome, Ada!");
    let (_, request) = world.gate.sent().remove(0);
    assert!(request.body.unwrap().to_string().contains("Welcome, Ada!"));
    assert_eq!(world.sends(), 1);
    world.assert_consistent().await;
}

/// S1.141, S1.139: every value that is missing is named, beside everything else; nothing is stored.
#[tokio::test]
async fn all_that_is_missing_is_named() {
    let world = World::new();
    let text = "{customerName}: {amount} by {dueDate}";
    let template = make(&world, MessageType::Invoice, text).await;
    let mut from = wanted(Some(template.id), &[("amount", "7")]);
    from.draft.to = "12".into();
    from.message_type = Some(MessageType::Welcome);
    let refused = sent(&world, from, None).await.unwrap_err();
    let fields: Vec<_> = refused
        .fields()
        .iter()
        .map(|f| (f.field.as_str(), f.code))
        .collect();
    assert_eq!(
        fields,
        [
            ("message_type", "NOT_THE_TEMPLATES"),
            ("own_template.variables.customerName", "REQUIRED"),
            ("own_template.variables.dueDate", "REQUIRED"),
            ("to", "PHONE"),
        ]
    );
    assert!(world.store.state().messages.is_empty());
    assert_eq!(world.sends(), 0);
}

/// S1.148, X43: by its type a message has the company's active text, else Waypost's, else none.
#[tokio::test]
async fn the_text_of_a_type_is_the_active_one_or_waypost_s() {
    let world = World::new();
    let of = |message_type, values: &[(&str, &str)]| FromTemplate {
        message_type: Some(message_type),
        ..wanted(None, values)
    };
    let reminder = [
        ("customerName", "Ada"),
        ("invoiceNumber", "17"),
        ("amount", "7"),
        ("daysOverdue", "3"),
        ("dueDate", "1 Nov"),
    ];
    let first = sent(&world, of(MessageType::PaymentReminder, &reminder), None);
    let first = first.await.unwrap();
    assert!(text_of(&world, &first).contains("is 3 days overdue"));
    assert_eq!(first.message.made_from, None);
    let own = make(&world, MessageType::PaymentReminder, "{customerName}, pay.").await;
    let second = sent(
        &world,
        of(MessageType::PaymentReminder, &reminder[..1]),
        None,
    );
    let second = second.await.unwrap();
    assert_eq!(text_of(&world, &second), "Ada, pay.");
    assert_eq!(second.message.made_from, Some(MadeFrom::Own(own.id)));
    let none = sent(&world, of(MessageType::Promotion, &[]), None).await;
    assert_eq!(none.unwrap_err().fields()[0].code, "NO_TEMPLATE");
    let nothing = sent(&world, wanted(None, &[]), None).await;
    assert_eq!(nothing.unwrap_err().fields()[0].field, "message_type");
    assert_eq!(world.sends(), 2);
}

/// S1.136, S1.148, S0.14: a template that is off, gone, another company's or none at all sends nothing.
#[tokio::test]
async fn a_template_that_cannot_be_used_sends_nothing() {
    let world = World::new();
    let template = make(&world, MessageType::Welcome, "Hi").await;
    let off = TemplateEdit {
        version: 1,
        active: Some(false),
        ..TemplateEdit::default()
    };
    edit(&world, &template, off).await;
    let refused = sent(&world, wanted(Some(template.id), &[]), None).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.details()["reason"], "TEMPLATE_OFF");
    let mut odd = wanted(None, &[]);
    odd.id = Some("welcome".into());
    for from in [odd, wanted(Some(TemplateId::fresh()), &[])] {
        let refused = sent(&world, from, None).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    let stranger = world.other.user(Role::Manager);
    let foreign = Wanted::Template(wanted(Some(template.id), &[]));
    let refused = world.accept().run_wanted(&stranger, foreign, None).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    assert!(world.store.state().messages.is_empty());
    assert_eq!(world.sends(), 0);
}

/// A repeated request has the first answer, even when its template is gone meanwhile.
#[tokio::test]
async fn a_repetition_needs_no_template() {
    let world = World::new();
    let template = make(&world, MessageType::Welcome, "Hi {customerName}").await;
    let key = IdempotencyKey::parse("POST /v1/messages", "k-1", b"same").unwrap();
    let from = wanted(Some(template.id), &[("customerName", "Ada"), ("x", "y")]);
    let first = sent(&world, from.clone(), Some(&key)).await.unwrap();
    let manager = world.acme.user(Role::Manager);
    let desk = TemplateDesk {
        store: &world.store,
        clock: &world.clock,
    };
    desk.delete(&manager, template.id).await.unwrap();
    let again = sent(&world, from.clone(), Some(&key)).await.unwrap();
    assert!(again.repeated && again.warnings.is_empty());
    assert_eq!(again.message.id, first.message.id);
    let other = sent(&world, from, None).await.unwrap_err();
    assert_eq!(other.code(), Code::NotFound);
    assert_eq!(world.sends(), 1);
}
