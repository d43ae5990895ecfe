#![doc = include_str!("../README.md")]

mod attachment;
mod media;
#[cfg(test)]
mod tests;
mod upload;

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{Builder, http::HttpResponse},
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
    primitives::ByteStream,
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ports::Files,
};

use self::upload::Signer;
pub use self::upload::{FORM_LIFE, UploadForm};

/// How long a link to a file lives unless there is a reason for more.
pub const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

/// How long a link lives that a provider is given: it fetches the file while it takes the message, or
/// soon after.
pub const SHARE_LIFE: Duration = Duration::from_secs(60 * 60);

/// What every link says the file is: nothing that a browser shows in place, whatever is stored.
const LINKED_AS: &str = "application/octet-stream";

/// Files in one bucket.
#[derive(Debug, Clone)]
pub struct S3Files {
    client: Client,
    bucket: String,
    signer: Signer,
}

impl S3Files {
    /// Files in the bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        let emulated = config.endpoint_url().is_some();
        let bucket = bucket.into();
        let signer = Signer::new(config, &bucket);
        let config = Builder::from(config).force_path_style(emulated);
        Self {
            client: Client::from_conf(config.build()),
            bucket,
            signer,
        }
    }

    /// Keeps a file together with its content type, which must have been found in its content: S3 hands it
    /// to whoever reads the file.
    ///
    /// # Errors
    /// [`StoreFailure`].
    pub async fn put_typed(
        &self,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreFailure> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map(|_put| ())
            .map_err(|cause| failure("files.put", &cause))
    }

    /// An address that takes one file from somebody outside: of this key and type, of 1 to `most` bytes,
    /// within [`FORM_LIFE`].
    ///
    /// # Errors
    /// [`StoreFailure`] when there are no credentials to sign with.
    pub async fn upload(
        &self,
        key: &str,
        content_type: &str,
        most: u64,
    ) -> Result<UploadForm, StoreFailure> {
        let now = std::time::SystemTime::now();
        let form = self.signer.form(&self.bucket, key, content_type, most, now);
        form.await
    }

    /// An address at which anybody can download the file until `expires` ([`LINK_LIFE`]) has passed, or the
    /// function's own credentials have. It is a secret: never log it. The file is saved under `filename`,
    /// which may be anything, and never shown in the browser.
    ///
    /// Whether the file exists is not asked.
    ///
    /// # Errors
    /// [`StoreFailure`] when the link cannot be signed: no credentials, or more than a week.
    pub async fn link(
        &self,
        key: &str,
        filename: &str,
        expires: Duration,
    ) -> Result<String, StoreFailure> {
        let life = PresigningConfig::expires_in(expires).map_err(|cause| {
            StoreFailure::new("files.link", StoreFailureKind::Refused).because(cause)
        })?;
        self.client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_disposition(attachment::disposition(filename))
            .response_content_type(LINKED_AS)
            .presigned(life)
            .await
            .map(|signed| signed.uri().to_owned())
            .map_err(|cause| failure("files.link", &cause))
    }
}

impl S3Files {
    /// An address at which a provider can fetch the file, served as this type: one that was found in its
    /// content and is nothing that runs. It is a secret like [`S3Files::link`]'s.
    ///
    /// # Errors
    /// [`StoreFailure`] when the link cannot be signed.
    pub async fn served(
        &self,
        key: &str,
        mime: &str,
        expires: Duration,
    ) -> Result<String, StoreFailure> {
        let life = PresigningConfig::expires_in(expires).map_err(|cause| {
            StoreFailure::new("files.share", StoreFailureKind::Refused).because(cause)
        })?;
        self.client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_type(mime)
            .presigned(life)
            .await
            .map(|signed| signed.uri().to_owned())
            .map_err(|cause| failure("files.share", &cause))
    }
}

impl Files for S3Files {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map(|_put| ())
            .map_err(|cause| failure("files.put", &cause))
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        match answer {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|cause| {
                    StoreFailure::new("files.get", StoreFailureKind::Unavailable).because(cause)
                })?;
                Ok(Some(bytes.to_vec()))
            }
            Err(cause)
                if cause
                    .as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                Ok(None)
            }
            Err(cause) => Err(failure("files.get", &cause)),
        }
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
                "SlowDown" | "ThrottlingException" | "RequestLimitExceeded" => {
                    StoreFailureKind::Throttled
                }
                "RequestTimeout" | "OperationAborted" => StoreFailureKind::Unavailable,
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, format!("{code}: {message}"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown".into()),
    };
    StoreFailure::new(operation, kind).because(why)
}
