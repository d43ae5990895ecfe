#![doc = include_str!("../README.md")]

mod cache;
#[cfg(test)]
mod tests;

use std::{sync::Mutex, sync::PoisonError, time::Instant};

use aws_sdk_kms::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use aws_types::SdkConfig;
use domain::{
    channel::{Channel, SealedSecret, Secret},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::Vault,
};
use secrecy::ExposeSecret;

use self::cache::{Cache, Key};

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

    /// Seals a provider token for one channel of one tenant.
    ///
    /// # Errors
    /// [`StoreFailure`] when KMS does not answer or refuses.
    pub async fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> Result<SealedSecret, StoreFailure> {
        let sealed = self
            .client
            .encrypt()
            .key_id(&self.key)
            .encryption_context(TENANT, tenant.to_string())
            .encryption_context(CHANNEL, channel.to_string())
            .plaintext(Blob::new(secret.expose_secret()))
            .send()
            .await
            .map_err(|cause| failure("vault.seal", &cause))?;
        let blob = sealed
            .ciphertext_blob
            .ok_or_else(|| StoreFailure::new("vault.seal", StoreFailureKind::Unavailable))?;
        Ok(SealedSecret(blob.into_inner()))
    }

    async fn open(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        let opened = self
            .client
            .decrypt()
            .key_id(&self.key)
            .encryption_context(TENANT, channel.tenant.to_string())
            .encryption_context(CHANNEL, channel.id.to_string())
            .ciphertext_blob(Blob::new(channel.sealed_token.0.as_slice()))
            .send()
            .await
            .map_err(|cause| failure("vault.token", &cause))?;
        let plaintext = opened.plaintext.map(Blob::into_inner).unwrap_or_default();
        match String::from_utf8(plaintext) {
            Ok(token) if !token.is_empty() => Ok(Secret::from(token)),
            // The error of the conversion holds the bytes: dropped, so that no log ever has them.
            Ok(_) | Err(_) => Err(StoreFailure::new("vault.token", StoreFailureKind::Corrupt)),
        }
    }
}

/// Names of the encryption context; the policies of the key and of the roles speak of them too.
const TENANT: &str = "tenant";
const CHANNEL: &str = "channel";

impl Vault for KmsVault {
    async fn token(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        let key = Key::of(channel);
        let kept = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key, Instant::now());
        if let Some(token) = kept {
            return Ok(token);
        }
        let token = self.open(channel).await?;
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(key, token.clone(), Instant::now());
        Ok(token)
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
