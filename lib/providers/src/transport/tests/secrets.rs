//! Where tokens go, and where they never show.

use std::io;

use domain::provider::{Credential, Encoding};

use super::*;

/// As 360Messenger's first version has it.
fn keyed() -> WireRequest {
    WireRequest {
        encoding: Encoding::Form,
        credential: Credential::Path,
        ..WireRequest::post(
            "/sendMessage/{key}",
            json!({"phonenumber": "97333000001", "text": "a&b"}),
        )
    }
}

async fn exchange_keyed(transport: &Transport, key: &str) -> Result<WireResponse, ProviderFailure> {
    let channel = contract::channel(ProviderKind::Messenger360);
    transport
        .exchange(&channel, &Secret::from(key), &keyed())
        .await
}

/// X23, S1.86: the key stands in the path, escaped, and in no header; the body is a form.
#[tokio::test]
async fn a_key_in_the_path_goes_nowhere_else() {
    let (address, seen, task) = server(vec![Then::Answer(OK)]).await;
    let transport = transport(&format!("http://{address}"));
    exchange_keyed(&transport, "Invented/Key").await.unwrap();
    let request = seen.lock().unwrap().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /sendMessage/Invented%2FKey HTTP/1.1\r\n"),
        "{head}"
    );
    let head = head.to_lowercase();
    assert!(!head.contains("authorization"), "{head}");
    let kind = "content-type: application/x-www-form-urlencoded";
    assert_eq!(head.matches(kind).count(), 1, "{head}");
    assert_eq!(head.matches("content-type").count(), 1, "{head}");
    assert_eq!(body, "phonenumber=97333000001&text=a%26b");
    task.abort();
}

#[tokio::test]
async fn a_key_that_is_no_part_of_a_path_is_not_sent() {
    let transport = transport("http://127.0.0.1:1");
    for key in ["", ".", ".."] {
        let answer = exchange_keyed(&transport, key).await;
        assert_eq!(answer, not_sent("build"), "{key}");
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged, down to the finest, while this runs.
fn logged(work: impl Future<Output = ()>) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

/// What a log line of an exchange may hold: the provider, a path without ids, a status, a duration.
#[test]
fn no_log_line_holds_a_number_a_token_or_a_body() {
    let lines = logged(async {
        let (address, _seen, task) = server(vec![Then::Answer(OK), Then::Close]).await;
        let transport = transport(&format!("http://{address}"));
        let channel = contract::channel(ProviderKind::Whapi);
        let lookup =
            WireRequest::get("/messages/list/97333000001@s.whatsapp.net?count=100&token=x");
        let secret = Secret::from(TOKEN);
        transport
            .exchange(&channel, &secret, &lookup)
            .await
            .unwrap();
        transport
            .exchange(&channel, &secret, &send())
            .await
            .unwrap_err();
        task.abort();
    });
    assert!(
        lines.contains("/messages/list/{id}") && lines.contains("duration_ms"),
        "{lines}"
    );
    for hidden in ["97333000001", TOKEN, "token=x", "sent\":true"] {
        assert!(!lines.contains(hidden), "{hidden}: {lines}");
    }
}

/// X23: whatever becomes of the exchange, neither a line nor the failure shows the key.
#[test]
fn no_log_line_and_no_failure_shows_a_key_in_the_path() {
    let key = "inventedkey";
    let lines = logged(async {
        let (address, _seen, task) =
            server(vec![Then::Answer(OK), Then::Close, Then::Silence]).await;
        let served = transport(&format!("http://{address}"));
        exchange_keyed(&served, key).await.unwrap();
        let nowhere = transport("https://waypost-test.invalid");
        for transport in [&served, &served, &nowhere] {
            let failure = exchange_keyed(transport, key).await.unwrap_err();
            let shown = format!("{failure} {failure:?}");
            assert!(!shown.contains(key), "{shown}");
        }
        task.abort();
    });
    assert!(lines.contains("/{id}"), "{lines}");
    assert!(!lines.contains(key), "{lines}");
}
