//! The vault without keys, and what is built with it.

use domain::{
    channel::{Channel, Secret},
    ids::ChannelId,
    ports::{Seals, Signatures, Vault},
};
use secrecy::ExposeSecret;
use testkit::{
    builders::{APP_SECRET, Company, PLATFORM_SECRET, platform_app},
    fakes::FakeVault,
};

fn shown(secret: &Secret) -> &str {
    secret.expose_secret()
}

#[tokio::test]
async fn what_is_built_opens_with_the_secrets_it_is_documented_to_have() {
    let acme = Company::named("acme");
    let own = acme.meta_channel();
    let secret = FakeVault.app_secret(&own).await.unwrap().unwrap();
    assert_eq!(shown(&secret), APP_SECRET);
    let shared = acme.shared_meta_channel();
    assert!(FakeVault.app_secret(&shared).await.unwrap().is_none());
    let secrets = FakeVault.platform_secrets(&platform_app()).await.unwrap();
    assert_eq!(
        secrets.iter().map(shown).collect::<Vec<_>>(),
        [PLATFORM_SECRET]
    );
    let token = FakeVault.token(&own).await.unwrap();
    assert_eq!(shown(&token), FakeVault::token_of(own.tenant, own.id));
    assert_ne!(own.provider_ref, shared.provider_ref);
    assert_ne!(own.account, shared.account);
    assert_ne!(own.phone, acme.messenger360_channel().phone);
}

#[tokio::test]
async fn what_was_sealed_for_one_opens_for_nobody_else() {
    let vault = FakeVault;
    let mut channel = Company::named("acme").meta_channel();
    let (tenant, id) = (channel.tenant, channel.id);
    let sealed = vault.seal(tenant, id, &"real-token".into()).await.unwrap();
    channel.sealed_token = sealed.clone();
    assert_eq!(shown(&vault.token(&channel).await.unwrap()), "real-token");
    let moved = Channel {
        id: ChannelId::fresh(),
        ..channel.clone()
    };
    assert!(vault.token(&moved).await.is_err());
    assert!(vault.app_secret(&moved).await.is_err());
    let mut app = platform_app();
    app.sealed_secrets.push(sealed);
    assert!(vault.platform_secrets(&app).await.is_err());
    channel.sealed_token = vault.seal_platform(&"of-all".into()).await.unwrap();
    assert!(vault.token(&channel).await.is_err());
}
