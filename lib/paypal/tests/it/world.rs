//! A sandbox with one app, and PayPal as that app sees it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    channel::Secret,
    ids::SubscriptionId,
    ports::{PayPal, PayPalAccess, PayPalOrder, PayPalSubscription},
};
use paypal::{Account, PayPalApi};
use sandbox::{
    Sandbox,
    faults::{Fault, FaultOrder},
    paypal::{AppSpec, PlanSpec},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub const CLIENT: &str = "Afalcon-client_1";
pub const SECRET: &str = "EFalcon-secret-7fQ2";
pub const WEBHOOK: &str = "4WEBHOOKFALCON1";
pub const PLAN: &str = "P-FALCON30";

pub struct World {
    pub sandbox: Sandbox,
    pub account: Account,
    pub paypal: PayPalApi,
}

impl World {
    pub async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.paypal_app(app(None)).unwrap();
        let base = format!("{}/paypal", sandbox.base_url());
        let account = Account::new(client(), Some(&base)).unwrap();
        let account = account.within(Duration::from_millis(500));
        let paypal = account.open(access(SECRET));
        Self {
            sandbox,
            account,
            paypal,
        }
    }

    pub fn fault(&self, path: &str, kind: Fault) {
        let order = FaultOrder {
            path: Some(format!("/paypal/v1/{path}")),
            ..FaultOrder::once(kind)
        };
        self.sandbox.fault(order).unwrap();
    }

    /// The calls that came, with the statuses they were answered with.
    pub fn calls(&self) -> Vec<(String, Option<u16>)> {
        let requests = self.sandbox.requests(None);
        let short = |path: &str| path.trim_start_matches("/paypal/v1/").to_owned();
        requests
            .iter()
            .map(|request| (short(&request.path), request.status))
            .collect()
    }

    pub async fn begun(&self) -> (SubscriptionId, PayPalSubscription) {
        let order = order();
        let begun = self.paypal.begin(&order).await.unwrap();
        (order.subscription, begun)
    }
}

pub fn app(url: Option<&str>) -> AppSpec {
    let mut app = AppSpec::new(CLIENT, SECRET, WEBHOOK);
    app.plans = vec![PlanSpec {
        id: PLAN.into(),
        value: "26.50".into(),
        currency: "USD".into(),
    }];
    app.retry.tries = 1;
    match url {
        Some(url) => app.posting_to(url),
        None => app,
    }
}

pub fn access(secret: &str) -> PayPalAccess {
    PayPalAccess {
        client_id: CLIENT.into(),
        secret: Secret::from(secret),
        webhook_id: WEBHOOK.into(),
        return_url: "https://console.falcon.example/paid".into(),
        cancel_url: "https://console.falcon.example/plans".into(),
    }
}

pub fn order() -> PayPalOrder {
    PayPalOrder {
        plan: PLAN.into(),
        subscription: SubscriptionId::fresh(),
        email: Some("ada@falcon.example".into()),
    }
}

pub fn client() -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .unwrap()
}

/// A webhook as it was received.
#[derive(Debug, Clone)]
pub struct Received {
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// Takes webhooks and keeps their very bytes.
pub struct Receiver {
    pub url: String,
    kept: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/paypal", listener.local_addr().unwrap());
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeping = kept.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let received = read(&mut stream).await;
                keeping.lock().unwrap().push(received);
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        });
        Self { url, kept }
    }

    pub fn last(&self) -> Received {
        self.kept.lock().unwrap().last().unwrap().clone()
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Received {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the webhook is cut");
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = str::from_utf8(&bytes[..end]).unwrap();
        let headers: Vec<(String, Vec<u8>)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = str::from_utf8(&length.unwrap().1).unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            let body = bytes[end + 4..end + 4 + length].to_vec();
            return Received { headers, body };
        }
    }
}
