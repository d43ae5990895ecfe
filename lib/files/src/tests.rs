use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_s3::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::ports::MediaFiles;

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

#[tokio::test]
async fn a_file_is_kept_with_its_content_type() {
    let (files, client) = files(None, 200, "");
    files
        .put_typed("tenant/media/1", b"bytes".to_vec(), "image/png")
        .await
        .unwrap();
    let request = client.actual_requests().next().unwrap();
    assert_eq!(request.method(), "PUT");
    assert_eq!(request.headers().get("content-type"), Some("image/png"));
    assert!(
        request
            .uri()
            .starts_with("https://waypost-files.s3.me-south-1.amazonaws.com/tenant/media/1")
    );
    let (files, _) = self::files(None, 403, "<Error><Code>AccessDenied</Code></Error>");
    let refused = files.put_typed("k", vec![], "image/png").await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}

async fn linked(endpoint: Option<&str>, filename: &str, expires: Duration) -> String {
    let (files, client) = files(endpoint, 200, "");
    let link = files.link("tenant/media/1", filename, expires).await;
    assert_eq!(client.actual_requests().count(), 0, "signing asks nobody");
    link.unwrap()
}

/// Links go where the client itself goes, need no header but the host, and say how to save the file.
#[tokio::test]
async fn a_link_downloads_the_file_and_nothing_else() {
    let real = linked(None, "Invoice 1.pdf", LINK_LIFE).await;
    let (address, query) = real.split_once('?').unwrap();
    assert_eq!(
        address,
        "https://waypost-files.s3.me-south-1.amazonaws.com/tenant/media/1"
    );
    for part in [
        "response-content-disposition=attachment%3B%20filename%3D%22Invoice%201.pdf%22",
        "response-content-type=application%2Foctet-stream",
        "X-Amz-Expires=300",
        "X-Amz-SignedHeaders=host",
    ] {
        assert_eq!(query.split('&').filter(|p| *p == part).count(), 1, "{real}");
    }
    assert!(query.contains("X-Amz-Signature="), "{real}");
    assert!(!real.contains("secret"), "{real}");

    let emulated = linked(Some("http://localhost:4566"), "a", Duration::from_secs(60)).await;
    assert!(
        emulated.starts_with("http://localhost:4566/waypost-files/tenant/media/1?"),
        "{emulated}"
    );
    assert!(emulated.contains("X-Amz-Expires=60&"), "{emulated}");
}

#[tokio::test]
async fn a_hostile_name_stays_inside_its_parameter() {
    let link = linked(None, "x\"\r\n&response-content-type=text/html", LINK_LIFE).await;
    assert_eq!(link.matches("response-content-type=").count(), 1, "{link}");
    assert!(link.contains("filename%3D%22html%22&"), "{link}");
}

#[tokio::test]
async fn a_link_for_more_than_a_week_is_refused() {
    let (files, _) = files(None, 200, "");
    let week = Duration::from_secs(7 * 24 * 60 * 60);
    files.link("k", "a", week).await.unwrap();
    let refused = files.link("k", "a", week + LINK_LIFE).await.unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}

/// What services ask for as the port: a typed copy, and a short-lived download.
#[tokio::test]
async fn a_copy_of_a_strangers_file_is_kept_typed_and_linked_as_a_download() {
    let (files, client) = files(None, 200, "");
    let bytes = b"<html>".to_vec();
    MediaFiles::keep(&files, "tenant/media/1", bytes, "text/html")
        .await
        .unwrap();
    let request = client.actual_requests().next().unwrap();
    assert_eq!(request.method(), "PUT");
    assert_eq!(request.headers().get("content-type"), Some("text/html"));

    let link = MediaFiles::link(&files, "tenant/media/1", "Map.html", "text/html");
    let link = link.await.unwrap();
    for part in [
        "response-content-disposition=attachment%3B%20filename%3D%22Map.html%22",
        "response-content-type=application%2Foctet-stream",
        "X-Amz-Expires=300",
    ] {
        assert_eq!(link.matches(part).count(), 1, "{link}");
    }
    assert!(!link.contains("text%2Fhtml"), "{link}");
}

/// Every field is a condition that S3 enforces: the key, the type, the size. The secret is not among them.
#[tokio::test]
async fn a_form_takes_one_file_of_one_kind_and_size() {
    let (files_, _) = files(Some("http://localhost:4566"), 200, "");
    let form = files_
        .upload("uploads/t/1", "text/csv", 1_000)
        .await
        .unwrap();
    assert_eq!(form.url, "http://localhost:4566/waypost-files");
    let policy = STANDARD.decode(&form.fields["policy"]).unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&policy).unwrap();
    let conditions = policy["conditions"].as_array().unwrap();
    for wanted in [
        serde_json::json!({"bucket": "waypost-files"}),
        serde_json::json!({"key": "uploads/t/1"}),
        serde_json::json!({"Content-Type": "text/csv"}),
        serde_json::json!(["content-length-range", 1, 1_000]),
    ] {
        assert!(conditions.contains(&wanted), "{wanted}");
    }
    for name in form.fields.keys() {
        let signed = conditions.iter().any(|one| one.get(name).is_some());
        assert!(signed || ["policy", "x-amz-signature"].contains(&name.as_str()));
    }
    assert_eq!(form.fields["x-amz-signature"].len(), 64);
    assert!(form.fields["x-amz-credential"].ends_with("/me-south-1/s3/aws4_request"));
    assert!(!format!("{form:?}").contains(&form.fields["x-amz-signature"]));
}
