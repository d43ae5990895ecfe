//! Where a token may go.

use domain::channel::Secret;

use super::*;
use crate::{BadTrust, NotBuilt, Refusal};

const TOKEN: &str = "invented-media-token";

fn carried(server: &Server) -> bool {
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    asked[0].contains("authorization: bearer invented-media-token\r\n")
}

#[tokio::test]
async fn a_trusted_origin_is_given_the_token_and_its_neighbours_are_not_asked() {
    let server = Server::plain(Then::Answer(OK.into())).await;
    let other = Server::plain(Then::Answer(OK.into())).await;
    let fetcher = trusting(vec![server.origin()]);
    let token = Secret::from(TOKEN);
    fetcher.fetch(&server.url(), Some(&token), 4).await.unwrap();
    assert!(carried(&server));
    for (url, refusal) in [
        (other.url(), Refusal::NotHttps),
        (
            server.url().replace("127.0.0.1", "localhost"),
            Refusal::NotHttps,
        ),
        (
            server.url().replace("http:", "https:"),
            Refusal::PrivateAddress,
        ),
    ] {
        let answer = fetcher.fetch(&url, Some(&token), 4).await;
        assert_eq!(answer, Err(refusal), "{url}");
    }
    assert_eq!(other.asked(), Vec::<String>::new());
    assert_eq!(server.asked().len(), 1);
}

/// The host named at construction and those below it; a host that only looks alike is fetched without.
#[tokio::test]
async fn a_foreign_host_is_asked_without_the_token() {
    let hosts = [
        ("media.example", true),
        ("lookaside.media.example", true),
        ("LOOKASIDE.Media.Example", true),
        ("evilmedia.example", false),
        ("media.example.evil.example", false),
        ("example", false),
        ("files.example", false),
    ];
    let lower: Vec<_> = hosts.iter().map(|(host, _)| host.to_lowercase()).collect();
    let tls = Tls::of(&lower.iter().map(String::as_str).collect::<Vec<_>>());
    for (host, expected) in hosts {
        let server = tls.server(Then::Answer(OK.into())).await;
        let names = Names::answering([vec![server.address]]);
        let fetcher = tls.fetcher(names, this_machine);
        let url = format!("https://{host}/a?to=media.example#media.example");
        let token = Secret::from(TOKEN);
        let fetched = fetcher.fetch(&url, Some(&token), 4).await;
        assert_eq!(fetched.unwrap().bytes, b"file", "{host}");
        assert_eq!(carried(&server), expected, "{host}");
    }
}

#[tokio::test]
async fn a_token_that_is_no_header_sends_nothing() {
    let server = Server::plain(Then::Answer(OK.into())).await;
    let fetcher = trusting(vec![server.origin()]);
    let token = Secret::from("two\r\nlines: x");
    let answer = fetcher.fetch(&server.url(), Some(&token), 4).await;
    assert_eq!(answer, Err(Refusal::BadUrl));
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn only_safe_places_can_be_trusted() {
    let tls = Tls::of(&["unused.example"]);
    let build = |origin: &str, host: &str| {
        let origin = Url::parse(origin).unwrap();
        Fetcher::new(|| tls.builder(), vec![origin], &[host])
    };
    let (origin, host) = ("https://gate.example", "media.example");
    build(origin, host).unwrap();
    build("http://localhost:9010/base", host).unwrap();
    for bad in [
        "http://gate.example",
        "http://10.0.0.8",
        "ftp://localhost",
        "data:text/plain,a",
        "https://user:secret@gate.example",
        "https://gate.example/?a=b",
    ] {
        let said = build(bad, host).unwrap_err();
        assert!(
            matches!(said, NotBuilt::Trust(BadTrust::Origin { .. })),
            "{bad}"
        );
        assert!(!said.to_string().contains("secret"), "{said}");
    }
    for bad in [
        "",
        "example",
        ".media.example",
        "Media.example",
        "10.0.0.8",
        "a/b.example",
    ] {
        let said = build(origin, bad).unwrap_err();
        assert!(
            matches!(said, NotBuilt::Trust(BadTrust::Host { .. })),
            "{bad}"
        );
    }
}
