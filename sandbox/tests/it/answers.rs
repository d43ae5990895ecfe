//! Every fault that changes what the sender is told.

use std::time::{Duration, Instant};

use sandbox::{journal::Outcome, messages::SendAnswer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{TOKEN, World, eventually, statuses, text};

const SENT: &str = "sent";

async fn world() -> World {
    World::with(json!({"auto": [{"after_ms": 0, "action": SENT}]})).await
}

/// Sends once under `fault` with a client that waits 300 ms; afterwards sends are normal.
async fn send_under(fault: Value) -> (World, Result<(u16, String), reqwest::Error>) {
    let world = world().await;
    world.fault(fault).await;
    let request = world
        .client
        .post(world.url("/messages/text"))
        .bearer_auth(TOKEN)
        .timeout(Duration::from_millis(300))
        .body(text().to_string());
    let answer = match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            response.text().await.map(|text| (status, text))
        }
        Err(error) => Err(error),
    };
    assert!(world.sandbox.faults().is_empty(), "the fault is used up");
    (world, answer)
}

/// Whether the send was accepted, and that acceptance is followed by its status.
async fn accepted(world: &World) -> Option<SendAnswer> {
    let messages = world.sandbox.messages(Some(TOKEN));
    let wanted = messages.iter().map(|_| SENT).collect::<Vec<_>>();
    assert_eq!(world.statuses().await, wanted);
    world.send_text().await;
    messages.first().map(|message| message.answer)
}

#[tokio::test]
async fn a_status_is_answered_in_each_form_and_nothing_is_accepted() {
    let nested = r#"{"error":{"code":429,"message":"Too many requests"}}"#;
    let flat = r#"{"code":429,"error":"slow down"}"#;
    for (order, wanted) in [
        (json!({}), nested),
        (json!({"body_shape": "nested"}), nested),
        (json!({"body_shape": "flat", "message": "Slow down"}), flat),
        (json!({"body_shape": "html"}), "<html>"),
        (json!({"body_shape": "empty"}), ""),
    ] {
        let mut fault = json!({"kind": "status", "code": 429});
        fault
            .as_object_mut()
            .unwrap()
            .extend(order.as_object().unwrap().clone());
        let (world, answer) = send_under(fault).await;
        let (status, body) = answer.unwrap();
        assert_eq!(status, 429);
        match wanted {
            "<html>" => assert!(body.starts_with(wanted), "{body}"),
            "" => assert_eq!(body, ""),
            wanted => assert_eq!(
                body.parse::<Value>().unwrap(),
                wanted.parse::<Value>().unwrap()
            ),
        }
        assert_eq!(accepted(&world).await, None);
    }
}

#[tokio::test]
async fn a_refusal_can_say_when_to_come_back() {
    let world = world().await;
    world
        .fault(json!({"kind": "status", "code": 503, "retry_after": 7, "path": "/health"}))
        .await;
    let ask = || {
        world
            .client
            .get(world.url("/health"))
            .bearer_auth(TOKEN)
            .send()
    };
    world.send_text().await;
    let refused = ask().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "7");
    assert_eq!(ask().await.unwrap().status(), 200);
}

#[tokio::test]
async fn latency_delays_the_answer() {
    let began = Instant::now();
    let (world, answer) = send_under(json!({"kind": "latency", "ms": 60})).await;
    assert_eq!(answer.unwrap().0, 200);
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(accepted(&world).await, Some(SendAnswer::Answered));
}

#[tokio::test]
async fn a_late_request_is_accepted_although_its_caller_left() {
    let (world, answer) = send_under(json!({"kind": "latency", "ms": 500})).await;
    assert!(answer.unwrap_err().is_timeout());
    eventually(|| !world.sandbox.messages(None).is_empty()).await;
    assert!(world.sandbox.requests(None)[0].client_gone);
    assert_eq!(accepted(&world).await, Some(SendAnswer::Answered));
}

#[tokio::test]
async fn an_answer_is_withheld_after_acceptance() {
    let (world, answer) = send_under(json!({"kind": "timeout_after_accept"})).await;
    assert!(answer.unwrap_err().is_timeout());
    eventually(|| world.sandbox.requests(None)[0].client_gone).await;
    let request = &world.sandbox.requests(None)[0];
    assert_eq!((request.outcome, request.status), (Outcome::Withheld, None));
    assert_eq!(accepted(&world).await, Some(SendAnswer::Withheld));
}

