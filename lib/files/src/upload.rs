//! Addresses that take one file from somebody outside: a form whose conditions S3 enforces. The SDK
//! signs no such forms; the signature is `aws-sigv4`'s, over the policy.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use aws_types::SdkConfig;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::failure::{StoreFailure, StoreFailureKind};
use jiff::Timestamp;
use serde_json::json;

/// How long a form may be used.
pub const FORM_LIFE: Duration = Duration::from_secs(15 * 60);

const OPERATION: &str = "files.upload";

/// Where a file goes. Whoever has it may put this one file: never log it.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// The address to post the form to.
    pub url: String,
    /// Its fields, which come before the file.
    pub fields: BTreeMap<String, String>,
    /// Until when S3 takes it.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for UploadForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UploadForm(until {})", self.expires_at)
    }
}

/// What forms are signed with.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    url: String,
}

impl Signer {
    pub(crate) fn new(config: &SdkConfig, bucket: &str) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let url = match config.endpoint_url() {
            Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
        };
        Self {
            credentials: config.credentials_provider(),
            region,
            url,
        }
    }

    /// A form for a file of this key and type, of 1 to `most` bytes.
    pub(crate) async fn form(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        most: u64,
        now: SystemTime,
    ) -> Result<UploadForm, StoreFailure> {
        let refused = |why: &'static str| {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(why)
        };
        let provider = self.credentials.as_ref();
        let provider = provider.ok_or_else(|| refused("no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(|cause| {
            StoreFailure::new(OPERATION, StoreFailureKind::Unavailable).because(cause)
        })?;
        let signed_at = Timestamp::try_from(now).map_err(|_| refused("no time"))?;
        let expires_at = Timestamp::try_from(now + FORM_LIFE).map_err(|_| refused("no time"))?;
        let date = signed_at.strftime("%Y%m%d").to_string();
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let credential = format!("{}/{scope}", credentials.access_key_id());
        let mut fields = BTreeMap::from([
            ("key".to_owned(), key.to_owned()),
            ("Content-Type".to_owned(), content_type.to_owned()),
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential".to_owned(), credential),
            (
                "x-amz-date".to_owned(),
                signed_at.strftime("%Y%m%dT%H%M%SZ").to_string(),
            ),
        ]);
        if let Some(token) = credentials.session_token() {
            fields.insert("x-amz-security-token".to_owned(), token.to_owned());
        }
        let mut conditions = vec![
            json!({"bucket": bucket}),
            json!(["content-length-range", 1, most]),
        ];
        // Every field is a condition: another key or type is another file.
        conditions.extend(fields.iter().map(|(name, value)| json!({name: value})));
        let policy = json!({
            "expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "conditions": conditions,
        });
        let policy = STANDARD.encode(policy.to_string());
        let signing =
            generate_signing_key(credentials.secret_access_key(), now, &self.region, "s3");
        let signature = calculate_signature(signing, policy.as_bytes());
        fields.insert("policy".to_owned(), policy);
        fields.insert("x-amz-signature".to_owned(), signature);
        Ok(UploadForm {
            url: self.url.clone(),
            fields,
            expires_at,
        })
    }
}
