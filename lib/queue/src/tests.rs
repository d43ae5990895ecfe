use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sqs::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{CaptureRequestReceiver, capture_request};
use aws_types::SdkConfig;
use domain::{
    failure::StoreFailureKind,
    ids::{ChannelId, JobId, MessageId, TenantId},
    notice::{NoticeKey, window},
    ports::{HandOver, Lanes, Task},
};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn lanes(status: u16, answer: &'static str) -> (SqsLanes, CaptureRequestReceiver) {
    let answer = http::Response::builder()
        .status(status)
        .body(answer.into())
        .unwrap();
    let (client, captured) = capture_request(Some(answer));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("me-south-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKID", "secret", None, None, "test",
        )))
        .retry_config(RetryConfig::disabled())
        .http_client(client)
        .build();
    (
        SqsLanes::new(&config, "https://sqs.example/1/lanes.fifo"),
        captured,
    )
}

fn hand_over() -> HandOver {
    HandOver {
        lane: "channel-0".into(),
        order: "contact-1".into(),
        name: "message-1-1".into(),
        task: Task::Message(TenantId::fresh(), MessageId::fresh()),
    }
}

fn media() -> HandOver {
    let now = Timestamp::from_second(1_764_000_030).unwrap();
    HandOver::media(
        TenantId::fresh(),
        ChannelId::fresh(),
        MessageId::fresh(),
        now,
    )
}

/// One task of each kind.
fn tasks() -> [Task; 4] {
    let expand = Task::Expand(TenantId::fresh(), JobId::fresh());
    [hand_over().task, media().task, notice(), expand]
}

fn notice() -> Task {
    Task::Notice(NoticeKey {
        tenant: TenantId::fresh(),
        window: window(Timestamp::from_second(1_764_000_000).unwrap()),
        message: MessageId::fresh(),
        attempt: 3,
    })
}

#[tokio::test]
async fn a_hand_over_goes_into_its_lane_under_its_name() {
    let (lanes, captured) = lanes(200, r#"{"MessageId":"1","MD5OfMessageBody":""}"#);
    let hand_over = hand_over();
    // The answer's checksum is not that of the body, which the SDK may mind; the request is what counts.
    let _sent = lanes.hand_over(&hand_over).await;
    let request = captured.expect_request();
    let body: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    assert_eq!(body["QueueUrl"], "https://sqs.example/1/lanes.fifo");
    assert_eq!(body["MessageGroupId"], "channel-0");
    assert_eq!(body["MessageDeduplicationId"], "message-1-1");
    assert_eq!(
        decode(body["MessageBody"].as_str().unwrap()),
        Ok(hand_over.task)
    );
}

#[tokio::test]
async fn a_throttled_queue_is_retryable_and_a_missing_one_is_not() {
    for (status, answer, kind) in [
        (
            403,
            r#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#,
            StoreFailureKind::Throttled,
        ),
        (500, "{}", StoreFailureKind::Unavailable),
        (
            400,
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#,
            StoreFailureKind::Refused,
        ),
        (
            403,
            r#"{"__type":"AccessDenied"}"#,
            StoreFailureKind::Refused,
        ),
    ] {
        let (lanes, _captured) = lanes(status, answer);
        let failure = lanes.hand_over(&hand_over()).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{answer}");
    }
}

/// The written form is a contract with messages already in the queue.
#[test]
fn the_body_is_version_one() {
    let task = hand_over().task;
    let Task::Message(tenant, message) = &task else {
        panic!();
    };
    let body: serde_json::Value = serde_json::from_str(&encode(&task, "o")).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"v": 1, "task": "message", "tenant": tenant.to_string(),
            "message": message.to_string(), "order": "o"})
    );
    assert_eq!(order(&encode(&task, "contact-1")), "contact-1");
    for odd in ["", "{", "[]", "{\"order\":7}", "{\"v\":1}"] {
        assert_eq!(order(odd), "", "{odd}");
    }
    for task in tasks() {
        assert_eq!(decode(&encode(&task, "o")), Ok(task));
    }
}

/// What earlier functions wrote may still be in the queue when a later worker comes.
#[test]
fn bodies_of_earlier_functions_are_still_read() {
    let (tenant, message) = (TenantId::fresh(), MessageId::fresh());
    let old = format!(r#"{{"v":1,"task":"message","tenant":"{tenant}","message":"{message}"}}"#);
    assert_eq!(decode(&old), Ok(Task::Message(tenant, message)));
    assert_eq!(order(&old), "");
    let task = notice();
    let Task::Notice(key) = &task else {
        panic!();
    };
    let old = format!(
        r#"{{"v":1,"task":"notice","tenant":"{}","window":"{}","message":"{}","attempt":3}}"#,
        key.tenant, key.window, key.message
    );
    assert_eq!(decode(&old), Ok(task));
}

/// A file is copied beside the messages of its channel: another lane, and an order of its own.
#[tokio::test]
async fn an_inbound_file_goes_into_the_lane_of_its_channels_files() {
    let (lanes, captured) = lanes(200, r#"{"MessageId":"1","MD5OfMessageBody":""}"#);
    let (tenant, channel, message) = (TenantId::fresh(), ChannelId::fresh(), MessageId::fresh());
    let now = Timestamp::from_second(1_764_000_030).unwrap();
    let _sent = lanes
        .hand_over(&HandOver::media(tenant, channel, message, now))
        .await;
    let request = captured.expect_request();
    let sent: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    assert_eq!(sent["MessageGroupId"], format!("media-{}", channel.key()));
    assert_eq!(
        sent["MessageDeduplicationId"],
        format!("media-{}-29400000", message.key()),
        "once a minute"
    );
    let text = sent["MessageBody"].as_str().unwrap();
    let body: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"v": 1, "task": "media", "tenant": tenant.to_string(),
            "message": message.to_string(), "order": message.key()})
    );
    assert_eq!(order(text), message.key());
    assert_eq!(decode(text), Ok(Task::Media(tenant, message)));
}

