use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_s3::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};

use super::*;

fn files(
    endpoint: Option<&str>,
    status: u16,
    answer: &'static str,
) -> (S3Files, StaticReplayClient) {
    let request = http::Request::builder()
        .uri("https://s3.example")
        .body(Vec::<u8>::new().into());
    let response = http::Response::builder().status(status).body(answer.into());
    let client =
        StaticReplayClient::new(vec![ReplayEvent::new(request.unwrap(), response.unwrap())]);
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "secret", None, None, "test",
        )))
        .retry_config(RetryConfig::disabled())
        .http_client(client.clone());
    config.set_endpoint_url(endpoint.map(Into::into));
    (S3Files::new(&config.build(), "waypost-files"), client)
}

async fn put_to(endpoint: Option<&str>) -> String {
    let (files, client) = files(endpoint, 200, "");
    files
        .put("tenant/journal/1", b"body".to_vec())
        .await
        .unwrap();
    let request = client.actual_requests().next().unwrap();
    assert_eq!(request.method(), "PUT");
    request.uri().to_owned()
}

#[tokio::test]
async fn an_emulator_finds_the_bucket_in_the_path_and_aws_in_the_name() {
    let emulated = put_to(Some("http://localhost:4566")).await;
    assert!(
        emulated.starts_with("http://localhost:4566/waypost-files/tenant/journal/1"),
        "{emulated}"
    );
    let real = put_to(None).await;
    assert!(
        real.starts_with("https://waypost-files.s3.me-south-1.amazonaws.com/tenant/journal/1"),
        "{real}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_none_and_other_refusals_are_failures() {
    let (files_, _) = files(None, 200, "body");
    assert_eq!(files_.get("k").await.unwrap(), Some(b"body".to_vec()));
    let (files_, _) = files(None, 404, "<Error><Code>NoSuchKey</Code></Error>");
    assert_eq!(files_.get("k").await.unwrap(), None);
    for (status, answer, kind) in [
        (
            404,
            "<Error><Code>NoSuchBucket</Code></Error>",
            StoreFailureKind::Refused,
        ),
        (
            403,
            "<Error><Code>AccessDenied</Code></Error>",
            StoreFailureKind::Refused,
        ),
        (
            503,
            "<Error><Code>SlowDown</Code></Error>",
            StoreFailureKind::Throttled,
        ),
        (
            500,
            "<Error><Code>InternalError</Code></Error>",
            StoreFailureKind::Unavailable,
        ),
    ] {
        let (files, _) = files(None, status, answer);
        assert_eq!(files.get("k").await.unwrap_err().kind(), kind, "{answer}");
    }
}
