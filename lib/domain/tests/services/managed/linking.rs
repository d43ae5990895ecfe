//! Linking a channel's phone.

use domain::{
    channel::AuthStatus,
    failure::Code,
    managed::{BillingStatus, LoginCode},
    ports::{Clock, Directory},
    principal::Role,
    service::managed::ShownState,
};
use jiff::SignedDuration;
use testkit::{builders::Company, fakes::Trouble};

use super::{Yard, reason};

/// S3.20–S3.23, S3.68–S3.70: a code with the channel's own token, again whenever it is wanted, until the
/// phone is linked; then the exact words.
#[tokio::test]
async fn a_channel_is_linked_by_its_code() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    let auth = async || {
        yard.store
            .channel(live.tenant, live.id)
            .await
            .unwrap()
            .unwrap()
            .auth
    };
    let shown = async || {
        let record = yard.record(live.id).await;
        ShownState::of(Some(&record), auth().await, yard.clock.now()).as_str()
    };
    assert_eq!(shown().await, "pending");
    for _ in 0..2 {
        let login = yard.desk().login(&yard.manager(), live.id).await.unwrap();
        let expected = LoginCode::Code {
            image: "data:image/png;base64,AAAA".into(),
            expires_in: 60,
        };
        assert_eq!(
            (login.code, login.auth),
            (expected, AuthStatus::QrGenerated)
        );
        assert_eq!(
            (auth().await, shown().await),
            (AuthStatus::QrGenerated, "qr_generated")
        );
        yard.minutes(1);
    }
    yard.partner
        .change(|there| there.login = LoginCode::Authorized);
    let login = yard.desk().login(&yard.manager(), live.id).await.unwrap();
    assert_eq!(
        (&login.code, login.auth),
        (&LoginCode::Authorized, AuthStatus::Authorized)
    );
    assert_eq!(
        login.message,
        "Channel connected successfully and now active."
    );
    assert_eq!(shown().await, "active");
    assert_eq!(
        yard.partner
            .calls()
            .iter()
            .filter(|call| **call == "login")
            .count(),
        3
    );
}

/// S3.24: whoever is linked is not stopped.
#[tokio::test]
async fn a_linked_channel_is_not_stopped() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    let key = (live.tenant, live.id);
    yard.store.state().managed.get_mut(&key).unwrap().stopped = true;
    assert_eq!(
        yard.record(live.id).await.billing(yard.clock.now()),
        BillingStatus::Stopped
    );
    yard.partner
        .change(|there| there.login = LoginCode::Authorized);
    yard.desk().login(&yard.manager(), live.id).await.unwrap();
    let record = yard.record(live.id).await;
    assert_eq!(record.billing(yard.clock.now()), BillingStatus::Active);
}

/// S3.69: a channel that starts says when to ask again, and its login stays what it was.
#[tokio::test]
async fn a_channel_that_starts_says_when_to_ask_again() {
    let yard = Yard::with_days(30).await;
    let live = yard.live().await;
    yard.partner
        .change(|there| there.login = LoginCode::NotReady { retry_in: 5 });
    let login = yard.desk().login(&yard.manager(), live.id).await.unwrap();
    assert_eq!(
        (login.code, login.auth),
        (LoginCode::NotReady { retry_in: 5 }, AuthStatus::Pending)
    );
    yard.partner.meets("login", Trouble::Vanished);
    let failed = yard
        .desk()
        .login(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(
        (failed.code(), failed.retryable()),
        (Code::ProviderError, true)
    );
}

/// S3.20: only a live channel whose days are not over, of the company's own, and at WHAPI.
#[tokio::test]
async fn only_a_live_paid_channel_is_linked() {
    let yard = Yard::with_days(60).await;
    let live = yard.live().await;
    yard.partner.meets("create", Trouble::TooMany);
    let waiting = yard.order("Waiting").await.unwrap();
    let refused = yard
        .desk()
        .login(&yard.manager(), waiting.id)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Conflict, "NOT_READY")
    );
    let stranger = Company::named("other").user(Role::Manager);
    let unknown = yard.desk().login(&stranger, live.id).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let meta = yard.acme.meta_channel();
    let id = meta.id;
    yard.store.state().channels.insert((meta.tenant, id), meta);
    let refused = yard.desk().login(&yard.manager(), id).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_QR");
    yard.clock
        .set(live.active_till.unwrap() + SignedDuration::from_secs(1));
    let over = yard
        .desk()
        .login(&yard.manager(), live.id)
        .await
        .unwrap_err();
    assert_eq!(
        (over.code(), reason(&over)),
        (Code::Forbidden, "CHANNEL_EXPIRED")
    );
    assert!(!yard.partner.calls().contains(&"login"));
}
