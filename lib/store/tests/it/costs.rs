//! What people's operations in the inbox cost. A figure that grows fails here; README.md and
//! docs/data-model.md repeat these numbers.

use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    ids::{ConversationId, UserId},
    message::MediaCopy,
    ports::{
        Audits, ChannelBook, ContactBook, Contacts, Conversations, Directory, Inbox, Journal, Made,
        Merger, PayPalBook, ProviderTemplates, Saved, SearchIndex, SettingsBook,
    },
    provider::{TemplateChange, TemplateItem},
};
use testkit::{builders::Company, meter::Meter};

use crate::{
    inbox::{reception, written_by},
    world::{World, audit, later, start},
};

pub fn check(meter: &Meter, costs: &[(&str, u32)]) {
    for (step, writes) in costs {
        assert_eq!(meter.of(step).writes(), *writes, "{step}");
    }
    assert_eq!(meter.disagreements(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_done_to_a_conversation_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    meter.step("receive, new writer with two names");
    let mut first = reception(&world, "in-1", start());
    let user = Alias::provider_user("BH.1098765432");
    first.contact.aliases.push(user.clone());
    first.claimed = vec![user];
    first.message.copy = Some(MediaCopy::Wanted { tries: 0 });
    store.receive(&first).await.unwrap();
    meter.step("copy stored");
    let stored = MediaCopy::Stored {
        key: "media/1".into(),
        mime: "image/jpeg".into(),
        bytes: 1,
    };
    store
        .move_copy(&first.message, &stored, None)
        .await
        .unwrap();
    let read = || async {
        let read = store.conversation(tenant, world.conversation()).await;
        read.unwrap().unwrap()
    };
    let save = async |change: fn(&mut Conversation)| {
        let before = read().await;
        let mut after = before.clone();
        change(&mut after);
        store
            .save_conversation(&before, &after, &audit(later(1)))
            .await
            .unwrap()
    };
    meter.step("mark read");
    assert_eq!(save(|c| c.unread = 0).await, Saved::Done);
    meter.step("assign");
    let assign = |c: &mut Conversation| c.assigned_to = Some(UserId::new("user-2"));
    assert_eq!(save(assign).await, Saved::Done);
    meter.step("put away");
    assert_eq!(save(|c| c.archived = true).await, Saved::Done);
    meter.step("receive, brought back");
    let known = store
        .contact(tenant, &World::alias())
        .await
        .unwrap()
        .unwrap();
    let next = written_by(&world, known, "in-2", later(2));
    store.receive(&next).await.unwrap();
    meter.step("a page of conversations");
    store
        .conversations(tenant, false, &[world.channel], None, 20)
        .await
        .unwrap();
    meter.step("a page of a thread");
    store
        .thread(tenant, &[world.conversation()], None, 20)
        .await
        .unwrap();
    meter.step("note alone");
    store.note(tenant, &audit(later(1))).await.unwrap();
    meter.step("a page of audit lines");
    store.audits(tenant, later(9), None, 20).await.unwrap();
    meter.step("a day's journal");
    store
        .entries(tenant, "2026-11-20".parse().unwrap(), None, 20)
        .await
        .unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("receive, new writer with two names", 12),
            ("copy stored", 2),
            ("mark read", 4),
            ("assign", 4),
            ("put away", 6),
            ("receive, brought back", 7),
            ("note alone", 1),
        ],
    );
}

