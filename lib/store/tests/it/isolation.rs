//! Another tenant's things do not exist, whichever way they are asked for.

use domain::{
    billing::Applied,
    contact::{Alias, Contact},
    ids::{TenantId, UserId},
    message::MediaCopy,
    notice::NoticeState,
    ports::{
        Acceptances, Audits, Boards, ChannelBook, ContactBook, Contacts, Conversations, Directory,
        Inbox, Journal, Merger, Messages, Money, Notices, Outbox, Payments, PlanRequests, Pointers,
        ProviderTemplates, Saved, SearchIndex, Subscriptions, TemplateBook, UserBook,
    },
    provider::{TemplateChange, TemplateItem},
    webhook::{JournalBody, JournalEntry, JournalKey, Observed, Pointer},
};
use testkit::{billing, builders::Company};

use crate::{
    contacts::index,
    inbox::reception,
    notices::noticed,
    users::invited,
    world::{World, audit, start},
};

#[tokio::test]
async fn ids_of_one_tenant_mean_nothing_to_another() {
    let mut world = World::start().await;
    let company = Company::named("acme");
    world.tenant = company.tenant.id;
    world.channel = company.channel.id;
    let (store, ours, theirs) = (&world.store, world.tenant, TenantId::fresh());
    store.put_tenant(&company.tenant).await.unwrap();
    store.put_channel(&company.channel).await.unwrap();
    let mut acceptance = world.with_key("key-1", start());
    acceptance.new_contact = Some(world.contact());
    store.commit(&acceptance).await.unwrap();
    let message = &acceptance.message;
    let to = Pointer {
        message: message.id,
        attempt: 1,
    };
    store.point(ours, world.channel, "wa-1", to).await.unwrap();
    let seen = Observed::Read { at: start() };
    store
        .park(ours, world.channel, "wa-1", &seen, start())
        .await
        .unwrap();
    let mut notice = noticed(&world, NoticeState::Digest).await;
    let mut journal = JournalEntry {
        key: JournalKey {
            tenant: ours,
            arrived_at: start(),
            id: message.id,
        },
        channel: world.channel,
        body: JournalBody::Here(Vec::new()),
        verdicts: Vec::new(),
        retry_at: None,
        tries: 0,
    };
    store.write(&journal).await.unwrap();
    let received = reception(&world, "in-1", start());
    store.receive(&received).await.unwrap();
    let contact = world.met();
    index(store, &contact).await;
    let template = TemplateItem {
        name: "welcome".into(),
        language: "en".into(),
        change: TemplateChange::Quality("GREEN".into()),
    };
    let noted = store.note_template(ours, "1001", &template, start()).await;
    noted.unwrap();
    let before = world.database.items().await.len();

    assert_eq!(Directory::tenant(store, theirs).await.unwrap(), None);
    assert_eq!(store.channel(theirs, world.channel).await.unwrap(), None);
    assert_eq!(store.contact(theirs, &World::alias()).await.unwrap(), None);
    assert_eq!(
        store.repeated(theirs, "key-1", start()).await.unwrap(),
        None
    );
    assert_eq!(store.used(theirs, message.usage_day).await.unwrap(), 0);
    assert_eq!(store.message(theirs, message.id).await.unwrap(), None);
    assert_eq!(store.payload(theirs, message.id).await.unwrap(), None);
    assert_eq!(store.messages(theirs, &[message.id]).await.unwrap(), []);
    assert_eq!(store.job(theirs, message.job).await.unwrap(), None);
    assert_eq!(store.jobs(theirs, None, 9).await.unwrap().items, []);
    assert_eq!(store.board(theirs, message.job, 0).await.unwrap(), None);
    assert_eq!(
        store
            .conversation(theirs, message.conversation)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.pointer(theirs, world.channel, "wa-1").await.unwrap(),
        None
    );
    assert_eq!(
        store.parked(theirs, world.channel, "wa-1").await.unwrap(),
        []
    );
    assert_eq!(
        store.digest(theirs, notice.key.window, 9).await.unwrap(),
        []
    );
    let (threads, channels) = ([message.conversation], [world.channel]);
    let id = received.message.id;
    assert_eq!(store.inbound(theirs, id).await.unwrap(), None);
    let page = store.thread(theirs, &threads, None, 9).await.unwrap();
    assert_eq!(page.items, []);
    let page = store.conversations(theirs, false, &channels, None, 9).await;
    assert_eq!(page.unwrap().items, []);
    let found = store.conversations_by_id(theirs, &threads).await.unwrap();
    assert_eq!(found, []);
    assert_eq!(store.contact_by_id(theirs, contact.id).await.unwrap(), None);
    assert_eq!(store.contacts(theirs, None, 9).await.unwrap().items, []);
    for prefix in ["ada", "973"] {
        assert_eq!(store.find_contacts(ours, prefix, 9).await.unwrap().len(), 1);
        assert_eq!(store.find_contacts(theirs, prefix, 9).await.unwrap(), []);
    }
    assert_eq!(store.channels(theirs).await.unwrap(), []);
    assert_eq!(
        store.audits(theirs, start(), None, 9).await.unwrap().items,
        []
    );
    let day = "2026-11-20".parse().unwrap();
    let entries = Journal::entries(store, theirs, day, None, 9).await.unwrap();
    assert_eq!(entries.items, []);
    let known = store.template(theirs, "1001", "welcome", "en").await;
    assert_eq!(known.unwrap(), None);
    let page = store.templates(theirs, false, None, 9).await.unwrap();
    assert_eq!(page.items, []);
    notice.key.tenant = theirs;
    assert_eq!(store.notice(&notice.key).await.unwrap(), None);
    journal.key.tenant = theirs;
    assert_eq!(store.entry(&journal.key).await.unwrap(), None);

    let mut stolen = message.clone();
    stolen.tenant = theirs;
    stolen.version = 1;
    assert_eq!(store.save(&mut stolen, None).await.unwrap(), Saved::Stale);
    assert_eq!(
        store.withdraw(&mut stolen, &audit(start())).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(
        store.move_notice(&notice, &notice).await.unwrap(),
        Saved::Stale
    );
    let line = audit(start());
    let mut person = contact.clone();
    person.tenant = theirs;
    let saved = store.save_contact(&mut person, &[], Some(&line)).await;
    assert_eq!(saved.unwrap(), Saved::Stale);
    let mut channel = company.channel.clone();
    channel.tenant = theirs;
    let saved = store.save_channel(&mut channel, &line).await;
    assert_eq!(saved.unwrap(), Saved::Stale);
    let mut inbound = received.message.clone();
    inbound.tenant = theirs;
    let to = MediaCopy::Wanted { tries: 1 };
    let saved = store.move_copy(&inbound, &to, None).await.unwrap();
    assert_eq!(saved, Saved::Stale);
    assert_eq!(
        world.database.items().await.len(),
        before,
        "nothing was made on the way"
    );
}

/// Every item but what leads in from outside stands under its tenant, and so does every place in an index but
/// the sweep's, and the lists that the platform's people read.
#[tokio::test]
async fn every_key_begins_with_its_tenant() {
    let mut world = World::start().await;
    let company = Company::named("acme");
    world.tenant = company.tenant.id;
    world.store.put_tenant(&company.tenant).await.unwrap();
    world.store.put_channel(&company.channel).await.unwrap();
    let hostile = "#*/\u{0}T#0\u{ff03}";
    let alias = Alias::provider_user(hostile);
    let mut person = Contact::met_as(world.tenant, &alias, Some(hostile.into()));
    let saved = world.store.save_contact(&mut person, &[], None).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    let words = [hostile.to_owned()];
    let indexed = world
        .store
        .index_contact(world.tenant, person.id, &words, &[]);
    indexed.await.unwrap();
    let template = TemplateItem {
        name: hostile.into(),
        language: "en".into(),
        change: TemplateChange::Quality(hostile.into()),
    };
    let noted = world
        .store
        .note_template(world.tenant, hostile, &template, start());
    noted.await.unwrap();
    let mut company = company;
    company.channel.account = Some(hostile.into());
    company.channel.provider_ref = hostile.into();
    world.store.put_channel(&company.channel).await.unwrap();
    let mut acceptance = world.with_key(hostile, start());
    acceptance.new_contact = Some(world.contact());
    acceptance.audit.entity = hostile.into();
    world.store.commit(&acceptance).await.unwrap();
    noticed(&world, NoticeState::Waiting).await;
    let seen = Observed::Failed {
        at: start(),
        code: hostile.into(),
        reason: hostile.into(),
    };
    world
        .store
        .park(world.tenant, world.channel, hostile, &seen, start())
        .await
        .unwrap();
    pay(&world, hostile).await;
    let mut user = invited(world.tenant, "mona@acme.example");
    user.id = UserId::new(hostile);
    user.name = Some(hostile.into());
    world.store.begin_invitation(&user, None).await.unwrap();
    let prefix = format!("T#{}", world.tenant.key());
    for item in world.database.items().await {
        for name in ["pk", "lp", "op"] {
            let Some(value) = item.get(name) else {
                continue;
            };
            let value = value.as_s().unwrap();
            let ours = value == &prefix || value.starts_with(&format!("{prefix}#"));
            let leads_in = ["CK#", "CR#", "CA#", "PP#", "PY#", "RC#", "RQ#", "UE#"];
            let leads_in = leads_in.iter().any(|prefix| value.starts_with(prefix));
            let leads_in = leads_in || (name == "op" && value == "RQ");
            let company = name == "lp" && value == "TN" && item["sk"].as_s().unwrap() == "T";
            assert!(ours || leads_in || company, "{name} = {value}");
        }
        let pk = item["pk"].as_s().unwrap();
        assert!(
            pk.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"#-_".contains(&b)),
            "{pk}"
        );
    }
}