#[tokio::test]
async fn a_withheld_answer_ends_with_a_cut() {
    let (world, answer) = send_under(json!({"kind": "timeout_after_accept", "ms": 20})).await;
    let error = answer.unwrap_err();
    assert!(!error.is_timeout() && error.status().is_none(), "{error:?}");
    assert_eq!(accepted(&world).await, Some(SendAnswer::Withheld));
}

#[tokio::test]
async fn an_answer_is_withheld_without_acceptance() {
    let (world, answer) = send_under(json!({"kind": "timeout_before_accept"})).await;
    assert!(answer.unwrap_err().is_timeout());
    assert_eq!(accepted(&world).await, None);
}

#[tokio::test]
async fn the_connection_is_cut_before_or_after_acceptance() {
    for (kind, told) in [
        ("reset_before_accept", None),
        ("reset_after_accept", Some(SendAnswer::Reset)),
    ] {
        let (world, answer) = send_under(json!({"kind": kind})).await;
        let error = answer.unwrap_err();
        assert!(
            error.is_request() && error.status().is_none(),
            "{kind} {error:?}"
        );
        assert!(
            !error.is_timeout() && !error.is_connect(),
            "{kind} {error:?}"
        );
        assert_eq!(world.sandbox.requests(None)[0].outcome, Outcome::Reset);
        assert_eq!(accepted(&world).await, told, "{kind}");
    }
}

#[tokio::test]
async fn a_cut_is_a_tcp_reset_without_one_byte_of_http() {
    let world = world().await;
    world.fault(json!({"kind": "reset_after_accept"})).await;
    let place = world.sandbox.base_url();
    let mut stream = TcpStream::connect(place.trim_start_matches("http://"))
        .await
        .unwrap();
    let body = text().to_string();
    let request = format!(
        "POST /messages/text HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {TOKEN}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
}

#[tokio::test]
async fn an_error_is_answered_although_the_message_is_accepted() {
    let fault = json!({"kind": "error_after_accept", "code": 502, "body_shape": "html"});
    let (world, answer) = send_under(fault).await;
    assert_eq!(answer.unwrap().0, 502);
    assert_eq!(accepted(&world).await, Some(SendAnswer::Error));

    let (_, answer) = send_under(json!({"kind": "error_after_accept"})).await;
    let (status, body) = answer.unwrap();
    assert_eq!(status, 500);
    assert_eq!(body.parse::<Value>().unwrap()["error"]["code"], 500);
}

#[tokio::test]
async fn an_answer_can_lack_the_id_or_be_unreadable() {
    let (world, answer) = send_under(json!({"kind": "ok_without_id"})).await;
    assert_eq!(answer.unwrap(), (200, r#"{"sent":true}"#.to_owned()));
    assert_eq!(accepted(&world).await, Some(SendAnswer::WithoutId));

    let (world, answer) = send_under(json!({"kind": "garbage_body"})).await;
    let (status, body) = answer.unwrap();
    assert_eq!(status, 200);
    assert!(body.parse::<Value>().is_err(), "{body}");
    assert_eq!(accepted(&world).await, Some(SendAnswer::Garbage));
}

#[tokio::test]
async fn early_statuses_arrive_before_the_answer_and_only_once() {
    let steps = ["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word}));
    let world = World::with(json!({"auto": steps, "head_start_ms": 200})).await;
    world.fault(json!({"kind": "early_status"})).await;
    let id = world.send_text().await;
    let already = world.receiver.bodies();
    assert_eq!(statuses(&already), ["sent", "delivered"]);
    assert!(already.iter().all(|body| body["statuses"][0]["id"] == id));
    assert_eq!(world.statuses().await, ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn a_fault_waits_for_its_recipient_and_counts_down() {
    let world = world().await;
    world
        .fault(json!({"kind": "status", "code": 403, "to": "97300000002", "times": 2}))
        .await;
    let to = |number: &str| json!({"to": number, "body": "x"});
    for (number, wanted) in [
        ("97300000001", 200),
        ("97300000002@s.whatsapp.net", 403),
        ("97300000002", 403),
        ("97300000002", 200),
    ] {
        assert_eq!(
            world.send("/messages/text", &to(number)).await.0,
            wanted,
            "{number}"
        );
    }
}

#[tokio::test]
async fn an_invalid_send_does_not_use_up_an_acceptance_fault() {
    let world = world().await;
    world.fault(json!({"kind": "ok_without_id"})).await;
    assert_eq!(
        world.send("/messages/text", &json!({"to": "x"})).await.0,
        400
    );
    assert_eq!(world.sandbox.faults().len(), 1);
    assert_eq!(
        world.send("/messages/text", &text()).await.1,
        json!({"sent": true})
    );
}
