//! The one exchange with a host that somebody else chose: bounds its time and size, and decides where a
//! token may go.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use domain::channel::Secret;
use reqwest::{
    Client, ClientBuilder, Response,
    dns::Resolve,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue,
        LOCATION,
    },
};
use secrecy::ExposeSecret;

use crate::{
    Refusal, address,
    destination::{BadTrust, Destination, Trust},
    failing,
    resolver::{Guard, System},
};

/// How long a fetch may take in all, names, connection and body: also the end of a server that sends a
/// byte now and then.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a connection may take: the host may be in another part of the world.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Meta's media host refuses requests that name no program.
const USER_AGENT: &str = concat!("waypost/", env!("CARGO_PKG_VERSION"));

/// A fetcher could not be built.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    /// An origin or host cannot be trusted with a token.
    #[error(transparent)]
    Trust(#[from] BadTrust),
    /// reqwest refused its configuration.
    #[error("the HTTP client could not be built")]
    Http(#[from] reqwest::Error),
}

/// Fetches files from addresses that somebody else chose.
#[derive(Debug, Clone)]
pub struct Fetcher {
    guarded: Client,
    trusted: Client,
    trust: Trust,
    admits: fn(IpAddr) -> bool,
    total: Duration,
    redirects: u8,
}

/// A file as the server sent it. What it is, only [`judge`](crate::judge) knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What the server calls it; a claim.
    pub content_type: Option<String>,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fetched({} bytes)", self.bytes.len())
    }
}

impl Fetcher {
    /// A fetcher on the TLS stack of `builder` (`runtime::net::Net::client_builder`); everything else that
    /// matters here is set here.
    ///
    /// `origins` are the providers' base addresses from the configuration: trusted when scheme, host and
    /// port match exactly, free of the rules for foreign addresses, and given the token. `bearer_hosts`,
    /// and hosts below them, keep the rules and are given the token: Meta serves media at
    /// `lookaside.fbsbx.com`.
    ///
    /// # Errors
    /// [`NotBuilt`] when a token would not be safe, or the client cannot be built.
    pub fn new(
        builder: impl Fn() -> ClientBuilder,
        origins: Vec<reqwest::Url>,
        bearer_hosts: &[&str],
    ) -> Result<Self, NotBuilt> {
        let trust = Trust::new(origins, bearer_hosts)?;
        Self::resolving(builder, trust, Arc::new(System), address::is_global)
    }

    /// The same with another resolver and another idea of a public address.
    pub(crate) fn resolving(
        builder: impl Fn() -> ClientBuilder,
        trust: Trust,
        resolver: Arc<dyn Resolve>,
        admits: fn(IpAddr) -> bool,
    ) -> Result<Self, NotBuilt> {
        let guard = Guard {
            inner: resolver,
            admits,
        };
        let guarded = bounded(builder())
            .https_only(true)
            .dns_resolver(Arc::new(guard));
        Ok(Self {
            guarded: guarded.build()?,
            trusted: bounded(builder()).build()?,
            trust,
            admits,
            total: TOTAL_TIMEOUT,
            redirects: 0,
        })
    }

    /// The same that follows so many redirects, each judged like the first address: links that people
    /// share lead over one or two. Nobody is led to an origin of ours, and no token goes along.
    #[must_use]
    pub const fn following(mut self, redirects: u8) -> Self {
        self.redirects = redirects;
        self
    }

    /// The same with another total time, for callers with less of it.
    #[must_use]
    pub const fn within(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// Fetches a file of at most `most` bytes. The token goes only where it may.
    ///
    /// # Errors
    /// [`Refusal`]; log its code, and show its sentence.
    pub async fn fetch(
        &self,
        url: &str,
        bearer: Option<&Secret>,
        most: u64,
    ) -> Result<Fetched, Refusal> {
        let destination = self.trust.destination(url, self.admits)?;
        let exchange = self.exchange(destination, bearer, most);
        match tokio::time::timeout(self.total, exchange).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Refusal::Timeout),
        }
    }

    async fn exchange(
        &self,
        mut destination: Destination,
        mut bearer: Option<&Secret>,
        most: u64,
    ) -> Result<Fetched, Refusal> {
        for _ in 0..self.redirects {
            let (from, trusted) = (destination.url.clone(), destination.trusted);
            let response = self.ask(destination, bearer).await?;
            if !response.status().is_redirection() {
                return taken(response, most).await;
            }
            let to = text(&response, &LOCATION).ok_or(Refusal::Redirect)?;
            let to = from.join(to).map_err(|_not_a_url| Refusal::Redirect)?;
            destination = self.trust.destination(to.as_str(), self.admits)?;
            // Whoever is asked from outside must not reach inside through us.
            if destination.trusted && !trusted {
                return Err(Refusal::PrivateAddress);
            }
            bearer = None;
        }
        taken(self.ask(destination, bearer).await?, most).await
    }

    async fn ask(
        &self,
        destination: Destination,
        bearer: Option<&Secret>,
    ) -> Result<Response, Refusal> {
        let client = if destination.trusted {
            &self.trusted
        } else {
            &self.guarded
        };
        let mut request = client
            .get(destination.url)
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(bearer) = bearer.filter(|_| destination.takes_bearer) {
            request = request.header(AUTHORIZATION, header_of(bearer)?);
        }
        let answer = request.send().await;
        answer.map_err(|cause| failing::refusal(&cause))
    }
}

async fn taken(response: Response, most: u64) -> Result<Fetched, Refusal> {
    let status = response.status();
    if status.is_redirection() {
        return Err(Refusal::Redirect);
    }
    if !status.is_success() {
        return Err(Refusal::Status(status.as_u16()));
    }
    // Neither asked for nor undone: what unpacks to a thousand times its size stays packed.
    if text(&response, &CONTENT_ENCODING)
        .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(Refusal::Compressed);
    }
    let content_type = text(&response, &CONTENT_TYPE).map(Into::into);
    let bytes = body(response, most).await?;
    Ok(Fetched {
        bytes,
        content_type,
    })
}

fn bounded(builder: ClientBuilder) -> ClientBuilder {
    builder
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(USER_AGENT)
}

fn header_of(bearer: &Secret) -> Result<HeaderValue, Refusal> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret()))
        .map_err(|_not_a_header| Refusal::BadUrl)?;
    value.set_sensitive(true);
    Ok(value)
}

fn text<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The declared length only spares the reading: what arrives is counted.
async fn body(mut response: Response, most: u64) -> Result<Vec<u8>, Refusal> {
    let too_large = Refusal::TooLarge { most };
    if response
        .content_length()
        .is_some_and(|length| length > most)
    {
        return Err(too_large);
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|cause| failing::refusal(&cause))?
    {
        if chunk.len() > most - bytes.len() {
            return Err(too_large);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
