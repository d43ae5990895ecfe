//! Channels as people make and change them, and what leads to one from outside of its tenant.

use domain::{
    channel::{
        AuthStatus, Channel, ChannelKey, HealthNote, Pace, PlatformApp, SealedSecret, SecretHash,
    },
    failure::StoreFailureKind,
    ids::{ChannelId, TenantId},
    phone::PhoneNumber,
    ports::{ChannelBook, ChannelKeys, Directory, Made, Saved},
    provider::ProviderKind,
};
use testkit::builders::Company;

use crate::world::{World, audit, later, start};

/// A channel at Meta with everything a channel may have.
fn full(tenant: TenantId, provider_ref: &str) -> Channel {
    let id = ChannelId::fresh();
    Channel {
        id,
        tenant,
        provider: ProviderKind::Meta,
        name: "Front desk".into(),
        provider_ref: provider_ref.into(),
        account: Some("WABA#1".into()),
        phone: Some(PhoneNumber::parse("+97333000099").unwrap()),
        api: Some("v22.0".into()),
        active: true,
        auth: AuthStatus::Pending,
        health: Some(HealthNote {
            word: "FLAGGED".into(),
            detail: "Its quality is low.".into(),
            at: start(),
        }),
        paid_until: Some(later(9)),
        sealed_token: SealedSecret(vec![1, 2, 3]),
        token_hint: "c0de".into(),
        sealed_app_secret: Some(SealedSecret(vec![4])),
        key: ChannelKey::parse(&format!("{}k", id.key())).unwrap(),
        webhook_secret: SecretHash::of(b"secret"),
        pace: Pace::META,
        created_at: start(),
        version: 0,
    }
}

async fn read(world: &World, channel: &Channel) -> Option<Channel> {
    let read = world.store.channel(channel.tenant, channel.id).await;
    read.unwrap()
}

#[tokio::test]
async fn a_made_channel_is_found_from_everywhere() {
    let world = World::start().await;
    let (store, tenant) = (&world.store, world.tenant);
    let made =
        async |channel: &Channel| store.make_channel(channel, &audit(start())).await.unwrap();
    let mut channels = Vec::new();
    for n in 0..3 {
        let mut channel = full(tenant, &format!("phone/{n}"));
        channel.created_at = later(10 - n);
        assert_eq!(made(&channel).await, Made::Done);
        channels.push(channel);
    }
    let mut plain = full(tenant, "phone/0");
    plain.provider = ProviderKind::Whapi;
    plain.account = None;
    plain.sealed_app_secret = None;
    plain.health = None;
    assert_eq!(made(&plain).await, Made::Done, "another provider's word");
    assert_eq!(made(&plain).await, Made::Done, "an earlier try of the same");
    channels.reverse();
    let all = [vec![plain.clone()], channels.clone()].concat();
    assert_eq!(
        store.channels(tenant).await.unwrap(),
        all,
        "in the order made"
    );
    assert_eq!(store.channels(TenantId::fresh()).await.unwrap(), []);
    for channel in &all {
        assert_eq!(read(&world, channel).await.as_ref(), Some(channel));
        let by_key = store.channel_by_key(&channel.key).await.unwrap();
        assert_eq!(by_key.as_ref(), Some(channel));
        let (provider, name) = (channel.provider, &channel.provider_ref);
        let by_ref = store.channel_by_ref(provider, name).await.unwrap();
        assert_eq!(by_ref.as_ref(), Some(channel));
    }
    let meta = ProviderKind::Meta;
    let of_account = store.channels_of_account(meta, "WABA#1").await.unwrap();
    assert_eq!(of_account, channels);
    assert_eq!(store.channels_of_account(meta, "WABA#2").await.unwrap(), []);
    let whapi = ProviderKind::Whapi;
    assert_eq!(
        store.channels_of_account(whapi, "WABA#1").await.unwrap(),
        []
    );
    assert_eq!(store.channel_by_ref(meta, "phone/9").await.unwrap(), None);
}

