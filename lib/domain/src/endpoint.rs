//! Where secrets are sent: the base addresses of the providers and of `PayPal`. Whoever configures one is
//! told at the start that a token would leave in the clear, or for an odd place.

use url::Url;

/// A base address that a secret may be sent to: https, or this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// An address that no secret may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no address to send a secret to. Write https://host with an optional path, or http:// for this very machine; no user, query or fragment."
)]
pub struct BadEndpoint {
    given: String,
}

impl Endpoint {
    /// Reads a base address.
    ///
    /// # Errors
    /// [`BadEndpoint`] when a secret must not be sent there.
    pub fn parse(given: &str) -> Result<Self, BadEndpoint> {
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
            Ok(Self(url))
        } else {
            Err(bad())
        }
    }

    /// The full address of a path that begins with a slash; none for one that could lead to another host:
    /// `@elsewhere` after a host would.
    #[must_use]
    pub fn below(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/') {
            return None;
        }
        let base = self.0.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).ok()
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> Url {
        let mut origin = self.0.clone();
        origin.set_path("/");
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_sent_in_the_clear_nor_to_an_odd_address() {
        for odd in [
            "http://gate.whapi.cloud",
            "http://api-m.paypal.com",
            "http://localhost.evil.example",
            "ftp://localhost",
            "https://user:secret@gate.whapi.cloud",
            "https://user@gate.whapi.cloud",
            "https://api-m.paypal.com/?a=b",
            "https://api-m.paypal.com/#a",
            "gate.whapi.cloud",
            "",
        ] {
            assert!(Endpoint::parse(odd).is_err(), "{odd}");
        }
        for good in [
            "https://gate.whapi.cloud",
            "https://api-m.sandbox.paypal.com/base",
            "http://127.0.0.1:4580/paypal",
            "http://[::1]:4580",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_path_cannot_lead_to_another_host() {
        let endpoint = Endpoint::parse("http://localhost:9010/whapi/").unwrap();
        for path in [
            "@evil.example/x",
            ".evil.example",
            "",
            "https://evil.example",
        ] {
            assert_eq!(endpoint.below(path), None, "{path}");
        }
        let url = endpoint.below("//evil.example/x").unwrap();
        assert_eq!(url.host_str(), Some("localhost"));
        let url = endpoint.below("/messages/text").unwrap();
        assert_eq!(url.as_str(), "http://localhost:9010/whapi/messages/text");
        assert_eq!(endpoint.origin().as_str(), "http://localhost:9010/");
    }
}
