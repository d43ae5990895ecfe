//! What the projector reads of the table's stream.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    contact::Alias,
    failure::StoreFailureKind,
    job::RowChange,
    message::{Fact, Status},
    ports::{Acceptances, Contacts, Inbox, Messages, Saved},
};
use serde_json::{Value, json};
use store::stream::{ContactChange, change, contact_change};
use testkit::database::Item;

use crate::world::{World, later, start};

/// An item as a Lambda event shows it.
fn image(item: &Item) -> String {
    let value = |value: &AttributeValue| -> Value {
        let plain: serde_dynamo::AttributeValue = value.clone().into();
        serde_json::to_value(plain).unwrap()
    };
    let map = item.iter().map(|(k, v)| (k.clone(), value(v))).collect();
    Value::Object(map).to_string()
}

#[tokio::test]
async fn a_record_tells_the_row_when_its_status_changed() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let key = format!("T#{}#M#{}", world.tenant.key(), message.id.key());
    let read = || async { image(&world.database.item(&key, "M").await.unwrap()) };
    let queued = read().await;
    let told = change(Some(&queued), None).unwrap();
    assert_eq!(told, None, "rows are queued at first");
    message.claim(later(1)).unwrap();
    world.store.save(&mut message, None).await.unwrap();
    let pending = read().await;
    let told = change(Some(&pending), Some(&queued)).unwrap();
    let expected = RowChange {
        row: 0,
        version: 2,
        status: Status::Pending,
    };
    assert_eq!(told, Some((world.tenant, message.job, expected)));
    message.observe(Fact::Delivered { at: later(2) }, later(2));
    world.store.save(&mut message, None).await.unwrap();
    let delivered = read().await;
    let told = change(Some(&delivered), Some(&pending)).unwrap().unwrap();
    assert_eq!((told.2.version, told.2.status), (3, Status::Delivered));
    let sent = Fact::Sent {
        attempt: 1,
        at: later(1),
    };
    message.observe(sent, later(3));
    world.store.save(&mut message, None).await.unwrap();
    let same = read().await;
    assert_eq!(change(Some(&same), Some(&delivered)).unwrap(), None);
    assert_eq!(change(None, Some(&same)).unwrap(), None, "deleted");
}

#[tokio::test]
async fn everything_else_in_the_table_is_passed_over() {
    let world = World::start().await;
    let mut acceptance = world.with_key("key-1", start());
    acceptance.new_contact = Some(world.contact());
    world.store.commit(&acceptance).await.unwrap();
    for item in world.database.items().await {
        let image = image(&item);
        assert_eq!(change(Some(&image), None).unwrap(), None);
        let words = contact_change(Some(&image), None).unwrap();
        let is_contact = item["sk"].as_s().unwrap() == "K";
        assert_eq!(words.is_some(), is_contact);
    }
}

/// S4.38: names lead to their contact from when they are theirs until they are not.
#[tokio::test]
async fn a_record_tells_the_words_of_a_name_that_changed() {
    let world = World::start().await;
    let mut contact = world.known(17, "Amal  Heron").await;
    let (tenant, id) = (world.tenant, contact.id);
    let key = format!("T#{}#K#{}", tenant.key(), id.key());
    let read = || async { image(&world.database.item(&key, "K").await.unwrap()) };
    let expect = |new: &[&str], old: &[&str]| {
        let own = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        Some(ContactChange {
            tenant,
            contact: id,
            words: own(new),
            stale: own(old),
        })
    };
    let met = read().await;
    let told = |new: Option<&str>, old: Option<&str>| contact_change(new, old).unwrap();
    assert_eq!(told(Some(&met), None), expect(&["amal", "heron"], &[]));
    assert_eq!(told(Some(&met), Some(&met)), None);
    contact.name = Some("Heron, Dana".into());
    world
        .store
        .save_contact(&mut contact, &[], None)
        .await
        .unwrap();
    let renamed = read().await;
    let changed = told(Some(&renamed), Some(&met));
    assert_eq!(changed, expect(&["dana"], &["amal"]));
    assert_eq!(told(None, Some(&met)), expect(&[], &["amal", "heron"]));

    // The place of a merged contact, and of a further alias, holds no name.
    let alias = Alias::provider_user("lid-1");
    let mut other = world.known(18, "Basil").await;
    other.aliases.push(alias.clone());
    let saved = world.store.save_contact(&mut other, &[alias], None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let items = world.database.items().await;
    let mut lead = items.into_iter().find(|i| i.contains_key("to")).unwrap();
    assert_eq!(told(Some(&image(&lead)), None), None);
    lead.insert("pk".into(), AttributeValue::S(key.clone()));
    let merged = told(Some(&image(&lead)), Some(&renamed));
    assert_eq!(merged, expect(&[], &["heron", "dana"]));

    let one = crate::inbox::reception(&world, "in-1", start());
    world.store.receive(&one).await.unwrap();
    assert_eq!(told(None, None), None);
    let unreadable = json!({"pk": {"S": key}, "sk": {"S": "K"}, "shown": {"N": "1"}});
    let failure = contact_change(Some(&unreadable.to_string()), None).unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Corrupt);
}

#[test]
fn an_image_that_cannot_be_read_is_told_as_such() {
    let key = "T#0192f0c1a2b37c4d8e5f60718293a4b5#M#0192f0c1a2b37c4d8e5f60718293a4b5";
    let message = json!({"pk": {"S": key}, "sk": {"S": "M"}}).to_string();
    let bad = [
        "",
        "{}",
        "[]",
        r#"{"pk":1}"#,
        r#"{"sk":{"S":"M"}}"#,
        &message,
    ];
    for image in bad {
        let failure = change(Some(image), None).unwrap_err();
        assert_eq!(failure.kind(), StoreFailureKind::Corrupt, "{image}");
        if image != message {
            assert!(contact_change(Some(image), None).is_err(), "{image}");
        }
    }
    let nobody = r#"{"pk":{"S":"T#x"},"sk":{"S":"M"}}"#;
    assert_eq!(change(Some(nobody), None).unwrap(), None);
}
