use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use serde_json::{Value, json};

use super::*;

fn mailer(status: u16, answer: &Value) -> (SesMailer, StaticReplayClient) {
    let request = http::Request::builder()
        .uri("https://email.example")
        .body(Vec::<u8>::new().into());
    let response = http::Response::builder()
        .status(status)
        .body(answer.to_string().into());
    let client =
        StaticReplayClient::new(vec![ReplayEvent::new(request.unwrap(), response.unwrap())]);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "secret", None, None, "test",
        )))
        // As in production; the mailer must switch it off.
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .http_client(client.clone())
        .build();
    (
        SesMailer::new(&config, "Waypost <alerts@waypost.example>"),
        client,
    )
}

fn mail() -> Mail {
    Mail {
        to: "owner@shop.example".into(),
        subject: "رسالة لم تُرسل".into(),
        text: "Mona Example\n+97333000001".into(),
    }
}

#[tokio::test]
async fn a_mail_goes_out_as_plain_utf8_text() {
    let (mailer, client) = mailer(200, &json!({"MessageId": "1"}));
    mailer.mail(&mail()).await.unwrap();
    let request = client.actual_requests().next().unwrap();
    let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "FromEmailAddress": "Waypost <alerts@waypost.example>",
            "Destination": {"ToAddresses": ["owner@shop.example"]},
            "Content": {"Simple": {
                "Subject": {"Data": "رسالة لم تُرسل", "Charset": "UTF-8"},
                "Body": {"Text": {"Data": "Mona Example\n+97333000001", "Charset": "UTF-8"}},
            }},
        })
    );
}

#[tokio::test]
async fn a_mail_is_tried_once_whatever_happens() {
    for (status, code, kind) in [
        (429, "TooManyRequestsException", StoreFailureKind::Throttled),
        (500, "InternalServiceError", StoreFailureKind::Unavailable),
        (400, "MessageRejected", StoreFailureKind::Refused),
        (
            400,
            "MailFromDomainNotVerifiedException",
            StoreFailureKind::Refused,
        ),
    ] {
        let (mailer, client) = mailer(status, &json!({"__type": code}));
        let failure = mailer.mail(&mail()).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{code}");
        assert_eq!(client.actual_requests().count(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_retryable() {
    let (mailer, client) = mailer(200, &Value::String("no json object".into()));
    let failure = mailer.mail(&mail()).await.unwrap_err();
    assert!(!failure.retryable(), "{failure}");
    assert_eq!(client.actual_requests().count(), 1);
}