/// A number is one channel's, an account one tenant's, a URL one channel's; nothing is half made.
#[tokio::test]
async fn what_belongs_to_somebody_is_refused() {
    let world = World::start().await;
    let store = &world.store;
    let first = full(world.tenant, "phone/1");
    store.make_channel(&first, &audit(start())).await.unwrap();
    let items = world.count().await;
    let same_ref = full(world.tenant, "phone/1");
    let foreign_ref = full(TenantId::fresh(), "phone/1");
    let foreign_account = full(TenantId::fresh(), "phone/2");
    for (channel, expected) in [
        (&same_ref, Made::RefTaken),
        (&foreign_ref, Made::RefTaken),
        (&foreign_account, Made::AccountTaken),
    ] {
        let made = store.make_channel(channel, &audit(start())).await.unwrap();
        assert_eq!(made, expected);
        assert_eq!(read(&world, channel).await, None);
    }
    let mut same_key = full(world.tenant, "phone/3");
    same_key.key = first.key.clone();
    let failure = store
        .make_channel(&same_key, &audit(start()))
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Conflict);
    assert_eq!(world.count().await, items);
    let by_ref = store
        .channel_by_ref(first.provider, "phone/1")
        .await
        .unwrap();
    assert_eq!(by_ref, Some(first));
}

/// A pointer that the channel no longer matches leads nowhere.
#[tokio::test]
async fn a_name_that_a_channel_no_longer_has_leads_nowhere() {
    let world = World::start().await;
    let store = &world.store;
    let mut channel = full(world.tenant, "phone/1");
    store.put_channel(&channel).await.unwrap();
    channel.provider_ref = "phone/2".into();
    channel.account = Some("WABA#2".into());
    store.put_channel(&channel).await.unwrap();
    let meta = ProviderKind::Meta;
    assert_eq!(store.channel_by_ref(meta, "phone/1").await.unwrap(), None);
    let by_ref = store.channel_by_ref(meta, "phone/2").await.unwrap();
    assert_eq!(by_ref, Some(channel.clone()));
    assert_eq!(store.channels_of_account(meta, "WABA#1").await.unwrap(), []);
    let of_account = store.channels_of_account(meta, "WABA#2").await.unwrap();
    assert_eq!(of_account, [channel]);
}

#[tokio::test]
async fn a_channel_is_changed_by_version_and_webhooks_are_not_written_over() {
    let world = World::start().await;
    let store = &world.store;
    let mut channel = full(world.tenant, "phone/1");
    store.make_channel(&channel, &audit(start())).await.unwrap();
    let mut stale = channel.clone();
    // A webhook tells of the health after the channel was read.
    let note = HealthNote {
        word: "CONNECTED".into(),
        detail: "It is well.".into(),
        at: later(5),
    };
    store
        .note_health(world.tenant, channel.id, &note)
        .await
        .unwrap();
    channel.name = "Back office".into();
    channel.active = false;
    channel.sealed_token = SealedSecret(vec![9]);
    channel.token_hint = "beef".into();
    channel.sealed_app_secret = None;
    channel.webhook_secret = SecretHash::of(b"another");
    channel.phone = None;
    channel.api = None;
    channel.pace = Pace::WHAPI;
    channel.auth = AuthStatus::Authorized;
    let saved = store.save_channel(&mut channel, &audit(later(6))).await;
    assert_eq!((saved.unwrap(), channel.version), (Saved::Done, 1));
    let mut expected = channel.clone();
    expected.health = Some(note);
    assert_eq!(read(&world, &channel).await, Some(expected.clone()));
    let items = world.count().await;
    let saved = store.save_channel(&mut stale, &audit(later(7))).await;
    assert_eq!((saved.unwrap(), stale.version), (Saved::Stale, 0));
    let mut nobody = full(world.tenant, "phone/2");
    let saved = store.save_channel(&mut nobody, &audit(later(7))).await;
    assert_eq!(saved.unwrap(), Saved::Stale);
    assert_eq!(
        world.count().await,
        items,
        "none is made, no line is written"
    );
    assert_eq!(read(&world, &channel).await, Some(expected));
}

