//! Whom messages go to and what they say: everything reads back as it was accepted.

use domain::{
    contact::Recipient,
    message::{
        ButtonAction, ButtonValue, Content, List, Message, Parameters, Row, Section, TemplateUse,
    },
    ports::{Acceptances, Messages},
};

use crate::world::{NUMBER, World, start};

/// X13: somebody without a number is written to by the provider's name for them.
#[tokio::test]
async fn a_recipient_is_a_number_or_a_name() {
    let world = World::start().await;
    for to in [
        Recipient::User("BH.1098765432109876".into()),
        Recipient::User("97333000017".into()),
        Recipient::read("+97333000017"),
    ] {
        let mut acceptance = world.acceptance(start());
        acceptance.message.to = to;
        acceptance.message.sending.polls = Some(0);
        world.store.commit(&acceptance).await.unwrap();
        let mut message = Message {
            version: 1,
            ..acceptance.message
        };
        message.sending.polls = Some(3);
        world.store.save(&mut message, None).await.unwrap();
        let stored = world.store.message(world.tenant, message.id).await;
        assert_eq!(stored.unwrap(), Some(message));
    }
    // As it was written before there were names.
    let message = world.accepted().await;
    let key = format!("T#{}#M#{}", world.tenant.key(), message.id.key());
    let stored = world.database.item(&key, "M").await.unwrap();
    assert_eq!(stored["to"].as_s().unwrap(), NUMBER);
    assert!(!stored.contains_key("po"));
}

/// S2.25: lists and templates are said like everything else, a template with its name and its values.
#[tokio::test]
async fn every_kind_of_content_reads_back() {
    let world = World::start().await;
    let row = |n: usize| Row {
        id: format!("row{n}"),
        title: format!("At {n}"),
        description: None,
    };
    let contents = [
        Content::List(List {
            header: None,
            body: "When does it suit you?".into(),
            footer: None,
            label: "Choose".into(),
            sections: vec![Section {
                title: None,
                rows: (1..=10).map(row).collect(),
            }],
        }),
        Content::Template(TemplateUse {
            name: "welcome".into(),
            language: "en_US".into(),
            header: None,
            body: Parameters::Positional(vec!["Amal".into(); 40]),
            buttons: vec![ButtonValue {
                index: 0,
                value: ButtonAction::Url {
                    text: "x".repeat(900),
                },
            }],
        }),
    ];
    for content in contents {
        let mut acceptance = world.acceptance(start());
        acceptance.message.kind = content.kind();
        acceptance.payload.content = content;
        world.store.commit(&acceptance).await.unwrap();
        let id = acceptance.message.id;
        let read = world.store.payload(world.tenant, id).await.unwrap();
        assert_eq!(read, Some(acceptance.payload));
        let stored = world.store.message(world.tenant, id).await.unwrap();
        assert_eq!(stored.unwrap().kind, acceptance.message.kind);
    }
}
