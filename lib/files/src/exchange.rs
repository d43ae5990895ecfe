//! Requests to S3 and what their answers mean. Every address is signed, so it is a secret: no failure
//! carries it. A request is tried again when only time is missing: putting a file twice is putting it.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use domain::failure::{StoreFailure, StoreFailureKind};
use instant_xml::FromXml;
use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};

/// Of one try, with the whole body. A function with little memory moves 10 MB in a third of it.
const TRY: Duration = Duration::from_secs(3);

/// Three tries, as the SDKs for the other services have it (`runtime::aws`).
const AGAIN: usize = 2;

/// Puts a file.
pub(crate) async fn put(
    operation: &'static str,
    http: &Client,
    address: Url,
    bytes: Vec<u8>,
    content_type: &str,
) -> Result<(), StoreFailure> {
    let bytes = Bytes::from(bytes);
    let attempt = || async {
        let request = http
            .put(address.clone())
            .header(CONTENT_TYPE, content_type)
            // S3 wants a length for an empty body too, for which none would be sent.
            .header(CONTENT_LENGTH, bytes.len())
            .body(bytes.clone());
        let answer = send(operation, request).await?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(said(answer).await.failure(operation))
        }
    };
    patiently(attempt).await
}

/// The file, or none.
pub(crate) async fn get(
    operation: &'static str,
    http: &Client,
    address: Url,
) -> Result<Option<Vec<u8>>, StoreFailure> {
    let attempt = || async {
        let answer = send(operation, http.get(address.clone())).await?;
        if answer.status().is_success() {
            let bytes = answer.bytes().await;
            return bytes
                .map(|bytes| Some(bytes.into()))
                .map_err(|cause| broken(operation, cause));
        }
        let said = said(answer).await;
        if said.code == "NoSuchKey" {
            return Ok(None);
        }
        Err(said.failure(operation))
    };
    patiently(attempt).await
}

/// How many bytes a file has, or none.
pub(crate) async fn size(
    operation: &'static str,
    http: &Client,
    address: Url,
) -> Result<Option<u64>, StoreFailure> {
    let attempt = || async {
        let answer = send(operation, http.head(address.clone())).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !answer.status().is_success() {
            // An answer to HEAD has no body: its status is all it says.
            return Err(said(answer).await.failure(operation));
        }
        // Not `content_length()`, which is that of this answer's own body: nothing.
        let length = answer.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        length.map(Some).ok_or_else(|| {
            StoreFailure::new(operation, StoreFailureKind::Corrupt).because("no content-length")
        })
    };
    patiently(attempt).await
}

/// Removes a file; S3 does not say whether there was one.
pub(crate) async fn remove(
    operation: &'static str,
    http: &Client,
    address: Url,
) -> Result<(), StoreFailure> {
    let attempt = || async {
        let answer = send(operation, http.delete(address.clone())).await?;
        if answer.status().is_success() {
            return Ok(());
        }
        let said = said(answer).await;
        if said.code == "NoSuchKey" {
            return Ok(());
        }
        Err(said.failure(operation))
    };
    patiently(attempt).await
}

async fn patiently<T, F>(attempt: impl FnMut() -> F) -> Result<T, StoreFailure>
where
    F: Future<Output = Result<T, StoreFailure>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_times(AGAIN)
        .with_jitter();
    attempt
        .retry(pauses)
        .when(|failure| failure.kind() != StoreFailureKind::Refused)
        .await
}

async fn send(operation: &'static str, request: RequestBuilder) -> Result<Response, StoreFailure> {
    let answer = request.timeout(TRY).send().await;
    answer.map_err(|cause| broken(operation, cause))
}

fn broken(operation: &'static str, cause: reqwest::Error) -> StoreFailure {
    let kind = if cause.is_builder() {
        StoreFailureKind::Refused
    } else {
        StoreFailureKind::Unavailable
    };
    StoreFailure::new(operation, kind).because(cause.without_url())
}

/// What S3 says instead of a file. Only code and message are kept: the rest names keys and requests.
struct Said {
    status: StatusCode,
    code: String,
    message: String,
}

#[derive(FromXml)]
#[xml(rename = "Error")]
struct ErrorBody {
    #[xml(rename = "Code")]
    code: String,
    #[xml(rename = "Message")]
    message: Option<String>,
}

async fn said(answer: Response) -> Said {
    let status = answer.status();
    // An answer that breaks off says as much as one that cannot be read: its status.
    let body = answer.text().await.unwrap_or_default();
    let read = instant_xml::from_str::<ErrorBody>(&body).ok();
    let (code, message) = match read {
        Some(error) => (error.code, error.message.unwrap_or_default()),
        None => ("unknown".to_owned(), format!("status {}", status.as_u16())),
    };
    Said {
        status,
        code,
        message,
    }
}

impl Said {
    fn failure(self, operation: &'static str) -> StoreFailure {
        let kind = match self.code.as_str() {
            "SlowDown" | "ThrottlingException" | "RequestLimitExceeded" => {
                StoreFailureKind::Throttled
            }
            "RequestTimeout" | "OperationAborted" => StoreFailureKind::Unavailable,
            _ if self.status.is_server_error() => StoreFailureKind::Unavailable,
            _ => StoreFailureKind::Refused,
        };
        StoreFailure::new(operation, kind).because(format!("{}: {}", self.code, self.message))
    }
}