/// A login that was lost while somebody changed the channel's name stays lost; a word from before a
/// new token counts no more.
#[tokio::test]
async fn the_login_last_heard_of_counts() {
    let world = World::start().await;
    let store = &world.store;
    let mut channel = full(world.tenant, "phone/1");
    channel.auth = AuthStatus::Authorized;
    store.make_channel(&channel, &audit(start())).await.unwrap();
    let tell = async |auth, at| {
        let told = store.channel_auth(world.tenant, channel.id, auth, at).await;
        told.unwrap();
    };
    let lost = AuthStatus::Disconnected;
    tell(lost, later(10)).await;
    let mut renamed = channel.clone();
    renamed.name = "Back office".into();
    let saved = store.save_channel(&mut renamed, &audit(later(9))).await;
    assert_eq!((saved.unwrap(), renamed.version), (Saved::Done, 1));
    let now = read(&world, &channel).await.unwrap();
    assert_eq!((now.name.as_str(), now.auth), ("Back office", lost));
    renamed.auth = AuthStatus::Authorized;
    let saved = store.save_channel(&mut renamed, &audit(later(20))).await;
    assert_eq!(saved.unwrap(), Saved::Done);
    tell(lost, later(15)).await;
    let now = read(&world, &channel).await.unwrap();
    assert_eq!(now.auth, AuthStatus::Authorized);
    tell(lost, later(21)).await;
    assert_eq!(read(&world, &channel).await.unwrap().auth, lost);
}

#[tokio::test]
async fn older_words_on_health_change_nothing() {
    let world = World::start().await;
    let mut channel = full(world.tenant, "phone/1");
    channel.health = None;
    world.store.put_channel(&channel).await.unwrap();
    let note = |word: &str, at| HealthNote {
        word: word.into(),
        detail: String::new(),
        at: later(at),
    };
    for (told, expected) in [
        (note("RESTRICTED", 10), "RESTRICTED"),
        (note("CONNECTED", 9), "RESTRICTED"),
        (note("CONNECTED", 11), "CONNECTED"),
    ] {
        let noted = world.store.note_health(world.tenant, channel.id, &told);
        noted.await.unwrap();
        let health = read(&world, &channel).await.unwrap().health.unwrap();
        assert_eq!(health.word, expected);
    }
    let items = world.count().await;
    let gone = ChannelId::fresh();
    let told = note("CONNECTED", 99);
    let noted = world.store.note_health(world.tenant, gone, &told).await;
    noted.unwrap();
    assert_eq!(world.count().await, items, "none is made");
}

#[tokio::test]
async fn the_default_channel_is_a_setting() {
    let world = World::start().await;
    let mut company = Company::named("acme");
    company.tenant.settings = company.tenant.settings.answering("We answer tomorrow.");
    let (id, channel) = (company.tenant.id, ChannelId::fresh());
    let line = audit(start());
    let set = || world.store.save_default_channel(id, channel, &line);
    let failure = set().await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Conflict);
    assert_eq!(world.count().await, 0);
    world.store.put_tenant(&company.tenant).await.unwrap();
    set().await.unwrap();
    company.tenant.settings.default_channel = Some(channel);
    let read = Directory::tenant(&world.store, id).await.unwrap();
    assert_eq!(read, Some(company.tenant));
    assert_eq!(world.count().await, 2, "the tenant, a line");
}

#[tokio::test]
async fn the_platforms_app_belongs_to_no_tenant() {
    let world = World::start().await;
    let store = &world.store;
    assert_eq!(store.platform_app().await.unwrap(), PlatformApp::default());
    let mut app = PlatformApp {
        sealed_secrets: vec![SealedSecret(vec![1]), SealedSecret(vec![2, 3])],
        verify_tokens: vec![SecretHash::of(b"one"), SecretHash::of(b"two")],
        hint: "-012".into(),
        changed_at: Some(start()),
    };
    for _ in 0..2 {
        let line = audit(start());
        store
            .save_platform_app(&app, world.tenant, &line)
            .await
            .unwrap();
        assert_eq!(store.platform_app().await.unwrap(), app);
        app.sealed_secrets.pop();
        app.verify_tokens.clear();
        app.changed_at = None;
    }
    let own = world.database.item("PF", "META").await.unwrap();
    assert_eq!(own["hint"].as_s().unwrap(), "-012");
}
