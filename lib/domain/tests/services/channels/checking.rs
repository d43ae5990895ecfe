//! Asking how a channel is.

use domain::{
    channel::{AuthStatus, Channel},
    failure::Code,
};
use jiff::SignedDuration;
use testkit::fakes::FakeVault;

use super::{NUMBER_ID, Office, REVOKED, TOKEN, m360, timeout};

/// Puts a token into the store that its provider no longer takes, or takes.
fn swap_token(office: &Office, channel: &Channel, token: &str) {
    let key = (channel.tenant, channel.id);
    let sealed = FakeVault::sealed(channel.tenant, channel.id, token);
    office
        .store
        .state()
        .channels
        .get_mut(&key)
        .unwrap()
        .sealed_token = sealed;
    office.clock.advance(SignedDuration::from_mins(1));
}

/// S3.29: a live call with the stored token says whether it still counts.
#[tokio::test]
async fn a_check_asks_with_the_stored_token_and_keeps_what_is_said() {
    let office = Office::new();
    let channel = office.made().await;
    office.clock.advance(SignedDuration::from_hours(1));
    let manager = office.manager();
    let view = office
        .desk()
        .check_health(&manager, channel.id)
        .await
        .unwrap();
    assert!(view.is_default);
    assert_eq!(office.tokens(), [TOKEN, TOKEN]);
    let path = office.gate.asked.lock().unwrap()[1].0.clone();
    assert!(path.contains(NUMBER_ID), "{path}");
    let stored = office.stored(channel.id);
    assert_eq!(stored, view.channel);
    let health = stored.health.unwrap();
    assert_eq!(health.word, "CONNECTED, quality GREEN");
    assert!(health.at > channel.health.unwrap().at);
    assert_eq!(stored.version, channel.version, "people changed nothing");
}

/// A refused token closes a channel, and the same check opens it once the provider takes it again: also
/// where the provider never shows a login.
#[tokio::test]
async fn a_refused_token_closes_a_channel_and_a_taken_one_opens_it() {
    let office = Office::new();
    let manager = office.manager();
    let m360 = office
        .make(m360("+97333000044", "v2"))
        .await
        .unwrap()
        .channel;
    for channel in [office.made().await, m360] {
        swap_token(&office, &channel, REVOKED);
        let closed = office
            .desk()
            .check_health(&manager, channel.id)
            .await
            .unwrap();
        assert_eq!(closed.channel.auth, AuthStatus::Disconnected);
        let stored = office.stored(channel.id);
        assert_eq!(stored.auth, AuthStatus::Disconnected);
        let health = stored.health.unwrap();
        assert_eq!(health.word, "CHANNEL_UNAUTHORIZED");
        assert!(
            health.detail.contains("current"),
            "says what to do: {}",
            health.detail
        );

        swap_token(&office, &channel, TOKEN);
        let opened = office
            .desk()
            .check_health(&manager, channel.id)
            .await
            .unwrap();
        assert_eq!(opened.channel.auth, AuthStatus::Authorized);
        assert_eq!(office.stored(channel.id).auth, AuthStatus::Authorized);
    }
}

#[tokio::test]
async fn a_check_without_an_answer_changes_nothing() {
    let office = Office::new();
    let channel = office.made().await;
    office.fail(Some(timeout()));
    office.clock.advance(SignedDuration::from_hours(1));
    let manager = office.manager();
    let failed = office
        .desk()
        .check_health(&manager, channel.id)
        .await
        .unwrap_err();
    assert_eq!(
        (failed.code(), failed.retryable()),
        (Code::ProviderError, true)
    );
    assert_eq!(office.stored(channel.id), channel);
}

#[tokio::test]
async fn a_version_that_cannot_be_asked_says_so() {
    let office = Office::new();
    let channel = office
        .make(m360("+97333000044", "v1"))
        .await
        .unwrap()
        .channel;
    let manager = office.manager();
    let refused = office
        .desk()
        .check_health(&manager, channel.id)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), refused.details()["reason"].as_str()),
        (Code::Conflict, "NO_HEALTH_CHECK")
    );
    assert_eq!(office.stored(channel.id), channel);
}
