//! Making a channel.

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SecretHash},
    failure::{Code, ProviderFailure},
    phone::PhoneNumber,
    ports::{Signatures, Vault},
    principal::Role,
    provider::ProviderKind,
    service::new_channel::{NewChannel, Randoms},
};
use secrecy::ExposeSecret;
use testkit::memory::FailWhen;

use super::{
    ACCOUNT, APP_SECRET, NUMBER_ID, Office, REVOKED, TOKEN, VERIFY_TOKEN, m360, meta, meta_setup,
    randoms, timeout,
};

/// S2.14: a number of a company's own, confirmed by its provider before anything is stored.
#[tokio::test]
async fn a_confirmed_channel_is_stored_with_its_secrets_sealed() {
    let office = Office::new();
    let view = office.make(meta(NUMBER_ID)).await.unwrap();
    assert_eq!(office.tokens(), [TOKEN]);

    let channel = office.stored(view.channel.id);
    assert_eq!((&channel, view.is_default), (&view.channel, true));
    assert_eq!(channel.provider, ProviderKind::Meta);
    assert_eq!((channel.name.as_str(), channel.active), ("Shop", true));
    assert_eq!(channel.provider_ref, NUMBER_ID);
    assert_eq!(channel.account.as_deref(), Some(ACCOUNT));
    assert_eq!(channel.phone, PhoneNumber::parse("+97333000042").ok());
    assert_eq!(
        (channel.auth, channel.pace),
        (AuthStatus::Authorized, Pace::META)
    );
    assert_eq!(
        channel.health.as_ref().unwrap().word,
        "CONNECTED, quality GREEN"
    );
    assert_eq!(channel.token_hint, "0001");
    assert_eq!(
        channel.webhook_secret,
        SecretHash::of(VERIFY_TOKEN.as_bytes())
    );
    let opened = office.vault.token(&channel).await.unwrap();
    assert_eq!(opened.expose_secret(), TOKEN);
    let signs = office.vault.app_secret(&channel).await.unwrap().unwrap();
    assert_eq!(signs.expose_secret(), APP_SECRET);

    let created = office.audits("create");
    assert_eq!(created.len(), 1);
    assert_eq!(
        created[0].1,
        r#"{"name": "Shop", "provider": "meta", "token_hint": "0001"}"#
    );
    office.assert_no_secret_told(&[&view]);
}

/// S0.44: a ciphertext opens for its own tenant and channel alone.
#[tokio::test]
async fn a_secret_moved_to_another_channel_does_not_open() {
    let office = Office::new();
    let one = office.made().await;
    let two = office.make(meta("301700000000002")).await.unwrap().channel;
    let moved = Channel {
        sealed_token: one.sealed_token.clone(),
        sealed_app_secret: one.sealed_app_secret.clone(),
        ..two.clone()
    };
    let elsewhere = Channel {
        tenant: office.other.tenant.id,
        ..one.clone()
    };
    for wrong in [&moved, &elsewhere] {
        assert!(office.vault.token(wrong).await.is_err());
        assert!(office.vault.app_secret(wrong).await.is_err());
    }
    assert!(office.vault.token(&two).await.is_ok());
}

#[tokio::test]
async fn a_channel_of_the_platforms_app_has_no_app_secret() {
    let office = Office::new();
    let mut setup = meta_setup(NUMBER_ID);
    setup.app_secret = None;
    setup.coexistence = true;
    let new = NewChannel::meta("Shop", setup, randoms(), false).unwrap();
    let channel = office.make(new).await.unwrap().channel;
    assert_eq!(channel.sealed_app_secret, None);
    assert_eq!(channel.pace, Pace::META_COEXISTENCE);
}

#[tokio::test]
async fn refused_credentials_are_the_callers_mistake_and_nothing_is_stored() {
    let office = Office::new();
    let mut setup = meta_setup(NUMBER_ID);
    setup.access_token = REVOKED.into();
    let new = NewChannel::meta("Shop", setup, randoms(), true).unwrap();
    let refused = office.make(new).await.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
    let problem = &refused.fields()[0];
    assert_eq!(
        (problem.field.as_str(), problem.code),
        ("credentials", "REFUSED")
    );
    assert!(
        problem.message.contains("access token"),
        "{}",
        problem.message
    );
    assert!(!format!("{refused:?}").contains(REVOKED));
    assert_nothing_stored(&office);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_no_refusal_and_nothing_is_stored() {
    let office = Office::new();
    for failure in [
        timeout(),
        ProviderFailure::NotSent { what: "connect" },
        ProviderFailure::RateLimited { retry_after: None },
    ] {
        office.fail(Some(failure));
        let failed = office.make(meta(NUMBER_ID)).await.unwrap_err();
        assert_eq!(failed.code(), Code::ProviderError);
        assert!(failed.retryable(), "a question may be asked again");
        assert!(!failed.message().contains("sent"), "{}", failed.message());
        assert_nothing_stored(&office);
    }
    office.fail(None);
    assert!(office.make(meta(NUMBER_ID)).await.is_ok());
}

fn assert_nothing_stored(office: &Office) {
    let state = office.store.state();
    assert!(state.channels.is_empty() && state.audit.is_empty());
    drop(state);
    assert_eq!(office.default_channel(), None);
}

/// A number is one channel, whoever has it; the answer does not say who.
#[tokio::test]
async fn a_number_that_is_taken_is_a_conflict_that_names_nobody() {
    let office = Office::new();
    office.made().await;
    let stranger = office.other.user(Role::Manager);
    let mut said = Vec::new();
    for principal in [&office.manager(), &stranger] {
        let refused = office
            .desk()
            .make(principal, meta(NUMBER_ID))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::Conflict);
        assert_eq!(refused.details()["reason"], "CHANNEL_TAKEN");
        said.push((refused.message().to_owned(), refused.details().clone()));
    }
    assert_eq!(said[0], said[1], "the same for its owner and for others");
    assert_eq!(office.store.state().channels.len(), 1);
    assert_eq!(office.audits("create").len(), 1);

    let moved = office
        .desk()
        .make(&stranger, m360("+97333000042", "v2"))
        .await;
    assert!(
        moved.is_ok(),
        "another provider's name for a number is another one"
    );
}

