//! Changing a channel, and rotating its secrets.

use domain::{
    channel::{AuthStatus, Secret, SecretHash},
    failure::Code,
    ids::ChannelId,
    ports::{Signatures, Vault},
    principal::Role,
    service::channels::ChannelEdit,
};
use jiff::SignedDuration;
use secrecy::ExposeSecret;

use super::{
    APP_SECRET, NEW_APP_SECRET, NEW_TOKEN, NEW_VERIFY_TOKEN, Office, REVOKED, TOKEN, m360, meta,
    timeout,
};

fn token(token: &str) -> ChannelEdit {
    ChannelEdit {
        token: Some(token.into()),
        ..ChannelEdit::default()
    }
}

#[tokio::test]
async fn a_name_and_a_switch_are_changed_and_noted_before_and_after() {
    let office = Office::new();
    let channel = office.made().await;
    let edit = ChannelEdit {
        name: Some(" Front desk ".into()),
        active: Some(false),
        ..ChannelEdit::default()
    };
    let manager = office.manager();
    let view = office
        .desk()
        .edit(&manager, channel.id, &edit)
        .await
        .unwrap();
    assert_eq!(
        (view.channel.name.as_str(), view.channel.active),
        ("Front desk", false)
    );
    assert_eq!(office.stored(channel.id), view.channel);
    assert_eq!(
        office.audits("edit"),
        [(
            r#"{"active": "true", "name": "Shop"}"#.to_owned(),
            r#"{"active": "false", "name": "Front desk"}"#.to_owned()
        )]
    );
    assert_eq!(
        office.tokens().len(),
        1,
        "no secret changed, so nobody was asked again"
    );
}

/// S1.156: a token is rotated in place; what is shown of it are four characters.
#[tokio::test]
async fn a_new_token_is_confirmed_and_takes_the_old_ones_place() {
    let office = Office::new();
    let channel = office.made().await;
    office.clock.advance(SignedDuration::from_hours(1));
    let manager = office.manager();
    let edited = office
        .desk()
        .edit(&manager, channel.id, &token(NEW_TOKEN))
        .await;
    let view = edited.unwrap();
    assert_eq!(office.tokens(), [TOKEN, NEW_TOKEN]);
    let stored = office.stored(channel.id);
    assert_eq!(stored, view.channel);
    let opened = office.vault.token(&stored).await.unwrap();
    assert_eq!(opened.expose_secret(), NEW_TOKEN);
    assert_eq!(stored.token_hint, "0002");
    assert!(
        stored.health.unwrap().at > channel.health.unwrap().at,
        "heard anew"
    );
    assert_eq!(
        office.audits("edit"),
        [(
            r#"{"token_hint": "0001"}"#.to_owned(),
            r#"{"token_hint": "0002"}"#.to_owned()
        )]
    );
    office.assert_no_secret_told(&[&view]);
}

#[tokio::test]
async fn a_new_token_that_is_refused_or_unconfirmed_leaves_the_old_one() {
    let office = Office::new();
    let channel = office.made().await;
    let manager = office.manager();
    let refused = office
        .desk()
        .edit(&manager, channel.id, &token(REVOKED))
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
    assert_eq!(refused.fields()[0].field, "credentials");
    office.fail(Some(timeout()));
    let failed = office
        .desk()
        .edit(&manager, channel.id, &token(NEW_TOKEN))
        .await;
    assert_eq!(failed.unwrap_err().code(), Code::ProviderError);

    assert_eq!(office.stored(channel.id), channel);
    let opened = office.vault.token(&channel).await.unwrap();
    assert_eq!(opened.expose_secret(), TOKEN);
    assert!(office.audits("edit").is_empty());
}

/// A refused key closed the channel; the next one that is taken opens it.
#[tokio::test]
async fn a_new_token_opens_a_channel_that_a_refused_one_closed() {
    let office = Office::new();
    let channel = office
        .make(m360("+97333000044", "v2"))
        .await
        .unwrap()
        .channel;
    let manager = office.manager();
    let key = (channel.tenant, channel.id);
    office.store.state().channels.get_mut(&key).unwrap().auth = AuthStatus::Disconnected;
    let edited = office
        .desk()
        .edit(&manager, channel.id, &token(NEW_TOKEN))
        .await;
    assert_eq!(edited.unwrap().channel.auth, AuthStatus::Authorized);
    assert_eq!(office.stored(channel.id).auth, AuthStatus::Authorized);
}

#[tokio::test]
async fn an_app_secret_and_a_verify_token_are_rotated_without_asking_anybody() {
    let office = Office::new();
    let channel = office.made().await;
    let signs = office.vault.app_secret(&channel).await.unwrap().unwrap();
    assert_eq!(signs.expose_secret(), APP_SECRET);
    let edit = ChannelEdit {
        app_secret: Some(NEW_APP_SECRET.into()),
        verify_token: Some(NEW_VERIFY_TOKEN.into()),
        ..ChannelEdit::default()
    };
    let manager = office.manager();
    let view = office
        .desk()
        .edit(&manager, channel.id, &edit)
        .await
        .unwrap();
    let stored = office.stored(channel.id);
    let signs = office.vault.app_secret(&stored).await.unwrap().unwrap();
    assert_eq!(signs.expose_secret(), NEW_APP_SECRET);
    assert_eq!(
        stored.webhook_secret,
        SecretHash::of(NEW_VERIFY_TOKEN.as_bytes())
    );
    assert_eq!(stored.sealed_token, channel.sealed_token);
    assert_eq!(stored.key, channel.key, "the address stays");
    assert_eq!(
        office.audits("edit"),
        [(
            r#"{"app_secret": "set", "verify_token": "set"}"#.to_owned(),
            r#"{"app_secret": "replaced", "verify_token": "replaced"}"#.to_owned()
        )]
    );
    assert_eq!(office.tokens().len(), 1);
    office.assert_no_secret_told(&[&view]);
}

