//! Where a fetch may lead.

use std::time::Duration;

use super::*;
use crate::{Refusal, is_global, resolver::Guard};

/// hazards.md, bad inputs: attachment URLs. None of them opens a connection or asks a resolver.
#[tokio::test]
async fn hostile_addresses_are_refused_before_anything_is_opened() {
    let server = Server::plain(Then::Answer(OK.into())).await;
    let port = server.address.port();
    let names = Names::answering([vec![server.address]]);
    let tls = Tls::of(&["files.example"]);
    // Trusted for its exact scheme, host and port only.
    let origin = Url::parse("http://127.0.0.1:9").unwrap();
    let trust = Trust::new(vec![origin], &["media.example"]).unwrap();
    let fetcher = Fetcher::resolving(|| tls.builder(), trust, names.clone(), is_global).unwrap();
    let private = [
        "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next".into(),
        format!("https://127.0.0.1:{port}/"),
        "https://127.0.0.1:9/".into(),
        "https://0x7f000001/".into(),
        "https://0x7f.1/".into(),
        "https://2130706433/".into(),
        "https://017700000001/".into(),
        "https://127.1/".into(),
        "https://127.0.0.1./".into(),
        "https://0/".into(),
        "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/".into(),
        "https://%31%32%37.0.0.1/".into(),
        "https:\\\\127.0.0.1\\".into(),
        " https://127.0.0.1/".into(),
        "ht\ntps://127.0.0.1/".into(),
        "https://100.64.0.1/".into(),
        "https://10.0.0.8/".into(),
        "https://172.16.0.1/".into(),
        "https://192.168.1.1/".into(),
        "https://169.254.169.254/latest/meta-data/".into(),
        "https://224.0.0.1/".into(),
        "https://255.255.255.255/".into(),
        "https://[::]/".into(),
        "https://[::1]/".into(),
        "https://[::ffff:169.254.169.254]/".into(),
        "https://[::ffff:a9fe:a9fe]/".into(),
        "https://[::127.0.0.1]/".into(),
        "https://[64:ff9b::7f00:1]/".into(),
        "https://[2002:7f00:1::]/".into(),
        "https://[fd00:ec2::254]/".into(),
        "https://[fe80::1]/".into(),
    ];
    let mut cases: Vec<_> = private
        .into_iter()
        .map(|url: String| (url, Refusal::PrivateAddress))
        .collect();
    for (refusal, urls) in [
        (
            Refusal::NotHttps,
            &[
                "http://files.example/a.pdf",
                "http://127.0.0.1:9001/",
                "http://127.0.0.1/",
                "file:///etc/passwd",
                "file://files.example/share",
                "data:application/pdf;base64,JVBERi0=",
                "ftp://files.example/a",
                "gopher://127.0.0.1:6379/_x",
                "javascript:alert(1)",
                "blob:https://files.example/1",
            ][..],
        ),
        (
            Refusal::BadUrl,
            &[
                "",
                "files.example/a.pdf",
                "//files.example/a.pdf",
                "https://",
                "https://user@files.example/",
                "https://user:secret@files.example/",
                "https://:secret@files.example/",
                "https://files.example@127.0.0.1/",
                "http://user@127.0.0.1:9/",
                "https://[fe80::1%25eth0]/",
                "https://[::1",
                "https://1.2.3.256/",
                "https://files.example:99999/",
            ][..],
        ),
        (
            Refusal::BadPort,
            &[
                "https://files.example:8443/",
                "https://files.example:80/",
                "https://files.example:0/",
                "https://8.8.8.8:22/",
            ][..],
        ),
    ] {
        cases.extend(urls.iter().map(|url| ((*url).to_owned(), refusal)));
    }
    let long = format!("https://files.example/{}", "a".repeat(9_000));
    cases.push((long, Refusal::BadUrl));
    for (url, refusal) in cases {
        assert_eq!(fetcher.fetch(&url, None, 10).await, Err(refusal), "{url}");
    }
    assert_eq!(names.asked(), Vec::<String>::new());
    assert_eq!(server.asked(), Vec::<String>::new());
}

