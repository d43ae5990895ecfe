//! What is stored and cannot be read is a failure that says so, never a panic.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    contact::Alias,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, TenantId},
    notice::NoticeState,
    ports::{
        Acceptances, Boards, Contacts, Directory, Inbox, Journal, Messages, Notices, Outbox,
        Pointers,
    },
    webhook::{JournalBody, JournalEntry, JournalKey, Observed, Pointer},
};
use testkit::{builders::Company, database::Item};

use crate::{
    notices::noticed,
    world::{World, start},
};

async fn put(world: &World, item: Item) {
    let put = world
        .database
        .client
        .put_item()
        .table_name(&world.database.table);
    put.set_item(Some(item)).send().await.unwrap();
}

fn corrupt<T: std::fmt::Debug>(answer: Result<T, StoreFailure>) {
    assert_eq!(answer.unwrap_err().kind(), StoreFailureKind::Corrupt);
}

/// Each attribute of a message missing, or of another type, or nonsense.
#[tokio::test]
async fn a_damaged_message_is_told_as_such() {
    let world = World::start().await;
    let message = world.accepted().await;
    let key = format!("T#{}#M#{}", world.tenant.key(), message.id.key());
    let whole = world.database.item(&key, "M").await.unwrap();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let foreign = format!(
        "T#{}#V#{}#M",
        TenantId::fresh().key(),
        message.conversation.key()
    );
    let nonsense = [
        ("lp", text("T#x#V#y#M")),
        ("lp", text(&foreign)),
        ("v", text("one")),
        ("v", AttributeValue::N("-1".into())),
        ("j", AttributeValue::B(vec![1, 2, 3].into())),
        ("to", text("nobody")),
        ("y", text("hologram")),
        ("p", text("?")),
        ("s", AttributeValue::N("99".into())),
        ("ud", text("2026-02-30")),
        ("ca", AttributeValue::N("1.5".into())),
        ("ca", text("yesterday")),
        ("f", text("none")),
        (
            "f",
            AttributeValue::M([("d".into(), AttributeValue::Bool(true))].into()),
        ),
        ("a", AttributeValue::Ns(vec!["1".into()])),
    ];
    for (name, value) in nonsense {
        let mut item = whole.clone();
        item.insert(name.into(), value.clone());
        put(&world, item).await;
        let read = world.store.message(world.tenant, message.id).await;
        assert!(read.is_err(), "{name}: {value:?}");
        corrupt(read);
        corrupt(world.store.messages(world.tenant, &[message.id]).await);
    }
    for name in [
        "lp", "v", "j", "r", "c", "k", "to", "y", "g", "ca", "ua", "ud", "p", "pt", "s",
    ] {
        let mut item = whole.clone();
        item.remove(name);
        if name == "lp" {
            item.remove("ls");
        }
        put(&world, item).await;
        corrupt(world.store.message(world.tenant, message.id).await);
    }
}

/// Every other kind of item, reduced to its key.
#[tokio::test]
async fn an_empty_item_is_told_as_such() {
    let mut world = World::start().await;
    let company = Company::named("acme");
    world.tenant = company.tenant.id;
    world.channel = company.channel.id;
    let (store, tenant) = (&world.store, world.tenant);
    store.put_tenant(&company.tenant).await.unwrap();
    store.put_channel(&company.channel).await.unwrap();
    let accepted = world.with_key("key-1", start());
    store.commit(&accepted).await.unwrap();
    let message = &accepted.message;
    let to = Pointer {
        message: message.id,
        attempt: 1,
    };
    store
        .point(tenant, world.channel, "wa-1", to)
        .await
        .unwrap();
    let seen = Observed::Read { at: start() };
    store
        .park(tenant, world.channel, "wa-1", &seen, start())
        .await
        .unwrap();
    let notice = noticed(&world, NoticeState::Waiting).await;
    let entry = JournalEntry {
        key: JournalKey {
            tenant,
            arrived_at: start(),
            id: message.id,
        },
        channel: world.channel,
        body: JournalBody::Here(vec![1]),
        verdicts: Vec::new(),
        retry_at: None,
        tries: 0,
    };
    store.write(&entry).await.unwrap();
    for item in world.database.items().await {
        let keys = ["pk", "sk", "lp", "ls", "op", "os"];
        put(
            &world,
            item.into_iter()
                .filter(|(k, _)| keys.contains(&k.as_str()))
                .collect(),
        )
        .await;
    }

    corrupt(Directory::tenant(store, tenant).await);
    corrupt(store.channel(tenant, world.channel).await);
    corrupt(
        store
            .cross_tenant()
            .channel_by_key(&company.channel.key)
            .await,
    );
    corrupt(store.repeated(tenant, "key-1", start()).await);
    corrupt(store.used(tenant, message.usage_day).await);
    corrupt(store.payload(tenant, message.id).await);
    corrupt(store.conversation(tenant, message.conversation).await);
    corrupt(store.job(tenant, message.job).await);
    corrupt(store.jobs(tenant, None, 9).await);
    corrupt(store.pointer(tenant, world.channel, "wa-1").await);
    corrupt(store.point(tenant, world.channel, "wa-1", to).await);
    corrupt(store.parked(tenant, world.channel, "wa-1").await);
    corrupt(store.notice(&notice.key).await);
    corrupt(store.entry(&entry.key).await);
    let board = store.board(tenant, message.job, 0).await.unwrap();
    assert_eq!(board.unwrap().1, 0, "a board nobody wrote is empty");
}

#[tokio::test]
async fn a_number_that_cannot_be_one_is_told_without_being_shown() {
    let world = World::start().await;
    let alias = Alias::provider_user("lid-1");
    let id = ContactId::of_alias(world.tenant, alias.as_str());
    let text = |value: String| AttributeValue::S(value);
    let item = Item::from([
        (
            "pk".to_owned(),
            text(format!("T#{}#K#{}", world.tenant.key(), id.key())),
        ),
        ("sk".to_owned(), text("K".into())),
        ("phone".to_owned(), text("0800-REVERSE".into())),
    ]);
    put(&world, item).await;
    let failure = world.store.contact(world.tenant, &alias).await.unwrap_err();
    assert!(!format!("{failure:?}").contains("0800"));
    corrupt::<()>(Err(failure));
}
