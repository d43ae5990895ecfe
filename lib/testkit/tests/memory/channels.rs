//! Channels: whose a number is, what people change, what providers tell.

use domain::{
    channel::{AuthStatus, Channel, HealthNote, SealedSecret},
    failure::StoreFailureKind,
    ids::ChannelId,
    ports::{ChannelBook, ChannelKeys, Directory, Made, Saved, SettingsBook},
    provider::ProviderKind,
};
use testkit::{
    builders::{Company, platform_app},
    memory::MemoryStore,
};

use crate::world::{audit, later};

async fn made(store: &MemoryStore, channel: &Channel) -> Made {
    store
        .make_channel(channel, &audit("make", 0))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_number_is_one_channels_and_an_account_one_tenants() {
    let store = MemoryStore::new();
    let (acme, other) = (Company::named("acme"), Company::named("other"));
    let first = acme.meta_channel();
    assert_eq!(made(&store, &first).await, Made::Done);
    assert_eq!(
        made(&store, &first).await,
        Made::Done,
        "its answer was lost"
    );
    assert_eq!(store.state().audit.len(), 1);

    let same_number = |channel: Channel| Channel {
        provider_ref: first.provider_ref.clone(),
        ..channel
    };
    let same_account = |channel: Channel| Channel {
        account: first.account.clone(),
        ..channel
    };
    for company in [&acme, &other] {
        let taken = same_number(company.meta_channel());
        assert_eq!(made(&store, &taken).await, Made::RefTaken);
    }
    let taken = same_account(other.meta_channel());
    assert_eq!(made(&store, &taken).await, Made::AccountTaken);
    let second = same_account(acme.meta_channel());
    assert_eq!(made(&store, &second).await, Made::Done);
    // The same word of another provider is another number.
    let elsewhere = same_number(other.messenger360_channel());
    assert_eq!(made(&store, &elsewhere).await, Made::Done);
    // Having no account is nothing to share.
    let without = acme.messenger360_channel();
    assert_eq!(made(&store, &without).await, Made::Done);
    let same_key = Channel {
        key: first.key.clone(),
        ..other.meta_channel()
    };
    let refused = store.make_channel(&same_key, &audit("make", 0)).await;
    assert_eq!(refused.unwrap_err().kind(), StoreFailureKind::Conflict);
    assert_eq!(store.state().channels.len(), 4);

    let account = first.account.clone().unwrap();
    let of_account = store
        .channels_of_account(ProviderKind::Meta, &account)
        .await;
    assert_eq!(of_account.unwrap(), [first.clone(), second]);
    let found = store.channel_by_ref(ProviderKind::Meta, &first.provider_ref);
    assert_eq!(found.await.unwrap(), Some(first.clone()));
    let found = store.channel_by_ref(ProviderKind::Messenger360, &first.provider_ref);
    assert_eq!(found.await.unwrap(), Some(elsewhere));
    let none = store.channel_by_ref(ProviderKind::Whapi, &first.provider_ref);
    assert_eq!(none.await.unwrap(), None);
}

#[tokio::test]
async fn channels_are_listed_in_the_order_they_were_made() {
    let store = MemoryStore::new();
    let acme = Company::named("acme");
    let mut channels: Vec<_> = [30, 10, 20]
        .map(|seconds| Channel {
            created_at: later(seconds),
            ..acme.messenger360_channel()
        })
        .into();
    for channel in &channels {
        made(&store, channel).await;
    }
    made(&store, &Company::named("other").meta_channel()).await;
    channels.sort_by_key(|channel| channel.created_at);
    let listed = store.channels(acme.tenant.id).await.unwrap();
    assert_eq!(listed, channels);
}

#[tokio::test]
async fn a_channel_is_changed_under_the_version_it_was_read_at() {
    let store = MemoryStore::new();
    let acme = Company::named("acme");
    let mut first = acme.meta_channel();
    made(&store, &first).await;
    let mut second = first.clone();
    let note = HealthNote {
        word: "FLAGGED".into(),
        detail: "The number was flagged.".into(),
        at: later(10),
    };
    let (tenant, id) = (first.tenant, first.id);
    store.note_health(tenant, id, &note).await.unwrap();

    first.name = "Till".into();
    first.active = false;
    first.sealed_token = SealedSecret(b"new".to_vec());
    first.sealed_app_secret = None;
    first.auth = AuthStatus::Disconnected;
    first.provider_ref = "somebody-elses".into();
    let saved = store.save_channel(&mut first, &audit("change", 20)).await;
    assert_eq!((saved.unwrap(), first.version), (Saved::Done, 2));
    let saved = store.save_channel(&mut second, &audit("late", 21)).await;
    assert_eq!((saved.unwrap(), second.version), (Saved::Stale, 1));

    let stored = store.channel(tenant, id).await.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.active), ("Till", false));
    assert_eq!(stored.sealed_token, first.sealed_token);
    assert_eq!(stored.sealed_app_secret, None);
    assert_eq!(stored.auth, AuthStatus::Disconnected);
    assert_eq!(stored.provider_ref, second.provider_ref, "never changes");
    assert_eq!(stored.health, Some(note), "what the provider said stays");
    let actions: Vec<_> = store.state().audit.iter().map(|(_, e)| e.action).collect();
    assert_eq!(actions, ["make", "change"]);
}

