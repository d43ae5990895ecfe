//! Where the bucket is.

use aws_types::{SdkConfig, service_config::ServiceConfigKey};
use rusty_s3::{Bucket, BucketError, UrlStyle};
use url::Url;

/// Name and endpoint make no address.
#[derive(Debug, thiserror::Error)]
pub enum BadBucket {
    /// The endpoint is no address.
    #[error("the endpoint of S3 (`AWS_ENDPOINT_URL`) is no address")]
    Endpoint(#[from] url::ParseError),
    /// The name cannot be part of the address.
    #[error("`{name}` cannot be the name of a bucket at its endpoint")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        source: BucketError,
    },
    /// Lambda sets the region; elsewhere `AWS_REGION` does.
    #[error("AWS_REGION is not set")]
    Region,
}

/// On AWS the name is part of the host; at an endpoint that somebody named (an emulator) it is part of
/// the path.
pub(crate) fn of(config: &SdkConfig, name: &str) -> Result<Bucket, BadBucket> {
    let region = config.region().ok_or(BadBucket::Region)?.to_string();
    let (endpoint, style) = match endpoint(config) {
        Some(named) => (Url::parse(&named)?, UrlStyle::Path),
        None => (
            Url::parse(&format!("https://s3.{region}.amazonaws.com"))?,
            UrlStyle::VirtualHost,
        ),
    };
    Bucket::new(endpoint, style, name.to_owned(), region).map_err(|source| BadBucket::Name {
        name: name.to_owned(),
        source,
    })
}

/// `AWS_ENDPOINT_URL_S3` before `AWS_ENDPOINT_URL`, as the SDKs have it.
fn endpoint(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().zip(config.service_config());
    own.and_then(|(key, service)| service.load_config(key))
        .or_else(|| config.endpoint_url().map(ToOwned::to_owned))
}