/// Everything that is paid for, with words that would reach into another key.
async fn pay(world: &World, hostile: &str) {
    let (store, tenant) = (&world.store, world.tenant);
    let plan = billing::plan(hostile, start());
    let mut change = billing::credit(tenant, hostile, 30, start());
    let one = billing::subscription(tenant, &plan, start());
    store.point_paypal(hostile, tenant, one.id).await.unwrap();
    let mut paid = billing::payment(&one, &plan, start());
    let line = audit(start());
    store.save_payment(&mut paid, &line).await.unwrap();
    assert!(store.claim_receipt(hostile, &paid).await.unwrap());
    change.subscription = Some(one);
    change.managed = Some(billing::managed(tenant, start()));
    change.notification = Some(billing::notification(tenant, hostile, start()));
    assert_eq!(store.apply(&change).await.unwrap(), Applied::Done);
    let mut asked = billing::request(tenant, &plan, start());
    store.save_request(&mut asked, tenant, &line).await.unwrap();
}

/// Transactions that would mix tenants are refused before they are sent.
#[tokio::test]
async fn an_acceptance_never_mixes_tenants() {
    let world = World::start().await;
    let mut job = world.acceptance(start());
    job.job.tenant = TenantId::fresh();
    let mut contact = world.acceptance(start());
    contact.new_contact = Some(world.contact());
    contact.new_contact.as_mut().unwrap().tenant = TenantId::fresh();
    for mixed in [job, contact] {
        assert!(!world.store.commit(&mixed).await.unwrap_err().retryable());
    }
    let mut received = reception(&world, "in-1", start());
    received.contact.tenant = TenantId::fresh();
    let failure = world.store.receive(&received).await.unwrap_err();
    assert!(!failure.retryable());
    let merger = Merger {
        survivor: world.person(1, "Amal"),
        other: Contact {
            tenant: TenantId::fresh(),
            ..world.person(2, "Basil")
        },
        threads: Vec::new(),
        audit: None,
    };
    let failure = world.store.merge_contacts(&merger).await.unwrap_err();
    assert!(!failure.retryable());
    assert_eq!(world.count().await, 0);
}