/// A name is as good as what it resolves to.
#[tokio::test]
async fn names_that_lead_inside_are_refused() {
    let tls = Tls::of(&["files.example"]);
    let server = tls.server(Then::Answer(OK.into())).await;
    let port = server.address.port();
    for inside in [
        "127.0.0.1",
        "10.0.0.8",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "fd00:ec2::254",
    ] {
        let inside = SocketAddr::new(inside.parse().unwrap(), port);
        let names = Names::answering([vec![inside]]);
        let fetcher = tls.fetcher(names.clone(), is_global);
        for host in ["files.example", "localhost", "localhost.", "a.localhost"] {
            let answer = fetcher.fetch(&format!("https://{host}/a"), None, 10).await;
            assert_eq!(answer, Err(Refusal::PrivateAddress), "{host} at {inside}");
        }
        assert_eq!(names.asked().len(), 4);
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

/// The system's own resolver, as production builds it.
#[tokio::test]
async fn localhost_is_refused_by_the_real_resolver() {
    let answer = trusting(vec![])
        .fetch("https://localhost./", None, 10)
        .await;
    // Machines whose resolver does not know the name with a dot at its end say so instead.
    let unknown = Refusal::Unreachable { what: "dns" };
    assert!(
        answer == Err(Refusal::PrivateAddress) || answer == Err(unknown),
        "{answer:?}"
    );
    let answer = trusting(vec![]).fetch("https://localhost/", None, 10).await;
    assert_eq!(answer, Err(Refusal::PrivateAddress));
}

/// hazards.md: a rebinding resolver. The name is asked once for each fetch, and the answer that was judged
/// is the one that is connected to.
#[tokio::test]
async fn a_name_that_changes_its_answer_gains_nothing() {
    let tls = Tls::of(&["files.example"]);
    let server = tls.server(Then::Stall(OK)).await;
    let private: SocketAddr = "10.0.0.8:443".parse().unwrap();
    let names = Names::answering([vec![server.address], vec![private]]);
    let fetcher = tls.fetcher(names.clone(), this_machine);
    let fetched = fetcher.fetch("https://files.example/a", None, 10).await;
    assert_eq!(fetched.unwrap().bytes, b"file");
    assert_eq!(names.asked(), ["files.example"]);
    // The server would go on with the connection. It is not kept, so the next fetch asks again.
    let refused = fetcher.fetch("https://files.example/a", None, 10).await;
    assert_eq!(refused, Err(Refusal::PrivateAddress));
    assert_eq!(names.asked().len(), 2);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn of_mixed_answers_only_the_public_ones_are_tried() {
    let mixed = [
        "10.0.0.8:0",
        "8.8.8.8:0",
        "[64:ff9b::808:808]:0",
        "127.0.0.1:0",
        "[2606:4700:4700::1111]:0",
    ];
    let guard = Guard {
        inner: Names::answering([mixed.map(|address| address.parse().unwrap()).to_vec()]),
        admits: is_global,
    };
    let found = guard.resolve("files.example".parse().unwrap()).await;
    let kept: Vec<_> = found.ok().unwrap().map(|a| a.to_string()).collect();
    assert_eq!(kept, ["8.8.8.8:0", "[2606:4700:4700::1111]:0"]);
}

#[tokio::test]
async fn names_without_an_answer_are_unreachable() {
    let tls = Tls::of(&["files.example"]);
    let nobody = tls.fetcher(Names::answering([vec![]]), is_global);
    let refusal = nobody
        .fetch("https://files.example/a", None, 10)
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), "UNREACHABLE");
    assert!(refusal.may_help_to_retry());
}

#[tokio::test]
async fn a_resolver_that_hangs_is_not_waited_for() {
    struct Silent;
    impl Resolve for Silent {
        fn resolve(&self, _name: Name) -> Resolving {
            Box::pin(std::future::pending())
        }
    }
    let tls = Tls::of(&["files.example"]);
    let trust = Trust::new(vec![], &[]).unwrap();
    let fetcher = Fetcher::resolving(|| tls.builder(), trust, Arc::new(Silent), is_global)
        .unwrap()
        .within(Duration::from_millis(30));
    let answer = fetcher.fetch("https://files.example/a", None, 10).await;
    assert_eq!(answer, Err(Refusal::Timeout));
}

/// The certificate must be the name's: an address that another tenant of the network took over has none.
#[tokio::test]
async fn a_server_with_another_certificate_is_not_asked() {
    let tls = Tls::of(&["files.example"]);
    let server = tls.server(Then::Answer(OK.into())).await;
    let names = Names::answering([vec![server.address]]);
    let fetcher = tls.fetcher(names, this_machine);
    let answer = fetcher.fetch("https://other.example/a", None, 10).await;
    assert_eq!(answer, Err(Refusal::Unreachable { what: "tls" }));
    assert_eq!(server.asked(), Vec::<String>::new());
}
