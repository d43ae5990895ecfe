//! Tenants, channels and their webhook keys.

use std::collections::BTreeSet;

use domain::{
    channel::{AuthStatus, ChannelKey},
    failure::StoreFailureKind,
    ids::ChannelId,
    message::MessageType,
    ports::{ChannelKeys, Directory, Saved, SettingsBook},
    settings::Settings,
};
use testkit::builders::Company;

use crate::world::{World, audit, later, start};

#[tokio::test]
async fn a_tenant_and_its_channel_read_back_exactly() {
    let world = World::start().await;
    let mut company = Company::named("acme");
    company.tenant.settings.disabled =
        BTreeSet::from([MessageType::Festival, MessageType::Invoice]);
    company.tenant.settings.quiet_hours = None;
    company.tenant.settings.marketing = true;
    company.channel.paid_until = Some(start());
    world.store.put_tenant(&company.tenant).await.unwrap();
    world.store.put_channel(&company.channel).await.unwrap();
    let tenant = company.tenant.id;
    let read = Directory::tenant(&world.store, tenant).await.unwrap();
    assert_eq!(read.as_ref(), Some(&company.tenant));
    let channel = world
        .store
        .channel(tenant, company.channel.id)
        .await
        .unwrap();
    assert_eq!(channel.as_ref(), Some(&company.channel));
    let by_key = world
        .store
        .channel_by_key(&company.channel.key)
        .await
        .unwrap();
    assert_eq!(by_key, Some(company.channel.clone()));

    company.tenant.plan = None;
    world.store.put_tenant(&company.tenant).await.unwrap();
    let read = Directory::tenant(&world.store, tenant).await.unwrap();
    assert_eq!(read, Some(company.tenant));
}

/// S2.50: settings are replaced at the version they were read at, and nothing else of the tenant is.
#[tokio::test]
async fn settings_are_replaced_at_their_version() {
    let world = World::start().await;
    let mut tenant = Company::named("acme").tenant;
    let (id, line) = (tenant.id, audit(start()));
    let save = |settings: Settings| {
        let (store, line) = (&world.store, &line);
        async move { store.save_settings(id, &settings, line).await.unwrap() }
    };
    let mut wanted = Settings {
        zone: "Asia/Dubai".into(),
        failure_email: None,
        quiet_hours: None,
        default_channel: None,
        ..tenant.settings.clone().answering("Later.")
    };
    assert_eq!(
        save(wanted.clone()).await,
        Saved::Stale,
        "there is no such tenant"
    );
    assert_eq!(world.count().await, 0);
    world.store.put_tenant(&tenant).await.unwrap();
    assert_eq!(save(wanted.clone()).await, Saved::Done);
    assert_eq!(save(wanted.clone()).await, Saved::Stale, "an older version");
    // The default channel is not a part of what is replaced.
    wanted.default_channel = tenant.settings.default_channel;
    wanted.version = 1;
    tenant.settings = wanted.clone();
    let read = Directory::tenant(&world.store, id).await.unwrap();
    assert_eq!(read, Some(tenant));
    assert_eq!(save(wanted).await, Saved::Done);
    assert_eq!(world.count().await, 3, "the tenant, two lines");
}

#[tokio::test]
async fn a_webhook_key_has_one_channel_and_an_old_one_leads_nowhere() {
    let world = World::start().await;
    let (company, other) = (Company::named("acme"), Company::named("other"));
    world.store.put_channel(&company.channel).await.unwrap();
    let mut thief = other.channel.clone();
    thief.key = company.channel.key.clone();
    let refused = world.store.put_channel(&thief).await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Conflict);
    assert_eq!(
        world.store.channel(thief.tenant, thief.id).await.unwrap(),
        None
    );

    let mut renewed = company.channel.clone();
    renewed.key = ChannelKey::parse(&"n".repeat(40)).unwrap();
    world.store.put_channel(&renewed).await.unwrap();
    assert_eq!(
        world
            .store
            .channel_by_key(&company.channel.key)
            .await
            .unwrap(),
        None
    );
    let found = world.store.channel_by_key(&renewed.key).await.unwrap();
    assert_eq!(found, Some(renewed));
    let unknown = ChannelKey::parse(&"z".repeat(40)).unwrap();
    assert_eq!(world.store.channel_by_key(&unknown).await.unwrap(), None);
}

#[tokio::test]
async fn an_older_word_on_a_login_changes_nothing() {
    let world = World::start().await;
    let company = Company::named("acme");
    let (tenant, id) = (company.tenant.id, company.channel.id);
    world.store.put_channel(&company.channel).await.unwrap();
    let steps = [
        (
            AuthStatus::Disconnected,
            later(10),
            AuthStatus::Disconnected,
        ),
        (AuthStatus::Authorized, later(5), AuthStatus::Disconnected),
        (AuthStatus::Authorized, later(10), AuthStatus::Disconnected),
        (AuthStatus::Authorized, later(11), AuthStatus::Authorized),
    ];
    for (auth, at, expected) in steps {
        world
            .store
            .channel_auth(tenant, id, auth, at)
            .await
            .unwrap();
        let channel = world.store.channel(tenant, id).await.unwrap().unwrap();
        assert_eq!(channel.auth, expected, "{auth:?} at {at}");
    }
    let gone = ChannelId::fresh();
    world
        .store
        .channel_auth(tenant, gone, AuthStatus::Authorized, start())
        .await
        .unwrap();
    assert_eq!(
        world.store.channel(tenant, gone).await.unwrap(),
        None,
        "none is made"
    );
}
