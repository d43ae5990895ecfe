//! What is decided about an address before anything is opened: whether it may be fetched at all, whether
//! it is one of ours, and whether a token may go there.

use std::net::IpAddr;

use reqwest::Url;

use crate::Refusal;

/// The longest address that is read; browsers and servers agree on less.
const LONGEST_URL: usize = 8 * 1024;

/// A place that no token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTrust {
    /// Not an origin a token is safe at.
    #[error(
        "`{given}` cannot be trusted. Write https://host, or http:// for this very machine; no user, query or fragment."
    )]
    Origin {
        /// What was configured.
        given: String,
    },
    /// Not a host name.
    #[error("`{given}` is no host name. Write one in lower case with at least one dot inside.")]
    Host {
        /// What was configured.
        given: String,
    },
}

/// Where tokens may go, and which origins are spared the rules for foreign addresses.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    origins: Vec<Url>,
    bearer_hosts: Vec<String>,
}

/// An address that may be fetched.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) url: Url,
    /// One of the configured origins.
    pub(crate) trusted: bool,
    /// Whether a token may go there.
    pub(crate) takes_bearer: bool,
}

impl Trust {
    pub(crate) fn new(origins: Vec<Url>, bearer_hosts: &[&str]) -> Result<Self, BadTrust> {
        if let Some(bad) = origins.iter().find(|origin| !is_safe(origin)) {
            // A password may stand in it.
            let mut given = bad.clone();
            let hidden = given.set_username("").and(given.set_password(None));
            let given = hidden.map_or_else(|()| given.scheme().into(), |()| given.to_string());
            return Err(BadTrust::Origin { given });
        }
        if let Some(bad) = bearer_hosts.iter().find(|host| !is_host(host)) {
            return Err(BadTrust::Host {
                given: (*bad).into(),
            });
        }
        Ok(Self {
            origins,
            bearer_hosts: bearer_hosts.iter().map(|host| (*host).into()).collect(),
        })
    }

    /// Judges an address. The `Url` that was judged is the one that is fetched: nobody parses twice.
    pub(crate) fn destination(
        &self,
        given: &str,
        admits: fn(IpAddr) -> bool,
    ) -> Result<Destination, Refusal> {
        if given.len() > LONGEST_URL {
            return Err(Refusal::BadUrl);
        }
        let url = Url::parse(given).map_err(|_not_a_url| Refusal::BadUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::BadUrl);
        }
        if self
            .origins
            .iter()
            .any(|ours| ours.origin() == url.origin())
        {
            return Ok(Destination {
                url,
                trusted: true,
                takes_bearer: true,
            });
        }
        if url.scheme() != "https" {
            return Err(Refusal::NotHttps);
        }
        let host = url.host_str().ok_or(Refusal::BadUrl)?;
        // Literal addresses never reach a resolver. Their other spellings (0x7f000001, 127.1, full-width
        // digits, a dot at the end) are plain after parsing.
        if let Some(address) = literal(host)
            && !admits(address)
        {
            return Err(Refusal::PrivateAddress);
        }
        if url.port_or_known_default() != Some(443) {
            return Err(Refusal::BadPort);
        }
        let takes_bearer = self.bearer_hosts.iter().any(|named| is_within(host, named));
        Ok(Destination {
            url,
            trusted: false,
            takes_bearer,
        })
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// The host itself, or one below it.
fn is_within(host: &str, named: &str) -> bool {
    host.strip_suffix(named)
        .is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn is_safe(origin: &Url) -> bool {
    let here = matches!(origin.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = origin.scheme() == "https" || (origin.scheme() == "http" && here);
    scheme
        && origin.host_str().is_some()
        && origin.username().is_empty()
        && origin.password().is_none()
        && origin.query().is_none()
        && origin.fragment().is_none()
}

fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.contains('.') && name.split('.').all(label) && literal(name).is_none()
}
