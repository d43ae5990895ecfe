//! Where each provider is. Only these differ between production, the laptop and the tests.

use domain::{endpoint::Endpoint, failure::ProviderFailure, provider::ProviderKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use super::judge;
pub use domain::endpoint::BadEndpoint;

/// WHAPI's production address (S0.2).
pub const WHAPI: &str = "https://gate.whapi.cloud";

/// The production address of WHAPI's manager (S3.4).
pub const WHAPI_MANAGER: &str = "https://manager.whapi.cloud";

/// Meta's production address; paths carry the version.
pub const META: &str = "https://graph.facebook.com";

/// 360Messenger's production address; paths of the second version carry it.
pub const MESSENGER360: &str = "https://api.360messenger.com";

/// Base addresses of the providers.
#[derive(Debug, Clone)]
pub struct Endpoints {
    whapi: Endpoint,
    meta: Endpoint,
    messenger360: Endpoint,
    whapi_manager: Endpoint,
}

impl Endpoints {
    /// Reads the base addresses; `None` is production.
    ///
    /// # Errors
    /// [`BadEndpoint`] when a token must not be sent there: anything but https, except on this machine.
    pub fn parse(
        whapi: Option<&str>,
        meta: Option<&str>,
        messenger360: Option<&str>,
    ) -> Result<Self, BadEndpoint> {
        Ok(Self {
            whapi: Endpoint::parse(whapi.unwrap_or(WHAPI))?,
            meta: Endpoint::parse(meta.unwrap_or(META))?,
            messenger360: Endpoint::parse(messenger360.unwrap_or(MESSENGER360))?,
            whapi_manager: Endpoint::parse(WHAPI_MANAGER)?,
        })
    }

    /// The same with WHAPI's manager elsewhere; `None` is production.
    ///
    /// # Errors
    /// [`BadEndpoint`] like [`Endpoints::parse`].
    pub fn with_whapi_manager(mut self, address: Option<&str>) -> Result<Self, BadEndpoint> {
        self.whapi_manager = Endpoint::parse(address.unwrap_or(WHAPI_MANAGER))?;
        Ok(self)
    }

    /// The full address of a path that begins with a slash: of a call, or of a file that is
    /// [`domain::provider::MediaPlace::Path`].
    ///
    /// # Errors
    /// [`ProviderFailure::NotSent`] for a path that could lead elsewhere.
    pub fn url(&self, provider: ProviderKind, path: &str) -> Result<Url, ProviderFailure> {
        let base = self.base(provider);
        base.below(path).ok_or(judge::NOT_BUILT)
    }

    /// The full address of a path of WHAPI's manager.
    ///
    /// # Errors
    /// Like [`Endpoints::url`].
    pub(super) fn manager_url(&self, path: &str) -> Result<Url, ProviderFailure> {
        self.whapi_manager.below(path).ok_or(judge::NOT_BUILT)
    }

    /// Scheme, host and port of every provider: where a fetched file's address is taken as it is, the
    /// laptop's own included.
    #[must_use]
    pub fn origins(&self) -> Vec<Url> {
        let mut origins: Vec<_> = ProviderKind::ALL
            .into_iter()
            .map(|kind| self.base(kind).origin())
            .collect();
        origins.dedup();
        origins
    }

    const fn base(&self, provider: ProviderKind) -> &Endpoint {
        match provider {
            ProviderKind::Whapi => &self.whapi,
            ProviderKind::Meta => &self.meta,
            ProviderKind::Messenger360 => &self.messenger360,
        }
    }
}

/// What stands unchanged in one part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A text as one part of a path, whatever it holds; none when it would be read as a way up.
pub(crate) fn segment(text: &str) -> Option<String> {
    // Dots alone mean "here" and "above" to whoever reads the address, in either spelling.
    if text.bytes().all(|b| b == b'.') {
        return None;
    }
    Some(utf8_percent_encode(text, PLAIN).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn production() -> Endpoints {
        Endpoints::parse(None, None, None).unwrap()
    }

    /// S0.2, S1.86: the whole addresses of one call of each.
    #[test]
    fn production_is_where_the_providers_say() {
        for (kind, path, whole) in [
            (
                ProviderKind::Whapi,
                "/messages/interactive",
                "https://gate.whapi.cloud/messages/interactive",
            ),
            (
                ProviderKind::Meta,
                "/v22.0/1/messages",
                "https://graph.facebook.com/v22.0/1/messages",
            ),
            (
                ProviderKind::Messenger360,
                "/v2/sendMessage",
                "https://api.360messenger.com/v2/sendMessage",
            ),
        ] {
            assert_eq!(production().url(kind, path).unwrap().as_str(), whole);
        }
    }

    /// S3.4, S3.12: the manager is another host than the gate, and can be configured likewise.
    #[test]
    fn the_manager_is_a_place_of_its_own() {
        let there = production().manager_url("/channels/A-1");
        assert_eq!(
            there.unwrap().as_str(),
            "https://manager.whapi.cloud/channels/A-1"
        );
        let here = production().with_whapi_manager(Some("http://localhost:9010/manager"));
        let url = here.unwrap().manager_url("/projects").unwrap();
        assert_eq!(url.as_str(), "http://localhost:9010/manager/projects");
        assert!(production().manager_url("@evil.example").is_err());
        let odd = production().with_whapi_manager(Some("http://manager.whapi.cloud"));
        assert!(odd.is_err());
    }

    #[test]
    fn an_origin_has_no_path() {
        let here = "http://localhost:9010/meta";
        let endpoints = Endpoints::parse(None, Some(here), None).unwrap();
        let origins: Vec<_> = endpoints.origins().iter().map(Url::to_string).collect();
        assert_eq!(
            origins,
            [
                "https://gate.whapi.cloud/",
                "http://localhost:9010/",
                "https://api.360messenger.com/"
            ]
        );
        let one = Endpoints::parse(Some(here), Some(here), Some(here)).unwrap();
        assert_eq!(one.origins().len(), 1);
    }

    #[test]
    fn a_part_of_a_path_stays_one_part() {
        assert_eq!(segment("a-b_c.d1").as_deref(), Some("a-b_c.d1"));
        assert_eq!(segment("a/b?c#d%2e").as_deref(), Some("a%2Fb%3Fc%23d%252e"));
        assert_eq!(segment("ü").as_deref(), Some("%C3%BC"));
        for up in ["", ".", "..", "..."] {
            assert_eq!(segment(up), None, "{up}");
        }
        let url = production().url(
            ProviderKind::Whapi,
            &format!("/media/{}", segment("%2e%2e").unwrap()),
        );
        assert_eq!(url.unwrap().path(), "/media/%252e%252e");
    }

    /// S1.83: where a provider is can be configured.
    #[test]
    fn a_base_path_is_kept() {
        let url = Endpoints::parse(Some("http://localhost:9010/whapi/"), None, None)
            .unwrap()
            .url(ProviderKind::Whapi, "/messages/text")
            .unwrap();
        assert_eq!(url.as_str(), "http://localhost:9010/whapi/messages/text");
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear_to_any_of_them() {
        let odd = Some("http://gate.whapi.cloud");
        for endpoints in [
            Endpoints::parse(odd, None, None),
            Endpoints::parse(None, odd, None),
            Endpoints::parse(None, None, odd),
        ] {
            assert!(endpoints.is_err());
        }
    }

    #[test]
    fn a_stored_path_cannot_lead_to_another_host() {
        let endpoints = production();
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
