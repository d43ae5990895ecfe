//! Secrets of one owner never open for another, over a key service that holds to its contexts.

use aws_smithy_http_client::test_util::infallible_client_fn;

use super::*;

/// A key service as KMS is: what was encrypted under a context opens under that context alone.
fn kms() -> KmsVault {
    let client = infallible_client_fn(|request| {
        let target = request.headers().get("x-amz-target").unwrap().to_owned();
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, answer) = match target.to_str().unwrap() {
            "TrentService.Encrypt" => {
                let sealed = json!([asked["EncryptionContext"], asked["Plaintext"]]).to_string();
                (
                    200,
                    json!({"CiphertextBlob": BASE64_STANDARD.encode(sealed)}),
                )
            }
            "TrentService.Decrypt" => {
                let blob = asked["CiphertextBlob"].as_str().unwrap();
                let sealed = BASE64_STANDARD.decode(blob).unwrap();
                match serde_json::from_slice::<[Value; 2]>(&sealed) {
                    Ok([context, text]) if context == asked["EncryptionContext"] => {
                        (200, json!({"Plaintext": text, "KeyId": "k"}))
                    }
                    _ => (400, json!({"__type": "InvalidCiphertextException"})),
                }
            }
            other => panic!("{other}"),
        };
        let response = http::Response::builder().status(status);
        response.body(answer.to_string()).unwrap()
    });
    vault_over(client)
}

async fn sealed_channel(vault: &KmsVault, token: &str, secret: &str) -> Channel {
    let mut channel = channel();
    let (tenant, id) = (channel.tenant, channel.id);
    channel.sealed_token = Seals::seal(vault, tenant, id, &token.into()).await.unwrap();
    let secret = Seals::seal(vault, tenant, id, &secret.into()).await;
    channel.sealed_app_secret = Some(secret.unwrap());
    channel
}

async fn platform(vault: &KmsVault, secrets: &[&str]) -> PlatformApp {
    let mut app = PlatformApp::default();
    for secret in secrets {
        let sealed = vault.seal_platform(&(*secret).into()).await.unwrap();
        app.sealed_secrets.push(sealed);
    }
    app
}

fn shown(secret: &Secret) -> &str {
    secret.expose_secret()
}

#[tokio::test]
async fn what_was_sealed_opens_for_its_owner() {
    let vault = kms();
    let channel = sealed_channel(&vault, "token-1", "app-secret-1").await;
    assert_eq!(shown(&vault.token(&channel).await.unwrap()), "token-1");
    let secret = vault.app_secret(&channel).await.unwrap().unwrap();
    assert_eq!(shown(&secret), "app-secret-1");
    let app = platform(&vault, &["new-secret", "old-secret"]).await;
    let secrets = vault.platform_secrets(&app).await.unwrap();
    let secrets: Vec<_> = secrets.iter().map(shown).collect();
    assert_eq!(
        secrets,
        ["new-secret", "old-secret"],
        "both count meanwhile"
    );
}

#[tokio::test]
async fn a_channel_without_an_app_and_a_platform_without_secrets_ask_nobody() {
    let (vault, client) = vault(Vec::new());
    let mut channel = channel();
    channel.sealed_app_secret = None;
    assert!(vault.app_secret(&channel).await.unwrap().is_none());
    let none = PlatformApp::default();
    assert!(vault.platform_secrets(&none).await.unwrap().is_empty());
    assert!(requests(&client).is_empty());
}

/// S0.44: whoever moves a ciphertext to another tenant, another channel, to the platform or from it,
/// has nothing; also when the same vault opened it a moment ago.
#[tokio::test]
async fn a_ciphertext_of_somebody_else_does_not_open() {
    let vault = kms();
    let own = sealed_channel(&vault, "token-1", "app-secret-1").await;
    let app = platform(&vault, &["platform-secret"]).await;
    vault.token(&own).await.unwrap();
    vault.app_secret(&own).await.unwrap();
    vault.platform_secrets(&app).await.unwrap();

    let other_tenant = Channel {
        tenant: TenantId::fresh(),
        ..own.clone()
    };
    let other_channel = Channel {
        id: ChannelId::fresh(),
        ..own.clone()
    };
    let of_platform = Channel {
        sealed_token: app.sealed_secrets[0].clone(),
        sealed_app_secret: Some(app.sealed_secrets[0].clone()),
        ..own.clone()
    };
    for (who, channel) in [
        ("another tenant", other_tenant),
        ("another channel", other_channel),
        ("the platform's", of_platform),
    ] {
        let token = vault.token(&channel).await.unwrap_err();
        assert_eq!(token.kind(), StoreFailureKind::Corrupt, "{who}");
        let secret = vault.app_secret(&channel).await.unwrap_err();
        assert_eq!(secret.kind(), StoreFailureKind::Corrupt, "{who}");
    }
    let partner = vault.seal_partner(&"partner-token".into()).await.unwrap();
    let opened = vault.open_partner(&partner).await.unwrap();
    assert_eq!(shown(&opened), "partner-token");
    for sealed in [&own.sealed_token, &app.sealed_secrets[0]] {
        let failure = vault.open_partner(sealed).await.unwrap_err();
        assert_eq!(failure.kind(), StoreFailureKind::Corrupt);
    }
    for sealed in [own.sealed_token, own.sealed_app_secret.unwrap(), partner] {
        let mut stolen = app.clone();
        stolen.sealed_secrets.push(sealed);
        let failure = vault.platform_secrets(&stolen).await.unwrap_err();
        assert_eq!(failure.kind(), StoreFailureKind::Corrupt);
    }
}

