//! What is stored and cannot be read is a failure that says so, never a panic.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    channel::PlatformApp,
    contact::Alias,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, TenantId},
    message::MediaCopy,
    notice::NoticeState,
    partner::PartnerSettings,
    ports::{
        Acceptances, Audits, BalanceNotices, Boards, ChannelBook, ChannelKeys, ContactBook,
        Contacts, Conversations, Directory, Inbox, Journal, Messages, Notices, Outbox,
        PartnerSettingsBook, Pointers, Saved,
    },
    webhook::{JournalBody, JournalEntry, JournalKey, Observed, Pointer},
};
use testkit::{builders::Company, database::Item};

use crate::{
    inbox::reception,
    notices::noticed,
    partner,
    world::{World, audit, start},
};

pub async fn put(world: &World, item: Item) {
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
        ("to", text("")),
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
    let mut inbound = reception(&world, "in-1", start());
    inbound.message.copy = Some(MediaCopy::Wanted { tries: 0 });
    store.receive(&inbound).await.unwrap();
    let app = PlatformApp::default();
    let line = audit(start());
    store.save_platform_app(&app, tenant, &line).await.unwrap();
    let mut partner = PartnerSettings::default();
    let saved = store.save_partner_settings(&mut partner, tenant, &line);
    assert_eq!(saved.await.unwrap(), Saved::Done);
    let days = partner::notice(start(), 1);
    let name = partner::named(&days);
    store.keep_notice(&days, &name).await.unwrap();
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
    let (contact, channels) = (world.contact().id, [world.channel]);
    corrupt(store.contact(tenant, &World::alias()).await);
    corrupt(store.contact_by_id(tenant, contact).await);
    corrupt(store.contacts(tenant, None, 9).await);
    corrupt(store.find_contacts(tenant, "9", 9).await);
    corrupt(store.channels(tenant).await);
    let (provider, name) = (company.channel.provider, &company.channel.provider_ref);
    corrupt(store.channel_by_ref(provider, name).await);
    corrupt(store.platform_app().await);
    corrupt(store.partner_settings().await);
    corrupt(store.balance_notices(None, 9).await);
    corrupt(store.conversations(tenant, false, &channels, None, 9).await);
    let threads = [message.conversation];
    corrupt(store.conversations_by_id(tenant, &threads).await);
    corrupt(store.thread(tenant, &threads, None, 9).await);
    corrupt(store.inbound(tenant, inbound.message.id).await);
    corrupt(store.receive(&inbound).await);
    corrupt(store.audits(tenant, start(), None, 9).await);
    let day = "2026-11-20".parse().unwrap();
    corrupt(store.entries(tenant, day, None, 9).await);
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

/// What leads from one contact to the next: a few steps, never in a circle, never to nobody.
#[tokio::test]
async fn a_lead_that_ends_nowhere_is_told_as_such() {
    let world = World::start().await;
    let places: Vec<ContactId> = (0..6).map(|_| ContactId::fresh()).collect();
    let lead = async |from: ContactId, to: ContactId| {
        let text = |value: String| AttributeValue::S(value);
        let bytes = to.uuid().as_bytes().to_vec();
        let pk = format!("T#{}#K#{}", world.tenant.key(), from.key());
        let item = [
            ("pk".to_owned(), text(pk)),
            ("sk".to_owned(), text("K".into())),
            ("to".to_owned(), AttributeValue::B(bytes.into())),
        ];
        put(&world, item.into()).await;
    };
    let read = async |id| world.store.contact_by_id(world.tenant, id).await;
    let contact = world.known(17, "Amal Heron").await;
    for pair in places.windows(2) {
        lead(pair[0], pair[1]).await;
    }
    lead(places[5], contact.id).await;
    assert_eq!(read(places[2]).await.unwrap(), Some(contact), "four steps");
    corrupt(read(places[1]).await);
    lead(places[5], places[4]).await;
    corrupt(read(places[5]).await);
    lead(places[5], ContactId::fresh()).await;
    corrupt(read(places[5]).await);
    let mut item = world.database.items().await.swap_remove(0);
    item.insert("to".into(), AttributeValue::S("somebody".into()));
    let pk = item["pk"].as_s().unwrap().clone();
    put(&world, item).await;
    corrupt(read(ContactId::parse(&pk[pk.len() - 32..]).unwrap()).await);
}

/// Each attribute of the newer items gone or nonsense.
#[tokio::test]
async fn damaged_people_and_channels_are_told_as_such() {
    let world = World::start().await;
    let company = Company::named("acme");
    world.store.put_channel(&company.channel).await.unwrap();
    let contact = world.known(17, "Amal Heron").await;
    let (tenant, channel) = (company.tenant.id, company.channel.id);
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let list = AttributeValue::L(vec![text("nobody")]);
    for (name, value) in [
        ("consent", text("perhaps")),
        ("al", list),
        ("v", text("one")),
        ("ct", text("yesterday")),
        ("phone", text("0800")),
    ] {
        let key = format!("T#{}#K#{}", world.tenant.key(), contact.id.key());
        let whole = world.database.item(&key, "K").await.unwrap();
        let mut item = whole.clone();
        item.insert(name.into(), value);
        put(&world, item).await;
        corrupt(world.store.contact_by_id(world.tenant, contact.id).await);
        put(&world, whole).await;
    }
    for name in [
        "provider",
        "au",
        "key",
        "webhook_secret",
        "v",
        "created",
        "active",
    ] {
        let key = format!("T#{}#C#{}", tenant.key(), channel.key());
        let whole = world.database.item(&key, "C").await.unwrap();
        let mut item = whole.clone();
        item.insert(name.into(), AttributeValue::Null(true));
        put(&world, item).await;
        corrupt(world.store.channel(tenant, channel).await);
        corrupt(world.store.channels(tenant).await);
        put(&world, whole).await;
    }
}