#[tokio::test]
async fn what_a_channel_does_not_have_cannot_be_changed() {
    let office = Office::new();
    let channel = office
        .make(m360("+97333000044", "v2"))
        .await
        .unwrap()
        .channel;
    let edit = ChannelEdit {
        name: Some(String::new()),
        token: Some("short".into()),
        app_secret: Some(NEW_APP_SECRET.into()),
        verify_token: Some(NEW_VERIFY_TOKEN.into()),
        active: Some(false),
        default: Some(true),
    };
    let refused = office
        .desk()
        .edit(&office.manager(), channel.id, &edit)
        .await;
    let refused = refused.unwrap_err();
    let mut problems: Vec<_> = refused
        .fields()
        .iter()
        .map(|p| (p.field.as_str(), p.code))
        .collect();
    problems.sort_unstable();
    assert_eq!(
        problems,
        [
            ("access_token", "FORMAT"),
            ("app_secret", "NOT_HERE"),
            ("default", "CHANNEL_INACTIVE"),
            ("name", "LENGTH"),
            ("verify_token", "NOT_HERE"),
        ]
    );
    assert_eq!(office.stored(channel.id), channel);
    assert_eq!(office.tokens().len(), 1);
}

#[tokio::test]
async fn another_channel_is_made_the_default_one_and_none_is_unmade() {
    let office = Office::new();
    let first = office.made().await;
    let second = office.make(meta("301700000000002")).await.unwrap().channel;
    let default = |default| ChannelEdit {
        default: Some(default),
        ..ChannelEdit::default()
    };
    let manager = office.manager();
    let refused = office
        .desk()
        .edit(&manager, first.id, &default(false))
        .await
        .unwrap_err();
    assert_eq!(refused.fields()[0].code, "NO_DEFAULT");
    for _ in 0..2 {
        let view = office
            .desk()
            .edit(&manager, second.id, &default(true))
            .await
            .unwrap();
        assert!(view.is_default);
    }
    assert_eq!(office.default_channel(), Some(second.id));
    assert_eq!(
        office.audits("make_default").len(),
        2,
        "the first, then the second, once"
    );
    assert_eq!(office.stored(second.id), second);
}

/// Somebody else changed the channel between reading and writing: both changes last, and the provider
/// is asked about the new token once.
#[tokio::test]
async fn a_change_beside_another_one_keeps_both() {
    let office = Office::new();
    let channel = office.made().await;
    let key = (channel.tenant, channel.id);
    office.store.meanwhile("channels.save", move |state| {
        let stored = state.channels.get_mut(&key).unwrap();
        stored.name = "Renamed meanwhile".into();
        stored.version += 1;
    });
    let manager = office.manager();
    let edited = office
        .desk()
        .edit(&manager, channel.id, &token(NEW_TOKEN))
        .await;
    assert_eq!(edited.unwrap().channel.name, "Renamed meanwhile");
    let stored = office.stored(channel.id);
    let opened: Secret = office.vault.token(&stored).await.unwrap();
    assert_eq!(opened.expose_secret(), NEW_TOKEN);
    assert_eq!(stored.name, "Renamed meanwhile");
    assert_eq!(office.tokens(), [TOKEN, NEW_TOKEN]);
}

#[tokio::test]
async fn another_companys_channel_does_not_exist() {
    let office = Office::new();
    let channel = office.made().await;
    let stranger = office.other.user(Role::Manager);
    for id in [channel.id, ChannelId::fresh()] {
        let desk = office.desk();
        let failures = [
            desk.channel(&stranger, id).await.unwrap_err(),
            desk.edit(&stranger, id, &token(NEW_TOKEN))
                .await
                .unwrap_err(),
            desk.check_health(&stranger, id).await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.code(), Code::NotFound);
        }
    }
    assert!(office.desk().channels(&stranger).await.unwrap().is_empty());
    assert_eq!(office.stored(channel.id), channel);
    assert_eq!(
        office.tokens(),
        [TOKEN],
        "nobody was asked with another company's token"
    );
}

/// S0.44, S3.8: the token of a channel that Waypost made at WHAPI is Waypost's to keep: the field is named with the
/// reason, nobody is asked, and nothing else of the request happens.
#[tokio::test]
async fn a_managed_channel_takes_no_token() {
    let office = Office::new();
    let channel = office.made().await;
    let mut record = testkit::billing::managed(channel.tenant, channel.created_at);
    record.id = channel.id;
    let key = (channel.tenant, channel.id);
    office.store.state().managed.insert(key, record);
    let asked = office.tokens().len();
    let (desk, manager) = (office.desk(), office.manager());
    let edit = ChannelEdit {
        name: Some("Front desk".into()),
        ..token(NEW_TOKEN)
    };
    let refused = desk.edit(&manager, channel.id, &edit).await.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
    let [problem] = refused.fields() else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (problem.field.as_str(), problem.code),
        ("access_token", "MANAGED")
    );
    assert!(
        problem.message.contains("Waypost made this channel"),
        "{problem:?}"
    );
    assert_eq!(office.tokens().len(), asked);
    assert_eq!(office.stored(channel.id), channel);
    assert!(office.audits("edit").is_empty());

    let renamed = ChannelEdit {
        name: Some("Front desk".into()),
        ..ChannelEdit::default()
    };
    let view = desk.edit(&manager, channel.id, &renamed).await.unwrap();
    assert_eq!(view.channel.name, "Front desk");
}
