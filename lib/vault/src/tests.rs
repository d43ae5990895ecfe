mod contexts;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_kms::config::{BehaviorVersion, HttpClient, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    channel::{AuthStatus, ChannelKey, Pace, SecretHash},
    provider::ProviderKind,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

fn vault(answers: Vec<(u16, Value)>) -> (KmsVault, StaticReplayClient) {
    let events = answers.into_iter().map(|(status, answer)| {
        let request = http::Request::builder()
            .uri("https://kms.example")
            .body(Vec::<u8>::new().into());
        let response = http::Response::builder()
            .status(status)
            .body(answer.to_string().into());
        ReplayEvent::new(request.unwrap(), response.unwrap())
    });
    let client = StaticReplayClient::new(events.collect());
    (vault_over(client.clone()), client)
}

fn vault_over(client: impl HttpClient + 'static) -> KmsVault {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "secret", None, None, "test",
        )))
        .retry_config(RetryConfig::disabled())
        .http_client(client)
        .build();
    KmsVault::new(&config, "alias/waypost")
}

fn opened(token: &[u8]) -> (u16, Value) {
    (
        200,
        json!({"Plaintext": BASE64_STANDARD.encode(token), "KeyId": "k"}),
    )
}

fn channel() -> Channel {
    Channel {
        id: ChannelId::fresh(),
        tenant: TenantId::fresh(),
        provider: ProviderKind::Meta,
        name: "Shop".into(),
        provider_ref: "106000000000042".into(),
        account: Some("207000000000042".into()),
        phone: None,
        api: None,
        active: true,
        auth: AuthStatus::Authorized,
        health: None,
        paid_until: None,
        sealed_token: SealedSecret(b"sealed".to_vec()),
        token_hint: "oken".into(),
        sealed_app_secret: Some(SealedSecret(b"sealed app secret".to_vec())),
        key: ChannelKey::parse(&"a1".repeat(20)).unwrap(),
        webhook_secret: SecretHash::of(b"x"),
        pace: Pace::META,
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn requests(client: &StaticReplayClient) -> Vec<Value> {
    client
        .actual_requests()
        .map(|request| serde_json::from_slice(request.body().bytes().unwrap()).unwrap())
        .collect()
}

/// S0.44: what is opened is the channel's own token, under the context of its tenant and channel.
#[tokio::test]
async fn a_token_is_sealed_and_opened_under_its_tenant_and_channel() {
    let channel = channel();
    let context = json!({"tenant": channel.tenant.to_string(), "channel": channel.id.to_string()});
    let sealed = (
        200,
        json!({"CiphertextBlob": BASE64_STANDARD.encode(b"sealed")}),
    );
    let (vault, client) = vault(vec![sealed, opened(b"channel-token")]);

    let secret = Secret::from("channel-token");
    let sealed = vault
        .seal(channel.tenant, channel.id, &secret)
        .await
        .unwrap();
    assert_eq!(sealed, channel.sealed_token);
    let token = vault.token(&channel).await.unwrap();
    assert_eq!(token.expose_secret(), "channel-token");

    let [seal, open] = requests(&client).try_into().unwrap();
    assert_eq!(seal["EncryptionContext"], context);
    assert_eq!(open["EncryptionContext"], context);
    assert_eq!(seal["KeyId"], "alias/waypost");
    assert_eq!(open["KeyId"], "alias/waypost");
    assert_eq!(open["CiphertextBlob"], BASE64_STANDARD.encode(b"sealed"));
}

#[tokio::test]
async fn a_token_is_opened_once_and_a_rotated_or_moved_one_again() {
    let (vault, client) = vault(vec![
        opened(b"one"),
        opened(b"two"),
        opened(b"three"),
        opened(b"four"),
    ]);
    let mut channel = channel();
    for _ in 0..3 {
        assert_eq!(vault.token(&channel).await.unwrap().expose_secret(), "one");
    }
    channel.sealed_token = SealedSecret(b"rotated".to_vec());
    assert_eq!(vault.token(&channel).await.unwrap().expose_secret(), "two");
    channel.tenant = TenantId::fresh();
    assert_eq!(
        vault.token(&channel).await.unwrap().expose_secret(),
        "three"
    );
    channel.id = ChannelId::fresh();
    assert_eq!(vault.token(&channel).await.unwrap().expose_secret(), "four");
    assert_eq!(requests(&client).len(), 4);
}

#[tokio::test]
async fn what_does_not_open_is_corrupt_and_what_is_busy_is_retryable() {
    for (answer, kind) in [
        (
            (400, json!({"__type": "InvalidCiphertextException"})),
            StoreFailureKind::Corrupt,
        ),
        (
            (400, json!({"__type": "ThrottlingException"})),
            StoreFailureKind::Throttled,
        ),
        (
            (500, json!({"__type": "KMSInternalException"})),
            StoreFailureKind::Unavailable,
        ),
        (
            (500, json!({"__type": "DependencyTimeoutException"})),
            StoreFailureKind::Unavailable,
        ),
        (
            (400, json!({"__type": "AccessDeniedException"})),
            StoreFailureKind::Refused,
        ),
        (opened(b""), StoreFailureKind::Corrupt),
        (opened(b"\xff\xfe"), StoreFailureKind::Corrupt),
        ((200, json!({})), StoreFailureKind::Corrupt),
    ] {
        let said = answer.1.to_string();
        let (vault, _client) = vault(vec![answer]);
        let failure = vault.token(&channel()).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{said}");
    }
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let (vault, client) = vault(vec![(500, json!({})), opened(b"token")]);
    let channel = channel();
    assert!(vault.token(&channel).await.is_err());
    assert!(vault.token(&channel).await.is_ok());
    assert_eq!(requests(&client).len(), 2);
}

#[tokio::test]
async fn a_vault_prints_no_token() {
    let (vault, _client) = vault(vec![opened(b"channel-token")]);
    vault.token(&channel()).await.unwrap();
    assert!(!format!("{vault:?}").contains("channel-token"));
}