#[tokio::test]
async fn an_account_belongs_to_one_company() {
    let office = Office::new();
    office.made().await;
    let second = meta("301700000000002");
    assert!(
        office.make(second).await.is_ok(),
        "the same company's second number"
    );
    let stranger = office.other.user(Role::Manager);
    let third = meta("301700000000003");
    let refused = office.desk().make(&stranger, third).await.unwrap_err();
    assert_eq!(refused.details()["reason"], "CHANNEL_TAKEN");
    assert!(office.desk().channels(&stranger).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_first_channel_is_the_default_one_until_another_is_made_it() {
    let office = Office::new();
    let first = office.made().await;
    assert_eq!(office.default_channel(), Some(first.id));
    let second = office.make(m360("+97333000043", "v2")).await.unwrap();
    assert_eq!(
        (second.is_default, office.default_channel()),
        (false, Some(first.id))
    );
    let mut new = meta("301700000000002");
    new.default = true;
    let third = office.make(new).await.unwrap();
    assert_eq!(
        (third.is_default, office.default_channel()),
        (true, Some(third.channel.id))
    );

    let manager = office.manager();
    let views = office.desk().channels(&manager).await.unwrap();
    let defaults: Vec<_> = views.iter().map(|v| (v.channel.id, v.is_default)).collect();
    let expected = [
        (first.id, false),
        (second.channel.id, false),
        (third.channel.id, true),
    ];
    assert_eq!(defaults, expected);
    let moved = office.audits("make_default");
    assert!(moved[1].0.contains(&first.id.to_string()), "{moved:?}");
    assert!(moved[1].1.contains(&third.channel.id.to_string()));
}

/// 360Messenger's first version cannot be asked: the channel says that nobody confirmed it.
#[tokio::test]
async fn a_version_that_cannot_be_asked_says_that_it_is_unconfirmed() {
    let office = Office::new();
    let first = office
        .make(m360("+97333000044", "v1"))
        .await
        .unwrap()
        .channel;
    assert_eq!(office.tokens(), Vec::<String>::new());
    assert_eq!(first.health.unwrap().word, "unconfirmed");
    let second = office
        .make(m360("+97333000045", "v2"))
        .await
        .unwrap()
        .channel;
    assert_eq!(office.tokens(), [TOKEN]);
    assert_eq!(second.phone, PhoneNumber::parse("+97333000045").ok());
    assert_eq!(second.provider_ref, "97333000045");
    assert_eq!(second.auth, AuthStatus::Authorized);
}

#[tokio::test]
async fn a_company_that_is_unknown_or_switched_off_makes_none_and_nobody_is_asked() {
    let office = Office::new();
    let acme = office.acme.tenant.id;
    office.store.state().tenants.get_mut(&acme).unwrap().active = false;
    let off = office.make(meta(NUMBER_ID)).await.unwrap_err();
    assert_eq!(
        (off.code(), off.details()["reason"].as_str()),
        (Code::Forbidden, "TENANT_INACTIVE")
    );
    office.store.state().tenants.remove(&acme);
    let unknown = office.make(meta(NUMBER_ID)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Forbidden);
    assert!(office.tokens().is_empty() && office.store.state().channels.is_empty());
}

#[tokio::test]
async fn two_channels_never_share_a_webhook_address_and_a_lost_answer_makes_no_second_channel() {
    let office = Office::new();
    let key = ChannelKey::parse(&"k3y".repeat(14)).unwrap();
    let with = |id: &str| {
        let randoms = Randoms {
            key: key.clone(),
            verify_token: VERIFY_TOKEN.into(),
        };
        NewChannel::meta("Shop", meta_setup(id), randoms, false).unwrap()
    };
    office.store.fail("channels.make", 1, FailWhen::After);
    assert_eq!(
        office.make(with(NUMBER_ID)).await.unwrap_err().code(),
        Code::DbError
    );
    let again = office.make(meta(NUMBER_ID)).await.unwrap_err();
    assert_eq!(again.details()["reason"], "CHANNEL_TAKEN");
    assert!(office.make(with("301700000000002")).await.is_err());
    assert_eq!(office.store.state().channels.len(), 1);
}

/// The channel exists, and its verify token is shown in this one answer alone.
#[tokio::test]
async fn a_channel_that_could_not_become_the_default_one_is_made_and_says_so() {
    let office = Office::new();
    office
        .store
        .fail("channels.save_default", 1, FailWhen::Before);
    let view = office.make(meta(NUMBER_ID)).await.unwrap();
    assert!(!view.is_default);
    assert_eq!(office.default_channel(), None);
    assert_eq!(office.stored(view.channel.id), view.channel);
}
