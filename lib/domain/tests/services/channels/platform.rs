//! The platform's own app at Meta.

use domain::{
    channel::{PlatformApp, SealedSecret, Secret, SecretHash},
    failure::Code,
    ports::Signatures,
    principal::{Principal, Role},
};
use secrecy::ExposeSecret;

use super::{APP_SECRET, NEW_APP_SECRET, NEW_VERIFY_TOKEN, Office, VERIFY_TOKEN};

const THIRD_SECRET: &str = "inventedappsecret0008";

fn admin(office: &Office) -> Principal {
    office.other.user(Role::PlatformAdmin)
}

async fn set(office: &Office, secret: Option<&str>, verify_token: Option<&str>) -> PlatformApp {
    let secret = secret.map(Secret::from);
    let token = verify_token.map(Secret::from);
    let admin = admin(office);
    let desk = office.desk();
    let set = desk.set_platform_app(&admin, secret.as_ref(), token.as_ref());
    set.await.unwrap()
}

async fn live(office: &Office) -> Vec<String> {
    let app = office.store.state().platform_app.clone();
    let opened = office.vault.platform_secrets(&app).await.unwrap();
    opened
        .iter()
        .map(|s| s.expose_secret().to_owned())
        .collect()
}

/// S1.156: nothing is refused while Meta changes over: the secret before counts until the next one.
#[tokio::test]
async fn two_secrets_and_two_verify_tokens_count_at_once() {
    let office = Office::new();
    set(&office, Some(APP_SECRET), Some(VERIFY_TOKEN)).await;
    assert_eq!(live(&office).await, [APP_SECRET]);
    let app = set(&office, Some(NEW_APP_SECRET), Some(NEW_VERIFY_TOKEN)).await;
    assert_eq!(live(&office).await, [NEW_APP_SECRET, APP_SECRET]);
    let hash = |token: &str| SecretHash::of(token.as_bytes());
    assert_eq!(
        app.verify_tokens,
        [hash(NEW_VERIFY_TOKEN), hash(VERIFY_TOKEN)]
    );
    assert_eq!(app.hint, "0005");
    assert!(app.changed_at.is_some());
    assert_eq!(
        office.desk().platform_app(&admin(&office)).await.unwrap(),
        app
    );

    set(&office, Some(THIRD_SECRET), None).await;
    assert_eq!(live(&office).await, [THIRD_SECRET, NEW_APP_SECRET]);

    let notes = office.audits("set_app");
    let told = [
        (
            r#"{"app_secret_hint": "", "verify_token": "none"}"#,
            r#"{"app_secret_hint": "0004", "verify_token": "replaced"}"#,
        ),
        (
            r#"{"app_secret_hint": "0004", "verify_token": "set"}"#,
            r#"{"app_secret_hint": "0005", "verify_token": "replaced"}"#,
        ),
        (
            r#"{"app_secret_hint": "0005"}"#,
            r#"{"app_secret_hint": "0008"}"#,
        ),
    ];
    let told = told.map(|(before, after)| (before.to_owned(), after.to_owned()));
    assert_eq!(notes, told);
    office.assert_no_secret_told(&[]);
}

/// A request that is repeated because its answer was lost must not push out the secret that Meta may
/// still sign with.
#[tokio::test]
async fn the_newest_secret_given_again_changes_nothing() {
    let office = Office::new();
    set(&office, Some(APP_SECRET), Some(VERIFY_TOKEN)).await;
    let app = set(&office, Some(NEW_APP_SECRET), Some(NEW_VERIFY_TOKEN)).await;
    let again = set(&office, Some(NEW_APP_SECRET), Some(NEW_VERIFY_TOKEN)).await;
    assert_eq!(again, app);
    assert_eq!(live(&office).await, [NEW_APP_SECRET, APP_SECRET]);
    assert_eq!(office.audits("set_app").len(), 2);

    set(&office, Some(APP_SECRET), None).await;
    assert_eq!(
        live(&office).await,
        [APP_SECRET, NEW_APP_SECRET],
        "back to the one before"
    );
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_can_be_replaced() {
    let office = Office::new();
    let damaged = SealedSecret(b"damaged".to_vec());
    office.store.state().platform_app.sealed_secrets = vec![damaged];
    let app = set(&office, Some(APP_SECRET), None).await;
    assert_eq!(app.sealed_secrets.len(), 2);
    assert_eq!(app.hint, "0004");
}

#[tokio::test]
async fn an_odd_or_missing_secret_is_named() {
    let office = Office::new();
    let admin = admin(&office);
    let odd = Secret::from("two words");
    for (secret, token, field, code) in [
        (None, None, "app_secret", "REQUIRED"),
        (Some(&odd), None, "app_secret", "FORMAT"),
        (None, Some(&odd), "verify_token", "FORMAT"),
    ] {
        let refused = office
            .desk()
            .set_platform_app(&admin, secret, token)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::Validation);
        let problem = &refused.fields()[0];
        assert_eq!((problem.field.as_str(), problem.code), (field, code));
    }
    assert_eq!(office.store.state().platform_app, PlatformApp::default());
}
