//! Another tenant's things do not exist, whichever way they are asked for.

use domain::{
    ids::TenantId,
    notice::NoticeState,
    ports::{
        Acceptances, Boards, Contacts, Directory, Inbox, Journal, Messages, Notices, Outbox,
        Pointers, Saved,
    },
    webhook::{JournalBody, JournalEntry, JournalKey, Observed, Pointer},
};
use testkit::builders::Company;

use crate::{
    notices::noticed,
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
    assert_eq!(
        world.database.items().await.len(),
        before,
        "nothing was made on the way"
    );
}

/// Every item but the webhook key stands under its tenant, and so does every place in an index but
/// the sweep's.
#[tokio::test]
async fn every_key_begins_with_its_tenant() {
    let mut world = World::start().await;
    let company = Company::named("acme");
    world.tenant = company.tenant.id;
    world.store.put_tenant(&company.tenant).await.unwrap();
    world.store.put_channel(&company.channel).await.unwrap();
    let hostile = "#*/\u{0}T#0\u{ff03}";
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
    let prefix = format!("T#{}", world.tenant.key());
    for item in world.database.items().await {
        for name in ["pk", "lp", "op"] {
            let Some(value) = item.get(name) else {
                continue;
            };
            let value = value.as_s().unwrap();
            let ours = value == &prefix || value.starts_with(&format!("{prefix}#"));
            assert!(ours || value.starts_with("CK#"), "{name} = {value}");
        }
        let pk = item["pk"].as_s().unwrap();
        assert!(
            pk.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'#' || b == b'-'),
            "{pk}"
        );
    }
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
    assert_eq!(world.count().await, 0);
}
