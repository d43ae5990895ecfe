//! Where each provider is. Only these differ between production, the laptop and the tests.

use domain::{failure::ProviderFailure, provider::ProviderKind};
use reqwest::Url;

use super::judge;

/// WHAPI's production address (S0.2).
pub const WHAPI: &str = "https://gate.whapi.cloud";

/// Base addresses of the providers.
#[derive(Debug, Clone)]
pub struct Endpoints {
    whapi: Url,
}

/// An address that no token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no provider address. Write https://host with an optional path, or http:// for this very machine; no user, query or fragment."
)]
pub struct BadEndpoint {
    given: String,
}

impl Endpoints {
    /// Reads the base addresses; `None` is production.
    ///
    /// # Errors
    /// [`BadEndpoint`] when a token must not be sent there: anything but https, except on this machine.
    pub fn parse(whapi: Option<&str>) -> Result<Self, BadEndpoint> {
        Ok(Self {
            whapi: base(whapi.unwrap_or(WHAPI))?,
        })
    }

    /// The full address of a path that begins with a slash.
    pub(super) fn url(&self, provider: ProviderKind, path: &str) -> Result<Url, ProviderFailure> {
        let base = match provider {
            ProviderKind::Whapi => &self.whapi,
        };
        // A stored path must not be able to lead to another host: `@elsewhere` after a host would.
        if !path.starts_with('/') {
            return Err(judge::NOT_BUILT);
        }
        let base = base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|_not_a_url| judge::NOT_BUILT)
    }
}

fn base(given: &str) -> Result<Url, BadEndpoint> {
    let bad = || BadEndpoint {
        given: given.into(),
    };
    let url = Url::parse(given).map_err(|_not_a_url| bad())?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if safe && plain && url.host_str().is_some() {
        Ok(url)
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0.2: the whole address of the interactive call.
    #[test]
    fn production_is_whapis_gate() {
        let url = Endpoints::parse(None)
            .unwrap()
            .url(ProviderKind::Whapi, "/messages/interactive")
            .unwrap();
        assert_eq!(
            url.as_str(),
            "https://gate.whapi.cloud/messages/interactive"
        );
    }

    #[test]
    fn a_base_path_is_kept() {
        let url = Endpoints::parse(Some("http://localhost:9010/whapi/"))
            .unwrap()
            .url(ProviderKind::Whapi, "/messages/text")
            .unwrap();
        assert_eq!(url.as_str(), "http://localhost:9010/whapi/messages/text");
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear_nor_to_an_odd_address() {
        for odd in [
            "http://gate.whapi.cloud",
            "http://localhost.evil.example",
            "ftp://localhost",
            "https://user:secret@gate.whapi.cloud",
            "https://gate.whapi.cloud/?a=b",
            "gate.whapi.cloud",
            "",
        ] {
            assert!(Endpoints::parse(Some(odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_stored_path_cannot_lead_to_another_host() {
        let endpoints = Endpoints::parse(None).unwrap();
        for path in [
            "@evil.example/x",
            ".evil.example",
            "",
            "https://evil.example",
        ] {
            assert_eq!(
                endpoints.url(ProviderKind::Whapi, path),
                Err(judge::NOT_BUILT),
                "{path}"
            );
        }
        let url = endpoints
            .url(ProviderKind::Whapi, "//evil.example/x")
            .unwrap();
        assert_eq!(url.host_str(), Some("gate.whapi.cloud"));
    }
}
