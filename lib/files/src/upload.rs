//! Addresses that take one file from somebody outside: a form whose conditions S3 enforces.
//! The signature is that of `aws-sigv4`, over the policy.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{failure::StoreFailure, ports::UploadForm};
use jiff::Timestamp;
use rusty_s3::Bucket;
use serde_json::json;

use crate::refused;

/// How long a form may be used.
pub const FORM_LIFE: Duration = Duration::from_secs(15 * 60);

pub(crate) const OPERATION: &str = "files.upload";

/// A form for a file of this key and type, of 1 to `most` bytes.
pub(crate) fn form(
    bucket: &Bucket,
    credentials: &Credentials,
    key: &str,
    content_type: &str,
    most: u64,
    now: Timestamp,
) -> Result<UploadForm, StoreFailure> {
    let expires_at = now.checked_add(FORM_LIFE);
    let expires_at = expires_at.map_err(|_| refused(OPERATION, "no time"))?;
    let date = now.strftime("%Y%m%d").to_string();
    let scope = format!("{date}/{}/s3/aws4_request", bucket.region());
    let credential = format!("{}/{scope}", credentials.access_key_id());
    let mut fields = BTreeMap::from([
        ("key".to_owned(), key.to_owned()),
        ("Content-Type".to_owned(), content_type.to_owned()),
        ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential".to_owned(), credential),
        (
            "x-amz-date".to_owned(),
            now.strftime("%Y%m%dT%H%M%SZ").to_string(),
        ),
    ]);
    if let Some(token) = credentials.session_token() {
        fields.insert("x-amz-security-token".to_owned(), token.to_owned());
    }
    let mut conditions = vec![
        json!({"bucket": bucket.name()}),
        json!(["content-length-range", 1, most]),
    ];
    // Every field is a condition: another key or type is another file.
    conditions.extend(fields.iter().map(|(name, value)| json!({name: value})));
    let policy = json!({
        "expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "conditions": conditions,
    });
    let policy = STANDARD.encode(policy.to_string());
    let secret = credentials.secret_access_key();
    let signing = generate_signing_key(secret, SystemTime::from(now), bucket.region(), "s3");
    let signature = calculate_signature(signing, policy.as_bytes());
    fields.insert("policy".to_owned(), policy);
    fields.insert("x-amz-signature".to_owned(), signature);
    Ok(UploadForm {
        url: bucket.base_url().to_string(),
        fields,
        expires_at,
    })
}
