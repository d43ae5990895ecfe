#![doc = include_str!("../README.md")]

mod attachment;
mod bucket;
mod exchange;
mod media;
mod proof;
#[cfg(test)]
mod tests;
mod upload;

use std::time::Duration;

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ports::Files,
};
use jiff::Timestamp;
use rusty_s3::{Bucket, S3Action};
use url::Url;

pub use domain::ports::UploadForm;

pub use self::{bucket::BadBucket, upload::FORM_LIFE};

/// How long a link to a file lives unless there is a reason for more.
pub const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

/// S3 signs for no longer.
const LONGEST_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long the signature of a request of our own holds: as long as S3 lets clocks differ.
const REQUEST_LIFE: Duration = Duration::from_secs(15 * 60);

/// How long a link lives that a provider is given: it fetches the file while it takes the message, or
/// soon after.
pub const SHARE_LIFE: Duration = Duration::from_secs(60 * 60);

/// What every link says the file is: nothing that a browser shows in place, whatever is stored.
const LINKED_AS: &str = "application/octet-stream";

/// Files in one bucket.
#[derive(Debug, Clone)]
pub struct S3Files {
    http: reqwest::Client,
    bucket: Bucket,
    credentials: Option<SharedCredentialsProvider>,
    now: fn() -> Timestamp,
}

impl S3Files {
    /// Files in the bucket of this name, reached by this client (`Net::aws_client`).
    ///
    /// # Errors
    /// [`BadBucket`] when name and endpoint make no address.
    pub fn new(config: &SdkConfig, http: reqwest::Client, name: &str) -> Result<Self, BadBucket> {
        Ok(Self {
            http,
            bucket: bucket::of(config, name)?,
            credentials: config.credentials_provider(),
            now: Timestamp::now,
        })
    }

    /// The same files, with everything signed as of the time that this tells: what a link is worth later
    /// is seen without waiting for it.
    #[must_use]
    pub fn with_clock(self, now: fn() -> Timestamp) -> Self {
        Self { now, ..self }
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
        const PUT: &str = "files.put";
        let credentials = self.credentials(PUT).await?;
        let signing = signing(&credentials);
        let action = self.bucket.put_object(Some(&signing), key);
        let address = self.signed(&action, REQUEST_LIFE);
        exchange::put(PUT, &self.http, address, bytes, content_type).await
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
        let credentials = self.credentials(upload::OPERATION).await?;
        let now = (self.now)();
        upload::form(&self.bucket, &credentials, key, content_type, most, now)
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
        const LINK: &str = "files.link";
        if expires > LONGEST_LIFE {
            return Err(refused(LINK, "a link lives for a week at most"));
        }
        let credentials = self.credentials(LINK).await?;
        let signing = signing(&credentials);
        let mut action = self.bucket.get_object(Some(&signing), key);
        let disposition = attachment::disposition(filename);
        let query = action.query_mut();
        query.insert("response-content-disposition", disposition);
        query.insert("response-content-type", LINKED_AS);
        Ok(self.signed(&action, expires).into())
    }

    fn signed<'a>(&self, action: &impl S3Action<'a>, life: Duration) -> Url {
        action.sign_with_time(life, &(self.now)())
    }

    async fn credentials(&self, operation: &'static str) -> Result<Credentials, StoreFailure> {
        let Some(provider) = &self.credentials else {
            return Err(refused(operation, "no credentials"));
        };
        provider.provide_credentials().await.map_err(|cause| {
            StoreFailure::new(operation, StoreFailureKind::Unavailable).because(cause)
        })
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
        const SHARE: &str = "files.share";
        if expires > LONGEST_LIFE {
            return Err(refused(SHARE, "a link lives for a week at most"));
        }
        let credentials = self.credentials(SHARE).await?;
        let signing = signing(&credentials);
        let mut action = self.bucket.get_object(Some(&signing), key);
        action.query_mut().insert("response-content-type", mime);
        Ok(self.signed(&action, expires).into())
    }
}

impl Files for S3Files {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreFailure> {
        self.put_typed(key, bytes, LINKED_AS).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        const GET: &str = "files.get";
        let credentials = self.credentials(GET).await?;
        let signing = signing(&credentials);
        let address = self.bucket.get_object(Some(&signing), key);
        exchange::get(GET, &self.http, self.signed(&address, REQUEST_LIFE)).await
    }
}

fn signing(credentials: &Credentials) -> rusty_s3::Credentials {
    let (key, secret) = (credentials.access_key_id(), credentials.secret_access_key());
    match credentials.session_token() {
        Some(token) => rusty_s3::Credentials::new_with_token(key, secret, token),
        None => rusty_s3::Credentials::new(key, secret),
    }
}

fn refused(operation: &'static str, why: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Refused).because(why)
}