#[tokio::test]
async fn what_is_done_to_contacts_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    let mut amal = world.person(1, "Amal Heron");
    let mut other = world.person(2, "Amal");
    meter.step("new contact");
    store.save_contact(&mut amal, &[], None).await.unwrap();
    store.save_contact(&mut other, &[], None).await.unwrap();
    meter.step("save contact");
    amal.name = Some("Amal Crane".into());
    store.save_contact(&mut amal, &[], None).await.unwrap();
    meter.step("save contact with an alias and a line");
    let alias = Alias::provider_user("lid-2");
    other.aliases.push(alias.clone());
    store
        .save_contact(&mut other, &[alias], Some(&audit(start())))
        .await
        .unwrap();
    meter.step("index a name of two words");
    let words = ["amal".to_owned(), "heron".to_owned()];
    store
        .index_contact(tenant, amal.id, &words, &[])
        .await
        .unwrap();
    meter.step("index another name");
    let (new, stale) = (["crane".to_owned()], ["heron".to_owned()]);
    store
        .index_contact(tenant, amal.id, &new, &stale)
        .await
        .unwrap();
    meter.step("");
    for (n, contact) in [&amal, &other].into_iter().enumerate() {
        let one = written_by(&world, contact.clone(), &format!("in-{n}"), start());
        store.receive(&one).await.unwrap();
    }
    let read = |contact: &Contact| {
        let id = ConversationId::of(world.channel, contact.id);
        let read = store.conversation(tenant, id);
        async { read.await.unwrap().unwrap() }
    };
    let (mut stays, joins) = (read(&amal).await, read(&other).await);
    stays.unread += joins.unread;
    stays.also.push(joins.id);
    meter.step("merge, one alias, one thread");
    let merger = Merger {
        survivor: amal.clone(),
        other,
        threads: vec![(stays, joins)],
        audit: Some(audit(later(1))),
    };
    assert_eq!(store.merge_contacts(&merger).await.unwrap(), Saved::Done);
    meter.step("a page of contacts");
    store.contacts(tenant, None, 20).await.unwrap();
    meter.step("find by number");
    store.find_contacts(tenant, "97333", 20).await.unwrap();
    meter.step("find by word");
    store.find_contacts(tenant, "am", 20).await.unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("new contact", 4),
            ("save contact", 1),
            ("save contact with an alias and a line", 6),
            ("index a name of two words", 2),
            ("index another name", 2),
            ("merge, one alias, one thread", 14),
        ],
    );
}

#[tokio::test]
async fn what_is_done_to_channels_costs_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let company = Company::named("acme");
    let (tenant, mut channel) = (company.tenant.id, company.channel);
    channel.account = Some("1001".into());
    meter.step("make channel");
    let made = store.make_channel(&channel, &audit(start())).await.unwrap();
    assert_eq!(made, Made::Done);
    meter.step("put channel");
    store.put_channel(&channel).await.unwrap();
    meter.step("save channel");
    store
        .save_channel(&mut channel, &audit(later(1)))
        .await
        .unwrap();
    meter.step("note health");
    let note = domain::channel::HealthNote {
        word: "CONNECTED".into(),
        detail: String::new(),
        at: start(),
    };
    store.note_health(tenant, channel.id, &note).await.unwrap();
    meter.step("note template");
    let change = TemplateItem {
        name: "welcome".into(),
        language: "en".into(),
        change: TemplateChange::Quality("GREEN".into()),
    };
    store
        .note_template(tenant, "1001", &change, start())
        .await
        .unwrap();
    meter.step("default channel");
    world.store.put_tenant(&company.tenant).await.unwrap();
    store
        .save_default_channel(tenant, channel.id, &audit(start()))
        .await
        .unwrap();
    meter.step("settings");
    let settings = &company.tenant.settings;
    let line = audit(start());
    assert_eq!(
        store.save_settings(tenant, settings, &line).await.unwrap(),
        Saved::Done
    );
    meter.step("platform app");
    store
        .save_platform_app(
            &domain::channel::PlatformApp::default(),
            tenant,
            &audit(start()),
        )
        .await
        .unwrap();
    meter.step("paypal settings");
    let mut settings = crate::paypal::settings();
    let by = tenant;
    let line = audit(start());
    let saved = store.save_paypal_settings(&mut settings, by, &line).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    meter.step("list channels");
    store.channels(tenant).await.unwrap();
    println!("{}", meter.table());
    check(
        &meter,
        &[
            ("make channel", 12),
            ("put channel", 8),
            ("save channel", 4),
            ("note health", 1),
            ("note template", 2),
            ("default channel", 4),
            ("settings", 4),
            ("platform app", 4),
            ("paypal settings", 4),
        ],
    );
}
