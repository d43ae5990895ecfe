//! What a server may answer, and how much of it is read.

use std::time::Duration;

use domain::channel::Secret;

use super::*;
use crate::{Fetched, Refusal};

async fn fetch(server: &Server, most: u64) -> Result<Fetched, Refusal> {
    let fetcher = trusting(vec![server.origin()]);
    fetcher.fetch(&server.url(), None, most).await
}

async fn check(answer: &str, expected: Result<&[u8], Refusal>) {
    let server = Server::plain(Then::Answer(answer.into())).await;
    let fetched = fetch(&server, 4).await;
    assert_eq!(
        fetched.as_ref().map(|fetched| &fetched.bytes[..]),
        expected.as_ref().map(|bytes| *bytes),
        "{answer}"
    );
    assert_eq!(server.asked().len(), 1, "asked once, whatever came of it");
}

#[tokio::test]
async fn a_file_comes_with_what_the_server_calls_it() {
    let server = Server::plain(Then::Answer(OK.into())).await;
    let fetched = fetch(&server, 4).await.unwrap();
    assert_eq!(fetched.bytes, b"file");
    assert_eq!(fetched.content_type.as_deref(), Some("text/plain"));
    assert_eq!(format!("{fetched:?}"), "Fetched(4 bytes)");
    let asked = &server.asked()[0];
    assert!(asked.starts_with("get /file http/1.1\r\n"), "{asked}");
    for header in ["accept-encoding: identity\r\n", "user-agent: waypost/"] {
        assert!(asked.contains(header), "{asked}");
    }
    for never in ["authorization", "referer", "cookie", "gzip"] {
        assert!(!asked.contains(never), "{asked}");
    }
}

#[tokio::test]
async fn only_the_file_itself_is_an_answer() {
    check(OK, Ok(b"file")).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Ok(b"")).await;
    for status in [401, 403, 404, 410, 429, 500, 503] {
        let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 6\r\n\r\nsecret");
        check(&answer, Err(Refusal::Status(status))).await;
    }
    let closed = Refusal::Unreachable {
        what: "connection closed",
    };
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfi",
        Err(closed),
    )
    .await;
    check("SMTP ready\r\n\r\n", Err(closed)).await;
    check("", Err(closed)).await;
}

/// hazards.md: redirect to private. Not followed, wherever it leads.
#[tokio::test]
async fn a_redirect_is_a_refusal_and_is_not_followed() {
    let inside = Server::plain(Then::Answer(OK.into())).await;
    for status in [301, 302, 303, 307, 308] {
        for location in [inside.url(), "https://files.example/a".into()] {
            let answer = format!(
                "HTTP/1.1 {status} There\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
            );
            check(&answer, Err(Refusal::Redirect)).await;
        }
    }
    let tls = Tls::of(&["files.example"]);
    let answer = format!(
        "HTTP/1.1 302 There\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        inside.url()
    );
    let server = tls.server(Then::Answer(answer)).await;
    let fetcher = tls.fetcher(Names::answering([vec![server.address]]), this_machine);
    let answer = fetcher.fetch("https://files.example/a", None, 10).await;
    assert_eq!(answer, Err(Refusal::Redirect));
    assert_eq!(inside.asked(), Vec::<String>::new());
}

/// hazards.md: 10 GB. The declared length spares the reading, and is not believed.
#[tokio::test]
async fn a_file_is_read_up_to_its_limit_and_no_further() {
    let most = Refusal::TooLarge { most: 4 };
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\nfile",
        Err(most),
    )
    .await;
    check(
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfiles",
        Err(most),
    )
    .await;
    // No length at all.
    check("HTTP/1.1 200 OK\r\n\r\nfiles", Err(most)).await;
    check("HTTP/1.1 200 OK\r\n\r\nfile", Ok(b"file")).await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    check(
        &format!("{chunked}2\r\nfi\r\n2\r\nle\r\n0\r\n\r\n"),
        Ok(b"file"),
    )
    .await;
    check(
        &format!("{chunked}2\r\nfi\r\n3\r\nles\r\n0\r\n\r\n"),
        Err(most),
    )
    .await;
    check(&format!("{chunked}ffffffffffffffff\r\nfiles"), Err(most)).await;

    let endless = Server::plain(Then::Endless).await;
    let most = 1 << 20;
    assert_eq!(fetch(&endless, most).await, Err(Refusal::TooLarge { most }));
    let written = *endless.written.lock().unwrap();
    assert!(written < 32 << 20, "the server got rid of {written} bytes");
}