/// Hostile bodies of the new kind: refused, never guessed at, and never another task.
#[test]
fn a_spoiled_media_body_is_no_task() {
    let body = encode(&media().task, "o");
    for (body, expected) in [
        (body.replace("\"media\"", "\"Media\""), Undecodable::Task),
        (body.replace("\"media\"", "\"media \""), Undecodable::Task),
        (body.replace("\"media\"", "[\"media\"]"), Undecodable::Task),
        (body.replace("tenant", "Tenant"), Undecodable::Fields),
        (body.replace("\"message\":", "\"id\":"), Undecodable::Fields),
        (body.replace("\"v\":1", "\"v\":1.5"), Undecodable::Version),
        (body.replace("\"v\":1", "\"v\":-1"), Undecodable::Version),
        (
            r#"{"v":1,"task":"media","tenant":null,"message":[]}"#.into(),
            Undecodable::Fields,
        ),
        (
            r#"{"v":1,"task":"media","tenant":"../..","message":"T#"}"#.into(),
            Undecodable::Fields,
        ),
        (format!("{body}{body}"), Undecodable::Unreadable),
        (body.chars().take(40).collect(), Undecodable::Unreadable),
    ] {
        assert_eq!(decode(&body), Err(expected), "{body:.80}");
    }
    for odd in [
        body.replace("\"o\"", "{\"o\":\"o\"}"),
        body.replace("\"o\"", "null"),
    ] {
        assert_eq!(order(&odd), "", "{odd}");
    }
}

#[test]
fn a_newer_field_is_ignored_and_a_newer_version_is_not_guessed_at() {
    let task = hand_over().task;
    let newer = encode(&task, "o").replace("\"v\":1", "\"v\":1,\"urgent\":true");
    assert_eq!(decode(&newer), Ok(task.clone()));
    let body = encode(&task, "o");
    for (body, expected) in [
        (body.replace("\"v\":1", "\"v\":2"), Undecodable::Version),
        (body.replace("\"v\":1", "\"v\":\"1\""), Undecodable::Version),
        (body.replace("\"v\":1", "\"w\":1"), Undecodable::Version),
        (
            body.replace("\"message\",", "\"massage\","),
            Undecodable::Task,
        ),
        (body.replace("tenant", "company"), Undecodable::Fields),
        (
            r#"{"v":1,"task":"message","tenant":"*","message":"T/1"}"#.into(),
            Undecodable::Fields,
        ),
        (r#"{"v":1,"task":7}"#.into(), Undecodable::Task),
        (String::new(), Undecodable::Unreadable),
        ("[]".into(), Undecodable::Unreadable),
        ("[".repeat(100_000), Undecodable::Unreadable),
        ("x".repeat(1 << 20), Undecodable::Unreadable),
    ] {
        assert_eq!(decode(&body), Err(expected), "{body:.80}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_decoder_panic(body in ".{0,200}") {
        prop_assert!(decode(&body).is_err());
    }

    /// A real body with a few bytes changed is another real body or refused.
    #[test]
    fn no_spoiled_body_makes_the_decoder_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        kind in 0_usize..3,
    ) {
        let mut body = encode(&tasks()[kind], "o").into_bytes();
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if let Ok(task) = decode(&String::from_utf8_lossy(&body)) {
            prop_assert_eq!(decode(&encode(&task, "o")), Ok(task));
        }
    }
}

/// Ten at a time; what SQS refuses of them is a failure of all.
#[tokio::test]
async fn several_tasks_go_in_one_request() {
    let (lanes, captured) = lanes(
        200,
        r#"{"Successful":[],"Failed":[{"Id":"1","Code":"InternalError","SenderFault":false}]}"#,
    );
    let all = [hand_over(), media()];
    let failure = lanes.hand_over_all(&all).await.unwrap_err();
    assert!(failure.retryable());
    let request = captured.expect_request();
    let body: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    let entries = body["Entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for (entry, own) in entries.iter().zip(&all) {
        assert_eq!(entry["MessageGroupId"], own.lane);
        assert_eq!(entry["MessageDeduplicationId"], own.name);
    }
}
