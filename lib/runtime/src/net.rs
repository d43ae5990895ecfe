//! One HTTP and TLS stack for everything Waypost calls: reqwest on hyper 1, rustls on ring, roots
//! compiled in. A second stack would cost a third of each binary; aws-lc seeds its random source for
//! 50 ms of processor time at the first handshake; the system's root store costs 2 ms to read.

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{env::Env, sdk_http::SdkHttp};

/// How long a TCP connection to an AWS service may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long it may take to a provider, which may be in another part of the world.
const PROVIDER_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// AWS closes an idle connection after 20 s or more, and the SDK tries a request again that met a
/// closed one.
const AWS_IDLE: Duration = Duration::from_secs(15);

/// Sending is not idempotent, so a request must not meet a connection that the provider closed while
/// the function was frozen: connections live through a batch, and not until the next one. Node's
/// default keep-alive, the shortest in common use, is 5 s.
const PROVIDER_IDLE: Duration = Duration::from_secs(3);

/// The stack could not be built.
#[derive(Debug, thiserror::Error)]
pub enum NetFailure {
    /// The file named by `AWS_CA_BUNDLE` holds no readable certificates.
    #[error(
        "AWS_CA_BUNDLE names `{path}`, which cannot be read as PEM certificates. Correct the path or unset the variable."
    )]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// rustls refused its configuration.
    #[error("the TLS configuration was refused")]
    Tls(#[from] rustls::Error),
    /// reqwest refused its configuration.
    #[error("the HTTP client could not be built")]
    Http(#[from] reqwest::Error),
}

/// The stack. Built once per process, before the first event: building is cheap only then.
#[derive(Debug, Clone)]
pub struct Net {
    tls: ClientConfig,
    aws: reqwest::Client,
}

impl Net {
    /// Builds the stack; `AWS_CA_BUNDLE` adds certificates to the compiled-in roots.
    ///
    /// # Errors
    /// [`NetFailure`] when the bundle cannot be read.
    pub fn from_env(env: &Env) -> Result<Self, NetFailure> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(path) = env.optional("AWS_CA_BUNDLE") {
            add_bundle(&mut roots, path.into())?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let aws = client(&tls, AWS_IDLE).build()?;
        Ok(Self { tls, aws })
    }

    /// The client the AWS SDKs share.
    #[must_use]
    pub fn sdk(&self) -> SharedHttpClient {
        SharedHttpClient::new(SdkHttp::new(self.aws.clone()))
    }

    /// The client the AWS SDKs share, for the one service that is spoken to without an SDK
    /// (`files::S3Files`). The caller sets the time of each request.
    #[must_use]
    pub fn aws_client(&self) -> reqwest::Client {
        self.aws.clone()
    }

    /// A client for providers, on the same TLS sessions. It follows no redirect and asks no proxy; the
    /// caller sets the total time of each request.
    ///
    /// # Errors
    /// [`NetFailure::Http`].
    pub fn provider_client(&self) -> Result<reqwest::Client, NetFailure> {
        let client = client(&self.tls, PROVIDER_IDLE).connect_timeout(PROVIDER_CONNECT_TIMEOUT);
        Ok(client.build()?)
    }

    /// A client still to be built, on the same TLS sessions, for a crate that sets the rest itself
    /// (`fetch::Fetcher::new`).
    pub fn client_builder(&self) -> reqwest::ClientBuilder {
        client(&self.tls, PROVIDER_IDLE)
    }

    /// A client for addresses that customers name: `resolver` decides which addresses may be reached,
    /// so that a name cannot lead inside; only https, no redirect, nothing kept open. Literal
    /// addresses never reach a resolver: the caller refuses those.
    ///
    /// # Errors
    /// [`NetFailure::Http`].
    pub fn guarded_client<R>(&self, resolver: R) -> Result<reqwest::Client, NetFailure>
    where
        R: reqwest::dns::Resolve + 'static,
    {
        let client = client(&self.tls, PROVIDER_IDLE)
            .https_only(true)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(resolver));
        Ok(client.build()?)
    }
}

fn client(tls: &ClientConfig, idle: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(idle)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
}

fn add_bundle(roots: &mut RootCertStore, path: PathBuf) -> Result<(), NetFailure> {
    let unreadable = |source| NetFailure::Bundle {
        path: path.clone(),
        source,
    };
    let certificates = CertificateDer::pem_file_iter(&path)
        .map_err(|cause| unreadable(cause.into()))?
        .collect::<Result<Vec<_>, _>>()
        .map_err(|cause| unreadable(cause.into()))?;
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(unreadable("it holds no certificate".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_built_without_any_variable() {
        let net = Net::from_env(&Env::given([])).unwrap();
        net.provider_client().unwrap();
    }

    #[test]
    fn a_bundle_that_cannot_be_read_stops_the_start() {
        for path in [
            "/nonexistent/ca.pem",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ] {
            let said = Net::from_env(&Env::given([("AWS_CA_BUNDLE", path)]))
                .unwrap_err()
                .to_string();
            assert!(
                said.contains(path) && said.contains("AWS_CA_BUNDLE"),
                "{said}"
            );
        }
    }
}