/// hazards.md: slow-loris, at every stage.
#[tokio::test]
async fn a_slow_server_is_left_when_the_time_is_over() {
    for slow in [
        Then::Stall(""),
        Then::Stall("HTTP/1.1 200 OK\r\n"),
        Then::Stall("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfi"),
        Then::Drip("HTTP/1.1 200 OK\r\nx-slow: "),
        Then::Drip("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"),
    ] {
        let server = Server::plain(slow).await;
        let fetcher = trusting(vec![server.origin()]).within(Duration::from_millis(40));
        let answer = fetcher.fetch(&server.url(), None, 1 << 20).await;
        assert_eq!(answer, Err(Refusal::Timeout));
    }
}

/// Neither asked for nor undone, so nothing grows on its way in.
#[tokio::test]
async fn a_compressed_answer_is_refused() {
    for coding in ["gzip", "br", "deflate, gzip", "x-unknown"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\n");
        let answer = format!("{head}content-length: 4\r\n\r\nfile");
        check(&answer, Err(Refusal::Compressed)).await;
    }
    check(
        "HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 4\r\n\r\nfile",
        Ok(b"file"),
    )
    .await;
}

/// hazards.md: never echo fetched bodies.
#[tokio::test]
async fn a_refusal_says_nothing_of_what_the_server_sent() {
    let answer = "HTTP/1.1 500 planted-reason\r\nx-a: planted-header\r\nlocation: https://planted.example\r\ncontent-length: 12\r\n\r\nplanted-body";
    let server = Server::plain(Then::Answer(answer.into())).await;
    let refusal = fetch(&server, 100).await.unwrap_err();
    let said = format!("{refusal} {refusal:?} {}", refusal.code());
    assert!(
        !said.contains("planted") && !said.contains("127.0.0.1"),
        "{said}"
    );
    assert!(said.contains("500") && said.ends_with("STATUS"), "{said}");
}

fn leading_to(location: &str) -> Then {
    Then::Answer(format!(
        "HTTP/1.1 302 There\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    ))
}

/// design.md §12, S1.29, S1.145: who follows redirects judges each address like the first, takes no token
/// along, and is led neither inside nor in circles.
#[tokio::test]
async fn each_redirect_is_judged_like_the_first_address() {
    let tls = Tls::of(&["files.example", "other.example"]);
    let inside = Server::plain(Then::Answer(OK.into())).await;
    let trusted: Url = inside.url().parse().unwrap();
    let trusted = trusted.join("/").unwrap();
    let end = tls.server(Then::Answer(OK.into())).await;
    for (location, expected) in [
        ("https://other.example/b".to_owned(), None),
        ("http://other.example/b".to_owned(), Some(Refusal::NotHttps)),
        (
            "https://10.0.0.1/b".to_owned(),
            Some(Refusal::PrivateAddress),
        ),
        (
            "https://other.example:8443/b".to_owned(),
            Some(Refusal::BadPort),
        ),
        (inside.url(), Some(Refusal::PrivateAddress)),
        ("https://[".to_owned(), Some(Refusal::Redirect)),
    ] {
        let start = tls.server(leading_to(&location)).await;
        let names = Names::answering([vec![start.address], vec![end.address]]);
        let trust = Trust::new(vec![trusted.clone()], &["files.example", "other.example"]).unwrap();
        let fetcher = Fetcher::resolving(|| tls.builder(), trust, names, this_machine).unwrap();
        let fetcher = fetcher.following(3);
        let token = Secret::from("a-token");
        let answer = fetcher
            .fetch("https://files.example/a", Some(&token), 10)
            .await;
        match expected {
            Some(refusal) => assert_eq!(answer, Err(refusal), "{location}"),
            None => assert_eq!(answer.unwrap().bytes, b"file"),
        }
        assert!(start.asked().concat().contains("a-token"), "{location}");
    }
    assert_eq!(end.asked().len(), 1);
    assert!(!end.asked().concat().contains("a-token"));
    assert_eq!(inside.asked(), Vec::<String>::new());

    let round = tls.server(leading_to("https://files.example/a")).await;
    let fetcher = tls.fetcher(Names::answering([vec![round.address]]), this_machine);
    let answer = fetcher
        .following(3)
        .fetch("https://files.example/a", None, 10)
        .await;
    assert_eq!(answer, Err(Refusal::Redirect));
    assert_eq!(round.asked().len(), 4);
}

/// hazards.md: DNS to private, after a redirect.
#[tokio::test]
async fn a_redirect_to_a_name_that_leads_inside_is_refused() {
    let tls = Tls::of(&["files.example", "other.example"]);
    let start = tls.server(leading_to("https://other.example/b")).await;
    let private = "10.0.0.1:443".parse().unwrap();
    let fetcher = tls.fetcher(
        Names::answering([vec![start.address], vec![private]]),
        this_machine,
    );
    let answer = fetcher
        .following(3)
        .fetch("https://files.example/a", None, 10)
        .await;
    assert_eq!(answer, Err(Refusal::PrivateAddress));
}
