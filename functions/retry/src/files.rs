//! Fetching files: inbound ones from the provider's own addresses with the channel's token, from anywhere
//! else under the rules for foreign addresses.

use domain::{
    channel::{Channel, Secret},
    ports::{DocumentGate, FetchedFile, FileGate, NotFetched},
    provider::{MediaPlace, ProviderKind},
};
use fetch::{Fetcher, NotBuilt, Refusal, judge};
use providers::Endpoints;
use runtime::net::Net;

/// Redirects on the way to a file that a company names: links that people share lead over one or two.
const MOST_REDIRECTS: u8 = 3;

/// Hosts below which a provider serves files to whoever shows the channel's token.
const fn bearer_hosts(provider: ProviderKind) -> &'static [&'static str] {
    match provider {
        ProviderKind::Meta => &["fbsbx.com"],
        ProviderKind::Whapi | ProviderKind::Messenger360 => &[],
    }
}

/// Fetches files that providers offer. Each provider has a fetcher of its own, so that no payload can
/// send one provider's token to another.
pub struct ProviderFiles {
    endpoints: Endpoints,
    fetchers: Vec<(ProviderKind, Fetcher)>,
    /// For files that companies name: it has no token to give.
    foreign: Fetcher,
}

impl ProviderFiles {
    /// Fetchers on the function's network stack. `documents` is an origin of the operator's own network
    /// from which companies' files are taken without the rules for foreign addresses.
    ///
    /// # Errors
    /// When an address of the configuration cannot be trusted with a token.
    pub fn new(net: &Net, endpoints: Endpoints, documents: Option<&str>) -> Result<Self, NotBuilt> {
        let mut fetchers = Vec::new();
        for provider in ProviderKind::ALL {
            let origins = endpoints.url(provider, "/").into_iter().collect();
            let hosts = bearer_hosts(provider);
            fetchers.push((
                provider,
                Fetcher::new(|| net.client_builder(), origins, hosts)?,
            ));
        }
        let origins = documents.and_then(|origin| origin.parse().ok());
        Ok(Self {
            endpoints,
            fetchers,
            foreign: Fetcher::new(|| net.client_builder(), origins.into_iter().collect(), &[])?
                .following(MOST_REDIRECTS),
        })
    }
}

impl FileGate for ProviderFiles {
    async fn fetch(
        &self,
        channel: &Channel,
        token: &Secret,
        place: &MediaPlace,
        most: u64,
    ) -> Result<FetchedFile, NotFetched> {
        let url = match place {
            MediaPlace::Url(url) => url.clone(),
            MediaPlace::Path(path) => self
                .endpoints
                .url(channel.provider, path)
                .map_err(|_no_address| not_fetched(Refusal::BadUrl))?
                .to_string(),
        };
        let own = self.fetchers.iter().find(|(of, _)| *of == channel.provider);
        let Some((_, fetcher)) = own else {
            return Err(not_fetched(Refusal::BadUrl));
        };
        let fetched = fetcher
            .fetch(&url, Some(token), most)
            .await
            .map_err(not_fetched)?;
        let judged = judge(&fetched.bytes, fetched.content_type.as_deref()).map_err(not_fetched)?;
        Ok(FetchedFile {
            mime: judged.mime.to_owned(),
            extension: judged.extension.to_owned(),
            bytes: fetched.bytes,
        })
    }
}

/// What goes out with a message (S1.144).
const DOCUMENTS: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

impl DocumentGate for ProviderFiles {
    async fn fetch_document(&self, url: &str, most: u64) -> Result<FetchedFile, NotFetched> {
        let fetched = self
            .foreign
            .fetch(url, None, most)
            .await
            .map_err(not_fetched)?;
        let judged = judge(&fetched.bytes, fetched.content_type.as_deref()).map_err(not_fetched)?;
        if !DOCUMENTS.contains(&judged.mime) {
            return Err(NotFetched {
                code: "TYPE_NOT_ALLOWED",
                reason: format!(
                    "The file is {}; only PDF, JPG and PNG go out with a message.",
                    judged.mime
                ),
                again: false,
            });
        }
        Ok(FetchedFile {
            mime: judged.mime.to_owned(),
            extension: judged.extension.to_owned(),
            bytes: fetched.bytes,
        })
    }
}

fn not_fetched(refusal: Refusal) -> NotFetched {
    NotFetched {
        code: refusal.code(),
        reason: refusal.to_string(),
        again: refusal.may_help_to_retry(),
    }
}
