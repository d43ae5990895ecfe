#![doc = include_str!("../README.md")]

mod cache;
#[cfg(test)]
mod tests;
mod whose;

use std::{sync::Mutex, sync::PoisonError, time::Instant};

use aws_sdk_kms::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use aws_types::SdkConfig;
use domain::{
    billing::PayPalSettings,
    channel::{Channel, PlatformApp, SealedSecret, Secret},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::{PartnerSeals, PayPalVault, Seals, Signatures, Vault},
};
use secrecy::ExposeSecret;

use self::{
    cache::{Cache, Key},
    whose::{CHANNEL, TENANT, Whose},
};

/// The vault on one KMS key.
#[derive(Debug)]
pub struct KmsVault {
    client: Client,
    key: String,
    opened: Mutex<Cache>,
}

impl KmsVault {
    /// A vault on the key with this id, ARN or alias.
    #[must_use]
    pub fn new(config: &SdkConfig, key: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            key: key.into(),
            opened: Mutex::default(),
        }
    }

    /// Seals a secret for one channel of one tenant.
    ///
    /// # Errors
    /// [`StoreFailure`] when KMS does not answer or refuses.
    pub async fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> Result<SealedSecret, StoreFailure> {
        // What the secret is for is no part of the context: the roles' policies know two keys.
        self.encrypt(Whose::Token(tenant, channel), secret).await
    }

    async fn encrypt(&self, whose: Whose, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        let (tenant, channel) = whose.context();
        let sealed = self
            .client
            .encrypt()
            .key_id(&self.key)
            .encryption_context(TENANT, tenant)
            .encryption_context(CHANNEL, channel)
            .plaintext(Blob::new(secret.expose_secret()))
            .send()
            .await
            .map_err(|cause| failure("vault.seal", &cause))?;
        let blob = sealed
            .ciphertext_blob
            .ok_or_else(|| StoreFailure::new("vault.seal", StoreFailureKind::Unavailable))?;
        Ok(SealedSecret(blob.into_inner()))
    }

    /// Opens a secret, or finds it among those opened lately.
    async fn open(&self, whose: Whose, sealed: &SealedSecret) -> Result<Secret, StoreFailure> {
        let key = Key::of(whose, sealed);
        let kept = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key, Instant::now());
        if let Some(secret) = kept {
            return Ok(secret);
        }
        let secret = self.decrypt(whose, sealed).await?;
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(key, secret.clone(), Instant::now());
        Ok(secret)
    }

    async fn decrypt(&self, whose: Whose, sealed: &SealedSecret) -> Result<Secret, StoreFailure> {
        let operation = whose.operation();
        let (tenant, channel) = whose.context();
        let opened = self
            .client
            .decrypt()
            .key_id(&self.key)
            .encryption_context(TENANT, tenant)
            .encryption_context(CHANNEL, channel)
            .ciphertext_blob(Blob::new(sealed.0.as_slice()))
            .send()
            .await
            .map_err(|cause| failure(operation, &cause))?;
        let plaintext = opened.plaintext.map(Blob::into_inner).unwrap_or_default();
        match String::from_utf8(plaintext) {
            Ok(secret) if !secret.is_empty() => Ok(Secret::from(secret)),
            // The error of the conversion holds the bytes: dropped, so that no log ever has them.
            Ok(_) | Err(_) => Err(StoreFailure::new(operation, StoreFailureKind::Corrupt)),
        }
    }
}

impl Vault for KmsVault {
    async fn token(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        self.open(Whose::token(channel), &channel.sealed_token)
            .await
    }
}

impl Signatures for KmsVault {
    async fn app_secret(&self, channel: &Channel) -> Result<Option<Secret>, StoreFailure> {
        let Some(sealed) = &channel.sealed_app_secret else {
            return Ok(None);
        };
        let secret = self.open(Whose::app_secret(channel), sealed).await?;
        Ok(Some(secret))
    }

    async fn platform_secrets(&self, app: &PlatformApp) -> Result<Vec<Secret>, StoreFailure> {
        let mut secrets = Vec::with_capacity(app.sealed_secrets.len());
        for sealed in &app.sealed_secrets {
            secrets.push(self.open(Whose::Platform, sealed).await?);
        }
        Ok(secrets)
    }
}

impl Seals for KmsVault {
    async fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> Result<SealedSecret, StoreFailure> {
        self.seal(tenant, channel, secret).await
    }

    async fn seal_platform(&self, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        self.encrypt(Whose::Platform, secret).await
    }
}

impl PayPalVault for KmsVault {
    async fn seal_paypal(&self, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        self.encrypt(Whose::PayPal, secret).await
    }

    async fn paypal_secret(&self, settings: &PayPalSettings) -> Result<Secret, StoreFailure> {
        self.open(Whose::PayPal, &settings.sealed_secret).await
    }
}

impl PartnerSeals for KmsVault {
    async fn seal_partner(&self, token: &Secret) -> Result<SealedSecret, StoreFailure> {
        self.encrypt(Whose::Partner, token).await
    }

    async fn open_partner(&self, sealed: &SealedSecret) -> Result<Secret, StoreFailure> {
        self.open(Whose::Partner, sealed).await
    }
}

/// What an SDK error means to us. Of the cause only code and message are kept.
fn failure<E>(operation: &'static str, cause: &SdkError<E, HttpResponse>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => (StoreFailureKind::Refused, "request not built".into()),
        SdkError::TimeoutError(_) => (StoreFailureKind::Unavailable, "timeout".into()),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent".into())
        }
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection".into()),
        SdkError::ResponseError(_) => (StoreFailureKind::Unavailable, "unreadable answer".into()),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("unknown");
            let message = answer.err().message().unwrap_or_default();
            let kind = match code {
                "ThrottlingException" | "LimitExceededException" => StoreFailureKind::Throttled,
                "KeyUnavailableException"
                | "DependencyTimeoutException"
                | "KMSInternalException"
                | "KmsInternalException" => StoreFailureKind::Unavailable,
                // Sealed for another tenant or channel, or by another key, or damaged.
                "InvalidCiphertextException" | "IncorrectKeyException" => StoreFailureKind::Corrupt,
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, format!("{code}: {message}"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown".into()),
    };
    StoreFailure::new(operation, kind).because(why)
}
