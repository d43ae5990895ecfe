//! Over real sockets, with a resolver that answers what the test says.

mod addresses;
mod answers;
mod tokens;
mod types;

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{
    ClientBuilder, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use crate::{Fetcher, destination::Trust};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nfile";

/// What a server does with every connection after it read the request.
#[derive(Clone)]
enum Then {
    Answer(String),
    /// Chunks of 64 KiB until the client hangs up.
    Endless,
    /// This, and then nothing.
    Stall(&'static str),
    /// This, and then a byte now and then.
    Drip(&'static str),
}

/// A server on this machine, and what it was asked.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    written: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start(then: Then, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, written) = (Arc::default(), Arc::default());
        let (noted, counted) = (Arc::clone(&asked), Arc::clone(&written));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                match &tls {
                    None => serve(stream, &then, &noted, &counted).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => serve(stream, &then, &noted, &counted).await,
                        Err(_refused) => {}
                    },
                }
            }
        });
        Self {
            address,
            asked,
            written,
            task,
        }
    }

    async fn plain(then: Then) -> Self {
        Self::start(then, None).await
    }

    fn origin(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    fn url(&self) -> String {
        format!("{}file", self.origin())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve<S>(mut stream: S, then: &Then, asked: &Mutex<Vec<String>>, written: &Mutex<usize>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_closed) => return,
        }
    }
    asked
        .lock()
        .unwrap()
        .push(String::from_utf8(head).unwrap().to_lowercase());
    // The client may hang up in the middle of everything that follows.
    match then {
        Then::Answer(answer) => {
            let _gone = stream.write_all(answer.as_bytes()).await;
            let _gone = stream.shutdown().await;
        }
        Then::Endless => {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let _gone = stream.write_all(head.as_bytes()).await;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {
                *written.lock().unwrap() += chunk.len();
            }
        }
        Then::Stall(begin) => {
            let _gone = stream.write_all(begin.as_bytes()).await;
            std::future::pending::<()>().await;
        }
        Then::Drip(begin) => {
            let _gone = stream.write_all(begin.as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Answers with one list of addresses after the other, the last one for ever.
struct Names {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    fn answering(answers: impl IntoIterator<Item = Vec<SocketAddr>>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        self.asked.lock().unwrap().push(name.as_str().into());
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            answers[0].clone()
        };
        Box::pin(async move { Ok(Box::new(answer.into_iter()) as Addrs) })
    }
}

/// One certificate for all the invented hosts, and a client that knows it.
struct Tls {
    acceptor: TlsAcceptor,
    client: ClientConfig,
}

impl Tls {
    fn of(names: &[&str]) -> Self {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let provider = Arc::new(ring::default_provider());
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            acceptor: TlsAcceptor::from(Arc::new(server)),
            client,
        }
    }

    /// What `runtime::net::Net::client_builder` gives.
    fn builder(&self) -> ClientBuilder {
        reqwest::Client::builder().tls_backend_preconfigured(self.client.clone())
    }

    async fn server(&self, then: Then) -> Server {
        Server::start(then, Some(self.acceptor.clone())).await
    }

    fn fetcher(&self, names: Arc<Names>, admits: fn(IpAddr) -> bool) -> Fetcher {
        let trust = Trust::new(vec![], &["media.example"]).unwrap();
        Fetcher::resolving(|| self.builder(), trust, names, admits).unwrap()
    }
}

/// A fetcher as production builds it, that trusts these origins.
fn trusting(origins: Vec<Url>) -> Fetcher {
    let tls = Tls::of(&["unused.example"]);
    Fetcher::new(|| tls.builder(), origins, &["media.example"]).unwrap()
}

/// Stands for the public internet in tests.
fn this_machine(address: IpAddr) -> bool {
    address.is_loopback()
}