/// Webhooks come in any order: the newest word counts, and a person's own change is a word too.
#[tokio::test]
async fn what_a_provider_says_of_a_channel_counts_by_its_time() {
    let store = MemoryStore::new();
    let mut channel = Company::named("acme").meta_channel();
    made(&store, &channel).await;
    let (tenant, id) = (channel.tenant, channel.id);
    for (auth, seconds, shown) in [
        (AuthStatus::Disconnected, 20, AuthStatus::Disconnected),
        (AuthStatus::Authorized, 10, AuthStatus::Disconnected),
        (AuthStatus::Authorized, 30, AuthStatus::Authorized),
    ] {
        store
            .channel_auth(tenant, id, auth, later(seconds))
            .await
            .unwrap();
        let stored = store.channel(tenant, id).await.unwrap().unwrap();
        assert_eq!((stored.auth, stored.version), (shown, 1));
    }
    channel.auth = AuthStatus::QrGenerated;
    store
        .save_channel(&mut channel, &audit("login", 40))
        .await
        .unwrap();
    let late = store.channel_auth(tenant, id, AuthStatus::Disconnected, later(35));
    late.await.unwrap();
    for (word, seconds) in [("one", 20), ("older", 10), ("same time", 20)] {
        let note = HealthNote {
            word: word.into(),
            detail: String::new(),
            at: later(seconds),
        };
        store.note_health(tenant, id, &note).await.unwrap();
    }
    let stored = store.channel(tenant, id).await.unwrap().unwrap();
    assert_eq!(stored.auth, AuthStatus::QrGenerated);
    assert_eq!(stored.health.unwrap().word, "same time", "not older");
    let nobody = ChannelId::fresh();
    store
        .channel_auth(tenant, nobody, AuthStatus::Pending, later(1))
        .await
        .unwrap();
    assert_eq!(store.state().channels.len(), 1);
}

#[tokio::test]
async fn the_default_channel_and_the_platforms_app_are_kept_and_noted() {
    let store = MemoryStore::new();
    let acme = Company::named("acme");
    let tenant = acme.tenant.id;
    store.state().tenants.insert(tenant, acme.tenant.clone());
    let channel = ChannelId::fresh();
    let line = audit("default", 1);
    store
        .save_default_channel(tenant, channel, &line)
        .await
        .unwrap();
    let kept = store.tenant(tenant).await.unwrap().unwrap();
    assert_eq!(kept.settings.default_channel, Some(channel));
    let nobody = Company::named("other").tenant.id;
    assert!(
        store
            .save_default_channel(nobody, channel, &line)
            .await
            .is_err()
    );

    let mut settings = kept.settings.clone();
    settings.default_channel = None;
    settings.marketing = true;
    for (of, saved) in [
        (nobody, Saved::Stale),
        (tenant, Saved::Done),
        (tenant, Saved::Stale),
    ] {
        assert_eq!(
            store
                .save_settings(of, &settings, &audit("settings", 1))
                .await
                .unwrap(),
            saved
        );
    }
    let kept = store.tenant(tenant).await.unwrap().unwrap().settings;
    assert_eq!(
        (kept.default_channel, kept.marketing, kept.version),
        (Some(channel), true, 1)
    );

    assert_eq!(store.platform_app().await.unwrap(), Default::default());
    let line = audit("platform", 2);
    store
        .save_platform_app(&platform_app(), tenant, &line)
        .await
        .unwrap();
    assert_eq!(store.platform_app().await.unwrap(), platform_app());
    let noted: Vec<_> = store
        .state()
        .audit
        .iter()
        .map(|(t, e)| (*t, e.action))
        .collect();
    assert_eq!(
        noted,
        [
            (tenant, "default"),
            (tenant, "settings"),
            (tenant, "platform")
        ]
    );
}
