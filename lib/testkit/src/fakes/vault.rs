//! A vault without keys. What it seals says in plain words for whom, and opens for nobody else.

use domain::{
    billing::PayPalSettings,
    channel::{Channel, PlatformApp, SealedSecret, Secret},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::{PartnerSeals, PayPalVault, Seals, Signatures, Vault},
};
use secrecy::ExposeSecret;

/// A vault whose tokens name their channel, unless one was sealed.
#[derive(Debug, Default)]
pub struct FakeVault;

impl FakeVault {
    /// The token of a channel whose own was never sealed here.
    #[must_use]
    pub fn token_of(tenant: TenantId, channel: ChannelId) -> String {
        format!("token-{}-{}", tenant.key(), channel.key())
    }

    /// A secret as this vault seals it for a channel.
    #[must_use]
    pub fn sealed(tenant: TenantId, channel: ChannelId, secret: &str) -> SealedSecret {
        seal(&of_channel(tenant, channel), secret)
    }

    /// A secret as this vault seals it for the platform.
    #[must_use]
    pub fn sealed_for_platform(secret: &str) -> SealedSecret {
        seal(PLATFORM, secret)
    }
}

const MARK: &str = "sealed for ";
const PLATFORM: &str = "platform";
const PARTNER: &str = "platform at whapi";
const PAYPAL: &str = "platform-paypal";

fn of_channel(tenant: TenantId, channel: ChannelId) -> String {
    format!("{}-{}", tenant.key(), channel.key())
}

fn seal(whom: &str, secret: &str) -> SealedSecret {
    SealedSecret(format!("{MARK}{whom}: {secret}").into_bytes())
}

fn open(
    operation: &'static str,
    whom: &str,
    sealed: &SealedSecret,
) -> Result<Secret, StoreFailure> {
    let corrupt = || StoreFailure::new(operation, StoreFailureKind::Corrupt);
    let text = std::str::from_utf8(&sealed.0).map_err(|_| corrupt())?;
    let secret = text.strip_prefix(&format!("{MARK}{whom}: "));
    secret.map(Secret::from).ok_or_else(corrupt)
}

impl Vault for FakeVault {
    async fn token(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        if !channel.sealed_token.0.starts_with(MARK.as_bytes()) {
            return Ok(Self::token_of(channel.tenant, channel.id).into());
        }
        let whom = of_channel(channel.tenant, channel.id);
        open("vault.token", &whom, &channel.sealed_token)
    }
}

impl Signatures for FakeVault {
    async fn app_secret(&self, channel: &Channel) -> Result<Option<Secret>, StoreFailure> {
        let whom = of_channel(channel.tenant, channel.id);
        channel
            .sealed_app_secret
            .as_ref()
            .map(|sealed| open("vault.app_secret", &whom, sealed))
            .transpose()
    }

    async fn platform_secrets(&self, app: &PlatformApp) -> Result<Vec<Secret>, StoreFailure> {
        app.sealed_secrets
            .iter()
            .map(|sealed| open("vault.platform_secrets", PLATFORM, sealed))
            .collect()
    }
}

impl PartnerSeals for FakeVault {
    async fn seal_partner(&self, token: &Secret) -> Result<SealedSecret, StoreFailure> {
        Ok(seal(PARTNER, token.expose_secret()))
    }

    async fn open_partner(&self, sealed: &SealedSecret) -> Result<Secret, StoreFailure> {
        open("vault.partner", PARTNER, sealed)
    }
}

impl Seals for FakeVault {
    async fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> Result<SealedSecret, StoreFailure> {
        Ok(Self::sealed(tenant, channel, secret.expose_secret()))
    }

    async fn seal_platform(&self, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        Ok(Self::sealed_for_platform(secret.expose_secret()))
    }
}

impl PayPalVault for FakeVault {
    async fn seal_paypal(&self, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        Ok(seal(PAYPAL, secret.expose_secret()))
    }

    async fn paypal_secret(&self, settings: &PayPalSettings) -> Result<Secret, StoreFailure> {
        open("vault.paypal_secret", PAYPAL, &settings.sealed_secret)
    }
}