/// The roles' policies allow these two keys of a context and no other.
#[tokio::test]
async fn contexts_name_tenant_and_channel_and_nothing_else() {
    let sealed = || {
        let blob = BASE64_STANDARD.encode(b"sealed");
        (200, json!({"CiphertextBlob": blob}))
    };
    let (vault, client) = vault(vec![sealed(), sealed(), opened(b"one"), opened(b"two")]);
    let channel = channel();
    let secret = Secret::from("app-secret");
    let (tenant, id) = (channel.tenant, channel.id);
    Seals::seal(&vault, tenant, id, &secret).await.unwrap();
    let app = PlatformApp {
        sealed_secrets: vec![vault.seal_platform(&secret).await.unwrap()],
        ..PlatformApp::default()
    };
    vault.app_secret(&channel).await.unwrap();
    vault.platform_secrets(&app).await.unwrap();
    let contexts: Vec<_> = requests(&client)
        .into_iter()
        .map(|request| request["EncryptionContext"].clone())
        .collect();
    let own = json!({"tenant": tenant.to_string(), "channel": id.to_string()});
    let platform = json!({"tenant": "platform", "channel": "meta"});
    assert_eq!(contexts, [own.clone(), platform.clone(), own, platform]);
}

/// A token must never verify a webhook, nor an app secret be sent to a provider: not even when
/// somebody stores one ciphertext as both.
#[tokio::test]
async fn token_and_app_secret_of_a_channel_are_kept_apart_and_opened_once_each() {
    let (vault, client) = vault(vec![
        opened(b"the-token"),
        opened(b"the-secret"),
        opened(b"platform"),
        opened(b"rotated"),
    ]);
    let mut channel = channel();
    channel.sealed_app_secret = Some(channel.sealed_token.clone());
    let app = PlatformApp {
        sealed_secrets: vec![channel.sealed_token.clone()],
        ..PlatformApp::default()
    };
    for _ in 0..3 {
        assert_eq!(shown(&vault.token(&channel).await.unwrap()), "the-token");
        let secret = vault.app_secret(&channel).await.unwrap().unwrap();
        assert_eq!(shown(&secret), "the-secret");
        let secrets = vault.platform_secrets(&app).await.unwrap();
        assert_eq!(shown(&secrets[0]), "platform");
    }
    assert_eq!(requests(&client).len(), 3);
    channel.sealed_app_secret = Some(SealedSecret(b"another".to_vec()));
    let secret = vault.app_secret(&channel).await.unwrap().unwrap();
    assert_eq!(shown(&secret), "rotated");
    assert!(!format!("{vault:?}").contains("the-secret"));
}

/// S0.44, S3.39: what the platform calls PayPal with opens as that alone, and nothing else as it.
#[tokio::test]
async fn the_secret_at_paypal_opens_as_nothing_else() {
    let vault = kms();
    let sealed = vault.seal_paypal(&"paypal-secret".into()).await.unwrap();
    let settings = |sealed_secret| PayPalSettings {
        client_id: "Afalcon".into(),
        sealed_secret,
        hint: String::new(),
        webhook_id: "4WEBHOOK1".into(),
        return_url: "https://console.falcon.example/paid".into(),
        cancel_url: "https://console.falcon.example/plans".into(),
        changed_at: Timestamp::UNIX_EPOCH,
        version: 1,
    };
    let opened = vault.paypal_secret(&settings(sealed.clone())).await;
    assert_eq!(shown(&opened.unwrap()), "paypal-secret");
    let app = platform(&vault, &["meta-secret"]).await;
    let meta = settings(app.sealed_secrets[0].clone());
    let meta = vault.paypal_secret(&meta).await;
    assert_eq!(meta.unwrap_err().kind(), StoreFailureKind::Corrupt);
    let moved = PlatformApp {
        sealed_secrets: vec![sealed],
        ..PlatformApp::default()
    };
    let failure = vault.platform_secrets(&moved).await.unwrap_err();
    assert_eq!(failure.kind(), StoreFailureKind::Corrupt);
}
