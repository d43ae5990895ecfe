//! Over real sockets: what a failed exchange says about the request.

mod secrets;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use domain::provider::ProviderKind;
use rustls::crypto::ring;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};

use super::*;
use crate::contract;

const TOKEN: &str = "invented-channel-token";

fn client() -> reqwest::Client {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(Duration::from_millis(500))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .unwrap()
}

fn transport(base: &str) -> Transport {
    Transport::new(
        client(),
        Endpoints::parse(Some(base), None, Some(base)).unwrap(),
    )
    .within(Duration::from_millis(400))
}

fn send() -> WireRequest {
    WireRequest::post("/messages/interactive", json!({"to": "97333000001"}))
}

async fn exchange(transport: &Transport) -> Result<WireResponse, ProviderFailure> {
    let channel = contract::channel(ProviderKind::Whapi);
    transport
        .exchange(&channel, &Secret::from(TOKEN), &send())
        .await
}

/// What a server does with a connection after it read one request.
#[derive(Clone, Copy)]
enum Then {
    Answer(&'static str),
    AnswerAndKeep(&'static str),
    Silence,
    Close,
    Reset,
    /// The head and part of the body, then nothing.
    Stall(&'static str),
    /// The head, then this many bytes.
    Flood(usize),
}

type Seen = Arc<Mutex<Vec<String>>>;

/// A server that answers each connection's requests with the steps in order, and what it was sent.
async fn server(steps: Vec<Then>) -> (SocketAddr, Seen, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let noted = seen.clone();
    let task = tokio::spawn(async move {
        let mut open = None;
        for step in steps {
            let mut stream = match open.take() {
                Some(stream) => stream,
                None => listener.accept().await.unwrap().0,
            };
            let request = read_request(&mut stream).await.unwrap();
            noted.lock().unwrap().push(request);
            open = act(stream, step).await;
        }
    });
    (address, seen, task)
}

async fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(text);
            }
        }
        match stream.read(&mut buffer).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

async fn act(mut stream: TcpStream, step: Then) -> Option<TcpStream> {
    match step {
        Then::Answer(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
        Then::AnswerAndKeep(answer) => {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return Some(stream);
        }
        Then::Silence => tokio::time::sleep(Duration::from_secs(2)).await,
        Then::Close => {}
        Then::Reset => stream.set_zero_linger().unwrap(),
        Then::Stall(answer) => {
            stream.write_all(answer.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        Then::Flood(length) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            // The client hangs up in the middle.
            let _broken = stream.write_all(&vec![b' '; length]).await;
        }
    }
    None
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"sent\":true}";

async fn check(step: Then, expected: Result<u16, ProviderFailure>) {
    let (address, seen, task) = server(vec![step]).await;
    let answer = exchange(&transport(&format!("http://{address}"))).await;
    assert_eq!(answer.map(|response| response.status), expected);
    assert_eq!(
        seen.lock().unwrap().len(),
        1,
        "sent once, whatever came of it"
    );
    task.abort();
}

fn not_sent<T>(what: &'static str) -> Result<T, ProviderFailure> {
    Err(ProviderFailure::NotSent { what })
}

fn doubt<T>(what: &'static str) -> Result<T, ProviderFailure> {
    Err(ProviderFailure::OutcomeUnknown { what: what.into() })
}

/// S0.2–S0.5, S0.36, S0.44: one POST, the channel's token, both JSON headers, the JSON body.
#[tokio::test]
async fn a_request_carries_the_channels_token_and_the_three_headers() {
    let answer = "HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{}";
    let (address, seen, task) = server(vec![Then::Answer(answer)]).await;
    let response = exchange(&transport(&format!("http://{address}")))
        .await
        .unwrap();
    assert_eq!(
        response,
        WireResponse {
            status: 429,
            retry_after_seconds: Some(7),
            body: b"{}".to_vec(),
        }
    );
    let request = seen.lock().unwrap().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /messages/interactive HTTP/1.1\r\n"),
        "{head}"
    );
    let head = head.to_lowercase();
    for header in [
        "authorization: bearer invented-channel-token",
        "accept: application/json",
        "content-type: application/json",
    ] {
        assert_eq!(head.matches(header).count(), 1, "{header}");
    }
    assert_eq!(body, r#"{"to":"97333000001"}"#);
    task.abort();
}

#[tokio::test]
async fn any_status_is_an_answer() {
    check(Then::Answer(OK), Ok(200)).await;
    check(
        Then::Answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"),
        Ok(503),
    )
    .await;
    check(
        Then::Answer(
            "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        ),
        Ok(307),
    )
    .await;
}

/// X9: what was never accepted may be sent again.
#[tokio::test]
async fn what_fails_before_the_request_is_known_not_sent() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    // Bound, not listening: nobody else takes the port while it is refused.
    let refused = transport(&format!("http://{}", socket.local_addr().unwrap()));
    assert_eq!(exchange(&refused).await, not_sent("connect"));

    let nowhere = transport("https://waypost-test.invalid");
    assert_eq!(exchange(&nowhere).await, not_sent("dns"));

    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    let tls = tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let mut hello = [0; 64];
        let _read = stream.read(&mut hello).await;
        stream
            .write_all(b"HTTP/1.1 400 plain\r\n\r\n")
            .await
            .unwrap();
        let _rest = stream.read(&mut hello).await;
    });
    assert_eq!(
        exchange(&transport(&format!("https://{address}"))).await,
        not_sent("tls")
    );
    tls.await.unwrap();
}

/// A handshake that hangs is a connection that was never made.
#[tokio::test]
async fn a_silent_tls_port_is_known_not_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", silent.local_addr().unwrap());
    let transport = transport(&base).within(Duration::from_secs(5));
    assert_eq!(exchange(&transport).await, not_sent("connect"));
}

#[tokio::test]
async fn what_cannot_be_built_is_known_not_sent() {
    let transport = transport("http://127.0.0.1:1");
    let channel = contract::channel(ProviderKind::Whapi);
    let answer = transport
        .exchange(&channel, &Secret::from("two\r\nlines: x"), &send())
        .await;
    assert_eq!(answer, not_sent("build"));
    let elsewhere = WireRequest {
        path: "@elsewhere.example/".into(),
        ..send()
    };
    let answer = transport
        .exchange(&channel, &Secret::from(TOKEN), &elsewhere)
        .await;
    assert_eq!(answer, not_sent("build"));
}

/// X9, hazards.md failure point 1: what may have been read is doubt.
#[tokio::test]
async fn what_fails_after_the_request_is_doubt() {
    check(Then::Silence, doubt("timeout")).await;
    check(Then::Close, doubt("connection closed")).await;
    check(Then::Reset, doubt("reset")).await;
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    check(Then::Stall(half), doubt("timeout")).await;
    check(Then::Answer(half), doubt("connection closed")).await;
    check(
        Then::Answer("SMTP ready\r\n\r\n"),
        doubt("connection closed"),
    )
    .await;
    check(Then::Flood(LARGEST_ANSWER + 1), doubt("oversized answer")).await;
    check(Then::Flood(LARGEST_ANSWER), Ok(200)).await;
}

/// A kept connection that the provider closed is noticed before the request is written, and a new one
/// is made; one that breaks after the request was written is not tried again.
#[tokio::test]
async fn a_kept_connection_never_sends_a_request_twice() {
    let steps = vec![Then::AnswerAndKeep(OK), Then::Close, Then::Answer(OK)];
    let (address, seen, task) = server(steps).await;
    let transport = transport(&format!("http://{address}"));
    assert_eq!(exchange(&transport).await.unwrap().status, 200);
    assert_eq!(exchange(&transport).await, doubt("connection closed"));
    assert_eq!(
        seen.lock().unwrap().len(),
        2,
        "the second was read, and not sent again"
    );
    assert_eq!(exchange(&transport).await.unwrap().status, 200);
    assert_eq!(seen.lock().unwrap().len(), 3);
    task.abort();
}

/// The provider may close a kept connection between two calls: that costs a connection, not a message.
#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() {
    let (address, seen, task) = server(vec![Then::Answer(OK), Then::Answer(OK)]).await;
    let transport = transport(&format!("http://{address}"));
    assert_eq!(exchange(&transport).await.unwrap().status, 200);
    // Long enough for this thread to see the socket's end; no clock is involved.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(exchange(&transport).await.unwrap().status, 200);
    assert_eq!(seen.lock().unwrap().len(), 2);
    task.abort();
}
